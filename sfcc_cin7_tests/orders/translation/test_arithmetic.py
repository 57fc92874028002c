"""Every identity of the order arithmetic, broken one at a time."""

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal as D

import pytest

from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.orders.translation.arithmetic import tax_mode, violations
from sfcc_cin7_tests.orders.storefront import Basket, Document, Extra, Freight, Item, order

TEXAS = D("0.0825")
BASKET = Basket(
    "USD",
    "net",
    (
        Item("A", D(3), D("20.00"), TEXAS, discount=D("6.00")),
        Item("B", D(2), D("15.50"), TEXAS, extras=(Extra("wrap", "gift", D("2.00")),)),
    ),
    (Freight(D("9.99"), TEXAS, discount=D("4.99")),),
    order_discount=D("10.00"),
    certificates=(D("25.00"),),
)


def reasons(change: Callable[[Document], None]) -> list[Reason]:
    document = deepcopy(order(BASKET))
    change(document)
    return violations(parse_order(document))


def add(holder: Document, name: str, amount: str = "0.01") -> None:
    holder[name] += D(amount)


def test_a_sound_order_breaks_nothing() -> None:
    assert reasons(lambda document: None) == []


BREAKS: dict[str, Callable[[Document], None]] = {
    "gross-mismatch": lambda order: add(order["productItems"][0], "grossPrice"),
    "line-price-mismatch": lambda order: add(order["productItems"][0], "basePrice"),
    "line-discount-mismatch": lambda order: add(order["productItems"][0], "priceAfterItemDiscount"),
    "option-price-mismatch": lambda order: add(
        order["productItems"][1]["optionItems"][0], "basePrice"
    ),
    "shipping-discount-mismatch": lambda order: add(
        order["shippingItems"][0], "priceAfterItemDiscount"
    ),
    "product-sub-total-mismatch": lambda order: add(order, "productSubTotal"),
    "product-total-mismatch": lambda order: add(order, "productTotal"),
    "proration-mismatch": lambda order: add(
        order["productItems"][0], "priceAfterOrderDiscount", "-1.00"
    ),
    "merchandise-tax-mismatch": lambda order: add(order, "adjustedMerchandizeTotalTax", "0.50"),
    "shipping-tax-mismatch": lambda order: add(order, "adjustedShippingTotalTax", "0.50"),
    "tax-total-mismatch": lambda order: add(order, "taxTotal"),
    "shipping-total-mismatch": lambda order: add(order, "shippingTotal"),
    "order-total-mismatch": lambda order: add(order, "orderTotal"),
    "shipment-total-mismatch": lambda order: order["shipments"][0].update(productTotal=D("1.00")),
    "shipment-tax-mismatch": lambda order: add(order["shipments"][0], "taxTotal", "0.50"),
    "negative-amount": lambda order: order["giftCertificateItems"][0].update(
        basePrice=D(-25), netPrice=D(-25), grossPrice=D(-25)
    ),
    "amount-too-precise": lambda order: add(order, "orderTotal", "0.001"),
}


@pytest.mark.parametrize("code", BREAKS)
def test_a_broken_identity_is_a_reason_of_its_own(code: str) -> None:
    found = {reason.code: reason for reason in reasons(BREAKS[code])}

    assert code in found
    assert found[code].sentence.endswith(".")


def test_a_reason_shows_both_figures() -> None:
    [reason] = reasons(lambda order: add(order, "orderTotal"))

    assert reason.code == "order-total-mismatch"
    assert D(reason.actual or 0) - D(reason.expected or 0) == D("0.01")


def test_a_group_rounded_tax_total_is_tolerated_by_a_cent_for_each_part() -> None:
    def group_rounded(order: Document) -> None:
        for name in ("adjustedMerchandizeTotalTax", "taxTotal", "orderTotal"):
            add(order, name, "0.02")

    assert reasons(group_rounded) == []


def test_a_figure_that_is_impossible_by_itself_is_told_before_sums_are() -> None:
    found = reasons(lambda order: add(order["productItems"][0], "priceAfterOrderDiscount", "-90"))

    assert {reason.code for reason in found} == {"negative-amount"}


def test_shipments_that_state_no_totals_are_not_compared() -> None:
    def silent(order: Document) -> None:
        for name in ("productTotal", "taxTotal"):
            order["shipments"][0].pop(name, None)

    assert reasons(silent) == []


@pytest.mark.parametrize(
    ("adjusted_price", "discount", "mode"),
    [
        (False, "6.00", "default"),
        (True, "6.00", "adjusted-price"),
        (True, "0.03", "default"),
        (True, "0.00", "default"),
    ],
)
def test_the_tax_mode_is_told_from_the_figures(
    adjusted_price: bool, discount: str, mode: str
) -> None:
    items = (Item("A", D(3), D("20.00"), TEXAS, discount=D(discount)),)
    basket = Basket("USD", "net", items, adjusted_price=adjusted_price)

    assert tax_mode(parse_order(order(basket))) == mode


def test_untaxed_discounts_on_untaxed_goods_say_nothing_of_the_tax_mode() -> None:
    items = (Item("BOOK", D(1), D("20.00"), D(0), discount=D("5.00")),)

    assert tax_mode(parse_order(order(Basket("GBP", "gross", items)))) == "default"
