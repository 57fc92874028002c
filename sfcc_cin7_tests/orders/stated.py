"""Orders written down figure by figure, as a tax service left them.

The small storefront of `storefront.py` knows how Commerce Cloud taxes; here whoever writes an order
says what each line, discount and freight bears, and only the totals are added up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sfcc_cin7_tests.orders.storefront import ADDRESS, Document

ZERO = Decimal(0)
ABSENT = object()
"""In the place of a rate: the field is not there."""


@dataclass(frozen=True)
class Discount:
    """An adjustment: the amount that it takes off, in the order's taxation, and its tax."""

    amount: Decimal
    tax: Decimal = ZERO


@dataclass(frozen=True)
class Extra:
    """An option of a line."""

    unit: Decimal
    tax: Decimal
    option: str = "wrap"
    value: str = "gift"


@dataclass(frozen=True)
class Sold:
    """A line with the tax and the rate that are stated for it. `share` is what the order's own
    discounts take off it."""

    sku: str
    unit: Decimal
    tax: Decimal
    quantity: Decimal = Decimal(1)
    rate: Any = ABSENT
    discounts: tuple[Discount, ...] = ()
    share: Decimal = ZERO
    extras: tuple[Extra, ...] = ()
    bonus: bool = False
    shipment: str = "me"
    tax_items: tuple[tuple[Decimal, Decimal], ...] = ()
    """Rate and value of each authority's part."""


@dataclass(frozen=True)
class Sent:
    """What is charged for shipping."""

    price: Decimal
    tax: Decimal
    rate: Any = ABSENT
    discounts: tuple[Discount, ...] = ()
    shipment: str = "me"


def stated(
    *goods: Sold,
    freight: tuple[Sent, ...] = (),
    discounts: tuple[Discount, ...] = (),
    place: tuple[str, str, str] = ("US", "NY", "10001"),
    currency: str = "USD",
    taxation: str = "net",
    merchandise_tax: Decimal | None = None,
    others: Mapping[str, tuple[str, str, str]] | None = None,
) -> Document:
    """The order's document; `place` is country, state and postcode of the shipment `me`, and of the
    bill, `others` of other shipments. `merchandise_tax` is the tax of
    all products where it is not the sum of what they bear."""

    def prices(amount: Decimal, tax: Decimal, base: Decimal) -> Document:
        net = amount if taxation == "net" else amount - tax
        return {"basePrice": base, "netPrice": net, "grossPrice": net + tax, "tax": tax}

    def adjustments(found: tuple[Discount, ...]) -> list[Document]:
        return [prices(-each.amount, -each.tax, -each.amount) for each in found]

    def rated(rate: Any) -> Document:
        return {} if rate is ABSENT else {"taxRate": rate}

    def line(at: int, each: Sold) -> Document:
        amount = each.unit * each.quantity
        after = amount - sum((discount.amount for discount in each.discounts), ZERO)
        return {
            **prices(amount, each.tax, each.unit),
            **rated(each.rate),
            "itemId": f"item-{at}",
            "productId": each.sku,
            "quantity": each.quantity,
            "shipmentId": each.shipment,
            "priceAfterItemDiscount": after,
            "priceAfterOrderDiscount": after - each.share,
            "bonusProductLineItem": each.bonus,
            "priceAdjustments": adjustments(each.discounts),
            "taxItems": [
                {"id": f"tax-{number}", "rate": rate, "value": value}
                for number, (rate, value) in enumerate(each.tax_items)
            ],
            "optionItems": [
                {
                    **prices(extra.unit * each.quantity, extra.tax, extra.unit),
                    "productId": f"{extra.option}-{extra.value}",
                    "optionId": extra.option,
                    "optionValueId": extra.value,
                }
                for extra in each.extras
            ],
        }

    def sent(at: int, each: Sent) -> Document:
        return {
            **prices(each.price, each.tax, each.price),
            **rated(each.rate),
            "itemId": f"freight-{at}",
            "shipmentId": each.shipment,
            "priceAfterItemDiscount": each.price - sum((d.amount for d in each.discounts), ZERO),
            "priceAdjustments": adjustments(each.discounts),
        }

    def at(where: tuple[str, str, str]) -> Document:
        country, state, postcode = where
        return ADDRESS | {"countryCode": country, "stateCode": state, "postalCode": postcode}

    address = at(place)
    items = [line(at, each) for at, each in enumerate(goods)]
    options = [option for item in items for option in item["optionItems"]]
    shipping = [sent(at, each) for at, each in enumerate(freight)]
    sub_total = sum((item["priceAfterItemDiscount"] for item in items), ZERO)
    sub_total += sum((extra.unit * each.quantity for each in goods for extra in each.extras), ZERO)
    product_total = sub_total - sum((each.amount for each in discounts), ZERO)
    tax = merchandise_tax
    if tax is None:
        off = adjustments(discounts)
        tax = sum((part["tax"] for item in (*items, *options) for part in _taxed(item)), ZERO)
        tax += sum((each["tax"] for each in off), ZERO)
    shipping_tax = sum((part["tax"] for item in shipping for part in _taxed(item)), ZERO)
    shipping_total = sum((item["priceAfterItemDiscount"] for item in shipping), ZERO)
    total = product_total + shipping_total + (tax + shipping_tax if taxation == "net" else ZERO)
    return {
        "orderNo": "00000410",
        "siteId": "shop",
        "status": "new",
        "exportStatus": "ready",
        "currency": currency,
        "taxation": taxation,
        "creationDate": "2026-03-01T09:30:00.000Z",
        "customerInfo": {"customerName": "Ada Example", "email": "ada@example.com"},
        "billingAddress": address,
        "productItems": items,
        "orderPriceAdjustments": adjustments(discounts),
        "shippingItems": shipping,
        "shipments": [
            {"shipmentId": name, "shippingAddress": at(where)}
            for name, where in ({"me": place} | dict(others or {})).items()
        ],
        "paymentInstruments": [],
        "productSubTotal": sub_total,
        "productTotal": product_total,
        "adjustedMerchandizeTotalTax": tax,
        "shippingTotal": shipping_total,
        "adjustedShippingTotalTax": shipping_tax,
        "taxTotal": tax + shipping_tax,
        "orderTotal": total,
    }


def _taxed(item: Document) -> list[Document]:
    return [item, *item.get("priceAdjustments", [])]


def restated(document: Document, how: str) -> Document:
    """The same order with other rates written beside its taxes, in place.

    `double`: what is left of the rate in binary; `effective`: the rounded tax by the price; `zero`;
    `absent`; or as it was, for any other word.
    """
    for item in (*document["productItems"], *document["shippingItems"]):
        rate, price = item["taxRate"], item["netPrice"]
        if how == "double":
            item["taxRate"] = Decimal(float(rate)).quantize(Decimal(1).scaleb(-18))
        elif how == "effective":
            item["taxRate"] = Decimal(repr(float(item["tax"]) / float(price))) if price else ZERO
        elif how == "zero":
            item["taxRate"] = ZERO
        elif how == "absent":
            del item["taxRate"]
    return document
