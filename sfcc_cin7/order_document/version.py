"""Which version of an order it is, as far as the ERP has to know.

A storefront's document changes all the time: statuses, tracking numbers, custom attributes, our own
external status. Two documents are the same version when what is sold, for how much, to whom and
where is the same, and whether it is cancelled.
"""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sfcc_cin7.values import decimal_json

_MATERIAL = (
    "currency",
    "taxation",
    "productItems",
    "shippingItems",
    "giftCertificateItems",
    "orderPriceAdjustments",
    "productSubTotal",
    "productTotal",
    "shippingTotal",
    "adjustedMerchandizeTotalTax",
    "adjustedShippingTotalTax",
    "taxTotal",
    "orderTotal",
    "billingAddress",
    "shipments",
    "customerInfo",
)
_PASSING = ("lastModified", "creationDate", "shippingStatus", "shipmentNo", "trackingNumber")
"""What the storefront keeps up to date on items and shipments while they are handled."""


def version(document: Mapping[str, Any]) -> str:
    """A short text that is equal for equal versions. Raises nothing, whatever the document holds.

    Of the payments only methods and amounts count, because gateways write to them later.
    """
    told = {name: _told(document.get(name)) for name in _MATERIAL}
    told["cancelled"] = document.get("status") == "cancelled"
    told["payments"] = _payments(document.get("paymentInstruments"))
    text = decimal_json.dumps(told)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            str(key): _told(value[key])
            for key in sorted(value, key=str)
            if not str(key).startswith("c_") and key not in _PASSING
        }
    if isinstance(value, list):
        return [_told(item) for item in value]
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return _figure(Decimal(value))
    return str(value) if value is not None else None


def _figure(number: Decimal) -> str:
    """The same text for 10, 10.0 and 1E+1."""
    return (
        f"{number.normalize():f}"
        if number.is_finite() and abs(number.adjusted()) < 100
        else str(number)
    )


def _payments(value: Any) -> list[list[str]]:
    rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
    return sorted([str(row.get("paymentMethodId")), str(_told(_amount(row)))] for row in rows)


def _amount(payment: Mapping[str, Any]) -> Any:
    transaction = payment.get("paymentTransaction")
    return transaction.get("amount") if isinstance(transaction, Mapping) else None
