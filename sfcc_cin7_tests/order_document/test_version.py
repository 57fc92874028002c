"""Which changes of a storefront document matter to the ERP."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7.order_document.version import version
from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Item, order

Document = dict[str, Any]


@pytest.fixture
def document() -> Document:
    tent = Item("TENT-2P", Decimal(2), Decimal("19.99"), Decimal("0.2"))
    return order(Basket("GBP", "gross", (tent,)))


def changed(document: Document, **fields: Any) -> str:
    return version(deepcopy(document) | fields)


def test_statuses_tracking_and_custom_attributes_make_no_new_version(document: Document) -> None:
    handled = deepcopy(document)
    handled["lastModified"] = "2026-03-01T10:00:00.000Z"
    handled |= {"exportStatus": "exported", "externalOrderStatus": "SO-00001", "c_note": "x"}
    handled["shipments"][0] |= {"shippingStatus": "shipped", "trackingNumber": "1Z", "c_a": 1}
    handled["productItems"][0]["c_checked"] = True
    handled["paymentInstruments"][0]["paymentTransaction"]["transactionId"] = "later"
    assert version(handled) == version(document)


def test_the_same_figure_written_otherwise_makes_no_new_version(document: Document) -> None:
    assert changed(document, orderTotal=Decimal("39.980")) == version(document)


def test_fields_in_another_sequence_make_no_new_version(document: Document) -> None:
    assert version(dict(reversed(document.items()))) == version(document)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "cancelled"},
        {"orderTotal": Decimal("39.97")},
        {"billingAddress": ADDRESS | {"city": "Elsewhere"}},
        {"customerInfo": {"customerName": "Ada Example", "email": "new@example.com"}},
        {"productItems": []},
    ],
)
def test_what_the_erp_has_to_know_makes_a_new_version(document: Document, fields: Document) -> None:
    assert changed(document, **fields) != version(document)


def test_another_place_quantity_or_payment_makes_a_new_version(document: Document) -> None:
    for path in ("place", "quantity", "payment"):
        other = deepcopy(document)
        if path == "place":
            other["shipments"][0]["shippingAddress"]["address1"] = "2 Market Street"
        elif path == "quantity":
            other["productItems"][0]["quantity"] = Decimal(3)
        else:
            other["paymentInstruments"][0]["paymentTransaction"]["amount"] = Decimal(1)
        assert version(other) != version(document), path


@pytest.mark.parametrize(
    "junk",
    [None, [], "x", Decimal("NaN"), Decimal("1E+999999"), {"a": [{"b": None}]}, "\ud800\x00", True],
)
def test_any_document_has_a_version(document: Document, junk: Any) -> None:
    for name in document:
        assert changed(document, **{name: junk})
