"""Staff change the lines of a placed order, and the storefront computes it anew.

An order document does not tell how its site taxes and rounds. So the basket is read back from the
document and priced in every way there is; the way that gives the very same document is the site's.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from typing import Any, get_args

from sfcc_cin7_sandbox.merchant.world import Rounding
from sfcc_cin7_sandbox.shoppers.basket import (
    Address,
    Basket,
    Certificate,
    Delivery,
    Item,
    Option,
    Payment,
    Promotion,
    TaxMode,
    quantum,
)
from sfcc_cin7_sandbox.shoppers.pricing import price_order

Document = dict[str, Any]
NOWHERE = Address("", "", "", "", "", "XX")
"""Texts are never taken from a repriced order, only numbers."""


class CannotEdit(ValueError):
    """The order is none that this storefront has priced, or the edit leaves nothing to sell."""


def with_quantity(document: Document, sku: str, quantity: Decimal) -> Document:
    """The order with another quantity on the first line of a product; 0 takes the line out.

    Percentages follow the quantity, fixed discounts stay, and the last means of payment pays what
    the others leave. Raises CannotEdit.
    """
    lines = document.get("productItems", [])
    place = next((n for n, line in enumerate(lines) if line["productId"] == sku), None)
    if place is None:
        raise CannotEdit(f"The order has no line of {sku}.")
    basket = _basket_of(document)
    items = list(basket.items)
    if quantity:
        items[place] = _resized(items[place], quantity, basket.currency)
        old = document
    else:
        del items[place]
        old = _without_line(document, place)
    if not items:
        raise CannotEdit("An order without lines is cancelled, not edited.")
    try:
        priced = price_order(replace(basket, items=tuple(items)))
    except ValueError as error:
        raise CannotEdit(str(error)) from None
    codes = {coupon["code"] for coupon in priced["couponItems"]}
    coupons = [coupon for coupon in old["couponItems"] if coupon["code"] in codes]
    edited: Document = _with_numbers({**old, "couponItems": coupons}, _without_payments(priced))
    edited["paymentInstruments"] = _paid(document, priced["orderTotal"])
    return edited


def _basket_of(document: Document) -> Basket:
    """The basket that this storefront priced to exactly this document. Raises CannotEdit."""
    money = _without_payments(document)
    try:
        basket = _read(document)
        for mode, rounding in product(get_args(TaxMode), get_args(Rounding)):
            candidate = replace(basket, tax_mode=mode, rounding=rounding)
            if _with_numbers(money, _without_payments(price_order(candidate))) == money:
                return candidate
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise CannotEdit(f"The order cannot be read: {type(error).__name__}.") from None
    raise CannotEdit("The order was not priced by this storefront.")


def _read(document: Document) -> Basket:
    charges = {charge["itemId"]: charge for charge in document["shippingItems"]}
    return Basket(
        site_id=document["siteId"],
        currency=document["currency"],
        taxation=document["taxation"],
        tax_mode="default",
        token="",
        email="",
        customer_no=None,
        locale="",
        billing=NOWHERE,
        items=tuple(_item(line, charges) for line in document["productItems"]),
        deliveries=tuple(
            _delivery(shipment, charges.values()) for shipment in document["shipments"]
        ),
        payments=(Payment("ANY"),),
        order_discounts=_promotions(document["orderPriceAdjustments"]),
        certificates=tuple(
            Certificate(each["basePrice"], "", "", "", each["shipmentId"])
            for each in document["giftCertificateItems"]
        ),
    )


def _item(line: Document, charges: Mapping[str, Document]) -> Item:
    surcharge = charges.get(line.get("shippingItemId", ""))
    return Item(
        product_id=line["productId"],
        name="",
        quantity=line["quantity"],
        unit_price=line["basePrice"],
        rate=line["taxRate"],
        discounts=_promotions(line["priceAdjustments"]),
        options=tuple(
            Option("", "", "", "", each["basePrice"], _promotions(each["priceAdjustments"]))
            for each in line["optionItems"]
        ),
        bundled=tuple(("", "", part["quantity"]) for part in line["bundledProductItems"]),
        bonus=line["bonusProductLineItem"],
        surcharge=surcharge["basePrice"] if surcharge else None,
        shipment=line["shipmentId"],
    )


def _delivery(shipment: Document, charges: Any) -> Delivery:
    name = shipment["shipmentId"]
    charge = next(
        each for each in charges if each["type"] == "fixed_price" and each["shipmentId"] == name
    )
    discounts = _promotions(charge["priceAdjustments"])
    return Delivery(NOWHERE, charge["basePrice"], charge["taxRate"], discounts=discounts, id=name)


def _promotions(adjustments: list[Document]) -> tuple[Promotion, ...]:
    return tuple(
        Promotion(
            each["promotionId"],
            -each["basePrice"],
            each["appliedDiscount"]["type"],
            each["appliedDiscount"].get("percentage"),
            each.get("couponCode"),
        )
        for each in adjustments
    )


def _resized(item: Item, quantity: Decimal, currency: str) -> Item:
    """The line with another quantity; what depends on it follows."""
    left, discounts = item.unit_price * quantity, []
    for discount in item.discounts:
        amount = discount.amount
        if discount.percentage is not None:
            amount = (left * discount.percentage / 100).quantize(quantum(currency), ROUND_HALF_UP)
        elif discount.kind == "bonus":
            amount = left
        left -= amount
        discounts.append(replace(discount, amount=amount))
    bundled = tuple((sku, name, n * quantity / item.quantity) for sku, name, n in item.bundled)
    return replace(item, quantity=quantity, discounts=tuple(discounts), bundled=bundled)


def _without_line(document: Document, place: int) -> Document:
    """The document less one line and that line's surcharge."""
    lines = list(document["productItems"])
    surcharge = lines.pop(place).get("shippingItemId")
    charges = [each for each in document["shippingItems"] if each["itemId"] != surcharge]
    return {**document, "productItems": lines, "shippingItems": charges}


def _without_payments(document: Document) -> Document:
    return {key: value for key, value in document.items() if key != "paymentInstruments"}


def _paid(document: Document, total: Decimal) -> list[Document]:
    """The instruments: each pays what it paid, the last the rest; what was untold stays untold."""
    left, instruments = total, []
    old = document["paymentInstruments"]
    for position, instrument in enumerate(old, start=1):
        transaction = instrument["paymentTransaction"]
        amount = left if position == len(old) else min(left, transaction.get("amount", left))
        left -= amount
        if transaction.get("amount"):
            instrument = {**instrument, "paymentTransaction": {**transaction, "amount": amount}}
        instruments.append(instrument)
    return instruments


def _with_numbers(old: Any, new: Any) -> Any:
    """The old document with the numbers of the new one; texts and marks stay."""
    if isinstance(old, dict):
        return {
            key: _with_numbers(value, new[key]) if key in new else value
            for key, value in old.items()
        }
    if isinstance(old, list):
        return [_with_numbers(*pair) for pair in zip(old, new, strict=True)]
    return new if isinstance(old, int | Decimal) and not isinstance(old, bool) else old
