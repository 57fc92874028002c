"""What the storefront is told of an order's parcels: attributes, statuses, and by a cartridge."""

from decimal import Decimal
from typing import Any

import pytest
import simplejson

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.sandbox.storefront import (
    ORDERS,
    ORGANIZATION,
    SETTINGS,
    UK,
    Storefront,
    order,
    problem_kind,
    read,
)

SITE = {"siteId": UK}
CARTRIDGE = f"/custom/cin7-fulfilment/v1{ORGANIZATION}/orders/{{}}/shipments"
SCOPES = f"{SETTINGS.tenant_scope} sfcc.orders c_cin7_fulfilment_rw"


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def placed(store: Storefront) -> str:
    return str(store.shop.place(order())["orderNo"])


def parcel(**changes: Any) -> dict[str, Any]:
    return {
        "fulfilment": 1,
        "carrier": "Royal Mail",
        "trackingNumber": "JD01",
        "trackingUrl": "https://tracking.example/JD01",
        "shippedOn": "2026-08-03",
        "shipmentId": "me",
        "lines": [{"sku": "TENT", "quantity": 1}],
    } | changes


def told(revision: Any = 1, status: str = "shipped", **changes: Any) -> dict[str, Any]:
    shipped = {"shipmentId": "me", "shipped": status == "shipped", "trackingNumber": "JD01"}
    return {
        "revision": revision,
        "shippingStatus": status,
        "parcels": [parcel()],
        "shipments": [shipped],
    } | changes


def tell(store: Storefront, number: str, body: Any, **params: Any) -> Any:
    store.log_in(SCOPES)
    return store.call("POST", CARTRIDGE.format(number), body, params=SITE | params)


def test_an_order_carries_the_attributes_that_are_defined_and_null_clears_them(store) -> None:
    path, number = f"{ORDERS}/{{}}", placed(store)
    body = {"c_cin7Parcels": "[]", "c_cin7FulfilmentRevision": 2}
    assert store.call("PATCH", path.format(number), body, params=SITE).status_code == 204
    assert store.order(number)["c_cin7FulfilmentRevision"] == 2
    cleared = store.call("PATCH", path.format(number), {"c_cin7Parcels": None}, params=SITE)
    assert cleared.status_code == 204
    assert "c_cin7Parcels" not in store.order(number)
    refused = store.call("PATCH", path.format(number), {"status": "new"}, params=SITE)
    assert refused.status_code == 400


def test_an_attribute_that_nobody_defined_is_ignored_without_a_word(store) -> None:
    number = placed(store)
    before = store.order(number)
    answer = store.call("PATCH", f"{ORDERS}/{number}", {"c_typo": "[]"}, params=SITE)
    assert answer.status_code == 204
    assert store.order(number) == before


@pytest.mark.parametrize(
    "body",
    [
        {"c_cin7FulfilmentRevision": "2"},
        {"c_cin7FulfilmentRevision": Decimal("1.5")},
        {"c_cin7Parcels": 7},
        {"c_short": "x" * 4001},
        {"c_gift": 1},
    ],
)
def test_a_value_of_another_type_is_refused_and_nothing_is_kept(body) -> None:
    attributes = dict(SETTINGS.order_attributes) | {"c_short": "string", "c_gift": "boolean"}
    store = Storefront(SfccSettings(order_attributes=attributes))
    number = placed(store)
    more = body | {"c_cin7Refunds": "[]"}
    assert store.call("PATCH", f"{ORDERS}/{number}", more, params=SITE).status_code == 400
    assert "c_cin7Refunds" not in store.order(number)


def test_the_cartridge_sets_number_and_status_of_shipment_and_order(store) -> None:
    number = placed(store)
    answer = tell(store, number, told())
    assert read(answer) == {
        "orderNo": number,
        "revision": 1,
        "shippingStatus": "shipped",
        "changed": True,
    }
    shown = store.order(number)
    (shipment,) = shown["shipments"]
    assert (shipment["trackingNumber"], shipment["shippingStatus"]) == ("JD01", "shipped")
    assert (shown["shippingStatus"], shown["c_cin7FulfilmentRevision"]) == ("shipped", 1)
    assert simplejson.loads(shown["c_cin7Parcels"])[0]["trackingNumber"] == "JD01"


def test_the_same_revision_again_changes_nothing_and_an_older_one_is_refused(store) -> None:
    number = placed(store)
    tell(store, number, told(3, "part_shipped"))
    before = store.order(number)
    again = tell(store, number, told(3, "shipped"))
    assert (again.status_code, read(again)["changed"]) == (200, False)
    stale = tell(store, number, told(2))
    assert (stale.status_code, problem_kind(stale)) == (409, "stale-revision")
    assert store.order(number) == before
    assert read(tell(store, number, told(4)))["changed"] is True


def test_no_status_is_ever_lowered(store) -> None:
    number = placed(store)
    tell(store, number, told(1))
    before = store.order(number)
    for body in (
        told(2, "part_shipped"),
        told(2, shipments=[{"shipmentId": "me", "shipped": False, "trackingNumber": ""}]),
    ):
        lowered = tell(store, number, body)
        assert (lowered.status_code, problem_kind(lowered)) == (409, "status-lowered")
    assert store.order(number) == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        told() | {"more": 1},
        told(revision="1"),
        told(revision=True),
        told(status="lost"),
        told(parcels=[parcel(shipmentId="you")]),
        told(parcels=[parcel(lines=[{"sku": "TENT"}])]),
        told(shipments=[{"shipmentId": "you", "shipped": True, "trackingNumber": ""}]),
        told(shipments=[{"shipmentId": "me", "shipped": True, "trackingNumber": "x" * 257}]),
        told(shipments=[{"shipmentId": "me", "shipped": True}]),
    ],
)
def test_what_the_contract_lacks_is_refused_and_changes_nothing(store, body) -> None:
    number = placed(store)
    before = store.order(number)
    assert tell(store, number, body).status_code == 400
    assert store.order(number) == before


def test_only_who_has_the_cartridges_own_scope_may_tell_it_and_of_orders_that_are_there(
    store,
) -> None:
    number = placed(store)
    assert tell(store, "9", told()).status_code == 404
    assert tell(store, number, told(), siteId="nowhere").status_code == 400
    store.log_in()
    path = CARTRIDGE.format(number)
    assert store.call("POST", path, told(), params=SITE).status_code == 403
    bare = Storefront(SfccSettings(fulfilment_cartridge=False))
    bare.log_in(SCOPES)
    assert bare.call("POST", path, told(), params=SITE).status_code == 404


def test_an_answer_may_be_lost_after_the_parcels_were_taken(store) -> None:
    number = placed(store)
    store.log_in(SCOPES)
    store.faults.rates["sfcc.504_applied"] = 1
    lost = store.call("POST", CARTRIDGE.format(number), told(), params=SITE)
    store.faults.rates.clear()
    assert lost.status_code == 504
    assert store.order(number)["c_cin7FulfilmentRevision"] == 1
