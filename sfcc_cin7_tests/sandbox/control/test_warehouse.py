"""The warehouse ships, receives and counts; somebody meddles with the storefront."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from httpx import Client

from sfcc_cin7_sandbox.clock import ManualClock
from sfcc_cin7_sandbox.control.assembly import SandboxSettings
from sfcc_cin7_sandbox.control.server import build_app
from sfcc_cin7_sandbox.control.warehouse import BUSY, WarehouseSettings
from sfcc_cin7_sandbox.merchant.catalogue import DRIFTING_LIST, DRIFTING_SKU
from sfcc_cin7_tests.in_process import InProcess
from sfcc_cin7_tests.sandbox.erp_clerk import book, call

MINUTE = timedelta(minutes=1)


class House:
    """A sandbox whose time moves only when told to."""

    def __init__(self, **rates):
        self.clock = ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
        settings = SandboxSettings(skus=150, warehouse=WarehouseSettings(**rates))
        app = build_app(settings, self.clock)
        self.sandbox = app.sandbox
        self.client = Client(transport=InProcess(app), base_url="http://sandbox")

    def book_orders(self, count, **how):
        for _ in range(count):
            book(self.client, self.sandbox.shoppers.place("alpenglow-uk", "plain"), **how)

    def after(self, time):
        self.clock.advance(time)
        self.sandbox.warehouse.round()

    def shipping(self):
        return [sale["CombinedShippingStatus"] for sale in self.sandbox.cin7.sales_truth()]

    def sales(self):
        truth = self.sandbox.cin7.sales_truth()
        return [call(self.client, "GET", f"sale?ID={sale['ID']}").json() for sale in truth]

    def available(self):
        rows = self.sandbox.cin7.stock_truth()
        return {(row["SKU"], row["Location"]): row["Available"] for row in rows}


def test_sales_are_shipped_oldest_first_once_they_are_old_enough():
    house = House(ships_per_minute=2, ship_after_seconds=180)
    house.book_orders(3)
    before = house.available()
    house.after(MINUTE)
    assert house.shipping() == ["NOT SHIPPED"] * 3
    house.after(3 * MINUTE - timedelta(seconds=60))
    house.after(MINUTE)
    assert house.shipping() == ["SHIPPED"] * 3
    assert house.available() == before


def test_no_more_is_shipped_than_the_rate_allows():
    house = House(ships_per_minute=2, ship_after_seconds=0)
    house.book_orders(3)
    house.after(MINUTE)
    assert house.shipping() == ["SHIPPED", "SHIPPED", "NOT SHIPPED"]


def test_a_sale_that_is_split_goes_on_in_the_next_round():
    house = House(ships_per_minute=100, ship_after_seconds=0, split_share=1)
    house.book_orders(12)
    for sale in house.sales():
        sku = sale["Order"]["Lines"][0]["SKU"]
        house.sandbox.cin7.edit_sale(sale["ID"], sku=sku, quantity=Decimal(3))
    house.after(MINUTE)
    assert "PARTIALLY SHIPPED" in house.shipping()
    ways = {
        (len(sale["Fulfilments"]), sale["Fulfilments"][0]["Ship"]["Status"])
        for sale in house.sales()
        if sale["CombinedShippingStatus"] == "PARTIALLY SHIPPED"
    }
    assert ways == {(1, "PARTIALLY AUTHORISED"), (1, "AUTHORISED")}
    house.after(MINUTE)
    assert set(house.shipping()) == {"SHIPPED"}
    assert {sale["Type"] for sale in house.sales()} == {"Simple Sale", "Advanced Sale"}


def test_some_sales_leave_late():
    house = House(ships_per_minute=10, ship_after_seconds=60, late_share=1)
    house.book_orders(1)
    for _ in range(9):
        house.after(MINUTE)
    assert house.shipping() == ["NOT SHIPPED"]
    house.after(MINUTE)
    assert house.shipping() == ["SHIPPED"]


def test_numbers_that_were_missing_are_typed_in_later():
    house = House(ships_per_minute=10, ship_after_seconds=0, late_number_share=1)
    house.book_orders(2)
    house.after(MINUTE)
    assert [sale["CombinedTrackingNumbers"] for sale in house.sales()] == ["", ""]
    house.after(MINUTE)
    first, second = (sale["CombinedTrackingNumbers"] for sale in house.sales())
    assert first == "LATE-SO-00001-1-1"
    assert first != second


def test_some_sales_are_picked_and_forgotten():
    house = House(ships_per_minute=10, ship_after_seconds=0, lost_share=1)
    house.book_orders(1)
    house.after(5 * MINUTE)
    (sale,) = house.sales()
    assert (sale["CombinedPickingStatus"], sale["CombinedShippingStatus"]) == (
        "PICKED",
        "NOT SHIPPED",
    )


def test_only_authorised_sales_are_shipped():
    house = House(ships_per_minute=10, ship_after_seconds=0)
    house.book_orders(1, authorise=False)
    house.after(MINUTE)
    assert house.sandbox.warehouse.done["shipped"] == 0


def test_what_runs_low_is_delivered():
    house = House(receipts_per_minute=500)
    assert min(house.available().values()) < 10
    house.after(MINUTE)
    assert min(house.available().values()) >= 10


def test_counts_touch_only_full_shelves():
    house = House(counts_per_minute=50)
    before = house.available()
    house.after(MINUTE)
    changed = {key for key, units in house.available().items() if units != before[key]}
    assert len(changed) == 50
    assert min(before[key] for key in changed) >= 30


def test_somebody_raises_the_allocation_of_one_sku_behind_our_back():
    house = House(edits_per_hour=20)
    before = house.sandbox.sfcc.ats(DRIFTING_LIST, DRIFTING_SKU)
    house.after(2 * MINUTE)
    assert house.sandbox.sfcc.ats(DRIFTING_LIST, DRIFTING_SKU) == before
    house.after(MINUTE)
    assert house.sandbox.sfcc.ats(DRIFTING_LIST, DRIFTING_SKU) == before + 25
    assert house.available()[DRIFTING_SKU, "London DC"] == before


def test_a_quiet_warehouse_does_nothing_and_a_busy_one_everything():
    quiet, busy = House(), House(**vars(BUSY))
    for house in (quiet, busy):
        house.book_orders(2)
        for _ in range(10):
            house.after(MINUTE)
    assert not any(quiet.sandbox.warehouse.done.values())
    assert not any(quiet.sandbox.aftercare.done.values())
    done = busy.sandbox.warehouse.done
    assert all(units for work, units in done.items() if work != "documents")


def test_a_rate_below_nothing_is_refused():
    with pytest.raises(ValueError, match="ships_per_minute must not be below 0"):
        WarehouseSettings(ships_per_minute=-1)


def test_counts_never_leave_less_than_orders_were_promised():
    house = House(counts_per_minute=100)
    house.book_orders(10)
    for _ in range(20):
        house.after(MINUTE)
    assert min(house.available().values()) >= Decimal(0)


def test_so_many_documents_are_written_an_hour_and_none_oversells():
    house = House(documents_per_hour=1000)
    before = house.available()
    for _ in range(4):
        house.after(3 * MINUTE)
    assert house.sandbox.warehouse.done["documents"] == 200
    after = house.available()
    assert len({place for place in after if after[place] != before.get(place)}) > 50
    assert all(units >= 0 for place, units in after.items() if before.get(place, 0) >= 0)
    headers = {
        "api-auth-accountid": "11111111-2222-3333-4444-555555555555",
        "api-auth-applicationkey": "sandbox-key",
    }
    for name in ("saleList", "purchaseList", "stockTransferList", "stockadjustmentList"):
        listed = house.client.get(f"/ExternalApi/v2/{name}", headers=headers).json()
        assert listed["Total"] > 0, name


def test_people_write_documents_when_they_are_told_to():
    house = House()
    sku, place = next(key for key, units in house.available().items() if units > 20)
    other = next(where for _, where in house.available() if where != place)

    def tell(what, **body):
        answer = house.client.post(f"/_control/stock-documents/{what}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]

    before = house.available()[sku, place]
    key = tell("transfer", **{"from": place, "to": other, "units": {sku: 5}})
    tell("advance-transfer", id=key, status="IN TRANSIT")
    bought = tell("purchase", location=place, units={sku: 2}, advanced=True)
    tell("receive", id=bought)
    tell("put-away", id=bought)
    tell("write-off", location=place, units={sku: 1})
    assert house.available()[sku, place] == before - 4
    nonsense = house.client.post("/_control/stock-documents/transfer", json={"from": place})
    assert nonsense.status_code == 400
