"""What is charged beside the goods: options, freight, surcharges and bought gift certificates.

Each becomes an additional charge named after a Service product of the operating model.
"""

from collections.abc import Iterator

from sfcc_cin7.order_document.booking_rule import booking_rule, costs_nothing
from sfcc_cin7.orders.translation.draft import Draft
from sfcc_cin7.orders.translation.goods import COMMENT_LENGTH, SoldOption
from sfcc_cin7.orders.translation.sale import SaleCharge
from sfcc_cin7.orders.translation.tax import Taxed
from sfcc_cin7.orders.translation.text import fit
from sfcc_cin7.values.money import ZERO


def option_charges(draft: Draft, options: list[SoldOption]) -> Iterator[SaleCharge]:
    """Options as the Service products they are mapped to.

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
                tax_rule=draft.rule(line.rate, line.shipment_id),
                comment=fit(comment, COMMENT_LENGTH),
            )
        elif not costs_nothing(option):
            name = f"{option.option_id}:{option.value_id}"
            sentence = f"The operating model maps no Service product to option {name}."
            draft.refuse("option-unmapped", sentence)


def freight(draft: Draft) -> Iterator[SaleCharge]:
    """Shipping and product surcharges after their discounts; free shipping is no charge."""
    items = draft.order.shipping_items
    taxed = [Taxed(item.after_item, item.adjusted_tax, item.rate) for item in items]
    taxes = draft.attribute(draft.order.shipping_tax, taxed, "shipping")
    several = len(draft.order.shipments) > 1
    names = draft.site.charges
    for item, tax in zip(items, taxes, strict=True):
        if item.after_item:
            yield SaleCharge(
                description=names.surcharge if item.kind == "surcharge" else names.shipping,
                amount=item.after_item,
                tax=tax,
                tax_rule=draft.rule(item.rate, item.shipment_id),
                comment=fit(f"Shipment {item.shipment_id}", COMMENT_LENGTH) if several else "",
            )


def gift_certificates(draft: Draft) -> Iterator[SaleCharge]:
    """Gift certificates that were bought, untaxed: the order states no rate for them."""
    for certificate in draft.order.gift_certificates:
        if certificate.tax:
            sentence = (
                "A bought gift certificate bears tax at a rate that the order does not state."
            )
            draft.refuse("gift-certificate-taxed", sentence, 0, certificate.tax)
        yield SaleCharge(
            description=draft.site.charges.gift_certificate,
            amount=certificate.amount,
            tax=ZERO,
            tax_rule=draft.rule(ZERO, certificate.shipment_id),
            comment="",
        )
