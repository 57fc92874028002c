"""What is left of an order document when its shopper is taken out."""

import dataclasses
import random
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7.order_document.impersonal import impersonal
from sfcc_cin7.order_document.model import Address, Order
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.arithmetic import violations
from sfcc_cin7.values import decimal_json
from sfcc_cin7_sandbox.merchant.catalogue import build_world
from sfcc_cin7_sandbox.shoppers.assortment import Assortment
from sfcc_cin7_sandbox.shoppers.shapes import SHAPES
from sfcc_cin7_sandbox.shoppers.shoppers import next_order
from sfcc_cin7_tests.people import personal

Document = dict[str, Any]
PLACED = {
    "orderNo": "00000001",
    "status": "new",
    "exportStatus": "exported",
    "creationDate": "2026-03-01T09:30:00.000Z",
}


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    """Orders of every shape that shoppers place."""
    assortment, dice = Assortment(build_world(seed=5, skus=300)), random.Random(5)
    return [
        next_order(assortment, dice, lambda *_: Decimal(1000), shape=shape) | PLACED
        for shape in [*SHAPES, *SHAPES, *[None] * 20]
    ]


def without_people(order: Order) -> Order:
    """The parsed order as it is when nobody is known."""

    def nowhere(address: Address) -> Address:
        blank = dict.fromkeys((field.name for field in dataclasses.fields(address)), "")
        return Address(**(blank | {"state": address.state, "country": address.country}))

    return dataclasses.replace(
        order,
        customer_name="",
        customer_email="",
        customer_no="",
        customer_reference="",
        billing=nowhere(order.billing),
        lines=tuple(dataclasses.replace(line, gift_message="") for line in order.lines),
        shipments=tuple(
            dataclasses.replace(one, address=nowhere(one.address), gift_message="")
            for one in order.shipments
        ),
    )


def test_nothing_personal_is_left(documents: list[Document]) -> None:
    seen = set()
    for document in documents:
        values = personal(document)
        seen |= values
        left = decimal_json.dumps(impersonal(document))
        plain = repr(impersonal(document))
        assert [value for value in values if value in plain or value in left] == []
    assert any("@" in value for value in seen)
    assert len(seen) > 100


def test_every_figure_product_and_state_is_left(documents: list[Document]) -> None:
    for document in documents:
        left = parse_order(impersonal(document))
        assert left == without_people(parse_order(document))
        assert list(violations(left)) == list(violations(parse_order(document)))


def test_taking_people_out_twice_is_as_good_as_once(documents: list[Document]) -> None:
    for document in documents:
        once = impersonal(document)
        assert impersonal(once) == once


def test_what_a_merchants_code_adds_goes_wherever_it_stands(documents: list[Document]) -> None:
    added = {"c_nickname": "Bibi", "newField": "Bibi", "couponCode": "BIBI10", "itemText": "Bibi"}
    document = documents[0] | added
    document["productItems"] = [item | added for item in document["productItems"]]
    document["shipments"] = [one | {"trackingNumber": "Bibi"} for one in document["shipments"]]
    document["customerOrderReference"] = "for Bibi"
    assert "Bibi" not in repr(impersonal(document))
    assert "BIBI10" not in repr(impersonal(document))


def test_a_value_of_another_kind_than_it_should_be_goes(documents: list[Document]) -> None:
    wrong = {
        "orderTotal": "Ada",
        "orderNo": {"name": "Ada"},
        "productItems": ["Ada"],
        "status": True,
    }
    assert impersonal(wrong) == {"productItems": []}
    assert impersonal("Ada") == {}
    assert impersonal({"shipments": {"shippingAddress": {"city": "Ada", "countryCode": "GB"}}}) == {
        "shipments": {"shippingAddress": {"countryCode": "GB"}}
    }
