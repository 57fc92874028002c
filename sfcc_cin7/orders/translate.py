"""Turns a storefront order into the ERP sale that holds the same money, or says why it cannot.

Nothing is recomputed from a rate: amounts are the storefront's prices after all discounts, tax is
the storefront's tax. Cin7 takes a SKU on one line only, prices of up to four decimals and no line
for what is not a product, so lines of one SKU are merged, and freight, surcharges, options, bought
gift certificates and what a unit price cannot hit become additional charges (Cin7 API reference,
Sale Order).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sfcc_cin7.operating_model import SitePolicy
from sfcc_cin7.orders.arithmetic import TaxMode, tax_mode, violations
from sfcc_cin7.orders.charges import freight, gift_certificates, option_charges
from sfcc_cin7.orders.draft import Draft
from sfcc_cin7.orders.goods import sale_lines, sold
from sfcc_cin7.orders.model import Order
from sfcc_cin7.orders.payments import payments
from sfcc_cin7.orders.proof import Proof, expect
from sfcc_cin7.orders.reason import Reason
from sfcc_cin7.orders.sale import Sale
from sfcc_cin7.orders.ship_to import NOTES, addresses, shipping_notes
from sfcc_cin7.orders.text import fit

EXTERNAL_ID_LENGTH = 256
MOST_LINES = 1000
"""More lines than this are not sent in one document; Cin7 publishes no limit of its own."""


@dataclass(frozen=True)
class Accepted:
    """The sale to book and what Cin7 has to answer."""

    order: Order
    sale: Sale
    proof: Proof
    tax_mode: TaxMode


@dataclass(frozen=True)
class Rejected:
    """Why the order cannot be booked as it is; never empty."""

    reasons: tuple[Reason, ...]


Translation = Accepted | Rejected


def external_id(brand: str, site: str, order_number: str) -> str:
    """The ExternalID of an order's sale: `<brand>:<site>:<orderNo>`."""
    return f"{brand}:{site}:{order_number}"


def translate(
    order: Order, site: SitePolicy, brand: str, known_rules: Collection[str] | None = None
) -> Translation:
    """The sale for a placed order of a site, or every reason found against it.

    `known_rules` are the names of the tax rules that the ERP has; None leaves that to the ERP.
    Raises nothing for an order that was parsed.
    """
    reasons = [*_out_of_scope(order, site, brand), *violations(order)]
    if reasons:
        return Rejected(tuple(reasons))
    draft = Draft(order, site, known_rules)
    sale = _sale(draft, brand)
    if sale is None or draft.reasons:
        return Rejected(tuple(dict.fromkeys(draft.reasons)))
    if (sale.total, sale.tax) != (order.total, order.tax_total):
        draft.refuse(
            "sale-unbalanced",
            "The sale would not hold the order's total and tax.",
            f"{order.total} with tax {order.tax_total}",
            f"{sale.total} with tax {sale.tax}",
        )
        return Rejected(tuple(draft.reasons))
    return Accepted(order, sale, expect(sale), tax_mode(order))


def _out_of_scope(order: Order, site: SitePolicy, brand: str) -> Iterator[Reason]:
    if order.status == "cancelled":
        yield Reason("order-cancelled", "The order is cancelled.")
    elif order.status not in ("new", "completed"):
        sentence = "Only a placed order may be booked."
        yield Reason("order-not-placed", sentence, "new", order.status)
    if order.site != site.id:
        yield Reason("site-mismatch", "The order is of another site.", site.id, order.site)
    if order.currency != site.currency:
        sentence = f"The operating model has no currency {order.currency} for {site.id}."
        yield Reason("currency-unmapped", sentence, site.currency, order.currency)
    if order.taxation != site.taxation:
        sentence = f"The operating model says that {site.id} is {site.taxation}."
        yield Reason("taxation-mismatch", sentence, site.taxation, order.taxation)
    if len(external_id(brand, site.id, order.number)) > EXTERNAL_ID_LENGTH:
        yield Reason("reference-too-long", "The order number does not fit into the ExternalID.")
    if len(order.lines) > MOST_LINES:
        sentence = "The order has too many lines for one document."
        yield Reason("too-many-lines", sentence, str(MOST_LINES), str(len(order.lines)))


def _sale(draft: Draft, brand: str) -> Sale | None:
    order, site = draft.order, draft.site
    where = addresses(order, site.country)
    if where is None:
        draft.refuse("address-missing", "The order has no address with a first line.")
        return None
    billing, shipping = where
    goods, options = sold(draft)
    lines, rounding = sale_lines(draft, goods)
    charges = [
        *option_charges(draft, options),
        *freight(draft),
        *gift_certificates(draft),
        *rounding,
    ]
    return Sale(
        external_id=external_id(brand, site.id, order.number),
        reference=order.number,
        customer=site.customer,
        location=site.location,
        currency=order.currency,
        currency_rate=site.currency_rate,
        tax_inclusive=order.taxation == "gross",
        totals_with_tax=site.line_total == "with-tax",
        order_date=order.placed_at,
        contact=fit(order.customer_name or billing.name, 256),
        phone=shipping.phone or billing.phone,
        email=fit(order.customer_email, 256),
        note=_note(draft),
        shipping_notes=_shipping_notes(draft),
        billing=billing,
        shipping=shipping,
        lines=tuple(lines),
        charges=tuple(charges),
        payments=tuple(payments(draft)),
    )


def _note(draft: Draft) -> str:
    note = f"Storefront order {draft.order.number} of {draft.site.id}"
    if draft.order.customer_reference:
        note += f", customer's reference {draft.order.customer_reference}"
    return fit(note, NOTES)


def _shipping_notes(draft: Draft) -> str:
    notes = shipping_notes(draft.order)
    if len(draft.order.shipments) > 1 and fit(notes, NOTES) != fit(notes, 2 * len(notes)):
        sentence = "The destinations of the shipments do not fit into Cin7's shipping notes."
        draft.refuse("several-shipments", sentence, NOTES, len(notes))
    return fit(notes, NOTES)
