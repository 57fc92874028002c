"""Looks at both systems without writing to them, and says whether to go live.

Our own database is written: both catalogues are read into it, as on every day.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sfcc_cin7.catalogue import EmptyCatalogue, read_catalogues
from sfcc_cin7.db.database import migrate
from sfcc_cin7.merchant.operating_model import OperatingModel, Owners
from sfcc_cin7.orders import Trial, together, try_orders
from sfcc_cin7.preflight.judging import (
    Volumes,
    calls_for_orders,
    charge_problems,
    payment_problems,
    stock_problems,
    tax_problems,
    trial_problems,
    volume_problems,
)
from sfcc_cin7.preflight.preflight import findings_of
from sfcc_cin7.preflight.report import (
    ENGINEER,
    Facts,
    Problem,
    Report,
    Severity,
    owner_of,
    reported,
)
from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.runtime.settings import require
from sfcc_cin7.systems.cin7.availability import NO_NUMBER, SCALE
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.problems import ConfigurationError

COSTS = ("profile", "inventory lists", "customers in Cin7 Core")
"""Proofs of `check` that concern a list or a site; with any other that fails nothing can start."""
AS_SAID = "As the sentence says."
CURES = {
    "operating model": "Correct the file that SFCC_CIN7_OPERATING_MODEL names.",
    "Commerce Cloud": (
        "Check SFCC_CLIENT_ID, SFCC_CLIENT_SECRET and the API client's scopes; and the ids of"
        " `sites` and `inventory_lists`, which are those of Business Manager."
    ),
}
"""What else to look at where the system's own words are all that there is."""
GOODS, SERVICE = "Stock", "Service"
LEFT_OUT = (
    "Rights to write inventory lists, folders and jobs: only a write that changes nothing shows"
    " them, and `sfcc-cin7 check` makes those.",
    "Prices, which the first pass over a price book holds for a person.",
    "Which other integrations write the same things.",
    "What only Cin7 could say of an order: that it refuses a product, say.",
)
Progress = Callable[[str], None]


@dataclass
class _Found:
    """What has been gathered so far."""

    problems: list[Problem] = field(default_factory=list)
    looked: set[str] = field(default_factory=set)
    facts: list[Facts] = field(default_factory=list)
    left_out: list[str] = field(default_factory=lambda: list(LEFT_OUT))


def look_at_both(
    days: int, last: Mapping[str, Any] | None, progress: Progress = lambda _: None
) -> Report:
    """The report on the deployment that the environment names, orders of the past `days` tried.

    `last` is the JSON of the last report, or None. What cannot be read is a problem of the report.

    Raises:
        ConfigurationError: the environment is incomplete.
    """
    require()
    with Deployment() as given:
        migrate(given.engine)
        found = _Found()
        now = given.clock.now()
        if _check(given, found):
            _look(given, found, days, progress)
        else:
            found.left_out.append("Everything that needs both systems: see what stops.")
        model = _model(given)
        return reported(
            model.brand if model else "?",
            now,
            found.problems,
            found.looked,
            found.facts,
            found.left_out,
            last,
        )


def _check(given: Deployment, found: _Found) -> bool:
    """What `check` says, problem by problem. Returns whether both systems can be read."""
    model = _model(given)
    rows, readable = [], True
    for finding in findings_of(given, writers=False):
        severity: Severity = "costs" if finding.what in COSTS else "stops"
        found.looked.add(finding.what)
        rows.append((finding.what, finding.sentence if finding.good else "see what to mend"))
        readable &= finding.good or finding.what in (*COSTS, "locations in Cin7 Core")
        cure = CURES.get(finding.what, AS_SAID)
        for sentence in finding.problems:
            owner = owner_of(finding.what, model.owners) if model else ENGINEER
            found.problems.append(Problem(finding.what, sentence, severity, owner, cure))
    found.facts.append(Facts("What check says", ("what", "found"), rows))
    return readable


def _model(given: Deployment) -> OperatingModel | None:
    """None where it cannot be read, which `check` says."""
    try:
        return given.model
    except ConfigurationError:
        return None


def _look(given: Deployment, found: _Found, days: int, progress: Progress) -> None:
    model, erp = given.model, given.erp("catalogue")
    try:
        rules, accounts, tiers = erp.tax_rules(), erp.accounts(), erp.price_tiers()
    except ApiError as error:
        found.problems.append(
            Problem("Cin7 Core books", str(error), "stops", ENGINEER, "Ask again.")
        )
        return
    found.looked |= {"Cin7 Core books", "tax rules", "payments"}
    found.problems += [*tax_problems(model, rules), *payment_problems(model, accounts)]
    found.facts += [
        Facts(
            "Sale tax rules of Cin7",
            ("rule", "percent", "active"),
            [(r.name, f"{r.percent:f}", "yes" if r.active else "no") for r in rules if r.for_sale],
        ),
        Facts("Price tiers of Cin7", ("number", "name"), [(str(t.code), t.name) for t in tiers]),
        Facts(
            "Sites of the operating model",
            ("site", "currency", "taxation", "location", "customer"),
            [(s.id, s.currency, s.taxation, s.location, s.customer) for s in model.sites],
        ),
    ]
    progress("both catalogues")
    try:
        catalogue = read_catalogues(given.engine, given.storefront, erp, model, given.clock)
    except (ApiError, EmptyCatalogue) as error:
        found.problems.append(Problem("SKUs", str(error), "stops", ENGINEER, AS_SAID))
        return
    found.looked.add("SKUs")
    owner = owner_of("SKUs", model.owners)
    for code, count in sorted(catalogue.by_code.items()):
        rows = [each for each in catalogue.divergences if each.code == code]
        sentence = f"SKUs differ between the systems: {code}."
        shown = f"{count}, such as: {rows[0].sentence}"
        cure = f"SKU by SKU, as runbooks/review-codes.md says of {code}."
        found.problems.append(Problem("SKUs", sentence, "costs", owner, cure, shown))
    both = [row for row in catalogue.matches if row.in_shop and row.in_erp]
    sold = sum(row.in_shop for row in catalogue.matches)
    known = sum(row.in_erp for row in catalogue.matches)
    rows_of_skus = [(f"{sold}", f"{known}", f"{len(both)}")]
    found.facts.append(Facts("SKUs", ("in the storefront", "in the ERP", "in both"), rows_of_skus))
    services = {row.erp_name or "" for row in catalogue.matches if row.erp_kind == SERVICE}
    found.looked.add("charges")
    found.problems += charge_problems(model, services)
    goods = {row.sku for row in both if row.erp_kind == GOODS}
    progress("stock")
    _stock(given, found, erp, goods)
    progress("past orders")
    _orders(given, found, days, progress)


def _stock(given: Deployment, found: _Found, erp: Cin7Client, goods: set[str]) -> None:
    """Every list against one reading of the ERP; a list that cannot be read is said so."""
    lists, owners = given.model.inventory_lists, given.model.owners
    readable = []
    try:
        for policy in lists:
            if policy.writer.mode == "oci":
                found.left_out.append(f"Stock of {policy.id}, which Omnichannel Inventory keeps.")
            else:
                readable.append((policy, list(given.storefront.inventory_records(policy.id))))
        available = dict(_available(erp))
    except ApiError as error:
        found.problems.append(_unread("stock", error, owners))
        return
    found.looked.add("stock")
    rows = []
    for policy, records in readable:
        there: dict[str, Decimal] = {}
        for (sku, location), units in available.items():
            if location in policy.locations:
                there[sku] = there.get(sku, ZERO) + units
        found.problems += stock_problems(policy.id, records, there, goods, owners)
        rows.append((policy.id, ", ".join(policy.locations), str(len(records)), str(len(there))))
    columns = ("list", "locations", "records", "SKUs there in the ERP")
    found.facts.append(Facts("Stock", columns, rows))


def _available(erp: Cin7Client) -> Iterator[tuple[tuple[str, str], Decimal]]:
    """Units by SKU and location; a quantity that is no number counts as none."""
    sums: dict[tuple[str, str], int] = {}
    page, read = 1, 0
    while True:
        found = erp.availability_page(page)
        for sku, location, units in zip(
            found.rows.sku, found.rows.location, found.rows.available, strict=True
        ):
            if units != NO_NUMBER:
                sums[sku, location] = sums.get((sku, location), 0) + units
        read, page = read + len(found.rows), page + 1
        if not len(found.rows) or read >= found.total:
            break
    for key, units in sums.items():
        yield key, Decimal(units) / SCALE


def _orders(given: Deployment, found: _Found, days: int, progress: Progress) -> None:
    model, now, volumes = given.model, given.clock.now(), Volumes()
    sites = {site.id: site for site in model.sites}
    try:
        trials = try_orders(
            given.engine,
            given.storefront,
            model,
            model.sites,
            now - timedelta(days=days),
            now,
            progress=lambda site, tried, _: progress(f"{site}: {tried} orders tried"),
            seen=lambda site, order: volumes.count(sites[site], order),
        )
    except ApiError as error:
        found.problems.append(_unread("orders", error, model.owners))
        return
    own_key = given.cin7.two_keys and model.calls.limit_scope == "key"
    found.looked |= {"orders", "call budget"}
    found.problems += trial_problems(together(list(trials.values())), model.owners)
    found.problems += volume_problems(model, volumes, own_key)
    found.facts += [
        Facts(
            f"Orders of the past {days} days, tried",
            ("site", "tried", "would be posted", "would wait"),
            [_counted(site, trial) for site, trial in trials.items()],
        ),
        Facts(
            "Payment methods in orders",
            ("site", "method", "orders", "account"),
            [
                (site, method, str(count), sites[site].payment_accounts.get(method, "not recorded"))
                for (site, method), count in sorted(volumes.payments.items())
            ],
        ),
        Facts(
            "Shipping methods in orders",
            ("site", "method", "orders"),
            [(*of, str(count)) for of, count in sorted(volumes.shipping.items())],
        ),
        Facts(
            "Calls at the peak",
            ("orders in the busiest hour", "calls for them", "fit"),
            [
                (
                    str(max(volumes.hours.values(), default=0)),
                    str(max(volumes.calls.values(), default=0)),
                    str(calls_for_orders(model, own_key) * 60),
                )
            ],
        ),
    ]


def _unread(area: str, error: ApiError, owners: Owners) -> Problem:
    """What could not be read keeps the verdict from being a go."""
    sentence = "It could not be read, so nothing is known of it."
    cure = "See that the system answers, and ask again."
    return Problem(area, sentence, "stops", owner_of(area, owners), cure, str(error))


def _counted(site: str, trial: Trial) -> tuple[str, ...]:
    return site, str(trial.tried), str(trial.posted), str(trial.waiting)
