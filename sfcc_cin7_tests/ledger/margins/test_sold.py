"""What a shopper bought and what it brought in, from the order's document alone."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from sfcc_cin7.ledger.margins.sold import GIVEN, NOT_STATED, NotExact, RevenueLine, revenue_lines
from sfcc_cin7.merchant.ledger import MarginPolicy
from sfcc_cin7.order_document.booking_rule import BookingRule, booking_rule
from sfcc_cin7.order_document.impersonal import impersonal
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.corrections import Correction, corrected
from sfcc_cin7.orders.translation.draft import Draft
from sfcc_cin7.orders.translation.goods import sold
from sfcc_cin7.orders.translation.translate import Accepted, translate
from sfcc_cin7.values import decimal_json
from sfcc_cin7_tests.depth import EXAMPLES
from sfcc_cin7_tests.orders.merchants import policy_for
from sfcc_cin7_tests.orders.storefront import Basket, Document, Extra, Item, Till, order
from sfcc_cin7_tests.orders.strategies import baskets, decisions

RATE = Decimal("0.2")
TENT = Item("TENT", Decimal(2), Decimal("19.99"), RATE, discount=Decimal(4))
STOVE = Item("STOVE", Decimal(1), Decimal(35), RATE)
KIT = Item("KIT", Decimal(2), Decimal(35), RATE, components=(("MUG", Decimal(6)),))
WRAPPED = Item("MUG", Decimal(2), Decimal(10), RATE, extras=(Extra("wrap", "gift", Decimal(3)),))


def lines_of(
    document: Document, booked: BookingRule | None = None, policy: MarginPolicy | None = None
) -> list[RevenueLine]:
    text = decimal_json.dumps(document)
    return revenue_lines(
        text, "shop", document["currency"], booked or BookingRule(), policy or MarginPolicy()
    )


def gross(*items: Item, **more: Any) -> Document:
    return Till(Basket("GBP", "gross", items, **more)).order()


def test_a_gross_order_brings_in_its_products_without_tax_and_every_discount_taken_off():
    lines = lines_of(gross(TENT, STOVE, order_discount=Decimal("7.10")))
    assert [(line.sku, line.units) for line in lines] == [
        ("TENT", Decimal(2)),
        ("STOVE", Decimal(1)),
    ]
    # 32.38 and 31.50 after all discounts, and 10.64 of product tax: 5.39 and 5.25
    assert [line.revenue for line in lines] == [Decimal("26.99"), Decimal("26.25")]


def test_a_net_order_brings_in_its_prices_as_they_are():
    document = Till(Basket("USD", "net", (TENT, STOVE), order_discount=Decimal(10))).order()
    lines = lines_of(document)
    assert sum(line.revenue for line in lines) == document["productTotal"]


def test_a_bundle_costs_what_it_is_booked_under():
    [kit] = lines_of(gross(KIT))
    assert kit.parts == (("KIT", Decimal(2)),)
    [kit] = lines_of(gross(KIT), BookingRule(bundles="components"))
    assert (kit.sku, kit.parts) == ("KIT", (("MUG", Decimal(6)),))


def test_what_was_corrected_is_what_the_shopper_bought_at_the_cost_of_what_was_booked():
    renamed = {"MUG": "CUP", "TENT": "TARP"}
    booked = BookingRule(bundles="components", options="sku", renamed=renamed)
    lines = lines_of(gross(TENT, KIT, WRAPPED), booked)
    assert [(line.sku, line.parts) for line in lines] == [
        ("TENT", (("TARP", Decimal(2)),)),
        ("KIT", (("CUP", Decimal(6)),)),
        ("MUG", (("CUP", Decimal(2)),)),
        ("wrap-gift", (("wrap-gift", Decimal(2)),)),
    ]


def test_what_a_correction_does_not_find_it_leaves_alone_as_the_booking_does():
    renamed = {"TENT": "STOVE", "GONE": "X", "STOVE": "GONE"}
    document = gross(TENT)
    [line] = lines_of(document, BookingRule(renamed=renamed))
    kept = [Correction("sku", *pair) for pair in renamed.items()]
    site = policy_for(Basket("GBP", "gross", (TENT,)))
    [booked] = corrected(parse_order(document), site, kept).order.lines
    assert line.parts == ((booked.product_id, Decimal(2)),)


@pytest.mark.parametrize(
    ("booked", "rows"),
    [
        (BookingRule(), [("MUG", (("MUG", 2),)), ("wrap-gift", ())]),
        (
            BookingRule(options="sku", mapped={"wrap:gift": "WRAP"}),
            [("MUG", (("MUG", 2),)), ("wrap-gift", (("WRAP", 2),))],
        ),
        (BookingRule(options="parent"), [("MUG", (("MUG", 2),))]),
    ],
)
def test_an_option_is_a_row_of_its_own_unless_it_is_part_of_its_product(booked, rows):
    document = gross(WRAPPED)
    lines = lines_of(document, booked)
    assert [(line.sku, line.parts) for line in lines] == rows
    net = document["productTotal"] - document["adjustedMerchandizeTotalTax"]
    assert sum(line.revenue for line in lines) == net


def test_the_price_book_is_that_of_the_discount_else_of_the_attribute_else_of_the_site():
    document = gross(STOVE)
    policy = MarginPolicy(price_book_attribute="c_book", price_books={"shop": "list"})
    assert lines_of(document)[0].price_book == NOT_STATED
    assert lines_of(document, None, policy)[0].price_book == "list"
    document["productItems"][0]["c_book"] = "sale"
    assert lines_of(document, None, policy)[0].price_book == "sale"
    promotion = {"type": "price_book_price", "priceBookId": "vip"}
    free = {"basePrice": 0, "netPrice": 0, "grossPrice": 0, "tax": 0}
    document["productItems"][0]["priceAdjustments"] = [{**free, "appliedDiscount": promotion}]
    assert lines_of(document, None, policy)[0].price_book == "vip"
    document["productItems"][0]["bonusProductLineItem"] = True
    assert lines_of(document, None, policy)[0].price_book == GIVEN


def test_a_pruned_document_still_tells_what_it_brought_in_and_by_which_discount():
    document = gross(TENT, STOVE)
    [discount] = document["productItems"][0]["priceAdjustments"]
    discount["appliedDiscount"] = {"type": "price_book_price", "priceBookId": "vip"}
    assert lines_of(impersonal(document)) == lines_of(document)


@pytest.mark.parametrize("missing", ["productTotal", "taxation", "taxTotal"])
def test_without_a_figure_nothing_is_guessed(missing):
    document = gross(TENT)
    del document[missing]
    with pytest.raises(NotExact):
        lines_of(document)


def test_a_product_tax_that_the_orders_other_taxes_leave_is_no_guess():
    document = gross(TENT)
    booked = lines_of(document)
    del document["adjustedMerchandizeTotalTax"]
    assert lines_of(document) == booked
    del document["taxTotal"]
    with pytest.raises(NotExact):
        lines_of(document)


def test_lines_that_do_not_come_to_their_total_are_not_used():
    document = gross(TENT)
    document["productTotal"] += 1
    with pytest.raises(NotExact, match="product total"):
        lines_of(document)
    with pytest.raises(NotExact, match="cannot be read"):
        revenue_lines("{", "shop", "GBP", BookingRule(), MarginPolicy())


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(baskets(), decisions())
def test_whatever_is_booked_brought_in_what_is_booked(
    basket: Basket, decided: dict[str, Any]
) -> None:
    document = order(basket)
    policy = policy_for(basket, **decided)
    parsed = parse_order(document)
    if not isinstance(translate(parsed, policy, "brand"), Accepted):
        return
    whole = document["productTotal"]
    if basket.taxation == "gross":
        whole -= document["adjustedMerchandizeTotalTax"]
    lines = lines_of(document, booking_rule(policy))
    assert sum(line.revenue for line in lines) == whole
    if policy.option_booking == "parent":
        return
    goods = sold(Draft(parsed, policy, None))
    elements: list[Any] = [part for line in goods for part in (line, *line.options)]
    expected = [each.amount - (each.tax if basket.taxation == "gross" else 0) for each in elements]
    assert [line.revenue for line in lines] == expected
