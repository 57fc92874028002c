"""What people do to an order after its capture: cancel, reinstate, edit, pay otherwise."""

import random
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_sandbox.merchant.catalogue import build_world
from sfcc_cin7_sandbox.sfcc import OutOfStock, SfccSettings
from sfcc_cin7_sandbox.sfcc.statuses import StatusRefused
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_sandbox.shoppers.assortment import Assortment
from sfcc_cin7_sandbox.shoppers.pricing import price_order
from sfcc_cin7_sandbox.shoppers.repricing import CannotEdit, with_quantity
from sfcc_cin7_sandbox.shoppers.shapes import RARE, SHAPES
from sfcc_cin7_sandbox.shoppers.shoppers import next_order
from sfcc_cin7_tests.sandbox.baskets import basket, delivery, item
from sfcc_cin7_tests.sandbox.order_identities import broken_identities
from sfcc_cin7_tests.sandbox.storefront import (
    ORDERS,
    UK,
    US,
    US_LIST,
    Storefront,
    order,
    problem_kind,
)

ADDRESS = {"firstName": "Åse", "lastName": "Ng", "address1": "2 Low Street", "countryCode": "GB"}


@pytest.fixture
def store() -> Storefront:
    """Open for a while: what was sold at the instant of a stock reset does not count as sold."""
    store = Storefront()
    store.later(minutes=-1)
    store.shop.edit_allocation("inventory-uk", "TENT", Decimal(20))
    store.shop.edit_allocation("inventory-us", "TENT", Decimal(20))
    store.later(minutes=1)
    return store


def tents(quantity: int = 2, ropes: int = 1) -> dict[str, Any]:
    """A British order that balances: tents with ten per cent off, a rope, an order discount."""
    lines = [item("TENT", quantity, "19.95", "0.2", off="3.99")]
    if ropes:
        lines.append(item("ROPE", ropes, "7.50", "0.2"))
    return price_order(
        basket("GBP", "gross", *lines, off="5.00", deliveries=(delivery("3.95", "0.2"),))
    )


def test_a_cancelled_order_gives_its_stock_back_and_tells_why(store: Storefront) -> None:
    number = store.shop.place(order(TENT=2))["orderNo"]
    store.later(minutes=1)
    store.shop.staff.cancel(UK, number, "customer-changed-mind")
    shown = store.order(number)
    assert (shown["status"], shown["cancelCode"]) == ("cancelled", "customer-changed-mind")
    assert shown["lastModified"] == "2026-08-03T09:01:00.000Z"
    assert store.record("TENT")["ats"] == 20
    with pytest.raises(StatusRefused):
        store.shop.staff.cancel(UK, number)


def test_an_order_cancelled_after_its_export_gives_turnover_back(store: Storefront) -> None:
    number = store.shop.place(order(TENT=2))["orderNo"]
    store.export(number)
    assert store.record("TENT")["inventory_turnover"] == 2
    store.shop.staff.cancel(UK, number)
    assert store.record("TENT")["inventory_turnover"] == 0
    assert store.order(number)["exportStatus"] == "exported"


def test_a_reinstated_order_takes_its_stock_again_if_there_is_any(store: Storefront) -> None:
    number = store.shop.place(order(TENT=15))["orderNo"]
    store.shop.staff.cancel(UK, number)
    other = store.shop.place(order(TENT=10))["orderNo"]
    with pytest.raises(OutOfStock):
        store.shop.staff.reinstate(UK, number)
    assert store.order(number)["status"] == "cancelled"
    store.shop.staff.cancel(UK, other)
    store.shop.staff.reinstate(UK, number)
    assert store.order(number)["status"] == "new"
    assert store.record("TENT")["ats"] == 5


def test_an_order_is_completed_without_moving_stock(store: Storefront) -> None:
    number = store.shop.place(order(TENT=2))["orderNo"]
    store.shop.staff.complete(UK, number)
    assert store.order(number)["status"] == "completed"
    assert store.record("TENT")["ats"] == 18


def test_an_agent_lowers_an_export_status_only_where_the_instance_lets_them() -> None:
    strict, lenient = (
        Storefront(SfccSettings(export_status_may_be_lowered=lowered)) for lowered in (False, True)
    )
    for store in (strict, lenient):
        number = store.shop.place(order())["orderNo"]
        store.shop.staff.set_export_status(UK, number, "failed")
        store.shop.staff.set_export_status(UK, number, "ready")
        store.export(number)
    with pytest.raises(StatusRefused):
        strict.shop.staff.set_export_status(UK, number, "ready")
    lenient.shop.staff.set_export_status(UK, number, "not_exported")
    assert lenient.order(number)["exportStatus"] == "not_exported"


def test_more_and_fewer_units_keep_the_order_balanced_and_the_stock_right(
    store: Storefront,
) -> None:
    before = store.shop.place(tents(2))
    number = before["orderNo"]
    store.later(minutes=1)
    store.shop.staff.change_quantity(UK, number, "TENT", Decimal(5))
    shown = store.order(number)
    assert shown["productItems"][0]["quantity"] == 5
    assert shown["productItems"][0]["itemId"] == before["productItems"][0]["itemId"]
    assert shown["orderTotal"] == before["orderTotal"] + Decimal("59.85")
    assert shown["lastModified"] > before["lastModified"]
    assert broken_identities(shown) == []
    assert store.record("TENT")["quantity_on_order"] == 5
    store.shop.staff.change_quantity(UK, number, "TENT", Decimal(1))
    assert store.record("TENT")["quantity_on_order"] == 1
    assert broken_identities(store.order(number)) == []
    (known,) = store.shop.truth()["orders"]
    assert known["edited"] == "2026-08-03T09:01:00.000Z"


def test_a_line_is_taken_out_but_never_the_last_one(store: Storefront) -> None:
    number = store.shop.place(tents())["orderNo"]
    store.shop.staff.change_quantity(UK, number, "TENT", Decimal(0))
    shown = store.order(number)
    assert [line["productId"] for line in shown["productItems"]] == ["ROPE"]
    assert broken_identities(shown) == []
    assert store.record("TENT")["ats"] == 20
    with pytest.raises(CannotEdit, match="cancelled, not edited"):
        store.shop.staff.change_quantity(UK, number, "ROPE", Decimal(0))


def test_an_edit_beyond_the_stock_changes_nothing(store: Storefront) -> None:
    number = store.shop.place(tents())["orderNo"]
    before = store.order(number)
    with pytest.raises(OutOfStock):
        store.shop.staff.change_quantity(UK, number, "TENT", Decimal(40))
    assert store.order(number) == before
    assert store.record("TENT")["quantity_on_order"] == 2


def test_fewer_units_are_possible_when_the_shelf_is_oversold(store: Storefront) -> None:
    number = store.shop.place(tents(5))["orderNo"]
    store.shop.edit_allocation("inventory-uk", "TENT", Decimal(0))
    store.shop.staff.change_quantity(UK, number, "TENT", Decimal(3))
    assert store.record("TENT")["quantity_on_order"] == 3


def test_an_edit_where_nothing_waits_on_order_moves_turnover(store: Storefront) -> None:
    american = tents() | {"siteId": US}
    number = store.shop.place(american)["orderNo"]
    for quantity in (6, 1):
        store.shop.staff.change_quantity(US, number, "TENT", Decimal(quantity))
        assert store.record("TENT", US_LIST)["inventory_turnover"] == quantity


def test_an_exported_order_is_edited_in_turnover(store: Storefront) -> None:
    number = store.shop.place(tents())["orderNo"]
    store.export(number)
    for quantity in (6, 1):
        store.shop.staff.change_quantity(UK, number, "TENT", Decimal(quantity))
        record = store.record("TENT")
        assert (record["inventory_turnover"], record["quantity_on_order"]) == (quantity, 0)


def test_an_order_that_this_storefront_never_priced_is_not_edited(store: Storefront) -> None:
    number = store.shop.place(order(TENT=2))["orderNo"]
    with pytest.raises(CannotEdit):
        store.shop.staff.change_quantity(UK, number, "TENT", Decimal(3))
    with pytest.raises(CannotEdit, match="no line of MUG"):
        store.shop.staff.change_quantity(UK, number, "MUG", Decimal(3))


@pytest.mark.parametrize("shape", [*SHAPES, *(name for name in RARE if "group" not in name), None])
def test_orders_of_every_shape_are_edited_and_balance(shape: str | None) -> None:
    assortment, dice = Assortment(build_world(skus=400)), random.Random(4)
    for _ in range(6):
        placed = next_order(assortment, dice, lambda *_: Decimal(1000), shape=shape)
        sku = placed["productItems"][-1]["productId"]
        edited = with_quantity(placed, sku, Decimal(9))
        assert broken_identities(edited) == []
        assert edited["orderTotal"] >= placed["orderTotal"]


def test_another_address_and_e_mail_move_no_money(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    before = store.order(number)
    store.later(minutes=1)
    store.shop.staff.change_address(UK, number, ADDRESS)
    store.shop.staff.change_email(UK, number, "ase@example.com")
    shown = store.order(number)
    assert shown["shipments"][0]["shippingAddress"] == ADDRESS
    assert shown["customerInfo"]["email"] == "ase@example.com"
    assert shown["lastModified"] > before["lastModified"]
    assert (shown["orderTotal"], shown["productItems"]) == (
        before["orderTotal"],
        before["productItems"],
    )
    with pytest.raises(KeyError):
        store.shop.staff.change_address(UK, number, ADDRESS, "gift")


def test_a_provider_adds_a_payment_and_tells_an_amount_later(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    store.later(minutes=1)
    added = {"paymentInstrumentId": "klarna", "paymentMethodId": "KLARNA"}
    store.shop.staff.add_payment(UK, number, added)
    amount = {"amount": Decimal("1.50"), "transactionId": "psp-2"}
    store.shop.staff.alter_payment(UK, number, "klarna", amount)
    card, klarna = store.order(number)["paymentInstruments"]
    assert card["paymentTransaction"]["amount"] == Decimal("39.90")
    assert klarna["paymentTransaction"] == amount
    assert store.order(number)["lastModified"] == "2026-08-03T09:01:00.000Z"
    with pytest.raises(KeyError):
        store.shop.staff.alter_payment(UK, number, "cash", amount)


def test_edits_survive_a_restart() -> None:
    shelf = Shelf()
    store = Storefront(shelf=shelf)
    number = store.shop.place(tents())["orderNo"]
    store.shop.staff.change_quantity(UK, number, "TENT", Decimal(4))
    assert Storefront(shelf=shelf).shop.truth() == store.shop.truth()


# The shipping address over the API


def put_address(store: Storefront, number: str, body: Any, shipment: str = "me") -> Any:
    path = f"{ORDERS}/{number}/shipments/{shipment}/shipping-address"
    return store.call("PUT", path, body, params={"siteId": UK})


def test_the_shipping_address_is_replaced_as_a_whole(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    store.later(minutes=1)
    assert put_address(store, number, ADDRESS | {"address2": "Flat 1"}).status_code == 204
    assert put_address(store, number, ADDRESS | {"c_door": "red", "city": None}).status_code == 204
    shown = store.order(number)
    assert shown["shipments"][0]["shippingAddress"] == ADDRESS | {"c_door": "red"}
    assert shown["lastModified"] == "2026-08-03T09:01:00.000Z"
    assert "edited" not in store.shop.truth()["orders"][0]


@pytest.mark.parametrize(
    "body",
    [{}, {"street": "x"}, {"city": 5}, {"city": "x" * 257}, {"countryCode": "gb"}, ["x"]],
)
def test_what_is_no_address_is_refused(store: Storefront, body: Any) -> None:
    number = store.shop.place(order())["orderNo"]
    assert put_address(store, number, body).status_code == 400
    assert "shippingAddress" not in store.order(number)["shipments"][0]


def test_an_unknown_shipment_or_order_has_no_address(store: Storefront) -> None:
    number = store.shop.place(order())["orderNo"]
    refused = put_address(store, number, ADDRESS, "gift")
    assert (refused.status_code, problem_kind(refused)) == (404, "shipment-not-found")
    assert put_address(store, "9", ADDRESS).status_code == 404
    store.faults.rates["sfcc.lock_clash"] = 1
    assert put_address(store, number, ADDRESS).status_code == 409
