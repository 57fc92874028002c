"""Reading as much of an order as can be read, for what must take any order there is."""

from copy import deepcopy
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfcc_cin7.order_document.parsing import parse_order, salvage_order
from sfcc_cin7_tests.orders.storefront import Basket, Document, Extra, Freight, Item, order
from sfcc_cin7_tests.orders.strategies import baskets

ITEM = Item(
    "KIT",
    D(2),
    D("10.00"),
    D("0.2"),
    discount=D("1.00"),
    extras=(Extra("wrap", "gift", D(1)),),
    components=(("MUG", D(6)),),
)
BASKET = Basket("GBP", "gross", (ITEM, ITEM), (Freight(D("5.00"), D("0.2")),), D("2.00"))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=5),
    st.integers(),
    st.decimals(),
    st.sampled_from(
        (10**5000, D("1E+999999"), D("1E-999999"), D("-0E+99999"), D("sNaN"), "\ud800\x00")
    ),
    st.just([[], None, 1, {}]),
    st.just({"amount": "x"}),
)


def document(**changes: Any) -> Document:
    return deepcopy(order(BASKET)) | changes


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    own = [(value, key) for key in keys]
    inner = [value[key] for key in keys if isinstance(value[key], dict | list)]
    return own + [place for each in inner for place in places(each)]


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(baskets())
def test_of_a_sound_order_nothing_is_lost(basket: Basket) -> None:
    sound = order(basket)

    salvaged = salvage_order(sound)

    assert salvaged.order == parse_order(sound)
    assert salvaged.unread == {}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_a_field_holds_the_rest_is_read(data: st.DataObject) -> None:
    spoilt = document()
    containers = places(spoilt)
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = containers[data.draw(st.integers(0, len(containers) - 1))]
        container[key] = data.draw(JUNK)

    salvaged = salvage_order(spoilt)

    assert salvaged.order.lines or salvaged.trouble("productItems") or not spoilt["productItems"]
    assert all(isinstance(line.quantity, D) and line.quantity >= 0 for line in salvaged.order.lines)
    assert abs(salvaged.order.total) < 10**15


@given(JUNK)
def test_any_document_is_an_order_if_an_empty_one(junk: object) -> None:
    assert salvage_order(junk).order.lines == ()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_text_is_one_that_a_database_refuses(data: st.DataObject) -> None:
    spoilt = document()
    containers = places(spoilt)
    for _ in range(5):
        container, key = containers[data.draw(st.integers(0, len(containers) - 1))]
        container[key] = "\ud800 and \x00"

    read = repr([asdict(salvage_order(spoilt).order)])

    assert "\\x00" not in read
    assert "\\ud800" not in read


def test_what_could_not_be_read_is_named_by_its_place() -> None:
    spoilt = document(taxTotal=None, orderTotal=[])
    spoilt["productItems"][1]["quantity"] = D(-2)
    spoilt["productItems"][0]["optionItems"][0]["productId"] = ""
    spoilt["productItems"].append("KIT")

    salvaged = salvage_order(spoilt)

    assert {path: str(trouble) for path, trouble in salvaged.unread.items()} == {
        "taxTotal": "taxTotal is missing",
        "orderTotal": "orderTotal must be a number, read as a decimal",
        "productItems[0].optionItems[0].productId": (
            "productItems[0].optionItems[0].productId is empty"
        ),
        "productItems[1].quantity": "productItems[1].quantity must not be negative",
        "productItems[2]": "productItems[2] must be a JSON object",
    }
    assert [line.product_id for line in salvaged.order.lines] == ["KIT", "KIT"]
    assert str(salvaged.trouble("taxTotal")) == "taxTotal is missing"
    assert salvaged.trouble("shippingTotal", "product") is None


@pytest.mark.parametrize(
    ("written", "figure"),
    [
        ("86.59", D("86.59")),
        (D("86.590000000000003410605131648480892181396484375"), D("86.59")),
        (10**14, D(10**14)),
        (10**15, D(0)),
        ("86,59", D(0)),
        ("NaN", D(0)),
        (True, D(0)),
    ],
)
def test_a_figure_is_taken_from_text_and_cut_to_what_sums_are_exact_in(
    written: object, figure: D
) -> None:
    assert salvage_order(document(orderTotal=written)).order.total == figure


def test_a_number_is_taken_for_a_name() -> None:
    spoilt = document(orderNo=410)
    spoilt["productItems"][0]["productId"] = 10**5000

    salvaged = salvage_order(spoilt).order

    assert salvaged.number == "410"
    assert salvaged.lines[0].product_id == f"1{'0' * 5000}"


@pytest.mark.parametrize(
    ("placed", "created", "instant"),
    [
        ("2026-03-01T09:30:05.000Z", None, datetime(2026, 3, 1, 9, 30, 5, tzinfo=UTC)),
        ("yesterday", "2026-03-01T10:30:00+01:00", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        (None, "2026-03-01T09:30:00", datetime(2026, 3, 1, 9, 30, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", NOON),
        (None, ["2026-03-01"], NOON),
    ],
)
def test_an_order_was_placed_when_the_first_instant_says_that_can_be_read(
    placed: object, created: object, instant: datetime
) -> None:
    salvaged = salvage_order(document(placeDate=placed, creationDate=created), NOON)

    assert salvaged.order.placed_at == instant
    assert (salvaged.order.created_at is None) == (instant == NOON or created is None)


@pytest.mark.parametrize(
    "spoil",
    [
        {"creationDate": "long ago", "lastModified": 5},
        {"lastModified": None, "creationDate": None},
    ],
)
def test_what_no_sale_rests_on_keeps_no_order_from_being_booked(spoil: Document) -> None:
    spoilt = document(**spoil)
    spoilt["productItems"][0]["priceAdjustments"][0]["appliedDiscount"] = ["?"]
    spoilt["paymentInstruments"][0]["paymentTransaction"]["transactionId"] = {"id": 1}

    parsed = parse_order(spoilt)

    assert (parsed.created_at, parsed.modified_at) == (None, None)
    assert parsed.lines[0].adjustments[0].price_book == ""
    assert parsed.payments[0].transaction_id == ""
