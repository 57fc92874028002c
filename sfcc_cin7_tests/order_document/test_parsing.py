"""Reading an order document: what may be missing, and what has to be told by its name."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7.order_document.parsing import MalformedOrder, parse_order
from sfcc_cin7_tests.orders.storefront import Basket, Document, Extra, Freight, Item, order

BASKET = Basket(
    "USD",
    "net",
    (
        Item(
            "A",
            D(2),
            D("10.00"),
            D("0.0825"),
            discount=D("1.00"),
            extras=(Extra("wrap", "gift", D(1)),),
        ),
    ),
    (Freight(D("5.00"), D("0.0825")),),
    order_discount=D("2.00"),
)


def document(**changes: Any) -> Document:
    return deepcopy(order(BASKET)) | changes


def complaint(changed: Document) -> str:
    with pytest.raises(MalformedOrder) as caught:
        parse_order(changed)
    assert caught.value.reason.code.startswith("field-")
    return str(caught.value)


def test_an_order_is_read_with_its_figures_as_the_storefront_wrote_them() -> None:
    parsed = parse_order(document())

    [line] = parsed.lines
    assert (line.product_id, line.quantity, line.rate) == ("A", D(2), D("0.0825"))
    assert (line.amount, line.after_item) == (D("20.00"), D("19.00"))
    assert line.adjusted_amount == D("19.00")
    assert parsed.options == line.options
    assert parsed.placed_at == datetime(2026, 3, 1, 9, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "name",
    [
        "billingAddress",
        "customerInfo",
        "exportStatus",
        "giftCertificateItems",
        "merchandizeTotalTax",
        "orderPriceAdjustments",
        "paymentInstruments",
        "placeDate",
        "shipments",
        "shippingItems",
    ],
)
def test_an_order_can_be_read_without_what_its_money_does_not_rest_on(name: str) -> None:
    without = document()
    del without[name]

    assert parse_order(without).number == "00000410"
    assert parse_order(document(**{name: None})).number == "00000410"


@pytest.mark.parametrize(
    "name",
    [
        "orderNo",
        "siteId",
        "status",
        "currency",
        "taxation",
        "orderTotal",
        "taxTotal",
        "productTotal",
    ],
)
def test_a_missing_field_that_the_money_rests_on_is_named(name: str) -> None:
    assert complaint(document(**{name: None})) == f"{name} is missing"


def test_prices_after_discounts_may_be_left_out_where_there_is_no_discount() -> None:
    basket = Basket("USD", "net", (Item("A", D(2), D("10.00"), D("0.0825")),))
    plain = order(basket)
    for name in ("priceAfterItemDiscount", "priceAfterOrderDiscount"):
        del plain["productItems"][0][name]

    [line] = parse_order(plain).lines

    assert line.after_item == line.after_order == D("20.00")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"taxation": "vat"}, "taxation must be one of net, gross"),
        ({"orderTotal": D("NaN")}, "orderTotal must be a finite number"),
        ({"orderTotal": D("Infinity")}, "orderTotal must be a finite number"),
        ({"orderTotal": "86,59"}, "orderTotal must be a number, read as a decimal"),
        ({"orderTotal": 86.59}, "orderTotal must be a number, read as a decimal"),
        ({"orderTotal": True}, "orderTotal must be a number, read as a decimal"),
        ({"orderTotal": D("1e900")}, "orderTotal is out of range"),
        ({"orderNo": D("410.5")}, "orderNo must be text"),
        ({"orderNo": ""}, "orderNo is empty"),
        ({"productItems": {}}, "productItems must be a list"),
        ({"productItems": ["A"]}, "productItems[0] must be a JSON object"),
        ({"placeDate": "yesterday"}, "placeDate must be an ISO 8601 date and time"),
        ({"placeDate": "2026-03-01T09:30:00"}, "placeDate must have a time zone"),
        ({"placeDate": "0001-01-01T00:00:00+14:00"}, "placeDate is out of range"),
        ({"placeDate": "9999-12-31T23:59:59-14:00"}, "placeDate is out of range"),
        ({"orderTotal": D("9E+99999999")}, "orderTotal is out of range"),
        ({"orderTotal": D("1E-99999999")}, "orderTotal is out of range"),
        ({"orderTotal": D("sNaN")}, "orderTotal must be a finite number"),
        ({"orderTotal": 10**5000}, "orderTotal is out of range"),
        ({"productItems": [None]}, "productItems[0] must be a JSON object"),
        ({"productItems": [[]]}, "productItems[0] must be a JSON object"),
        ({"customerInfo": []}, "customerInfo must be a JSON object"),
        ({"billingAddress": ""}, "billingAddress must be a JSON object"),
        ({"billingAddress": "1 Market Street"}, "billingAddress must be a JSON object"),
    ],
)
def test_a_field_of_another_type_is_named_without_its_value(
    changes: dict[str, object], message: str
) -> None:
    assert complaint(document(**changes)) == message


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("quantity", D(-1), "productItems[0].quantity must not be negative"),
        ("productId", None, "productItems[0].productId is missing"),
        ("tax", "8.25 %", "productItems[0].tax must be a number, read as a decimal"),
        (
            "bonusProductLineItem",
            "yes",
            "productItems[0].bonusProductLineItem must be true or false",
        ),
    ],
)
def test_a_bad_line_is_named_by_its_place(name: str, value: object, message: str) -> None:
    changed = document()
    changed["productItems"][0][name] = value

    assert complaint(changed) == message


def test_a_price_of_which_two_figures_are_missing_is_named() -> None:
    changed = document()
    del changed["productItems"][0]["tax"], changed["productItems"][0]["grossPrice"]

    assert complaint(changed) == "productItems[0].grossPrice is missing"


@pytest.mark.parametrize("zero", [0, D("-0"), D("0E+99999"), D("0.00")])
def test_a_zero_is_a_zero_however_it_is_written(zero: object) -> None:
    assert str(parse_order(document(shippingTotal=zero)).shipping_total) == "0"


def test_a_document_that_is_no_object_is_refused() -> None:
    with pytest.raises(MalformedOrder, match="the order must be a JSON object"):
        parse_order(["<html>"])
