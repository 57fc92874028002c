"""What an inventory file does to lists and records, in each mode."""

from datetime import timedelta
from typing import Any

import pytest

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.impex import imported, inventory, record
from sfcc_cin7_tests.sandbox.storefront import (
    DATA,
    START,
    UK,
    UK_LIST,
    US,
    US_LIST,
    Storefront,
    order,
    read,
)

SITES = pytest.mark.parametrize(("site", "list_id"), [(UK, UK_LIST), (US, US_LIST)])


@pytest.fixture
def store() -> Storefront:
    return Storefront()


def stamp(**after: float) -> str:
    moment = START + timedelta(**after)
    return f"<allocation-timestamp>{moment:%Y-%m-%dT%H:%M:%S}.000Z</allocation-timestamp>"


def figures(store: Storefront, sku: str, list_id: str = UK_LIST) -> tuple[Any, Any, Any]:
    shown = store.record(sku, list_id)
    return shown["inventory_turnover"], shown["quantity_on_order"], shown["ats"]


def absent(store: Storefront, sku: str) -> bool:
    path = f"{DATA}/inventory_lists/{UK_LIST}/product_inventory_records/{sku}"
    return store.call("GET", path).status_code == 404


def code(ended: Any) -> str:
    return str(ended["exit_status"]["code"])


def test_merging_changes_what_is_there_and_makes_what_is_not(store: Storefront) -> None:
    store.call("DELETE", f"{DATA}/inventory_lists/{UK_LIST}/product_inventory_records/ROPE")
    assert code(imported(store, inventory(record("TENT", 7), record("ROPE", 8)))) == "OK"
    assert store.record("TENT")["allocation"]["amount"] == 7
    assert store.record("ROPE")["allocation"]["amount"] == 8
    assert store.record("KIT")["allocation"]["amount"] == 5


def test_merging_leaves_what_the_file_leaves_out(store: Storefront) -> None:
    handled = (
        "<perpetual>false</perpetual>"
        "<preorder-backorder-handling>backorder</preorder-backorder-handling>"
        "<preorder-backorder-allocation>10</preorder-backorder-allocation>"
        "<in-stock-datetime>2026-09-01T00:00:00.000Z</in-stock-datetime>"
    )
    imported(store, inventory(record("TENT", 7, handled)))
    store.later(minutes=1)
    imported(store, inventory(record("TENT", more="<perpetual>false</perpetual>")))
    shown = store.record("TENT")
    assert (shown["allocation"]["amount"], shown["ats"]) == (7, 17)
    assert shown["allocation"]["reset_date"] == "2026-08-03T09:00:05.000Z"
    assert shown["pre_order_back_order_handling"] == "backorder"
    assert shown["in_stock_date"] == "2026-09-01T00:00:00.000Z"
    imported(store, inventory(record("TENT", more="<perpetual>true</perpetual>")))
    assert store.record("TENT")["ats"] == 999999


def test_updating_makes_no_record_and_fails_for_none(store: Storefront) -> None:
    store.call("DELETE", f"{DATA}/inventory_lists/{UK_LIST}/product_inventory_records/ROPE")
    ended = imported(store, inventory(record("TENT", 7), record("ROPE", 8)), "UPDATE")
    assert code(ended) == "OK"
    assert "ROPE: there is no record to update" in ended["exit_status"]["message"]
    assert store.record("TENT")["allocation"]["amount"] == 7
    assert absent(store, "ROPE")


def test_replacing_deletes_the_records_that_are_not_in_the_file(store: Storefront) -> None:
    perpetual = "<perpetual>true</perpetual>"
    imported(store, inventory(record("TENT", 7, perpetual)))
    assert code(imported(store, inventory(record("TENT", 8)), "REPLACE")) == "OK"
    shown = store.record("TENT")
    assert (shown["perpetual_flag"], shown["ats"]) == (False, 8)
    assert absent(store, "ROPE")
    assert absent(store, "KIT")
    assert store.record("ROPE", US_LIST)["ats"] == 20, "another list is not touched"


def test_replacing_forgets_no_order(store: Storefront) -> None:
    store.later(minutes=1)
    store.shop.place(order(UK, TENT=3))
    imported(store, inventory(record("TENT", 10)), "REPLACE")
    assert figures(store, "TENT") == (0, 3, 7)


def test_deleting_takes_the_records_that_are_in_the_file(store: Storefront) -> None:
    ended = imported(store, inventory(record("TENT"), record("GIFTWRAP")), "DELETE")
    assert code(ended) == "OK"
    assert "GIFTWRAP: there is no record to delete" in ended["exit_status"]["message"]
    assert absent(store, "TENT")
    assert store.record("ROPE")["ats"] == 20


def test_one_record_is_deleted_in_any_mode(store: Storefront) -> None:
    imported(store, inventory(record("TENT", mode="delete"), record("ROPE", 8)))
    assert absent(store, "TENT")
    assert store.record("ROPE")["ats"] == 8


def test_what_the_platform_computes_cannot_be_imported(store: Storefront) -> None:
    store.later(minutes=1)
    store.shop.place(order(UK, TENT=3))
    lies = "<ats>99</ats><on-order>0</on-order><turnover>-50</turnover>"
    early = "<allocation-timestamp>2026-08-03T09:00:00.000Z</allocation-timestamp>"
    imported(store, inventory(record("TENT", 20, early + lies)))
    assert figures(store, "TENT") == (0, 3, 17)


# The allocation's date against orders in flight; the file says what was true at minute 10


@SITES
def test_created_before_the_date_and_still_unexported(
    store: Storefront, site: str, list_id: str
) -> None:
    store.later(minutes=5)
    store.shop.place(order(site, TENT=3))
    store.later(minutes=10)
    imported(store, inventory(record("TENT", 20, stamp(minutes=10)), list_id=list_id))
    assert figures(store, "TENT", list_id) == ((0, 3, 17) if site == UK else (0, 0, 20))


@SITES
def test_created_before_the_date_and_exported_after_it(
    store: Storefront, site: str, list_id: str
) -> None:
    store.later(minutes=5)
    number = store.shop.place(order(site, TENT=3))["orderNo"]
    store.later(minutes=7)
    store.export(number, site)
    imported(store, inventory(record("TENT", 20, stamp(minutes=10)), list_id=list_id))
    assert figures(store, "TENT", list_id) == ((3, 0, 17) if site == UK else (0, 0, 20))


@SITES
def test_created_and_exported_before_the_date(store: Storefront, site: str, list_id: str) -> None:
    store.later(minutes=5)
    number = store.shop.place(order(site, TENT=3))["orderNo"]
    store.export(number, site)
    store.later(minutes=10)
    imported(store, inventory(record("TENT", 17, stamp(minutes=10)), list_id=list_id))
    assert figures(store, "TENT", list_id) == (0, 0, 17)


@SITES
def test_created_after_the_date_but_before_the_import(
    store: Storefront, site: str, list_id: str
) -> None:
    store.later(minutes=12)
    store.shop.place(order(site, TENT=3))
    store.later(minutes=3)
    imported(store, inventory(record("TENT", 20, stamp(minutes=10)), list_id=list_id))
    assert figures(store, "TENT", list_id) == ((0, 3, 17) if site == UK else (3, 0, 17))


@SITES
def test_exported_after_the_date_then_cancelled(store: Storefront, site: str, list_id: str) -> None:
    store.later(minutes=12)
    number = store.shop.place(order(site, TENT=3))["orderNo"]
    store.export(number, site)
    imported(store, inventory(record("TENT", 20, stamp(minutes=10)), list_id=list_id))
    store.shop.cancel(site, number)
    assert figures(store, "TENT", list_id) == (0, 0, 20)


def test_exported_before_the_date_then_cancelled_is_left_to_the_erp(store: Storefront) -> None:
    store.later(minutes=5)
    number = store.shop.place(order(UK, TENT=3))["orderNo"]
    store.export(number)
    store.later(minutes=10)
    imported(store, inventory(record("TENT", 17, stamp(minutes=10))))
    store.shop.cancel(UK, number)
    assert figures(store, "TENT") == (0, 0, 17)


@pytest.mark.parametrize(
    ("date", "complaint"),
    [
        ("2026-08-03T10:00:00.000Z", "future"),
        ("2026-08-01T08:00:00.000Z", "older than 48 hours"),
        ("2026-08-03T08:00:00.000Z", "before the reset date"),
        ("2026-08-03T09:00:01", "time zone"),
    ],
)
def test_a_date_that_cannot_be_right_refuses_its_record_alone(
    store: Storefront, date: str, complaint: str
) -> None:
    wrong = f"<allocation-timestamp>{date}</allocation-timestamp>"
    ended = imported(store, inventory(record("TENT", 7, wrong), record("ROPE", 8)))
    assert code(ended) == "ERROR"
    assert complaint in ended["exit_status"]["message"]
    assert store.record("TENT")["allocation"]["amount"] == 20
    assert store.record("ROPE")["allocation"]["amount"] == 8


def test_dates_are_taken_as_they_come_where_the_platform_does_not_check() -> None:
    store = Storefront(SfccSettings(reset_date_checks=False))
    early = "<allocation-timestamp>2026-07-01T00:00:00.000Z</allocation-timestamp>"
    assert code(imported(store, inventory(record("TENT", 7, early)))) == "OK"


def test_a_date_without_an_allocation_is_refused(store: Storefront) -> None:
    ended = imported(store, inventory(record("TENT", more=stamp(seconds=1))))
    assert "needs an allocation" in ended["exit_status"]["message"]


def test_an_older_file_tells_the_day_it_comes_in_without_the_hour(store: Storefront) -> None:
    day = "<in-stock-date>2026-09-01Z</in-stock-date>"
    imported(store, inventory(record("TENT", more=day)))
    assert store.record("TENT")["in_stock_date"] == "2026-09-01T00:00:00.000Z"


# The list itself


def test_a_file_of_an_unknown_list_is_not_imported(store: Storefront) -> None:
    ended = imported(store, inventory(record("TENT", 7), list_id="inventory-eu"))
    assert code(ended) == "ERROR"
    assert "There is no inventory list 'inventory-eu'." in ended["exit_status"]["message"]
    assert store.call("GET", f"{DATA}/inventory_lists/inventory-eu").status_code == 404


def test_an_import_makes_a_list_where_the_platform_lets_it() -> None:
    store = Storefront(SfccSettings(import_creates_lists=True))
    content = inventory(record("TENT", 7), list_id="inventory-eu")
    assert code(imported(store, content, "UPDATE")) == "ERROR"
    assert code(imported(store, content)) == "OK"
    assert store.record("TENT", "inventory-eu")["ats"] == 7
    shown = read(store.call("GET", f"{DATA}/inventory_lists/inventory-eu"))
    assert (shown["assigned_sites"], shown["on_order_inventory_enabled"]) == ([], False)


def test_the_header_turns_on_order_inventory_on_and_off_but_silence_leaves_it() -> None:
    shelf = Shelf()
    store = Storefront(shelf=shelf)

    def on_order(shop: Storefront, list_id: str) -> Any:
        shown = read(shop.call("GET", f"{DATA}/inventory_lists/{list_id}"))
        return shown["on_order_inventory_enabled"]

    imported(store, inventory(list_id=UK_LIST))
    assert on_order(store, UK_LIST) is True
    imported(store, inventory(list_id=UK_LIST, header="<on-order>false</on-order>"))
    imported(store, inventory(list_id=US_LIST, header="<on-order>1</on-order>"))
    assert (on_order(store, UK_LIST), on_order(store, US_LIST)) == (False, True)
    again = Storefront(shelf=shelf)
    assert (on_order(again, UK_LIST), on_order(again, US_LIST)) == (False, True)
    again.shop.place(order(US, TENT=3))
    assert figures(again, "TENT", US_LIST) == (0, 3, 17)


def test_a_list_that_is_in_stock_by_default_sells_what_has_no_record(store: Storefront) -> None:
    content = inventory(record("TENT", mode="delete")).replace(
        b"<default-instock>false", b"<default-instock>true"
    )
    imported(store, content)
    assert store.shop.ats(UK_LIST, "TENT") == 999999
    store.shop.place(order(UK, TENT=500))
    assert store.shop.ats(UK_LIST, "TENT") == 999999


def test_a_list_in_use_is_not_deleted(store: Storefront) -> None:
    content = inventory().replace(
        b'list-id="inventory-uk"', b'list-id="inventory-uk" mode="delete"'
    )
    assert code(imported(store, content)) == "ERROR"
    assert store.record("TENT")["ats"] == 20


def test_comments_and_instructions_in_a_file_mean_nothing(store: Storefront) -> None:
    noted = "<!-- counted by hand --><?note twice?>"
    content = inventory(record("TENT", 7, noted), noted).replace(b"<header", b"<!-- x --><header")
    assert code(imported(store, content)) == "OK"
    assert store.record("TENT")["ats"] == 7
