"""What is charged beside the goods: options, freight, surcharges, duties and gift certificates.

Each becomes an additional charge named after a Service product of the operating model.
"""

from collections.abc import Iterator

from sfcc_cin7.order_document.booking_rule import booking_rule, costs_nothing
from sfcc_cin7.order_document.final_prices import weight
from sfcc_cin7.order_document.model import ShippingItem
from sfcc_cin7.orders.translation.draft import Draft
from sfcc_cin7.orders.translation.goods import COMMENT_LENGTH, SoldOption
from sfcc_cin7.orders.translation.sale import SaleCharge
from sfcc_cin7.orders.translation.text import fit
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.tax_shares import Taxed


def option_charges(draft: Draft, options: list[SoldOption]) -> Iterator[SaleCharge]:
    """Options as the Service products they are mapped to, each under the tax rule of its own tax.

    One that costs nothing and is not mapped ("no engraving") is only a remark on its line.
    """
    rule = booking_rule(draft.site)
    for sold in options:
        option, line = sold.option, sold.line
        service = rule.mapping(option)
        if service:
            comment = f"{line.quantity.normalize():f} x for {line.product_id}"
            yield SaleCharge(
                description=service,
                amount=sold.amount,
                tax=sold.tax,
                tax_rule=draft.rule(sold.bearer),
                comment=fit(comment, COMMENT_LENGTH),
            )
        elif not costs_nothing(option):
            name = f"{option.option_id}:{option.value_id}"
            sentence = f"The operating model maps no Service product to option {name}."
            draft.refuse("option-unmapped", sentence)


def freight(draft: Draft) -> Iterator[SaleCharge]:
    """Shipping and product surcharges after their discounts; free shipping is no charge.

    What is duty among their tax is a charge of its own, which bears none.
    """
    order, names = draft.order, draft.site.charges
    duty = draft.duty
    inside = [each if order.taxation == "gross" else ZERO for each in duty]
    taxed = [
        Taxed(item.after_item - within, item.adjusted_tax - due, weight(order, item))
        for item, due, within in zip(order.shipping_items, duty, inside, strict=True)
    ]
    hint = "" if names.duties else " If it is duty, name a Service product in charges.duties."
    taxes = draft.attribute(order.shipping_tax - sum(duty), taxed, "shipping", hint)
    figures = draft.tax.figures
    for item, part, tax, due in zip(order.shipping_items, taxed, taxes, duty, strict=True):
        comment = _comment(draft, item)
        if part.amount:
            yield SaleCharge(
                description=names.surcharge if item.kind == "surcharge" else names.shipping,
                amount=part.amount,
                tax=tax,
                tax_rule=draft.rule(figures.freight(item, part.amount, tax)),
                comment=comment,
            )
        if due and names.duties:
            yield SaleCharge(
                description=names.duties,
                amount=due,
                tax=ZERO,
                tax_rule=draft.rule(figures.untaxed(item.shipment_id, "duties", due)),
                comment=comment,
                duty=True,
            )


def _comment(draft: Draft, item: ShippingItem) -> str:
    several = len(draft.order.shipments) > 1
    return fit(f"Shipment {item.shipment_id}", COMMENT_LENGTH) if several else ""


def gift_certificates(draft: Draft) -> Iterator[SaleCharge]:
    """Gift certificates that were bought, each under the rule of its own tax, which most bear none
    of."""
    for certificate in draft.order.gift_certificates:
        yield SaleCharge(
            description=draft.site.charges.gift_certificate,
            amount=certificate.amount,
            tax=certificate.tax,
            tax_rule=draft.rule(draft.tax.figures.certificate(certificate)),
            comment="",
        )
