"""What of the facts of both systems has to be mended before go-live. Pure: no call is made here."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sfcc_cin7.merchant.operating_model import OperatingModel, Owners, SitePolicy
from sfcc_cin7.orders import Trial
from sfcc_cin7.preflight.report import Problem, owner_of
from sfcc_cin7.systems.cin7.documents import Account, TaxRule
from sfcc_cin7.systems.sfcc.documents import InventoryRecord
from sfcc_cin7.values.money import ZERO

CALLS_A_MINUTE = 60
"""Of one call budget of Cin7 (docs/systems/cin7.md)."""
CALLS_OF_AN_ORDER = 2
"""Create and authorise (docs/decisions/05-posting-protocol.md); a recorded payment is one more."""
MOST_STEPS = 25
SHOWN = 3
PERCENT = 100
RULES_BOOK = "Cin7 > Settings > Reference books > Taxation rules"
CHART = "Cin7 > Settings > Reference books > Chart of accounts"


@dataclass
class Volumes:
    """Counts what shoppers chose and when they ordered. It holds no order."""

    hours: Counter[str] = field(default_factory=Counter)
    """Orders of all sites by the hour of their creation, as `2026-01-31T23`."""
    calls: Counter[str] = field(default_factory=Counter)
    """Calls to the ERP that they need at least, by the same hour."""
    payments: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By site and payment method."""
    shipping: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By site and shipping method."""

    def count(self, site: SitePolicy, order: Mapping[str, Any]) -> None:
        """One order, as the Orders API gives it."""
        hour = str(order.get("creationDate", ""))[:13]
        methods = [
            str(each.get("paymentMethodId") or "none named")
            for each in order.get("paymentInstruments") or ()
        ]
        accounts = site.in_currency(str(order.get("currency", ""))).payment_accounts
        self.hours[hour] += 1
        self.calls[hour] += CALLS_OF_AN_ORDER + (len(methods) if accounts else 0)
        self.payments.update({(site.id, method) for method in methods})
        self.shipping.update(
            {
                (site.id, str((each.get("shippingMethod") or {}).get("id") or "none named"))
                for each in order.get("shipments") or ()
            }
        )


def tax_problems(model: OperatingModel, rules: Sequence[TaxRule]) -> Iterator[Problem]:
    """Rules that the operating model names, as the ERP has them."""
    known = {rule.name: rule for rule in rules}
    area, owner = "tax rules", owner_of("tax rules", model.owners)
    sites = [each for site in model.sites for each in site.in_each_currency]
    for site, mapping in ((each, mapping) for each in sites for mapping in each.tax_rules):
        rule, about = known.get(mapping.rule), f"site {site.id}: the tax rule {mapping.rule!r}"
        if rule is None:
            words = "is not in Cin7."
            cure = f"Create it in {RULES_BOOK}, or name another one under `tax_rules`."
        elif not rule.active or not rule.for_sale:
            words = f"is {'not for sales' if rule.active else 'not active'} in Cin7."
            cure = f"Make it active and for sales in {RULES_BOOK}."
        elif mapping.rate is not None and rule.percent != mapping.rate * PERCENT:
            words = f"has {rule.percent.normalize():f} % in Cin7, but stands for the rate"
            words += f" {mapping.rate.normalize():f}."
            cure = "Correct the rate under `tax_rules`, or name the rule that has it."
        else:
            continue
        yield Problem(area, f"{about} {words}", "costs", owner, cure)


def payment_problems(model: OperatingModel, accounts: Sequence[Account]) -> Iterator[Problem]:
    """Accounts that payments are recorded on."""
    active = {each.code for each in accounts if each.status == "ACTIVE"}
    owner = owner_of("payments", model.owners)
    sites = [each for site in model.sites for each in site.in_each_currency]
    for site in sites:
        for method, code in site.payment_accounts.items():
            if code not in active:
                sentence = f"site {site.id}: {method} goes to {code!r}, no active account of Cin7."
                cure = f"Make it active in {CHART}, or correct `payment_accounts`."
                yield Problem("payments", sentence, "costs", owner, cure)


def charge_problems(model: OperatingModel, services: Collection[str]) -> Iterator[Problem]:
    """Service products that charges and options are booked under; `services` are the ERP's, by Name
    to the letter."""
    owner = owner_of("charges", model.owners)
    for site in model.sites:
        named = {f"charges.{part}": name for part, name in site.charges if name is not None}
        if site.option_booking == "charge":
            named |= {f"options.{option}": name for option, name in site.options.items()}
        for where, name in named.items():
            if name not in services:
                sentence = f"site {site.id}: {where}: Cin7 has no Service product {name!r}."
                cure = f"Create it in Cin7 with this very Name, or correct `{where}`."
                yield Problem("charges", sentence, "costs", owner, cure)


def trial_problems(trial: Trial, owners: Owners) -> Iterator[Problem]:
    """What keeps past orders waiting: what can be added, and the rest by its code."""
    owner = owner_of("orders", owners)
    if not trial.tried:
        sentence = "Past orders: none was placed, so nothing shows that orders can be posted."
        yield Problem("orders", sentence, "note", owner, "Place one of each kind, and ask again.")
    elif not trial.posted:
        sentence = "Past orders: not one could be posted."
        cure = "Mend what else this report tells of orders, and ask again."
        yield Problem("orders", sentence, "stops", owner, cure, f"{trial.tried} tried")
    for step in trial.steps(MOST_STEPS):
        extent = f"lacking in {step.lacking} orders, such as {', '.join(step.examples)}."
        yield Problem(
            "orders",
            step.lack.sentence,
            "costs",
            owner,
            "Add or change what the sentence names.",
            " ".join([extent, *_stated(step.percents)]),
        )
    for code, count, some in trial.by_code():
        sentence = f"Orders would wait with the reason {code}."
        cure = f"As runbooks/review-codes.md says of {code}."
        yield Problem("orders", sentence, "costs", owner, cure, f"{count} orders, such as {some}")


def _stated(percents: Sequence[str]) -> list[str]:
    return [f"Orders state {', '.join(percents)}."] if percents else []


def stock_problems(
    list_id: str,
    records: Sequence[InventoryRecord],
    available: Mapping[str, Decimal],
    goods: Collection[str],
    owners: Owners,
) -> Iterator[Problem]:
    """A list's records against `available`, units by SKU in the list's locations.

    Only `goods` are compared: what both systems know and the ERP keeps stock of.
    """
    owner = owner_of("stock", owners)
    ours = [record for record in records if record.sku in goods]
    endless = sorted(record.sku for record in ours if record.perpetual)
    if endless:
        sentence = f"{list_id}: records are perpetual, and sell without end."
        cure = "Clear the perpetual flag of these records in Business Manager."
        yield Problem("stock", sentence, "costs", owner, cure, _of(endless))
    above = [
        (
            record.sku,
            f"{record.sku} ({record.ats:f} offered, {_had(available, record.sku):f} there)",
        )
        for record in ours
        if not record.perpetual and record.ats > max(ZERO, _had(available, record.sku))
    ]
    if above:
        sentence = f"{list_id} offers more of some SKUs than Cin7 has available."
        cure = (
            "Count them where Cin7 is wrong, and stop what else writes this list; the first pass"
            " over the list sets it to what Cin7 has."
        )
        yield Problem(
            "stock", sentence, "costs", owner, cure, _of([word for _, word in sorted(above)])
        )
    missing = sorted(
        sku for sku in goods if available.get(sku, ZERO) > 0 and sku not in {r.sku for r in ours}
    )
    if missing:
        sentence = f"{list_id} has no record of some SKUs that Cin7 has in its locations."
        cure = "Nothing, if they are to be sold there: the first pass makes the records."
        yield Problem("stock", sentence, "note", owner, cure, _of(missing))


def _had(available: Mapping[str, Decimal], sku: str) -> Decimal:
    return available.get(sku, ZERO)


def _of(words: Sequence[str]) -> str:
    return f"{len(words)}, such as {', '.join(words[:SHOWN])}"


def volume_problems(model: OperatingModel, volumes: Volumes, own_key: bool) -> Iterator[Problem]:
    """The busiest hour against the call budget. `own_key`: orders have a budget of their own."""
    if not volumes.calls:
        return
    hour, needed = max(volumes.calls.items(), key=lambda item: (item[1], item[0]))
    fits = calls_for_orders(model, own_key) * 60
    if needed > fits and not any(site.consolidation for site in model.sites):
        yield Problem(
            "call budget",
            "Orders of the busiest hour need more calls than Cin7 lets through in an hour.",
            "costs",
            owner_of("call budget", model.owners),
            "Post small orders together (`consolidation` of the site), or give orders an"
            " application key of their own where the limit holds for each (`calls.limit_scope`).",
            f"{hour}h: {volumes.hours[hour]} orders, {needed} calls at least; {fits} fit",
        )


def calls_for_orders(model: OperatingModel, own_key: bool) -> int:
    """Calls a minute that no other lane takes from orders."""
    return CALLS_A_MINUTE - (0 if own_key else sum(model.calls.reserved.values()))
