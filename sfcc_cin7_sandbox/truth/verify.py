"""Compares both emulated systems from the outside, order by order and to the cent.

Reads only the sandbox's truth; nothing of what the integration believes. An order that the ERP
cannot take (it lacks the product, or a rule for its tax), or that was put into the storefront
as it is, is planted trouble and belongs into review. A sale that no longer agrees because staff
edited the order later is a finding of its own. Whatever else differs is a mistake of the
integration.

One thing cannot be seen from the outside: which orders a consolidated sale stands for. That is
claimed by the integration, and then checked like everything else (see `Share`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from sfcc_cin7_sandbox.truth.shipping import ShippingFinding, Told, judge_shipping, less_cancelled
from sfcc_cin7_sandbox.truth.taxes import Taxes

Document = Mapping[str, Any]
Finding = (
    Literal[
        "matched",
        "waiting",
        "in_review",
        "cancelled_reported",
        "edited_after_posting",
        "line_cancelled",
        "lost",
        "incomplete",
        "doubled",
        "off_by_cents",
        "wrong_tax_rule",
        "wrong_quantity",
        "oversold",
        "never_placed",
        "cancelled_but_booked",
        "edited_unreported",
        "planted_booked",
    ]
    | ShippingFinding
)
FINDINGS: tuple[Finding, ...] = tuple(name for kind in get_args(Finding) for name in get_args(kind))
MISTAKES = FINDINGS[FINDINGS.index("lost") :]
"""What there must be none of."""
PLACED = ("new", "completed")


UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError)


@dataclass(frozen=True)
class Share:
    """What a consolidated sale is said to hold of one order, in the order's currency.

    `sale` is the ExternalID, `quantities` are units by SKU. The orders' shares of a sale must add
    up to it, and each must be what its order says.
    """

    sale: str
    total: Decimal
    tax: Decimal
    quantities: Mapping[str, Decimal]


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


def verify(
    truth: Document,
    grace_seconds: float,
    *,
    shares: Mapping[str, Share] | None = None,
    reported: Collection[str] | None = None,
    told: Mapping[str, Collection[Told]] | None = None,
) -> Verdict:
    """Compare the two halves of a `/_control/truth`.

    Orders younger than `grace_seconds` may be unfinished. An oversold order is also counted as
    matched, off by cents and so on: its figures are judged on their own.

    `shares` are the orders of consolidated sales, by order (`<brand>:<site>:<orderNo>`): such an
    order must have no sale of its own. `reported` are the orders that a person was told of: a
    cancelled order among them may keep its sale, and with `reported` given an edited one outside
    of it is a mistake. `told` are the sites whose storefront is told of shipments or refunds: of
    these they must be all there, once and as they are; of any site nothing may be told too early.
    """
    return _Comparison(truth, grace_seconds, shares or {}, reported, told or {}).verdict


class _Comparison:
    """One look at both systems."""

    def __init__(
        self,
        truth: Document,
        grace_seconds: float,
        shares: Mapping[str, Share],
        reported: Collection[str] | None,
        told: Mapping[str, Collection[Told]],
    ) -> None:
        self.verdict = Verdict()
        self._told = told
        self._now = datetime.fromisoformat(truth["now"])
        self._grace = grace_seconds
        self._reported = reported
        self._taxes = Taxes(truth["sfcc"]["sites"], truth["cin7"]["tax_rules"])
        self._erp = _Erp(truth["cin7"], self._taxes)
        self._sales = _sales_by_order(truth["cin7"]["sales"])
        self._shares = shares
        together = {share.sale for share in shares.values()}
        self._consolidated = {
            external_id: self._sales.pop(external_id, []) for external_id in sorted(together)
        }
        known = {self._judge(truth["brand"], order) for order in truth["sfcc"]["orders"]}
        for key, strays in self._sales.items():
            for sale in strays:
                self._note("never_placed", key, f"the shop knows nothing of {sale['OrderNumber']}")
        for key in shares.keys() - known:
            self._note("never_placed", key, f"has a share of {shares[key].sale}")
        for external_id, sales in self._consolidated.items():
            self._check_sum(external_id, sales)

    def _judge(self, brand: str, order: Document) -> str:
        """Judges one order; returns its key."""
        key = f"{brand}:{order['siteId']}:{order['orderNo']}"
        own, share = self._sales.pop(key, []), self._shares.get(key)
        together = self._consolidated[share.sale] if share else []
        planted = order.get("planted", False)
        status = order.get("status", "new" if planted else None)
        if planted and status not in ("created", "failed", "cancelled"):
            self._judge_placed(key, order, own, share, together, young=False)
        elif status in PLACED:
            young = self._young(order["placeDate"])
            self._judge_placed(key, order, own, share, together, young=young)
        elif (own or together) and not self._young(order["lastModified"]):
            number = (own or together)[0]["OrderNumber"]
            detail = f"{number} is not voided, the order is {status}"
            told = key in (self._reported or ())
            self._note("cancelled_reported" if told else "cancelled_but_booked", key, detail)
        return key

    def _judge_placed(
        self,
        key: str,
        order: Document,
        own: list[Document],
        share: Share | None,
        together: list[Document],
        *,
        young: bool,
    ) -> None:
        sales = own + together
        status = order.get("externalOrderStatus", "none")
        if len(sales) > 1:
            numbers = ", ".join(sale["OrderNumber"] for sale in sales)
            self._note("doubled", key, f"sales {numbers}")
        elif sales and sales[0]["OrderStatus"] == "AUTHORISED":
            self._compare(key, order, sales[0], share)
            self._judge_shipping(key, order, sales[0], shared=share is not None)
        elif obstacle := self._erp.obstacle(order):
            self._note("in_review", key, f"{obstacle}; external status: {status}")
        elif young:
            self._note("waiting", key, "younger than the grace period")
        elif sales:
            detail = f"{sales[0]['OrderNumber']} is {sales[0]['OrderStatus']}"
            self._note("incomplete", key, detail)
        else:
            self._note("lost", key, f"no sale; external status: {status}")

    def _compare(self, key: str, order: Document, sale: Document, share: Share | None) -> None:
        booked = share or _whole(sale)
        try:
            money = _money(order["orderTotal"], self._taxes.due(order), booked)
            if order["currency"] != sale["CustomerCurrency"]:
                money.append(f"currency {order['currency']} is {sale['CustomerCurrency']}")
            wanted = (
                (item["productId"], item["quantity"])
                for item in order["productItems"]
                if not self._erp.is_service(item["productId"])
            )
            ordered = _quantities(wanted)
            units = _units(ordered, booked.quantities)
            own = share is None and not order.get("planted")
            rules = list(self._taxes.misplaced(order, sale)) if own else []
        except UNREADABLE:
            if not order.get("planted"):
                raise
            self._note("planted_booked", key, f"no order to read, yet {sale['OrderNumber']}")
            return
        edited = order.get("edited")
        differs = [*money, *units, *rules]
        if differs and edited and _moment(edited) > _moment(sale["Created"]):
            overlooked = self._reported is not None and key not in self._reported
            finding: Finding = (
                "edited_unreported"
                if overlooked and not self._young(edited)
                else "edited_after_posting"
            )
            self._note(finding, key, "; ".join(differs))
        elif (
            units
            and not rules
            and booked.total < order["orderTotal"]
            and not _units(less_cancelled(order, ordered), booked.quantities)
        ):
            self._note("line_cancelled", key, "; ".join(units))
        elif differs:
            self._differ(key, money, units, rules)
        else:
            self.verdict.counts["matched"] += 1
        if share is None:
            self._note_short(key, sale)

    def _judge_shipping(self, key: str, order: Document, sale: Document, *, shared: bool) -> None:
        if order.get("planted"):
            return
        told = self._told.get(order["siteId"], ())
        settled = not any(self._young(each) for each in (sale.get("Updated"),) if each)
        for finding, detail in judge_shipping(order, sale, told, settled=settled, shared=shared):
            self._note(finding, key, detail)

    def _check_sum(self, external_id: str, sales: list[Document]) -> None:
        """A consolidated sale is no more and no less than its orders."""
        parts = [share for share in self._shares.values() if share.sale == external_id]
        for sale in sales[:1]:
            total = sum((part.total for part in parts), Decimal(0))
            tax = sum((part.tax for part in parts), Decimal(0))
            units = _quantities(pair for part in parts for pair in part.quantities.items())
            whole = _whole(sale)
            self._differ(external_id, _money(total, tax, whole), _units(units, whole.quantities))
            self._note_short(external_id, sale)

    def _differ(
        self, key: str, money: list[str], units: list[str], rules: Iterable[str] = ()
    ) -> None:
        if money:
            self._note("off_by_cents", key, "; ".join(money))
        if rules:
            self._note("wrong_tax_rule", key, "; ".join(rules))
        if units:
            self._note("wrong_quantity", key, "; ".join(units))

    def _note_short(self, key: str, sale: Document) -> None:
        short = [f"{line['SKU']}: {line['Short']}" for line in sale["Lines"] if line["Short"] > 0]
        if short:
            self._note("oversold", key, f"units missing when booked: {', '.join(short)}")

    def _note(self, finding: Finding, key: str, detail: str) -> None:
        self.verdict.note(finding, key, detail)

    def _young(self, since: str) -> bool:
        return (self._now - _moment(since)).total_seconds() < self._grace


class _Erp:
    """What the ERP is able to book."""

    def __init__(self, cin7: Document, taxes: Taxes) -> None:
        self._skus = {product["SKU"]: product.get("Type") for product in cin7["products"]}
        self._taxes = taxes

    def is_service(self, sku: str) -> bool:
        """Whether it is no goods but a service, which is charged and of which no units are sold."""
        return self._skus.get(sku) == "Service"

    def obstacle(self, order: Document) -> str | None:
        """Why nobody could post this order, if so."""
        if order.get("planted"):
            return "planted: it was put there as it is"
        for item in order["productItems"]:
            if item["productId"] not in self._skus:
                return f"planted: the ERP does not know {item['productId']}"
        percent = self._taxes.without_rule(order)
        if percent is not None:
            return f"planted: the ERP has no tax rule of {percent.normalize():f} %"
        return None


def _whole(sale: Document) -> Share:
    """All that a sale holds."""
    units = _quantities((line["SKU"], line["Quantity"]) for line in sale["Lines"])
    return Share(sale["OrderNumber"], sale["Total"], sale["Tax"], units)


def _money(total: Decimal, tax: Decimal, booked: Share) -> list[str]:
    return [
        f"{name} {shop} in the shop, {erp} in the ERP"
        for name, shop, erp in (("total", total, booked.total), ("tax", tax, booked.tax))
        if shop != erp
    ]


def _units(wanted: Mapping[str, Decimal], booked: Mapping[str, Decimal]) -> list[str]:
    return [
        f"{sku}: {wanted.get(sku, 0)} ordered, {booked.get(sku, 0)} booked"
        for sku in sorted(wanted.keys() | booked.keys())
        if wanted.get(sku, 0) != booked.get(sku, 0)
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


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
    for finding in (
        *MISTAKES,
        "edited_after_posting",
        "line_cancelled",
        "cancelled_reported",
        "in_review",
    ):
        cases = [case for case in verdict.cases if case.finding == finding]
        for case in cases[:most]:
            yield f"  {finding.replace('_', ' ')}: {case.order}: {case.detail}"
        if len(cases) > most:
            yield f"  {finding.replace('_', ' ')}: {len(cases) - most} more"
