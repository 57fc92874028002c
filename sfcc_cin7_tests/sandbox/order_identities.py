"""What every storefront order must obey, written from the public rules, not from our arithmetic."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any


def total(documents: Iterable[dict[str, Any]], field: str) -> Decimal:
    return sum((document[field] for document in documents), Decimal(0))


def broken_identities(order: dict[str, Any]) -> list[str]:
    """Names of the identities that an order document violates."""
    net = order["taxation"] == "net"
    unsuffixed = "netPrice" if net else "grossPrice"
    items, shipping = order["productItems"], order["shippingItems"]
    order_adjustments = order["orderPriceAdjustments"]
    options = [option for item in items for option in item["optionItems"]]
    priced = [*items, *options, *shipping]
    adjustments = [each for document in priced for each in document["priceAdjustments"]]
    broken = set()

    for document in [*priced, *adjustments, *order_adjustments]:
        if document["grossPrice"] != document["netPrice"] + document["tax"]:
            broken.add("1: gross = net + tax")
    for item in items:
        full = item["basePrice"] * item["quantity"]
        if item[unsuffixed] != full:
            broken.add("1: base x quantity")
        if item["priceAfterItemDiscount"] != full + total(item["priceAdjustments"], "basePrice"):
            broken.add("price after item discount")
    options_after = sum(
        (o[unsuffixed] + total(o["priceAdjustments"], "basePrice") for o in options), Decimal(0)
    )
    sub_total = total(items, "priceAfterItemDiscount") + options_after
    product_total = total(items, "priceAfterOrderDiscount") + options_after
    if order["productSubTotal"] != sub_total:
        broken.add("2: product sub-total")
    if order["productTotal"] != product_total:
        broken.add("2: product total by lines")
    if product_total != sub_total + total(order_adjustments, "basePrice"):
        broken.add("2: product total by adjustments")

    goods = [*items, *options]
    goods_tax = total(goods, "tax")
    goods_adjusted = (
        goods_tax
        + sum((total(each["priceAdjustments"], "tax") for each in goods), Decimal(0))
        + total(order_adjustments, "tax")
    )
    shipping_adjusted = total(shipping, "adjustedTax")
    if order["merchandizeTotalTax"] != goods_tax:
        broken.add("3: merchandise tax")
    if order["adjustedMerchandizeTotalTax"] != goods_adjusted:
        broken.add("3: adjusted merchandise tax")
    if order["taxTotal"] != goods_adjusted + shipping_adjusted:
        broken.add("3: tax total")
    if order["shippingTotal"] != total(shipping, "priceAfterItemDiscount"):
        broken.add("shipping total")

    charged = product_total + order["shippingTotal"]
    charged += total(order["giftCertificateItems"], "basePrice")
    if order["orderTotal"] != charged + (order["taxTotal"] if net else 0):
        broken.add("4: order total")
    shipments = order["shipments"]
    if total(shipments, "productTotal") != product_total:
        broken.add("5: shipments' product totals")
    if total(shipments, "taxTotal") != order["taxTotal"] - total(order_adjustments, "tax"):
        broken.add("5: shipments' tax totals")
    paid = [instrument["paymentTransaction"] for instrument in order["paymentInstruments"]]
    told = all(transaction.get("amount") for transaction in paid) or not order["orderTotal"]
    if told and total(paid, "amount") != order["orderTotal"]:
        broken.add("payments")
    return sorted(broken)
