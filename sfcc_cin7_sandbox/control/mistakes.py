"""Orders with one mistake each, as faulty cartridges, hooks and imports make them: of a good order
one figure, one word or one part is wrong. Each is a poison of its own (see `poison`).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Document = dict[str, Any]
Change = Callable[[Document], Document]
WHOLE = Decimal(10)
LONG = "X" * 60
"""More characters than the ERP takes for a SKU or a reference."""


def _changed(document: Document, **changes: Any) -> Document:
    """With other values; a function gets the old one, None takes the field out."""
    made = dict(document)
    for name, value in changes.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = value(document[name]) if callable(value) else value
    return made


def _more(by: Decimal) -> Callable[[Any], Any]:
    return lambda figure: figure + by


def _order(**changes: Any) -> Change:
    return lambda order: _changed(order, **changes)


def _first(part: str, **changes: Any) -> Change:
    """The first of a list of parts is another one."""

    def change(order: Document) -> Document:
        first, *others = order[part]
        return {**order, part: [_changed(first, **changes), *others]}

    return change


def _twice(part: str, **changes: Any) -> Change:
    """The first of a list of parts stands there once more."""
    return lambda order: {**order, part: [*order[part], _changed(order[part][0], **changes)]}


def _payment(**changes: Any) -> Change:
    def change(instrument: Document) -> Document:
        return _changed(instrument["paymentTransaction"], **changes)

    return lambda order: {
        **order,
        "paymentInstruments": [
            {**each, "paymentTransaction": change(each)} for each in order["paymentInstruments"]
        ],
    }


LINE, SHIPMENT, FREIGHT = "productItems", "shipments", "shippingItems"
MISTAKES: Mapping[str, Change] = {
    "gross-mismatch": _first(LINE, grossPrice=_more(WHOLE)),
    "line-price-mismatch": _first(LINE, basePrice=_more(WHOLE)),
    "line-discount-mismatch": _first(LINE, priceAfterItemDiscount=_more(WHOLE)),
    "shipping-discount-mismatch": _first(FREIGHT, priceAfterItemDiscount=_more(WHOLE)),
    "product-sub-total-mismatch": _order(productSubTotal=_more(WHOLE)),
    "product-total-mismatch": _order(productTotal=_more(WHOLE)),
    "proration-mismatch": _first(LINE, priceAfterOrderDiscount=_more(WHOLE)),
    "merchandise-tax-mismatch": _order(adjustedMerchandizeTotalTax=_more(WHOLE)),
    "shipping-tax-mismatch": _order(
        shippingTotalTax=_more(WHOLE), adjustedShippingTotalTax=_more(WHOLE)
    ),
    "tax-total-mismatch": _order(taxTotal=_more(WHOLE)),
    "shipping-total-mismatch": _order(shippingTotal=_more(WHOLE)),
    "order-total-mismatch": _order(orderTotal=_more(WHOLE)),
    "shipment-tax-mismatch": _first(SHIPMENT, taxTotal=_more(WHOLE)),
    "item-duplicated": _twice(LINE),
    "shipment-duplicated": _twice(SHIPMENT),
    "amount-too-precise": _payment(amount=_more(Decimal("0.001"))),
    "sku-too-long": _first(LINE, productId=LONG),
    "sku-unreadable": _first(LINE, productId="TENT\u0007"),
    "currency-unknown": _order(currency="XQZ"),
    "currency-unmapped": _order(currency="CHF"),
    "field-missing": _order(orderTotal=None),
    "field-type": _order(orderTotal="twelve pounds"),
    "field-range": _order(orderTotal=Decimal("1E+40")),
    "field-choice": _order(taxation="sometimes"),
}
"""By the mistake that they have, which is also what the product is expected to call it."""
