"""Orders that nobody can book as they are, told before their figures are added up."""

from copy import deepcopy
from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.translate import Rejected, translate
from sfcc_cin7_tests.orders.merchants import accepted, codes, site
from sfcc_cin7_tests.orders.storefront import Basket, Document, Freight, Item, order

TEXAS = D("0.0825")
BASKET = Basket(
    "USD",
    "net",
    (Item("TENT", D(1), D("99.00"), TEXAS), Item("MUG", D(2), D("10.00"), TEXAS)),
    (Freight(D("5.00"), TEXAS),),
    certificates=(D("10.00"),),
    shipments=("me", "friend"),
)


def document(**changes: Any) -> Document:
    return deepcopy(order(BASKET)) | changes


def found(changed: Document, **policy: Any) -> list[str]:
    return codes(changed, site(**policy))


@pytest.mark.parametrize("currency", ["XXX", "ZZZ", "US$", "XAU", "BTC", "$"])
def test_a_currency_that_nobody_knows_is_not_assumed_to_have_cents(currency: str) -> None:
    assert found(document(currency=currency)) == ["currency-unknown"]


def test_no_figure_is_called_too_fine_for_a_currency_that_nobody_knows() -> None:
    assert found(document(currency="ZZZ", shippingTotal=D("5.001"))) == ["currency-unknown"]


def test_even_an_operating_model_makes_no_currency_known() -> None:
    assert found(document(currency="ZZZ"), currency="ZZZ") == ["currency-unknown"]


def test_an_order_of_nothing_is_no_sale() -> None:
    nothing = order(Basket("USD", "net", ()))

    assert nothing["orderTotal"] == 0
    assert found(nothing) == ["order-empty"]


def test_an_order_of_a_gift_certificate_alone_is_a_sale_of_its_charge() -> None:
    sale = accepted(order(Basket("USD", "net", (), certificates=(D("50.00"),))), site()).sale

    assert (sale.lines, [charge.amount for charge in sale.charges]) == ((), [D("50.00")])


def test_an_item_that_is_stated_twice_needs_a_person() -> None:
    changed = document()
    changed["productItems"].append(changed["productItems"][0])

    assert "item-duplicated" in found(changed)


def test_one_id_for_a_product_and_a_freight_item_is_stated_twice_too() -> None:
    changed = document()
    changed["shippingItems"][0]["itemId"] = changed["productItems"][0]["itemId"]

    assert found(changed) == ["item-duplicated"]


def test_items_without_ids_are_no_duplicates() -> None:
    changed = document()
    for item in changed["productItems"]:
        del item["itemId"]

    assert accepted(changed, site()).sale.total == changed["orderTotal"]


def test_two_shipments_of_one_id_need_a_person() -> None:
    changed = document()
    changed["shipments"][1]["shipmentId"] = "me"

    assert "shipment-duplicated" in found(changed)


def test_an_item_of_a_shipment_that_is_not_there_needs_a_person() -> None:
    changed = document()
    changed["productItems"][0]["shipmentId"] = "nowhere"

    assert "shipment-unknown" in found(changed)


def test_two_payments_of_one_id_would_pass_for_one() -> None:
    changed = document()
    [payment] = changed["paymentInstruments"]
    parts = (D("100.00"), payment["paymentTransaction"]["amount"] - D("100.00"))
    twice = [payment | {"paymentTransaction": {"amount": part}} for part in parts]
    policy = {"payment_accounts": {"CREDIT_CARD": "1200"}}

    assert found(document(paymentInstruments=twice), **policy) == ["payment-duplicated"]
    assert accepted(document(paymentInstruments=twice), site()).sale.payments == ()


def test_a_payments_id_that_the_erp_cannot_hold_needs_a_person() -> None:
    for unusable in ("9" * 256, "a\x00b", "\ud83c"):
        changed = document()
        changed["paymentInstruments"][0]["paymentInstrumentId"] = unusable

        assert found(changed, payment_accounts={"CREDIT_CARD": "1200"}) == [
            "payment-reference-unusable"
        ]


def test_a_long_order_number_is_measured_as_the_erp_measures_it() -> None:
    assert accepted(document(orderNo="🏔" * 100), site()).sale.reference == "🏔" * 100
    assert found(document(orderNo="🏔" * 130)) == ["reference-too-long"]


@pytest.mark.parametrize("number", ["0000\x00410", "0000\ud83c410", " 410", "410\n"])
def test_an_order_number_that_cannot_be_stored_needs_a_person(number: str) -> None:
    assert found(document(orderNo=number)) == ["reference-unreadable"]


@pytest.mark.parametrize("sku", ["TENT\x00", "TENT\ud83c", "TENT\nMUG", " TENT"])
def test_a_sku_that_cannot_be_stored_needs_a_person(sku: str) -> None:
    changed = document()
    changed["productItems"][0]["productId"] = sku

    assert found(changed) == ["sku-unreadable"]


def test_two_skus_that_differ_only_in_case_need_a_person() -> None:
    changed = document()
    changed["productItems"][0]["productId"] = "mug"

    assert found(changed) == ["sku-case-clash"]


@pytest.mark.parametrize("quantity", [0, D(0), D("0E+9999"), D("-0")])
def test_a_line_of_no_units_needs_a_person(quantity: Any) -> None:
    changed = document()
    changed["productItems"][0].update(quantity=quantity, basePrice=D(0))

    assert {"line-price-mismatch", "quantity-not-positive"} & set(found(changed))


def test_ten_thousand_lines_are_refused_by_name() -> None:
    changed = document()
    changed["productItems"] = [
        changed["productItems"][0] | {"itemId": f"item-{at}", "productId": f"SKU-{at}"}
        for at in range(10_000)
    ]
    result = translate(parse_order(changed), site(), "brand")

    assert isinstance(result, Rejected)
    assert result.reasons[0].code == "too-many-lines"
