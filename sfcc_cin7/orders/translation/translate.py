"""Turns a storefront order into the ERP sale that holds the same money, or says why it cannot.

Nothing is recomputed from a rate: amounts are the storefront's prices after all discounts, tax is
the storefront's tax. Cin7 takes a SKU on one line only, prices of up to four decimals and no line
for what is not a product, so lines of one SKU are merged, and freight, surcharges, options, bought
gift certificates and what a unit price cannot hit become additional charges (Cin7 API reference,
Sale Order).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from sfcc_cin7.merchant.currency_rates import CurrencyRates
from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.order_document.tax_choice import duties
from sfcc_cin7.orders.translation.arithmetic import TaxMode, tax_mode, violations
from sfcc_cin7.orders.translation.charges import freight, gift_certificates, option_charges
from sfcc_cin7.orders.translation.currency import currency_rate
from sfcc_cin7.orders.translation.draft import Draft
from sfcc_cin7.orders.translation.goods import sale_lines, sold
from sfcc_cin7.orders.translation.parcels import parcels
from sfcc_cin7.orders.translation.payments import payments
from sfcc_cin7.orders.translation.personal import instead, sent
from sfcc_cin7.orders.translation.pieces import pieces
from sfcc_cin7.orders.translation.proof import Proof, expect
from sfcc_cin7.orders.translation.sale import Sale, SaleCharge, SaleLine
from sfcc_cin7.orders.translation.scope import MOST_LINES, out_of_scope
from sfcc_cin7.orders.translation.services import goods_and_services
from sfcc_cin7.orders.translation.ship_to import NOTES, addresses, fits, shipping_notes
from sfcc_cin7.orders.translation.text import fit, listed
from sfcc_cin7.values.money import is_known

NO_SERVICES: Mapping[str, str] = MappingProxyType({})


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
    order: Order,
    site: SitePolicy,
    brand: str,
    known_rules: Collection[str] | None = None,
    *,
    rates: CurrencyRates | None = None,
    rounding: Decimal | None = None,
    services: Mapping[str, str] = NO_SERVICES,
    duty: Sequence[Decimal] | None = None,
) -> Translation:
    """The sale for a placed order of a site, or every reason found against it.

    `known_rules` are the names of the tax rules that the ERP has; None leaves that to the ERP.
    `rates` are those of the file that the site's policy names; without them a site that has a file
    books nothing. `rounding` is the largest rounding charge for one SKU that a person accepted,
    where that is more than is normal. `services` are the SKUs that the ERP keeps as Service
    products, with their Names. `duty` is how much of the tax of each shipping item is duty; None
    leaves that to `duties`, which has to see an order that nobody corrected. Raises nothing for an
    order that was parsed.
    """
    site = site.in_currency(order.currency)
    reference = external_id(brand, site.id, order.number)
    reasons = out_of_scope(order, site, reference, services)
    if is_known(order.currency):  # else nobody can say which figures are too fine
        reasons += violations(order)
    if reasons:
        return Rejected(tuple(dict.fromkeys(reasons)))
    duty = duties(order, site) if duty is None else duty
    draft = Draft(order, site, known_rules, duty, rounding, services)
    sale = _sale(draft, reference, rates)
    if sale is None or draft.reasons:
        return Rejected(tuple(dict.fromkeys(draft.reasons)))
    tax = order.tax_total - sum(duty)  # a duty is charged, and is no tax
    if (sale.total, sale.tax) != (order.total, tax):
        draft.refuse(
            "sale-unbalanced",
            "The sale would not hold the order's total and tax.",
            f"{order.total} with tax {tax}",
            f"{sale.total} with tax {sale.tax}",
        )
        return Rejected(tuple(draft.reasons))
    return Accepted(order, sale, expect(sale), tax_mode(order))


def _sale(draft: Draft, reference: str, rates: CurrencyRates | None) -> Sale | None:
    order, site = draft.order, draft.site
    where = addresses(order, site, draft.services)
    if where is None:
        draft.refuse("address-missing", "The order has goods, but says nothing of any address.")
        return None
    billing, shipping = where
    booked, options = pieces(draft, sold(draft))
    goods, services = goods_and_services(draft, booked)
    lines, rounding = sale_lines(draft, goods)
    if len(lines) > MOST_LINES:
        sentence = "The sale would have too many lines for one document."
        draft.refuse("too-many-lines", sentence, MOST_LINES, len(lines))
    charges = [
        *services,
        *option_charges(draft, options),
        *freight(draft),
        *gift_certificates(draft),
        *rounding,
    ]
    rate = currency_rate(draft, rates)
    rule = _any_rule(draft, [*lines, *charges])
    return Sale(
        external_id=reference,
        reference=order.number,
        customer=site.customer,
        location=site.location,
        currency=order.currency,
        currency_rate=rate,
        tax_inclusive=order.taxation == "gross",
        totals_with_tax=site.line_total == "with-tax",
        order_date=order.placed_at,
        contact=fit(sent(site, "name", _addressee(order), instead(order)), 256),
        phone=shipping.phone or billing.phone,
        email=fit(sent(site, "email", order.customer_email), 256),
        note=_note(draft),
        shipping_notes=_shipping_notes(draft),
        billing=billing,
        shipping=shipping,
        lines=tuple(replace(each, tax_rule=each.tax_rule or rule) for each in lines),
        charges=tuple(replace(each, tax_rule=each.tax_rule or rule) for each in charges),
        payments=tuple(payments(draft, rate)),
    )


def _any_rule(draft: Draft, entries: Sequence[SaleLine | SaleCharge]) -> str:
    """The rule of what has no money, which chooses none: that of the first entry that has some."""
    rules = [entry.tax_rule for entry in entries]
    if all(rules) or draft.reasons:
        return ""
    chosen = next(filter(None, rules), None)
    return chosen or draft.rule_of_nothing()


def _addressee(order: Order) -> str:
    """Who ordered; a company may order under its name alone."""
    where = (order.billing, *(shipment.address for shipment in order.shipments))
    named = (order.customer_name, *(each.name or each.company for each in where))
    return next((each for each in named if each), "")


def _note(draft: Draft) -> str:
    note = f"Storefront order {draft.order.number} of {draft.site.id}"
    if draft.order.customer_reference:
        note += f", customer's reference {draft.order.customer_reference}"
    return fit(note, NOTES)


def _shipping_notes(draft: Draft) -> str:
    notes = shipping_notes(draft.order, draft.site, draft.services)
    if len(parcels(draft.order, draft.services)) > 1 and not fits(notes):
        sentence = "The destinations of the shipments do not fit into Cin7's shipping notes."
        draft.refuse("several-shipments", sentence, NOTES, len("\n".join(notes)))
    return listed(notes, NOTES, "\n")
