"""No optional field that is absent, null or says a new word makes an order unreadable."""

from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7.order_document.parsing import MalformedOrder, parse_order
from sfcc_cin7.orders.translation.translate import Accepted, translate
from sfcc_cin7_tests.contract.openapi import document as openapi
from sfcc_cin7_tests.orders.merchants import site
from sfcc_cin7_tests.orders.storefront import Basket, Document, Extra, Freight, Item, order

TEXAS = D("0.0825")
FILE = "sfcc-orders-openapi.json"
STATED = {"siteId", "status", "currency", "taxation", "productTotal", "taxTotal", "orderTotal"}
"""Optional by the schema, but without them nobody knows what was sold to whom for how much: an
order without one waits for a person, and is told by the field's name."""


def whole() -> Document:
    """An order with something of everything."""
    document = order(
        Basket(
            "USD",
            "net",
            (
                Item(
                    "TENT",
                    D(2),
                    D("10.00"),
                    TEXAS,
                    discount=D("1.00"),
                    extras=(Extra("wrap", "gift", D(1), adjusted=D("-0.50")),),
                    components=(("PEG", D(8)),),
                ),
            ),
            (
                Freight(D("5.00"), TEXAS, discount=D("1.00")),
                Freight(D("2.00"), TEXAS, kind="surcharge"),
            ),
            order_discount=D("2.00"),
            certificates=(D("20.00"),),
            paid_by_certificate=D("10.00"),
        )
    )
    document["orderPriceAdjustments"][0]["appliedDiscount"] = {"type": "amount", "amount": D(2)}
    return document


SCHEMAS = {
    "productItems": "ProductItem",
    "optionItems": "OptionItem",
    "bundledProductItems": "ProductItem",
    "priceAdjustments": "PriceAdjustment",
    "orderPriceAdjustments": "PriceAdjustment",
    "appliedDiscount": "Discount",
    "shippingItems": "ShippingItem",
    "giftCertificateItems": "GiftCertificateItem",
    "shipments": "Shipment",
    "shippingAddress": "Address",
    "shippingMethod": "ShippingMethodReference",
    "billingAddress": "Address",
    "customerInfo": "CustomerInfo",
    "paymentInstruments": "PaymentInstrument",
    "paymentTransaction": "PaymentTransaction",
}
"""Where a schema of the OpenAPI document stands in an order."""


def objects(
    value: Any, schema: str = "Order", path: str = ""
) -> Iterator[tuple[str, str, Document]]:
    """Every object of an order: where it stands, its schema, and itself."""
    yield path, schema, value
    for name, inner in value.items():
        for at, each in enumerate(inner if isinstance(inner, list) else [inner]):
            if isinstance(each, dict) and name in SCHEMAS:
                yield from objects(each, SCHEMAS[name], f"{path}.{name}[{at}]")


def optional_fields() -> Iterator[tuple[str, str, bool]]:
    """Where an object stands, a field of it that the schema does not require, and whether its
    words are a closed list."""
    schemas = openapi(FILE)["components"]["schemas"]
    for path, name, _ in objects(whole()):
        schema = schemas[name]
        for field, about in schema["properties"].items():
            if field not in schema.get("required", ()):
                words = "enum" in about or about.get("$ref", "").endswith("Status")
                yield path, field, words


def altered(path: str, field: str, *new: object) -> Document:
    """The order without a field of one of its objects, or with another value in it."""
    document = deepcopy(whole())
    [found] = [each for where, _, each in objects(document) if where == path]
    found.pop(field, None)
    for value in new:
        found[field] = value
    return document


def unreadable(document: Document) -> str | None:
    try:
        parse_order(document)
    except MalformedOrder as error:
        return error.field
    return None


def test_an_order_can_be_read_whatever_optional_field_is_absent_or_null_or_says_a_new_word() -> (
    None
):
    tried = 0
    wrong = []
    for path, field, words in optional_fields():
        variants = [altered(path, field), altered(path, field, None)]
        variants += [altered(path, field, "a_new_word")] if words else []
        for variant in variants:
            tried += 1
            told = unreadable(variant)
            if told is not None and told not in STATED:
                wrong.append((path, field, told))

    assert tried > 500
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("", "productSubTotal"),
        ("", "shippingTotal"),
        ("", "adjustedMerchandizeTotalTax"),
        ("", "adjustedShippingTotalTax"),
        (".productItems[0]", "quantity"),
        (".productItems[0]", "basePrice"),
        (".productItems[0]", "netPrice"),
        (".productItems[0]", "grossPrice"),
        (".productItems[0]", "tax"),
        (".productItems[0].optionItems[0]", "tax"),
        (".productItems[0].priceAdjustments[0]", "grossPrice"),
        (".shippingItems[0]", "tax"),
        (".giftCertificateItems[0]", "tax"),
        (".orderPriceAdjustments[0]", "netPrice"),
    ],
)
def test_a_figure_that_the_others_determine_is_booked_to_the_cent_without_being_stated(
    path: str, field: str
) -> None:
    booked = [
        translate(parse_order(each), site(), "brand") for each in (whole(), altered(path, field))
    ]

    assert isinstance(booked[0], Accepted), booked[0]
    assert booked[1] == booked[0]


@pytest.mark.parametrize(
    "path",
    [
        ".productItems[0]",
        ".shippingItems[0]",
        ".giftCertificateItems[0]",
        ".orderPriceAdjustments[0]",
    ],
)
def test_a_price_that_only_its_units_and_its_tax_tell_is_booked_too(path: str) -> None:
    document = altered(path, "netPrice")
    [item, *_] = document[path.strip(".").split("[")[0]]
    del item["grossPrice"]
    sales = [translate(parse_order(each), site(), "brand") for each in (whole(), document)]

    assert isinstance(sales[0], Accepted), sales[0]
    assert sales[1] == sales[0]


def test_units_that_no_unit_price_tells_are_not_guessed() -> None:
    document = altered(".productItems[0]", "quantity")
    document["productItems"][0]["basePrice"] = D("3.00")

    assert unreadable(document) == "productItems[0].quantity"
