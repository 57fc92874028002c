"""Purchases, transfers, counts and assemblies move stock, and their lists tell of them."""

from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.cin7_company import Company, line

LONDON, RENO = "London DC", "Reno DC"
TENT, STOVE, MUG = "TENT-2P", "STOVE", "MUG"


@pytest.fixture
def company() -> Company:
    return Company()


def units(**by_sku: int) -> dict[str, Decimal]:
    return {sku.replace("_", "-"): Decimal(each) for sku, each in by_sku.items()}


def held(company: Company, sku: str, place: str = LONDON) -> int:
    return int(company.available(sku, place))


def listed(company: Company, path: str, key: str, **query: object) -> Any:
    return company.get(path, **query)[key]


def test_a_simple_purchase_is_stock_when_it_is_received(company):
    bought = company.cin7.documents.purchases
    key = bought.order(LONDON, units(MUG=12))
    (row,) = listed(company, "/purchaseList", "PurchaseList")
    assert (row["OrderStatus"], row["CombinedReceivingStatus"]) == ("AUTHORISED", "NOT RECEIVED")
    assert held(company, MUG) == 0
    bought.receive(key)
    assert held(company, MUG) == 12
    read = company.get("/advanced-purchase", ID=key)
    assert read["StockReceived"] == []
    assert [(each["SKU"], each["Quantity"]) for each in read["PutAway"][0]["Lines"]] == [(MUG, 12)]
    rows = company.get("/ref/productavailability", Sku=MUG)["ProductAvailabilityList"]
    assert {row["OnOrder"] for row in rows} == {0}


def test_an_advanced_purchase_is_stock_when_it_is_put_away_and_not_before(company):
    bought = company.cin7.documents.purchases
    key = bought.order(LONDON, units(MUG=12), advanced=True)
    bought.receive(key)
    assert held(company, MUG) == 0
    bought.put_away(key)
    assert held(company, MUG) == 12
    assert company.refusal("GET", "/purchase", ID=key)[0] == 400


def test_purchases_are_asked_for_by_when_they_changed_if_the_account_can(company):
    bought = company.cin7.documents.purchases
    old = bought.order(LONDON, units(MUG=1))
    company.get("/me")
    since = company.clock.now().isoformat()
    bought.order(LONDON, units(MUG=2))
    rows = listed(company, "/purchaseList", "PurchaseList", UpdatedSince=since)
    assert [row["OrderNumber"] for row in rows] == ["PO-00002"]
    bought.receive(old)
    assert len(listed(company, "/purchaseList", "PurchaseList", UpdatedSince=since)) == 2
    deaf = Company(purchases_by_change=False)
    deaf.cin7.documents.purchases.order(LONDON, units(MUG=1))
    rows = listed(deaf, "/purchaseList", "PurchaseList", UpdatedSince="2099-01-01T00:00:00Z")
    assert len(rows) == 1


def test_what_goes_back_to_the_supplier_is_gone_and_void_blanks_the_lines(company):
    bought = company.cin7.documents.purchases
    key = bought.order(LONDON, units(MUG=12))
    bought.receive(key)
    bought.unstock(key, units(MUG=5))
    assert held(company, MUG) == 7
    with pytest.raises(Refusal, match="not enough"):
        bought.void(key)
    company.cin7.documents.counts.adjust(LONDON, units(MUG=12))
    bought.void(key)
    assert held(company, MUG) == 5
    assert company.get("/advanced-purchase", ID=key)["PutAway"][0]["Lines"] == []


def test_a_transfer_leaves_its_source_before_it_reaches_its_target(company):
    moved = company.cin7.documents.transfers
    key = moved.begin(LONDON, RENO, units(TENT_2P=4), "IN TRANSIT")
    assert (held(company, TENT), held(company, TENT, RENO)) == (6, 4)
    moved.advance(key, "COMPLETED")
    assert (held(company, TENT), held(company, TENT, RENO)) == (6, 8)
    moved.void(key)
    assert (held(company, TENT), held(company, TENT, RENO)) == (10, 4)
    assert company.get("/stockTransfer", TaskID=key)["Lines"] == []


def test_between_bins_of_a_warehouse_nothing_moves(company):
    moved = company.cin7.documents.transfers
    moved.begin(f"{LONDON}: A1", f"{LONDON}: B1", units(TENT_2P=4), "COMPLETED")
    assert held(company, TENT) == 10


def test_the_newest_transfer_is_first_and_a_change_of_status_moves_no_row(company):
    moved = company.cin7.documents.transfers
    first = moved.begin(LONDON, RENO, units(TENT_2P=1))
    moved.begin(LONDON, RENO, units(TENT_2P=1))
    moved.advance(first, "IN TRANSIT")
    rows = listed(company, "/stockTransferList", "StockTransferList")
    assert [row["Number"] for row in rows] == ["TR-00002", "TR-00001"]
    late = listed(
        company, "/stockTransferList", "StockTransferList", UpdatedSince="2099-01-01T00:00:00Z"
    )
    assert len(late) == 2
    transit = listed(company, "/stockTransferList", "StockTransferList", Status="IN TRANSIT")
    assert [row["TaskID"] for row in transit] == [first]


@pytest.mark.parametrize(("allocates", "left"), [(False, 10), (True, 6)])
def test_whether_an_ordered_transfer_is_allocated_is_a_switch(allocates, left):
    company = Company(transfer_orders_allocate=allocates)
    key = company.cin7.documents.transfers.begin(LONDON, RENO, units(TENT_2P=4), "ORDERED")
    assert held(company, TENT) == left
    company.cin7.documents.transfers.void(key)
    assert held(company, TENT) == 10


def test_an_adjustment_says_what_is_there_and_a_void_takes_the_difference_back(company):
    counts = company.cin7.documents.counts
    key = counts.adjust(LONDON, units(TENT_2P=7, MUG=3))
    assert (held(company, TENT), held(company, MUG)) == (7, 3)
    read = company.get("/stockadjustment", TaskID=key)
    (existing,), (new,) = read["ExistingStockLines"], read["NewStockLines"]
    assert (existing["QuantityOnHand"], existing["Adjustment"], new["Quantity"]) == (10, 7, 3)
    counts.void_adjustment(key)
    assert (held(company, TENT), held(company, MUG)) == (10, 0)
    assert company.get("/stockadjustment", TaskID=key)["ExistingStockLines"] == []


def test_an_adjustment_may_mean_what_is_available(company):
    sale = company.new_sale()
    company.authorise(sale, line(quantity=4))
    company.cin7.documents.counts.adjust(LONDON, units(TENT_2P=5), sets="available")
    assert held(company, TENT) == 5


def test_the_row_of_an_adjustment_that_was_rewritten_shows_nothing_of_it(company):
    counts = company.cin7.documents.counts
    key = counts.adjust(LONDON, units(TENT_2P=7))
    before = listed(company, "/stockadjustmentList", "StockAdjustmentList")
    counts.edit_adjustment(key, units(STOVE=1))
    assert listed(company, "/stockadjustmentList", "StockAdjustmentList") == before
    assert (held(company, TENT), held(company, STOVE)) == (10, 1)


@pytest.mark.parametrize("key", ["StockAdjustmentList", "StockTakeList"])
def test_a_stock_take_moves_stock_when_it_is_completed(key):
    company = Company(stock_takes_key=key)
    counts = company.cin7.documents.counts
    take = counts.begin_take(LONDON)
    assert listed(company, "/stockTakeList", key)[0]["Status"] == "DRAFT"
    counts.complete_take(take, units(TENT_2P=2))
    assert held(company, TENT) == 2
    assert listed(company, "/stockTakeList", key)[0]["Status"] == "COMPLETED"


def test_what_is_written_off_is_gone(company):
    company.cin7.documents.counts.write_off(LONDON, units(TENT_2P=2))
    assert held(company, TENT) == 8
    (row,) = listed(company, "/inventoryWriteOffList", "InventoryWriteOffs")
    assert company.get("/inventoryWriteOff", TaskID=row["TaskID"])["Lines"][0]["Quantity"] == 2


@pytest.mark.parametrize(("allocates", "left"), [(False, 10), (True, 8)])
def test_an_assembly_takes_its_components_and_brings_its_product(allocates, left):
    company = Company(assemblies_allocate=allocates)
    made = company.cin7.documents.assemblies
    key = made.begin(LONDON, MUG, Decimal(2), units(TENT_2P=2), "AUTHORISED")
    assert (held(company, TENT), held(company, MUG)) == (left, 0)
    made.advance(key, "COMPLETED")
    assert (held(company, TENT), held(company, MUG)) == (8, 2)
    made.void(key)
    assert (held(company, TENT), held(company, MUG)) == (10, 0)


def test_goods_that_come_fill_the_orders_that_wait_for_them(company):
    sale = company.new_sale()
    company.authorise(sale, line("MUG", quantity=2))
    company.cin7.documents.counts.adjust(LONDON, units(MUG=5))
    assert held(company, MUG) == 3


def test_a_list_may_show_documents_late_and_the_document_itself_at_once():
    company = Company(document_lag=30)
    key = company.cin7.documents.counts.adjust(LONDON, units(TENT_2P=7))
    assert listed(company, "/stockadjustmentList", "StockAdjustmentList") == []
    assert company.get("/stockadjustment", TaskID=key)["Status"] == "COMPLETED"
    for _ in range(30):
        company.get("/me")
    assert len(listed(company, "/stockadjustmentList", "StockAdjustmentList")) == 1


def test_documents_outlive_the_process():
    shelf = Shelf()
    key = Company(shelf).cin7.documents.transfers.begin(
        LONDON, RENO, units(TENT_2P=4), "IN TRANSIT"
    )
    again = Company(shelf)
    again.cin7.documents.transfers.advance(key, "COMPLETED")
    assert held(again, TENT, RENO) == 8


def test_availability_is_as_old_as_the_account_has_it():
    company = Company(availability_age=60)
    company.cin7.documents.counts.adjust(LONDON, units(TENT_2P=7))
    assert held(company, TENT) == 10
    for _ in range(60):
        company.get("/me")
    assert held(company, TENT) == 7


def test_the_list_of_transfers_fails_now_and_then(company):
    company.faults.rates = {"cin7.transfers_502": 1.0}
    assert company.call("GET", "/stockTransferList").status_code == 502
