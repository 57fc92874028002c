"""Where an order goes, and which orders a person has to look at."""

from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.scope import MOST_LINES
from sfcc_cin7.orders.translation.translate import translate
from sfcc_cin7_tests.orders.merchants import accept, accepted, codes, site
from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Document, Freight, Item, order
from sfcc_cin7_tests.orders.translating import TEXAS, basket, document, refused, sale, wrapped

# Where it goes


FRIEND = ADDRESS | {"fullName": "Łucja Ørsted", "address1": "Nyhavn 2", "stateCode": "CA"}


def to_a_friend_too(*items: Item, friend: Document = FRIEND, **more: Any) -> Basket:
    return basket(*items, shipments=("me", "friend"), addresses={"friend": friend}, **more)


def test_several_shipments_are_one_sale_with_ship_to_notes() -> None:
    of = to_a_friend_too(
        Item("TENT", D(1), D("99.00"), TEXAS),
        Item("MUG", D(2), D("10.00"), TEXAS, shipment="friend"),
        freight=(Freight(D("5.00"), TEXAS), Freight(D("7.00"), TEXAS, shipment="friend")),
    )
    booked = accept(of).sale

    assert booked.shipping.line1 == "1 Market Street"
    assert booked.shipping_notes.splitlines() == [
        "1. 1 x TENT to Ada Example, 1 Market Street, Anywhere, TX, 94105, US",
        "Ship by Ground",
        "2. 2 x MUG to Łucja Ørsted, Nyhavn 2, Anywhere, CA, 94105, US",
        "Ship by Ground",
    ]
    assert [charge.comment for charge in booked.charges] == ["Shipment me", "Shipment friend"]


def test_destinations_that_do_not_fit_into_the_notes_need_a_person() -> None:
    far = FRIEND | {"address1": "Long Road " * 60, "address2": "Long Road " * 60}
    tent = Item("TENT", D(1), D("99.00"), TEXAS)
    mug = Item("MUG", D(2), D("10.00"), TEXAS, shipment="friend")

    assert refused(to_a_friend_too(tent, mug, friend=far)) == ["several-shipments"]
    assert accept(to_a_friend_too(tent, friend=far)).sale.shipping_notes == "Ship by Ground"


def test_gift_messages_reach_the_warehouse() -> None:
    changed = document()
    changed["shipments"][0]["giftMessage"] = "Happy birthday 🏔"

    assert accepted(changed, site()).sale.shipping_notes.splitlines() == [
        "Ship by Ground",
        "Gift message: Happy birthday 🏔",
    ]


def test_long_addresses_are_cut_where_everybody_can_see_it() -> None:
    long = ADDRESS | {"address1": "Long" * 70, "postalCode": "9" * 30, "phone": "5" * 60}
    shipping = sale(addresses={"me": long}).shipping

    assert (len(shipping.line1), shipping.line1[-1]) == (256, "…")
    assert (len(shipping.postcode), shipping.postcode[-1]) == (20, "…")


def test_without_a_shipping_address_the_billing_address_stands_in() -> None:
    booked = accepted(document(shipments=[]), site()).sale

    assert booked.shipping == booked.billing


def test_an_address_without_a_country_is_in_the_sites() -> None:
    nowhere = {key: value for key, value in ADDRESS.items() if key != "countryCode"}

    assert sale(addresses={"me": nowhere}).shipping.country == "US"


def test_an_order_without_any_address_needs_a_person() -> None:
    assert codes(document(billingAddress={}, shipments=[]), site()) == ["address-missing"]


# Orders that are not to be booked


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "created"}, "order-not-placed"),
        ({"status": "failed"}, "order-not-placed"),
        ({"status": "cancelled"}, "order-cancelled"),
        ({"siteId": "other"}, "site-mismatch"),
        ({"currency": "EUR"}, "currency-unmapped"),
        ({"orderNo": "9" * 300}, "reference-too-long"),
    ],
)
def test_an_order_out_of_scope_is_refused(changes: dict[str, Any], code: str) -> None:
    assert codes(document(**changes), site()) == [code]


def test_a_completed_order_is_placed_too() -> None:
    assert accepted(document(status="completed"), site()).sale.total == D("107.17")


def test_another_taxation_than_the_operating_models_is_refused() -> None:
    assert "taxation-mismatch" in codes(document(), site(taxation="gross"))


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (Item("T" * 51, D(1), D("9.00"), TEXAS), "sku-too-long"),
        (Item("TENT", D(0), D("9.00"), TEXAS), "quantity-not-positive"),
        (Item("TENT", D("0.00001"), D("9.00"), TEXAS), "quantity-too-precise"),
    ],
)
def test_a_line_that_the_erp_cannot_hold_needs_a_person(item: Item, code: str) -> None:
    assert refused(basket(item)) == [code]


def test_an_order_of_ten_thousand_lines_is_refused_by_name() -> None:
    of = basket(*[Item(f"S{at}", D(1), D("1.00"), D(0)) for at in range(MOST_LINES + 1)])

    assert refused(of) == ["too-many-lines"]


def test_all_reasons_are_told_at_once() -> None:
    of = replace(
        wrapped("4.00", value="deluxe"), freight=(Freight(D("5.00"), D("0.19"), discount=D(0)),)
    )

    assert refused(of) == ["option-unmapped", "tax-rule-unmapped"]


PERSONAL = ("Ada", "Market Street", "example.com", "5550100", "94105", "birthday")


def test_reasons_hold_no_personal_data() -> None:
    changed = document(status="failed", currency="EUR", paymentInstruments=[])
    parsed = parse_order(changed)
    reasons = translate(parsed, site(payment_accounts={"CREDIT_CARD": "1200"}), "brand")

    assert not [personal for personal in PERSONAL if personal in repr(reasons)]


def test_an_order_and_its_sale_show_nothing_personal_in_a_log() -> None:
    changed = order(to_a_friend_too())
    changed["productItems"][0]["giftMessage"] = "Happy birthday"
    shown = repr(parse_order(changed)) + repr(accepted(changed, site()))

    assert "TENT" in shown
    assert not [personal for personal in (*PERSONAL, "Łucja", "Nyhavn") if personal in shown]
