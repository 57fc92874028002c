"""An order document without anybody in it: what the books need, and no more.

What is kept is named here; everything else goes, so a field that Salesforce or a merchant's code
adds later goes too. Kept are figures, states, and ids of the business: products, promotions,
shipments and payments. Names, e-mail and IP addresses, telephones, streets, messages, cards,
coupons, customer numbers and custom attributes (`c_`, but for a payment's currency) are not; of an
address, country and state stay, because tax depends on them (Orders API, schema Order).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sfcc_cin7.order_document.fields import PLAIN_FIGURE

Shape = Mapping[str, Any]
"""Field to what it holds: `FIGURE`, `WORD`, or the shape of an object or of each one in a list."""

FIGURE = "figure"
"""A number or a yes or no."""
WORD = "word"
"""An id, a state, a currency or an instant."""


def _fields(kind: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)


_PRICES = _fields(FIGURE, "basePrice grossPrice netPrice tax taxBasis")
_AFTER = _fields(FIGURE, "adjustedTax priceAfterItemDiscount priceAfterOrderDiscount taxRate")
_TAXES = {"taxItems": {"id": WORD, "rate": FIGURE, "value": FIGURE}}
_ADJUSTMENT = {
    **_PRICES,
    **_fields(WORD, "priceAdjustmentId promotionId campaignId"),
    **_fields(FIGURE, "custom manual"),
    "appliedDiscount": {
        **_fields(WORD, "type priceBookId"),
        **_fields(FIGURE, "amount percentage"),
    },
}
_ADJUSTMENTS = {"priceAdjustments": _ADJUSTMENT}
_OPTION = {**_PRICES, **_fields(WORD, "optionId optionValueId productId"), **_ADJUSTMENTS}
_COMPONENT = {
    **_fields(WORD, "itemId productId shipmentId"),
    **_fields(FIGURE, "quantity taxRate"),
}
_PRODUCT = {
    **_PRICES,
    **_AFTER,
    **_TAXES,
    **_ADJUSTMENTS,
    **_fields(WORD, "itemId productId shipmentId shippingItemId inventoryId"),
    **_fields(FIGURE, "quantity position bonusProductLineItem gift"),
    "optionItems": _OPTION,
    "bundledProductItems": _COMPONENT,
}
_SHIPPING = {
    **_PRICES,
    **_AFTER,
    **_TAXES,
    **_ADJUSTMENTS,
    **_fields(WORD, "itemId shipmentId type"),
}
_CERTIFICATE = {**_PRICES, **_fields(WORD, "giftCertificateItemId shipmentId")}
_ADDRESS = _fields(WORD, "countryCode stateCode")
_SHIPMENT = {
    **_fields(WORD, "shipmentId shipmentNo shippingStatus"),
    **_fields(FIGURE, "adjustedMerchandizeTotalTax adjustedShippingTotalTax merchandizeTotalTax"),
    **_fields(FIGURE, "productSubTotal productTotal shipmentTotal shippingTotal shippingTotalTax"),
    **_fields(FIGURE, "taxTotal gift"),
    "shippingAddress": _ADDRESS,
    "shippingMethod": {"id": WORD},
}
_PAYMENT = {
    **_fields(WORD, "paymentInstrumentId paymentMethodId"),
    "paymentTransaction": {
        "amount": FIGURE,
        **_fields(WORD, "transactionId currency c_currency"),
    },
}
_ORDER = {
    **_fields(WORD, "orderNo siteId currency taxation invoiceNo channelType businessType"),
    **_fields(WORD, "status exportStatus confirmationStatus paymentStatus shippingStatus"),
    **_fields(WORD, "externalOrderStatus creationDate lastModified placeDate"),
    **_fields(FIGURE, "adjustedMerchandizeTotalTax adjustedShippingTotalTax merchandizeTotalTax"),
    **_fields(FIGURE, "productSubTotal productTotal shippingTotal shippingTotalTax"),
    **_fields(FIGURE, "taxTotal orderTotal"),
    "customerInfo": {"guest": FIGURE},
    "billingAddress": _ADDRESS,
    "productItems": _PRODUCT,
    "shippingItems": _SHIPPING,
    "giftCertificateItems": _CERTIFICATE,
    "orderPriceAdjustments": _ADJUSTMENT,
    "shipments": _SHIPMENT,
    "paymentInstruments": _PAYMENT,
}


def impersonal(document: object) -> dict[str, Any]:
    """The order in a raw document, as values, without anything personal; raises nothing.

    A field whose value is of another kind than it should be goes too. What was an order can still
    be read as one, with the same figures.
    """
    return _kept(document, _ORDER) if isinstance(document, Mapping) else {}


def _kept(values: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in values.items():
        wanted = shape.get(name)
        if isinstance(wanted, Mapping):
            if isinstance(value, Mapping):
                kept[name] = _kept(value, wanted)
            elif isinstance(value, list):
                kept[name] = [_kept(one, wanted) for one in value if isinstance(one, Mapping)]
        elif (wanted == FIGURE and _is_figure(value)) or (wanted == WORD and _is_word(value)):
            kept[name] = value
    return kept


def _is_word(value: Any) -> bool:
    """Whether it is a text, or an id whose digits are written as a number."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def _is_figure(value: Any) -> bool:
    """Whether it is a number or a yes or no, be it as text, which can be read as nothing else."""
    if isinstance(value, str):
        return value in ("true", "false") or PLAIN_FIGURE.fullmatch(value) is not None
    return isinstance(value, int | Decimal)
