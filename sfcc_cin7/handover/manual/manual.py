"""The manual as values: who owns what, how data moves, what to do when. Pure."""

from collections.abc import Iterator

from sfcc_cin7.alerts.deciding.effects import effect_of
from sfcc_cin7.handover.drills.registry import DRILLS
from sfcc_cin7.handover.manual.routines import ROUTINES
from sfcc_cin7.inbox.codes import CODES, owner_of
from sfcc_cin7.merchant.operating_model import OperatingModel, Owners
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations.page import Page, Section
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.wording import counted

ROOMS = {
    "orders": "orders, and the sales that they become",
    "stock": "what the storefront offers",
    "fulfilment": "what has left, and what the shopper is told of it",
    "catalogue": "SKUs in both systems",
    "finance": "tax rules, payments, books and payouts",
}
NOBODY = "nobody: name recipients in `alerts`"


def operations_manual(model: OperatingModel) -> Page:
    """The whole manual. Figures are those of the operating model, money in its currency."""
    return Page(
        f"{model.brand}: the operations manual",
        [
            _owners(model),
            _sites(model),
            _lists(model),
            *_gateways(model),
            _moving(model),
            _thresholds(model),
            *(
                Section(f"The round of {role}", (), ("when", "what", "where"), rows)
                for role, rows in ROUTINES.items()
            ),
            *_codes(model),
        ],
    )


def _owners(model: OperatingModel) -> Section:
    rows = []
    for room, what in ROOMS.items():
        owner = str(getattr(model.owners, room))
        its = sum(row.owner == room for row in CODES.values())
        rows.append([owner, what, counted(its, "cause"), _told(model, owner)])
    return Section(
        "Who owns what", (), ("owner", "is asked about", "may be asked for", "is told over"), rows
    )


def _told(model: OperatingModel, owner: str) -> str:
    to = model.alerts.recipient(owner)
    if to is None:
        return NOBODY
    policy = model.alerts.recipients[to]
    after = f"; after {policy.acknowledge_minutes:g} min on to {policy.next}" if policy.next else ""
    return f"{', '.join(policy.channels)}{after}"


def _sites(model: OperatingModel) -> Section:
    words = wording(model)
    rows = [[words.site(site.id), site.id, site.currency, site.location] for site in model.sites]
    return Section(
        "Sites, and where their orders are booked",
        [f"A sale's ExternalID is {model.brand}:<site>:<order number>."],
        ("site", "id", "currency", "ERP location"),
        rows,
    )


def _lists(model: OperatingModel) -> Section:
    rows = [
        [each.id, ", ".join(each.sites), ", ".join(each.locations)]
        for each in model.inventory_lists
    ]
    return Section(
        "Where a stock figure comes from",
        ["`sfcc-cin7 stock explain LIST SKU` says how one comes about."],
        ("list", "sites", "ERP locations"),
        rows,
    )


def _gateways(model: OperatingModel) -> Iterator[Section]:
    gateways = model.ledger.gateways
    if gateways:
        rows = [[name, ", ".join(each.sites) or "all"] for name, each in gateways.items()]
        yield Section("Gateways that settle", (), ("gateway", "sites"), rows)


def _moving(model: OperatingModel) -> Section:
    posting, stock = model.posting, model.stock
    scope = "all keys together" if model.calls.limit_scope == "account" else "each key"
    return Section(
        "How data moves",
        [
            f"Orders: the storefront is looked at every {posting.poll_seconds:g} s; an order that"
            " is due is booked, proved and marked exported. What cannot be exact waits for a"
            " person.",
            f"Stock: every location is read every {stock.full_pass_seconds:g} s; a fall is"
            " published at once, a rise after two readings that agree.",
            f"Changes of booked orders are looked for every {posting.changes_seconds:g} s.",
            f"Calls to Cin7 are at most 60 a minute for {scope}; orders go first.",
            f"Every instant is shown in {model.time_zone}; days of partitions are UTC.",
        ],
    )


def _thresholds(model: OperatingModel) -> Section:
    review, base = model.review, model.base_currency
    rows = [
        [
            "an order waits to be posted",
            f"{model.posting.stalled_after_seconds:g} s",
            "the check stalled_posting fails",
        ],
        [
            "something waits for a person",
            f"{review.warn_hours:g} h or {figure(review.warn_money, base)}",
            "a warning",
        ],
        ["the same", f"{review.alarm_hours:g} h or {figure(review.alarm_money, base)}", "an alarm"],
        ["the storefront shows another stock", f"{model.stock.lag_minutes:g} min", "in the inbox"],
        ["it does not know what has left", f"{model.shipments.late_minutes:g} min", "in the inbox"],
    ]
    return Section("From when on something counts as wrong", (), ("what", "from", "then"), rows)


def _codes(model: OperatingModel) -> Iterator[Section]:
    """Every cause that somebody may be told of, by whose it is."""
    for room in Owners.model_fields:
        rows = [
            [
                f"{row.cause} ({row.code})",
                effect_of(row.code),
                f"{row.what_to_do}; it closes {row.closes}",
                row.runbook,
                f"drill start {row.code}" if row.code in DRILLS else "",
            ]
            for row in CODES.values()
            if row.owner == room
        ]
        owner = owner_of(next(c.code for c in CODES.values() if c.owner == room), model.owners)
        columns = ("cause", "what it brings about", "to do", "page", "practise")
        yield Section(f"What {owner} may be told: {ROOMS[room]}", (), columns, rows)
