"""Orders that a middleware, a cartridge or a hook wrote over: the same order, written otherwise.

Whatever says the same figure in other words is booked as if it said it in the storefront's; what
could mean two figures is refused.
"""

from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7.order_document.impersonal import impersonal
from sfcc_cin7.order_document.parsing import MalformedOrder, parse_order, salvage_order
from sfcc_cin7_tests.orders.merchants import accept, accepted, site
from sfcc_cin7_tests.orders.storefront import Basket, Document, Extra, Freight, Item, order

BASKET = Basket(
    "USD",
    "net",
    (
        Item("TENT", D(2), D("10.05"), D("0.08"), extras=(Extra("wrap", "gift", D("3.00")),)),
        Item("MUG", D(3), D("4.10"), D("0.08"), discount=D("1.10")),
    ),
    freight=(Freight(D("5.99"), D("0.08")),),
    order_discount=D("2.00"),
)


def priced() -> Document:
    return deepcopy(order(BASKET))


def figures(part: Any) -> Iterator[tuple[Any, Any]]:
    """Every object or list of a document that holds a number, and where in it."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(value, dict | list):
            yield from figures(value)
        elif isinstance(value, D | int):
            yield part, key


def test_an_order_whose_figures_are_written_as_text_is_the_same_order() -> None:
    written = priced()
    for part, key in list(figures(written)):
        part[key] = str(part[key]).lower() if isinstance(part[key], bool) else f"{part[key]:f}"

    assert parse_order(written) == parse_order(priced())
    assert accepted(written, site()).sale == accept(BASKET).sale
    assert salvage_order(written).order == salvage_order(priced()).order


@pytest.mark.parametrize(
    ("currency", "price", "written"), [("EUR", "1.2", "1.200"), ("JPY", "1", "1.000")]
)
def test_a_total_that_may_be_thousands_is_not_read_as_ones(
    currency: str, price: str, written: str
) -> None:
    """1200.00 EUR, as a German or a Dutch would write them: all sums agree in either reading."""
    basket = Basket(currency, "net", (Item("SOFA", D(1), D(price), D(0)),), freight=())
    document = deepcopy(order(basket))
    for part, key in list(figures(document)):
        if part[key] == D(price):
            part[key] = written

    with pytest.raises(MalformedOrder, match="orderTotal may mean a thousand times as much"):
        parse_order(document)
    assert salvage_order(document).trouble("orderTotal")


def test_a_currency_of_three_decimals_is_written_with_three() -> None:
    document = deepcopy(order(Basket("KWD", "net", (Item("SOFA", D(1), D("1.2"), D(0)),))))

    assert parse_order(document | {"orderTotal": "1.200"}).total == D("1.2")


def test_figures_as_text_are_kept_when_an_order_is_made_impersonal() -> None:
    written = priced() | {"orderTotal": "49.02", "taxTotal": "call 555-0100"}

    kept = impersonal(written)

    assert kept["orderTotal"] == "49.02"
    assert "taxTotal" not in kept


@pytest.mark.parametrize(
    "text",
    ["1,234.50", "12,50", "1e3", "0x10", "1_000", " 12.50", "$12.50", "NaN", "", "\u0663.5", "+5"],
)
def test_a_text_that_could_mean_another_figure_is_refused(text: str) -> None:
    with pytest.raises(MalformedOrder, match=r"orderTotal must be a number"):
        parse_order(priced() | {"orderTotal": text})


def test_numbers_and_ids_that_are_written_as_numbers_are_read_digit_by_digit() -> None:
    written = priced() | {"orderNo": 410}
    written["productItems"][0]["productId"] = 4006381333931
    written["billingAddress"]["postalCode"] = 10001

    read = parse_order(written)

    assert (read.number, read.lines[0].product_id) == ("410", "4006381333931")
    assert parse_order(impersonal(written)).lines[0].product_id == "4006381333931"
    assert read.billing.postcode == "10001"
    for shaky in (D("410.0"), True):
        with pytest.raises(MalformedOrder, match="orderNo must be text"):
            parse_order(priced() | {"orderNo": shaky})


@pytest.mark.parametrize("code", ["usd", "Usd", " USD "])
def test_a_currency_in_small_letters_is_that_currency(code: str) -> None:
    written = priced() | {"currency": code}
    written["paymentInstruments"] = [
        {
            "paymentMethodId": "CARD",
            "paymentTransaction": {"amount": written["orderTotal"], "currency": code},
        }
    ]

    sale = accepted(written, site(payment_accounts={"CARD": "1200"})).sale

    assert sale.currency == "USD"
    assert [each.amount for each in sale.payments] == [written["orderTotal"]]


def test_an_option_is_known_by_its_option_and_value_alone() -> None:
    written = priced()
    for option in written["productItems"][0]["optionItems"]:
        del option["productId"]

    assert accepted(written, site()).sale.charges[0].description == "Gift Wrap"


def test_the_only_shipment_needs_no_id() -> None:
    written = priced()
    del written["shipments"][0]["shipmentId"]

    assert accepted(written, site()).sale == accept(BASKET).sale
