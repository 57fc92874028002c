"""Which orders may share one ERP sale, and that sale.

Cin7 takes a SKU on one line only and two calls for a sale however many lines it has: that is what
makes consolidation worth its while, and what limits it. Everything the orders have in common must
be common to all of them (site, customer, location, currency, taxation, and the addressee where the
ERP ships); a SKU must fall under one tax rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.merchant.operating_model import ConsolidationPolicy, NeutralAddress, SitePolicy
from sfcc_cin7.order_document.model import Address
from sfcc_cin7.orders.translation.goods import COMMENT_LENGTH, unit_price
from sfcc_cin7.orders.translation.sale import Sale, SaleCharge, SaleLine, SalePayment
from sfcc_cin7.orders.translation.shares import Share, shares_of, sums
from sfcc_cin7.orders.translation.ship_to import NOTES
from sfcc_cin7.orders.translation.text import fit
from sfcc_cin7.values.money import ZERO, quantum

PAYMENT_REFERENCE = "{batch}:{account}"


@dataclass(frozen=True)
class Candidate:
    """An order that may be consolidated; `sale` is what it would be alone."""

    order_key: str
    sale: Sale
    shipments: int = 1


@dataclass
class Group:
    """Orders that one sale can hold."""

    candidates: list[Candidate] = field(default_factory=list)
    skus: dict[str, tuple[str, str]] = field(default_factory=dict)
    """SKU in lower case, as Cin7 compares them, to its spelling and tax rule."""

    def takes(self, candidate: Candidate, policy: ConsolidationPolicy) -> bool:
        """Whether one more order fits in."""
        own = {line.sku.casefold(): (line.sku, line.tax_rule) for line in candidate.sale.lines}
        return (
            len(self.candidates) < policy.most_orders
            and len(self.skus.keys() | own.keys()) <= policy.most_lines
            and all(self.skus.get(sku, about) == about for sku, about in own.items())
        )

    def add(self, candidate: Candidate) -> None:
        self.candidates.append(candidate)
        self.skus |= {
            line.sku.casefold(): (line.sku, line.tax_rule) for line in candidate.sale.lines
        }


def unfit(candidate: Candidate, policy: ConsolidationPolicy) -> str | None:
    """Why an order has to be posted alone, whatever others there are."""
    if policy.largest_order is not None and candidate.sale.total > policy.largest_order:
        return "it is above the largest order that is consolidated"
    if policy.ships_from == "erp" and candidate.shipments > 1:
        return "it goes to several addresses"
    if not Group().takes(candidate, policy):
        return "it has more lines than a consolidated sale may have"
    return None


def grouped(candidates: Iterable[Candidate], policy: ConsolidationPolicy) -> list[Group]:
    """Orders of one site in groups, each into the first that takes it, in their sequence."""
    alike: dict[object, list[Group]] = {}
    for candidate in candidates:
        groups = alike.setdefault(in_common(candidate.sale, policy), [])
        group = next((each for each in groups if each.takes(candidate, policy)), None)
        if group is None:
            group = Group()
            groups.append(group)
        group.add(candidate)
    return [group for groups in alike.values() for group in groups]


def in_common(sale: Sale, policy: ConsolidationPolicy) -> tuple[object, ...]:
    """What all orders of a sale must share. What the warehouse is told is part of the addressee."""
    basis = (sale.customer, sale.location, sale.currency, sale.currency_rate, sale.tax_inclusive)
    if policy.ships_from == "elsewhere":
        return basis
    return (*basis, replace(sale.shipping, phone=""), sale.shipping_notes)


def share_map(batch_key: str, candidates: Sequence[Candidate], rounding: str) -> list[Share] | None:
    """The map of a group; None when no unit price comes near what the orders of a SKU paid.

    `rounding` is the charge for what a unit price cannot hit.
    """
    shares = [share for each in candidates for share in shares_of(each.order_key, each.sale)]
    step = quantum(candidates[0].sale.currency)
    own: list[Share] = []
    for total in sums(shares).values():
        if total.kind != "line":
            continue
        priced = unit_price(total.amount, total.quantity, step)
        if priced is None or priced[1] < total.tax:
            return None
        missed = total.amount - priced[1]
        if missed:
            moved = replace(total, order_key=batch_key, quantity=ZERO, tax=ZERO)
            own.append(replace(moved, amount=-missed))
            own.append(replace(moved, kind="charge", name=rounding, amount=missed))
    return shares + own


@dataclass(frozen=True, kw_only=True)
class Common:
    """What all orders of a consolidated sale have in common."""

    customer: str
    location: str
    currency: str
    currency_rate: Decimal
    tax_inclusive: bool
    totals_with_tax: bool
    order_date: datetime
    addressee: Address
    shipping_notes: str


def common(site: SitePolicy, like: Sale) -> Common:
    """Taken from one order's own sale; what is personal only where the ERP ships, to all alike."""
    at_erp = site.consolidation is None or site.consolidation.ships_from == "erp"
    return Common(
        customer=like.customer,
        location=like.location,
        currency=like.currency,
        currency_rate=like.currency_rate,
        tax_inclusive=like.tax_inclusive,
        totals_with_tax=like.totals_with_tax,
        order_date=like.order_date,
        addressee=_addressee(site, like),
        shipping_notes=like.shipping_notes if at_erp else "",
    )


def consolidated_sale(batch_key: str, site_id: str, shares: Sequence[Share], alike: Common) -> Sale:
    """The sale that holds exactly these shares."""
    whole = sums(shares)
    parts: dict[tuple[str, str, str], list[Share]] = {entry: [] for entry in whole}
    for share in shares:
        if share.order_key != batch_key:
            parts[share.entry].append(share)
    numbers = list(dict.fromkeys(order_number(each.order_key) for each in shares
                                 if each.order_key != batch_key))  # fmt: skip
    step = quantum(alike.currency)
    said = f"{len(numbers)} storefront orders of {site_id}: "
    return Sale(
        customer=alike.customer,
        location=alike.location,
        currency=alike.currency,
        currency_rate=alike.currency_rate,
        tax_inclusive=alike.tax_inclusive,
        totals_with_tax=alike.totals_with_tax,
        order_date=alike.order_date,
        external_id=batch_key,
        reference=f"{len(numbers)} orders of {site_id}",
        contact=alike.addressee.name or alike.addressee.company,
        phone="",
        email="",
        note=said + first_and_count(numbers, NOTES - len(said)),
        shipping_notes=alike.shipping_notes,
        billing=alike.addressee,
        shipping=alike.addressee,
        lines=tuple(
            SaleLine(
                sku=total.name,
                quantity=total.quantity,
                price=_price(total, step),
                amount=total.amount,
                tax=total.tax,
                tax_rule=total.tax_rule,
                comment=first_and_count(map(_units, parts[total.entry]), COMMENT_LENGTH),
            )
            for total in whole.values()
            if total.kind == "line"
        ),
        charges=tuple(
            SaleCharge(
                description=total.name,
                amount=total.amount,
                tax=total.tax,
                tax_rule=total.tax_rule,
                comment=first_and_count(map(_sum, parts[total.entry]), COMMENT_LENGTH)
                or "What unit prices of four decimals cannot hit",
            )
            for total in whole.values()
            if total.kind == "charge"
        ),
        payments=tuple(
            SalePayment(
                account=total.name,
                amount=total.amount,
                reference=PAYMENT_REFERENCE.format(batch=batch_key, account=total.name),
            )
            for total in whole.values()
            if total.kind == "payment"
        ),
    )


def first_and_count(texts: Iterable[str], limit: int) -> str:
    """As many of the texts as fit, separated by commas; "+12 more" says how many do not."""
    every = list(texts)
    whole = ", ".join(every)
    if fit(whole, limit) == whole:
        return whole
    longest = f"{len(every)} orders"
    for kept in range(1, len(every)):
        short = f"{', '.join(every[:kept])} +{len(every) - kept} more"
        if fit(short, limit) != short:
            break
        longest = short
    return longest


def order_number(order_key: str) -> str:
    """The storefront's number in `<brand>:<site>:<orderNo>`."""
    return order_key.split(":", 2)[2]


def batch_key(brand: str, site: str, first_order: str) -> str:
    """`<brand>:<site>:consolidated:<orderNo>`, after the first order of the group.

    An order is consolidated once at most, so this is unique without a counter.
    """
    return f"{brand}:{site}:consolidated:{first_order}"


def _price(line: Share, step: Decimal) -> Decimal:
    priced = unit_price(line.amount, line.quantity, step)
    if priced is None or priced[1] != line.amount:
        raise ValueError(f"no unit price hits the line of {line.name}")
    return priced[0]


def _units(share: Share) -> str:
    remark = f" ({share.remark})" if share.remark else ""
    return f"{share.quantity.normalize():f} for {order_number(share.order_key)}{remark}"


def _sum(share: Share) -> str:
    return f"{share.amount:f} of {order_number(share.order_key)}"


def _addressee(site: SitePolicy, like: Sale) -> Address:
    policy = site.consolidation
    if policy is None or policy.ships_from == "erp" or policy.address is None:
        return like.shipping
    return _neutral(policy.address)


def _neutral(address: NeutralAddress) -> Address:
    return Address(**{"name": "", "line2": "", "phone": "", **address.model_dump()})
