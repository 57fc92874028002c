"""How much of a list one pass reads back, and what it leaves to the next."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count, pairwise
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.merchant.stock import StockPolicy
from sfcc_cin7.stock.deciding.published import Published
from sfcc_cin7.stock.reading import read_back
from sfcc_cin7.stock.records import offers
from sfcc_cin7.systems.sfcc.documents import InventoryRecord

LIST = "inventory-us"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)
SKUS = [f"SKU-{number:02}" for number in range(20)]
POLICY = StockPolicy(read_back_pages=1, read_back_sample=2, read_back_hours=24)


class Records:
    """A list that holds these SKUs; `seen` are those that were read, page by page or singly."""

    def __init__(self, *skus: str) -> None:
        self.skus = skus
        self.seen: list[str] = []

    def inventory_records(self, list_id: str, start: int = 0) -> Iterator[InventoryRecord]:
        for sku in self.skus[start:]:
            self.seen.append(sku)
            yield InventoryRecord.model_construct(sku=sku)

    def inventory_record(self, list_id: str, sku: str) -> InventoryRecord | None:
        self.seen.append(sku)
        return None


@pytest.fixture(autouse=True)
def published(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty SKUs in pages of two, of which a pass reads two at most."""
    monkeypatch.setattr(read_back, "PAGE_SIZE", 2)
    monkeypatch.setattr(read_back, "MOST_PAGES", 2)
    told = dict.fromkeys(SKUS, Published(Decimal(5), NOON))
    with engine.begin() as connection:
        offers.save_published(connection, LIST, told, NOON - A_MINUTE)


def one_pass(engine: Engine, records: Records, now: datetime) -> tuple[list[str], int]:
    """What a pass reads, and how many records it leaves."""
    shelf: Any = records
    records.seen = []
    found = read_back.read_back(engine, shelf, LIST, POLICY, now)
    assert list(found.shown) == records.seen
    return records.seen, found.left


def test_after_an_outage_passes_read_some_pages_each_until_nothing_is_left(engine: Engine):
    records = Records(*SKUS)
    assert one_pass(engine, records, NOON) == (SKUS[:2], 0)
    up_again = NOON + timedelta(days=3)
    seen, left = [], []
    for minute in count():
        some, rest = one_pass(engine, records, up_again + minute * A_MINUTE)
        seen += some
        left.append(rest)
        assert len(some) <= 4
        if not rest:
            break
    assert left[0] == 16
    assert all(later < earlier for earlier, later in pairwise(left))
    assert seen[: len(SKUS)] == [*SKUS[2:], *SKUS[:2]], "in their turn, none left out"
    some, _ = one_pass(engine, records, up_again + timedelta(minutes=30))
    assert len(some) == 2, "and then no more than in any pass"


def test_records_that_a_turn_did_not_show_are_asked_for_in_the_passes_after_it(engine: Engine):
    records = Records(*SKUS[:15])
    asked, left = [], []
    for minute in range(12):
        seen, rest = one_pass(engine, records, NOON + minute * A_MINUTE)
        asked += [sku for sku in seen if sku not in records.skus]
        left.append(rest)
    assert left == [0] * 7 + [3, 1, 0, 0, 0]
    assert asked == SKUS[15:]
