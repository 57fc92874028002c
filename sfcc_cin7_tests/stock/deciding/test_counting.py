"""Which bins, batches and dates are for sale, and which locations a list may be fed by."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7.merchant.listed_sites import refuse_what_cannot_be_right
from sfcc_cin7.merchant.stock import InventoryListPolicy, NotForSalePolicy, StockPolicy
from sfcc_cin7.stock.deciding.counting import Counting
from sfcc_cin7.stock.reading.levels import summed
from sfcc_cin7.systems.cin7.documents import AvailabilityRow

TODAY = date(2026, 3, 2)
DEFAULTS = NotForSalePolicy()


def row(on_hand: int, allocated: int = 0, **given: Any) -> AvailabilityRow:
    numbers = {"OnHand": on_hand, "Allocated": allocated, "Available": on_hand - allocated}
    names = {"ID": "1", "SKU": "TEA", "Location": "London DC"}
    return AvailabilityRow.model_validate({**names, **numbers, **given})


def available(*rows: AvailabilityRow, policy: NotForSalePolicy = DEFAULTS) -> int:
    level = summed(rows, Counting(policy, TODAY))["TEA", "London DC"]
    assert level.on_hand == sum(each.on_hand for each in rows)
    return int(level.available)


@pytest.mark.parametrize(
    "given",
    [
        {"Bin": "QUARANTINE"},
        {"Bin": "London DC: Quarantined goods"},
        {"Bin": "staging-2"},
        {"Bin": "Damages"},
        {"Batch": "RECALL-7"},
        {"Batch": "B1", "ExpiryDate": "2026-03-01T00:00:00"},
        {"Batch": "B1", "ExpiryDate": "2026-03-02"},
        {"Batch": "B1", "ExpiryDate": "soon"},
    ],
    ids=str,
)
def test_what_is_not_for_sale_is_not_counted_and_the_rest_is(given: dict[str, Any]):
    assert available(row(40, **given), row(2, Bin="A-1")) == 2


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"Bin": "A-1"},
        {"Batch": "B1", "ExpiryDate": "2026-03-03T00:00:00"},
        {"Batch": "B1", "ExpiryDate": "0001-01-01T00:00:00"},
    ],
    ids=str,
)
def test_ordinary_shelves_count(given: dict[str, Any]):
    assert available(row(40, 5, **given)) == 35


def test_what_orders_were_promised_of_it_is_taken_from_what_is_for_sale():
    assert available(row(40, 3, ExpiryDate="2026-03-01"), row(2)) == -1


def test_the_merchants_own_rule_counts_instead():
    policy = NotForSalePolicy(bins=["London DC: B*"], batches=[], expires_within_days=30)
    assert available(row(9, Bin="Quarantine"), policy=policy) == 9
    assert available(row(9, Bin="b-1"), row(4), policy=policy) == 4
    assert available(row(9, ExpiryDate="2026-04-01"), row(4), policy=policy) == 4
    assert available(row(9, ExpiryDate="2026-04-02"), policy=policy) == 9


@pytest.mark.parametrize("name", ["Quarantine", "London Staging", "In Transit", "DAMAGED"])
def test_a_list_that_is_fed_by_what_is_not_for_sale_is_refused(name: str):
    policy = InventoryListPolicy(id="uk", locations=[name], sites=["uk"])
    with pytest.raises(ValueError, match="reads like a place whose goods are not for sale"):
        refuse_what_cannot_be_right([policy], [], StockPolicy())
    mine = StockPolicy(not_for_sale=NotForSalePolicy(locations=[]), order_scope="all")
    with pytest.raises(KeyError):  # it is its sites' turn
        refuse_what_cannot_be_right([policy], [], mine)


def test_a_third_partys_warehouse_counts():
    assert int(available(row(4, Bin="3PL pallet"))) == 4
    assert Decimal(0) == Counting(DEFAULTS, TODAY).not_for_sale(row(4, Bin="Shelf 3"))
