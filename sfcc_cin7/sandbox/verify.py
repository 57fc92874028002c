"""Compares both emulated systems from the outside, order by order and to the cent.

Reads only the sandbox's truth; nothing of what the integration believes. An order that the ERP
cannot take (it lacks the product, or a tax rule of the rate) is planted trouble and belongs into
review; whatever else differs is a mistake of the integration.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

Document = Mapping[str, Any]
Finding = Literal[
    "matched",
    "waiting",
    "in_review",
    "lost",
    "incomplete",
    "doubled",
    "off_by_cents",
    "wrong_quantity",
    "oversold",
    "never_placed",
    "cancelled_but_booked",
]
FINDINGS: tuple[Finding, ...] = get_args(Finding)
MISTAKES = FINDINGS[3:]
"""What there must be none of."""
PLACED = ("new", "completed")


@dataclass(frozen=True)
class Case:
    """Something to say about one order or sale."""

    finding: Finding
    order: str
    """Its ExternalID, `<brand>:<site>:<orderNo>`."""
    detail: str


@dataclass
class Verdict:
    """How often each finding was made, and everything but the matches one by one."""

    counts: Counter[Finding] = field(default_factory=Counter)
    cases: list[Case] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing but planted trouble was found."""
        return not any(self.counts[mistake] for mistake in MISTAKES)

    def note(self, finding: Finding, order: str, detail: str) -> None:
        self.counts[finding] += 1
        self.cases.append(Case(finding, order, detail))


def verify(truth: Document, grace_seconds: float) -> Verdict:
    """Compare the two halves of a `/_control/truth`.

    Orders younger than `grace_seconds` may be unfinished. An oversold order is also counted as
    matched, off by cents and so on: its figures are judged on their own.
    """
    verdict = Verdict()
    now = datetime.fromisoformat(truth["now"])
    erp = _Erp(truth["cin7"])
    sales = _sales_by_order(truth["cin7"]["sales"])
    for order in truth["sfcc"]["orders"]:
        key = f"{truth['brand']}:{order['siteId']}:{order['orderNo']}"
        own = sales.pop(key, [])
        placed = order["status"] in PLACED
        since = datetime.fromisoformat(order["placeDate" if placed else "lastModified"])
        young = (now - since).total_seconds() < grace_seconds
        if placed:
            _judge(verdict, key, order, own, erp, young=young)
        elif own and not young:
            detail = f"{own[0]['OrderNumber']} is not voided, the order is {order['status']}"
            verdict.note("cancelled_but_booked", key, detail)
    for key, strays in sales.items():
        for sale in strays:
            verdict.note("never_placed", key, f"the shop knows nothing of {sale['OrderNumber']}")
    return verdict


class _Erp:
    """What the ERP is able to book."""

    def __init__(self, cin7: Document) -> None:
        self._skus = {product["SKU"] for product in cin7["products"]}
        self._percentages = {Decimal(rule["TaxPercent"]) for rule in cin7["tax_rules"]}

    def obstacle(self, order: Document) -> str | None:
        """Why nobody could post this order, if so."""
        for item in order["productItems"]:
            if item["productId"] not in self._skus:
                return f"planted: the ERP does not know {item['productId']}"
        for taxed in (*order["productItems"], *order["shippingItems"]):
            percent = Decimal(taxed["taxRate"]) * 100
            if percent not in self._percentages:
                return f"planted: the ERP has no tax rule of {percent.normalize():f} %"
        return None


def _judge(
    verdict: Verdict, key: str, order: Document, sales: list[Document], erp: _Erp, *, young: bool
) -> None:
    status = order.get("externalOrderStatus", "none")
    if len(sales) > 1:
        numbers = ", ".join(sale["OrderNumber"] for sale in sales)
        verdict.note("doubled", key, f"sales {numbers}")
        return
    complete = bool(sales) and sales[0]["OrderStatus"] == "AUTHORISED"
    if not complete:
        if obstacle := erp.obstacle(order):
            verdict.note("in_review", key, f"{obstacle}; external status: {status}")
        elif young:
            verdict.note("waiting", key, "younger than the grace period")
        elif sales:
            detail = f"{sales[0]['OrderNumber']} is {sales[0]['OrderStatus']}"
            verdict.note("incomplete", key, detail)
        else:
            verdict.note("lost", key, f"no sale; external status: {status}")
        return
    _compare(verdict, key, order, sales[0])


def _compare(verdict: Verdict, key: str, order: Document, sale: Document) -> None:
    differences = [
        f"{name} {shop} in the shop, {booked} in the ERP"
        for name, shop, booked in (
            ("currency", order["currency"], sale["CustomerCurrency"]),
            ("total", order["orderTotal"], sale["Total"]),
            ("tax", order["taxTotal"], sale["Tax"]),
        )
        if shop != booked
    ]
    wanted = _quantities((item["productId"], item["quantity"]) for item in order["productItems"])
    booked = _quantities((line["SKU"], line["Quantity"]) for line in sale["Lines"])
    quantities = [
        f"{sku}: {wanted[sku]} ordered, {booked[sku]} booked"
        for sku in sorted(wanted.keys() | booked.keys())
        if wanted[sku] != booked[sku]
    ]
    if differences:
        verdict.note("off_by_cents", key, "; ".join(differences))
    if quantities:
        verdict.note("wrong_quantity", key, "; ".join(quantities))
    if not differences and not quantities:
        verdict.counts["matched"] += 1
    short = [f"{line['SKU']}: {line['Short']}" for line in sale["Lines"] if line["Short"] > 0]
    if short:
        verdict.note("oversold", key, f"units missing when booked: {', '.join(short)}")


def _quantities(rows: Iterable[tuple[str, Any]]) -> defaultdict[str, Decimal]:
    total: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sku, quantity in rows:
        total[sku] += Decimal(quantity)
    return total


def _sales_by_order(sales: Iterable[Document]) -> dict[str, list[Document]]:
    """Sales that are not voided, by ExternalID; one without any is filed under its number."""
    found: dict[str, list[Document]] = {}
    for sale in sales:
        if sale["Status"] != "VOIDED":
            found.setdefault(sale["ExternalID"] or sale["OrderNumber"], []).append(sale)
    return found


def report(verdict: Verdict, most: int = 20) -> Iterator[str]:
    """Lines for a person: the counts, then at most so many cases of each kind."""
    for finding in FINDINGS:
        yield f"{finding.replace('_', ' '):<21}{verdict.counts[finding]:>7}"
    for finding in (*MISTAKES, "in_review"):
        cases = [case for case in verdict.cases if case.finding == finding]
        for case in cases[:most]:
            yield f"  {finding.replace('_', ' ')}: {case.order}: {case.detail}"
        if len(cases) > most:
            yield f"  {finding.replace('_', ' ')}: {len(cases) - most} more"
