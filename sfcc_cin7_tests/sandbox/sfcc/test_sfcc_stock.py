"""Inventory lists and records over the Data API, and how orders draw on them."""

from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.storefront import (
    DATA,
    START,
    UK,
    UK_LIST,
    US,
    US_LIST,
    Storefront,
    fault_kind,
    order,
    read,
)

LISTS = f"{DATA}/inventory_lists"
UK_RECORDS = f"{LISTS}/{UK_LIST}/product_inventory_records"


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def figures(store: Storefront, sku: str, list_id: str = UK_LIST) -> tuple[Any, Any, Any]:
    shown = store.record(sku, list_id)
    return shown["inventory_turnover"], shown["quantity_on_order"], shown["ats"]


def test_the_shop_opens_with_the_stock_of_its_location(store: Storefront) -> None:
    shown = store.record("TENT")
    assert shown["allocation"]["amount"] == 20
    assert shown["allocation"]["reset_date"] == "2026-08-03T09:00:00.000Z"
    assert (shown["ats"], shown["stock_level"]) == (20, 20)
    assert shown["product_name"] == "The TENT"
    missing = store.call("GET", f"{UK_RECORDS}/GIFTWRAP")
    assert missing.status_code == 404
    assert fault_kind(missing) == "ProductInventoryRecordNotFoundException"


def test_a_list_tells_whether_orders_wait_on_order(store: Storefront) -> None:
    assert read(store.call("GET", f"{LISTS}/{UK_LIST}"))["on_order_inventory_enabled"] is True
    us = read(store.call("GET", f"{LISTS}/{US_LIST}"))
    assert us["on_order_inventory_enabled"] is False
    assert us["assigned_sites"] == [US]
    assert us["default_in_stock"] is False
    unknown = store.call("GET", f"{LISTS}/nowhere")
    assert (unknown.status_code, fault_kind(unknown)) == (404, "InventoryListNotFoundException")


def test_an_order_waits_on_order_until_its_export_when_the_list_says_so(store: Storefront) -> None:
    store.later(minutes=1)
    number = store.shop.place(order(UK, TENT=3))["orderNo"]
    assert figures(store, "TENT") == (0, 3, 17)
    store.later(minutes=1)
    store.export(number)
    assert figures(store, "TENT") == (3, 0, 17)


def test_an_order_is_turnover_at_once_when_the_list_does_not_hold_it(store: Storefront) -> None:
    store.later(minutes=1)
    number = store.shop.place(order(US, TENT=3))["orderNo"]
    assert figures(store, "TENT", US_LIST) == (3, 0, 17)
    store.export(number, US)
    assert figures(store, "TENT", US_LIST) == (3, 0, 17)


@pytest.mark.parametrize(("site", "list_id"), [(UK, UK_LIST), (US, US_LIST)])
def test_stock_is_taken_at_creation_and_freed_by_failure_or_cancellation(
    store: Storefront, site: str, list_id: str
) -> None:
    store.later(minutes=1)
    number = store.shop.create(order(site, TENT=3))["orderNo"]
    assert store.shop.ats(list_id, "TENT") == 17
    store.put_status(number, "status", "failed", site)
    assert figures(store, "TENT", list_id) == (0, 0, 20)
    store.put_status(number, "status", "created", site)
    store.put_status(number, "status", "new", site)
    assert store.shop.ats(list_id, "TENT") == 17
    store.shop.cancel(site, number)
    assert figures(store, "TENT", list_id) == (0, 0, 20)


def test_an_order_comes_back_only_while_its_stock_is_still_there(store: Storefront) -> None:
    number = store.shop.place(order(UK, TENT=3))["orderNo"]
    store.shop.cancel(UK, number)
    store.shop.place(order(UK, TENT=18))
    assert store.put_status(number, "status", "new").status_code == 409
    assert store.order(number)["status"] == "cancelled"
    assert store.shop.ats(UK_LIST, "TENT") == 2


def test_an_exported_order_that_comes_back_is_turnover_again(store: Storefront) -> None:
    store.later(minutes=1)
    number = store.shop.place(order(UK, TENT=3))["orderNo"]
    store.export(number)
    store.shop.cancel(UK, number)
    assert figures(store, "TENT") == (0, 0, 20)
    store.put_status(number, "status", "new")
    assert figures(store, "TENT") == (3, 0, 17)


def test_a_cancellation_after_export_and_reset_is_left_to_the_erp(store: Storefront) -> None:
    store.later(minutes=1)
    number = store.shop.place(order(UK, TENT=3))["orderNo"]
    store.export(number)
    store.later(minutes=1)
    store.write_record("TENT", {"allocation": {"amount": 17}})
    store.later(minutes=1)
    store.shop.cancel(UK, number)
    assert figures(store, "TENT") == (0, 0, 17)


def test_a_bundle_draws_on_its_own_record_and_an_option_on_none(store: Storefront) -> None:
    store.later(minutes=1)
    wanted = order(UK, KIT=2)
    wanted["productItems"][0]["bundledProductItems"] = [{"productId": "TENT", "quantity": 2}]
    wanted["productItems"][0]["optionItems"] = [{"productId": "GIFTWRAP"}]
    store.shop.place(wanted)
    assert figures(store, "KIT") == (0, 2, 3)
    assert figures(store, "TENT") == (0, 0, 20)


def test_two_lines_of_one_product_draw_together(store: Storefront) -> None:
    store.later(minutes=1)
    wanted = order(UK, TENT=2)
    wanted["productItems"].append({**wanted["productItems"][0], "itemId": "bonus"})
    number = store.shop.place(wanted)["orderNo"]
    assert figures(store, "TENT") == (0, 4, 16)
    store.shop.cancel(UK, number)
    assert figures(store, "TENT") == (0, 0, 20)


def test_a_product_without_a_record_is_not_for_sale(store: Storefront) -> None:
    assert store.shop.ats(US_LIST, "KIT") == 0


# Writing records


def test_an_allocation_with_a_past_reset_date_keeps_what_was_sold_since(store: Storefront) -> None:
    store.later(minutes=10)
    store.shop.place(order(US, TENT=3))
    store.later(minutes=10)
    body = {"allocation": {"amount": 11, "reset_date": "2026-08-03T09:05:00.000Z"}}
    written = read(store.write_record("TENT", body, list_id=US_LIST))
    assert written["allocation"]["reset_date"] == "2026-08-03T09:05:00.000Z"
    assert (written["inventory_turnover"], written["ats"]) == (3, 8)


def test_an_allocation_without_a_reset_date_is_true_from_now_on(store: Storefront) -> None:
    store.later(minutes=10)
    store.shop.place(order(US, TENT=3))
    written = read(store.write_record("TENT", {"allocation": {"amount": 11}}, list_id=US_LIST))
    assert written["allocation"]["reset_date"] == "2026-08-03T09:10:00.000Z"
    assert written["ats"] == 11


@pytest.mark.parametrize(
    ("hours", "reset_date"),
    [
        (1, "2026-08-03T10:00:00.001Z"),
        (1, "2026-08-03T08:59:59.999Z"),
        (60, "2026-08-03T12:00:00Z"),
    ],
)
def test_a_bad_reset_date_is_refused_and_nothing_changes(
    store: Storefront, hours: int, reset_date: str
) -> None:
    store.later(hours=hours)
    store.log_in()
    body = {"allocation": {"amount": 11, "reset_date": reset_date}, "perpetual_flag": True}
    refused = store.write_record("TENT", body)
    assert refused.status_code == 400
    assert fault_kind(refused) == "InvalidAllocationResetDateException"
    assert store.record("TENT")["allocation"]["amount"] == 20


def test_the_check_of_reset_dates_can_be_switched_off() -> None:
    store = Storefront(SfccSettings(reset_date_checks=False))
    body = {"allocation": {"amount": 11, "reset_date": "2026-08-01T00:00:00Z"}}
    assert store.write_record("TENT", body).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"allocation": {"amount": -1}},
        {"allocation": {"amount": "10"}},
        {"allocation": {"reset_date": "2026-08-03T09:00:00.000Z"}},
        {"allocation": {"amount": 1, "reset_date": "2026-08-03"}},
        {"allocation": 10},
        {"ats": 5},
        {"product_id": "ROPE"},
        {"quantity": 5},
        {"pre_order_back_order_handling": "maybe"},
        {"perpetual_flag": "yes"},
    ],
)
def test_a_record_that_makes_no_sense_is_refused(store: Storefront, body: dict[str, Any]) -> None:
    refused = store.write_record("TENT", body)
    assert refused.status_code == 400
    assert "fault" in refused.json()
    assert store.record("TENT")["ats"] == 20


def test_backorders_and_perpetual_stock_are_settings_of_a_record(store: Storefront) -> None:
    backorder = {
        "pre_order_back_order_handling": "backorder",
        "pre_order_back_order_allocation": Decimal("2.5"),
        "in_stock_date": "2026-09-01T00:00:00.000Z",
    }
    shown = read(store.write_record("TENT", backorder))
    assert (shown["ats"], shown["stock_level"]) == (Decimal("22.5"), 20)
    assert shown["in_stock_date"] == "2026-09-01T00:00:00.000Z"
    assert read(store.write_record("TENT", {"perpetual_flag": True}))["ats"] == 999999


def test_a_put_makes_a_record_and_a_patch_needs_one(store: Storefront) -> None:
    body = {"allocation": {"amount": 4}}
    missing = store.write_record("KIT", body, list_id=US_LIST)
    assert missing.status_code == 404
    assert store.write_record("KIT", body, "PUT", US_LIST).status_code == 200
    assert store.shop.ats(US_LIST, "KIT") == 4
    unknown = store.write_record("NO-SUCH", body, "PUT", US_LIST)
    assert (unknown.status_code, fault_kind(unknown)) == (404, "ProductNotFoundException")


def test_a_put_replaces_settings_but_never_what_orders_hold(store: Storefront) -> None:
    store.write_record("TENT", {"perpetual_flag": True})
    store.shop.place(order(UK, TENT=3))
    store.later(minutes=1)
    shown = read(store.write_record("TENT", {"allocation": {"amount": 10}}, "PUT"))
    assert shown["perpetual_flag"] is False
    assert (shown["quantity_on_order"], shown["ats"]) == (3, 7)


def test_a_deleted_record_is_gone_and_orders_of_it_can_still_be_exported(
    store: Storefront,
) -> None:
    number = store.shop.place(order(UK, TENT=3))["orderNo"]
    assert store.call("DELETE", f"{UK_RECORDS}/TENT").status_code == 204
    assert store.call("GET", f"{UK_RECORDS}/TENT").status_code == 404
    store.export(number)
    assert store.shop.ats(UK_LIST, "TENT") == 0


def test_the_last_write_wins_unless_the_writer_says_what_it_saw(store: Storefront) -> None:
    seen = store.record("TENT")["_resource_state"]
    store.shop.place(order(UK, TENT=1))
    body = {"allocation": {"amount": 9}, "_resource_state": seen}
    clash = store.write_record("TENT", body)
    assert (clash.status_code, fault_kind(clash)) == (409, "ResourceStateConflictException")
    by_header = {"x-dw-resource-state": seen}
    assert (
        store.write_record("TENT", {"perpetual_flag": True}, headers=by_header).status_code == 409
    )
    body["_resource_state"] = store.record("TENT")["_resource_state"]
    assert store.write_record("TENT", body).status_code == 200
    assert store.write_record("TENT", {"allocation": {"amount": 8}}).status_code == 200


def test_a_writer_that_expects_no_record_finds_one(store: Storefront) -> None:
    body = {"allocation": {"amount": 4}, "_resource_state": "not_exists"}
    assert store.write_record("TENT", body, "PUT").status_code == 409
    assert store.write_record("KIT", body, "PUT", US_LIST).status_code == 200


def test_somebody_in_business_manager_changes_an_allocation(store: Storefront) -> None:
    store.later(minutes=1)
    store.shop.edit_allocation(UK_LIST, "TENT", Decimal(45))
    shown = store.record("TENT")
    assert shown["allocation"]["amount"] == 45
    assert shown["allocation"]["reset_date"] == "2026-08-03T09:01:00.000Z"
    truth = {(row["list"], row["sku"]): row for row in store.shop.truth()["inventory"]}
    assert truth[UK_LIST, "TENT"]["ats"] == 45


def test_records_survive_a_restart_to_the_last_transaction() -> None:
    shelf = Shelf()
    first = Storefront(shelf=shelf)
    first.later(minutes=1)
    first.shop.place(order(UK, TENT=3))
    first.shop.place(order(US, ROPE=2))
    first.write_record("KIT", {"in_stock_date": "2026-09-01T00:00:00.000Z"})
    again = Storefront(shelf=shelf)
    assert again.clock.now() == START
    assert again.record("TENT") == first.record("TENT")
    assert again.record("ROPE", US_LIST) == first.record("ROPE", US_LIST)
    assert again.record("KIT") == first.record("KIT")


# Lists of records


def test_a_list_of_records_names_products_only_unless_more_is_selected(store: Storefront) -> None:
    page = read(store.call("GET", UK_RECORDS, params={"count": 2}))
    assert (page["count"], page["start"], page["total"]) == (2, 0, 5)
    assert page["next"].endswith("count=2&start=2")
    assert {name for row in page["data"] for name in row if name[0] != "_"} == {
        "product_id",
        "link",
    }
    everything = {"count": 200, "select": "(**)"}
    full = read(store.call("GET", UK_RECORDS, params=everything))["data"]
    assert full[0] == store.record("TENT")
    chosen = {"select": "(total,data.(product_id,allocation.(amount)))"}
    page = read(store.call("GET", UK_RECORDS, params=chosen))
    assert "count" not in page
    assert page["data"][0]["allocation"] == {
        "_type": "product_inventory_record_allocation",
        "amount": 20,
    }


@pytest.mark.parametrize(
    "params",
    [{"count": 0}, {"count": 201}, {"start": -1}, {"start": "x"}, {"select": "(data."}],
)
def test_a_bad_page_of_records_is_refused(store: Storefront, params: dict[str, Any]) -> None:
    assert store.call("GET", UK_RECORDS, params=params).status_code == 400


def test_all_inventory_lists_can_be_listed(store: Storefront) -> None:
    page = read(store.call("GET", LISTS))
    assert sorted(row["id"] for row in page["data"]) == [UK_LIST, US_LIST]
