"""Reading and setting what the storefront may sell."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sfcc_cin7.systems.http.errors import Ambiguous, NotFound

AT = datetime(2026, 3, 2, 10, 0, 0, 1, tzinfo=UTC)
RECORD = {
    "product_id": "TENT",
    "allocation": {"amount": 20, "reset_date": "2026-03-02T10:00:00.001Z"},
    "ats": Decimal("17.5"),
    "inventory_turnover": 2,
    "quantity_on_order": Decimal("0.5"),
}
NO_RECORD = {"_v": "25.6", "fault": {"type": "ProductInventoryRecordNotFoundException"}}
NO_LIST = {"_v": "25.6", "fault": {"type": "InventoryListNotFoundException"}}
RECORDS = "/s/-/dw/data/v25_6/inventory_lists/inventory-uk/product_inventory_records"


def test_a_record_says_what_is_allocated_sold_and_left(shop):
    record = shop.will_say(RECORD).client.inventory_record("inventory-uk", "TENT/2")
    assert shop.requests[0].url.raw_path.decode() == f"{RECORDS}/TENT%2F2"
    assert record.allocation == 20
    assert record.ats == Decimal("17.5")
    assert (record.turnover, record.on_order) == (2, Decimal("0.5"))
    assert record.reset_at == datetime(2026, 3, 2, 10, 0, 0, 1000, tzinfo=UTC)


def test_a_missing_record_is_none_but_a_missing_list_is_an_error(shop):
    assert shop.will_say(NO_RECORD, 404).client.inventory_record("inventory-uk", "TENT") is None
    with pytest.raises(NotFound):
        shop.will_say(NO_LIST, 404).client.inventory_record("inventory-uk", "TENT")


def test_a_list_tells_whether_it_counts_units_on_order(shop):
    found = {"id": "inventory-uk", "on_order_inventory_enabled": True, "assigned_sites": ["uk"]}
    stock_list = shop.will_say(found).client.inventory_list("inventory-uk")
    assert stock_list.on_order_enabled
    assert not shop.will_say({"id": "inventory-us"}).client.inventory_list("x").on_order_enabled


def test_all_records_are_read_page_by_page_and_given_once(shop):
    first, second, third = ({**RECORD, "product_id": sku} for sku in ("A", "B", "C"))
    shop.will_say({"data": [first, second], "start": 0, "count": 2, "total": 4})
    shop.will_say({"data": [second, third], "start": 2, "count": 2, "total": 4})
    found = shop.client.inventory_records("inventory-uk")
    assert [record.sku for record in found] == ["A", "B", "C"]
    assert shop.asked(1) == {"start": "2", "count": "200", "select": "(**)"}


def test_an_allocation_is_set_as_of_its_instant_and_never_later(shop):
    shop.will_say(RECORD)
    record = shop.client.set_allocation("inventory-uk", "TENT", Decimal("20.0"), AT)
    assert shop.requests[0].method == "PATCH"
    assert shop.sent() == {
        "allocation": {"amount": Decimal("20.0"), "reset_date": "2026-03-02T10:00:00.000Z"}
    }
    assert record.allocation == 20


def test_a_record_that_is_not_there_is_created(shop):
    shop.will_say(NO_RECORD, 404).will_say(RECORD)
    shop.client.set_allocation("inventory-uk", "TENT", Decimal(20), AT)
    assert [request.method for request in shop.requests] == ["PATCH", "PUT"]
    assert shop.sent(0) == shop.sent(1)


def test_nothing_is_created_in_a_list_that_does_not_exist(shop):
    shop.will_say(NO_LIST, 404)
    with pytest.raises(NotFound):
        shop.client.set_allocation("inventory-uk", "TENT", Decimal(20), AT)
    assert len(shop.requests) == 1


def test_an_allocation_in_doubt_is_not_sent_again(shop):
    shop.will_say(status=504)
    with pytest.raises(Ambiguous):
        shop.client.set_allocation("inventory-uk", "TENT", Decimal(20), AT)
    assert len(shop.requests) == 1
