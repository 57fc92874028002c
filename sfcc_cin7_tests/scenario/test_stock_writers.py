"""A stocktake changes many figures at once while something goes wrong: what the storefront then
offers is what there is, one bad SKU is in the inbox, and no reset date went back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import review_items, sku_map
from sfcc_cin7.stock.deciding.choose import Way
from sfcc_cin7.systems.sfcc import SfccClient
from sfcc_cin7.systems.sfcc.oci_documents import StockCount
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.stock.house import StockHouse, stock_house
from sfcc_cin7_tests.stock.publishing.writers.bench import (
    LIST,
    OCI,
    POLICIES,
    WAYS,
    Road,
    carrying,
    connection,
)

LOCATION, COUNTED = "London DC", 30
GHOST: dict[Way, str] = dict.fromkeys(WAYS, "NO-SUCH-SKU") | dict.fromkeys(OCI, "NO SUCH SKU")
every_way = pytest.mark.parametrize("way", WAYS)


@dataclass
class Stocktake:
    """A merchant after the first passes, whose counts are about to fall."""

    house: StockHouse
    road: Road

    def counted(self, less: int = 1) -> list[str]:
        """So many SKUs are counted anew, and each has a little less than believed."""
        offered = self.house.offered(LIST)
        skus = sorted(sku for sku, ats in offered.items() if ats > 2 + less)[:COUNTED]
        for sku in skus:
            self.house.sandbox.cin7.adjust(sku, LOCATION, offered[sku] + 1 - less)
        return skus

    def settled(self) -> bool:
        """Whether every list offers exactly what there is, as soon as its mirror has followed."""
        self.house.clock.sleep(3)
        lists = [policy.id for policy in self.house.orders.model.inventory_lists]
        return all(self.house.offered(each) == self.house.supply(each) for each in lists)

    def reset_dates(self) -> dict[str, str]:
        rows = self.house.sandbox.sfcc.truth()["inventory"]
        return {row["sku"]: row["reset_date"] for row in rows if row["list"] == LIST}

    def inbox(self) -> set[tuple[str, str]]:
        """Code and subject of what is open."""
        query = select(review_items.c.code, review_items.c.subject).where(
            review_items.c.closed_at.is_(None)
        )
        with self.house.engine.connect() as connection:
            return {(row.code, row.subject) for row in connection.execute(query)}

    def maps(self, ghost: str) -> None:
        """Both catalogues are known, and one SKU more that the storefront cannot take."""
        known = {"in_shop": True, "in_erp": True, "seen_at": self.house.now}
        rows = [{"sku": sku, **known} for sku in (*self.house.offered(LIST), ghost)]
        with self.house.engine.begin() as connection:
            connection.execute(sku_map.insert(), rows)


@contextmanager
def stocktake(engine: Engine, clock: ManualClock, way: Way) -> Iterator[Stocktake]:
    sfcc = SfccSettings(index_lag=0, inventory_mode="oci" if way in OCI else "classic")
    with stock_house(engine, clock, sfcc=sfcc) as house:
        written = house.orders.model
        lists = [
            policy.model_copy(update={"writer": POLICIES[way]})
            for policy in written.inventory_lists
        ]
        house.orders.model = written.model_copy(update={"inventory_lists": lists})
        road = Road(house.orders.road)
        with SfccClient(connection(house.orders.url), clock, road) as house.shop:
            taking = Stocktake(house.started(), road)
            assert taking.settled()
            yield taking


@every_way
def test_a_429_in_the_middle(engine: Engine, clock: ManualClock, way: Way):
    with stocktake(engine, clock, way) as taking:
        taking.counted()
        taking.road.turns_back(carrying(way), times=2)
        outcome = taking.house.stock_pass()
        assert [row.problem for row in outcome.lists] == [None] * 3
        assert taking.settled()
        assert taking.inbox() == set()


@every_way
def test_a_write_that_timed_out_after_commit(engine: Engine, clock: ManualClock, way: Way):
    with stocktake(engine, clock, way) as taking:
        counted = taking.counted()
        taking.road.loses_the_answer(carrying(way))
        outcome = taking.house.stock_pass()
        uk = outcome.lists[0]
        assert (len(uk.moved), uk.failed, uk.refused) == (len(counted), 0, 0)
        assert taking.settled()
        assert sum(row.drifts for row in taking.house.stock_pass(180).lists) == 0


@every_way
def test_a_sku_that_the_storefront_refuses(engine: Engine, clock: ManualClock, way: Way):
    """It is in the inbox, again and again but once, until the storefront takes it."""
    with stocktake(engine, clock, way) as taking:
        taking.maps(GHOST[way])
        for _ in range(2):
            taking.counted()
            taking.house.stock_pass()
            assert taking.settled()
            subjects = {
                f"stock:{p.id}/{GHOST[way]}" for p in taking.house.orders.model.inventory_lists
            }
            assert taking.inbox() == {("stock-refused", subject) for subject in subjects}


@every_way
def test_a_record_that_somebody_edits_at_the_same_time(
    engine: Engine, clock: ManualClock, way: Way
):
    """Its later date is respected now, and its figure put right once the reading is as late."""
    with stocktake(engine, clock, way) as taking:
        counted = taking.counted()
        clock.sleep(60)
        taking.house.read()
        taking.house.sandbox.sfcc.edit_allocation(LIST, counted[0], Decimal(999))
        before = taking.reset_dates()
        taking.house.publish()
        taking.house.stock_pass(180)
        taking.house.stock_pass(180)
        assert taking.settled()
        assert taking.inbox() == set()
        after = taking.reset_dates()
        assert all(before[sku] <= after[sku] for sku in before)


def test_a_job_that_aborts(engine: Engine, clock: ManualClock):
    with stocktake(engine, clock, "feed") as taking:
        counted = taking.counted()
        before = taking.reset_dates()
        taking.house.sandbox.faults.rates["sfcc.job_aborts"] = 1
        outcome = taking.house.stock_pass()
        assert len(outcome.lists[0].moved) == len(counted)
        assert taking.settled()
        assert taking.inbox() == set()
        after = taking.reset_dates()
        assert all(before[sku] <= after[sku] for sku in before)


def test_an_import_of_omnichannel_inventory_that_stops(engine: Engine, clock: ManualClock):
    with stocktake(engine, clock, "oci-file") as taking:
        counted = taking.counted()
        taking.house.sandbox.faults.rates["sfcc.oci_import_stops"] = 1
        outcome = taking.house.stock_pass()
        assert len(outcome.lists[0].moved) == len(counted)
        assert taking.settled()


def test_omnichannel_inventory_is_exported_at_first_and_then_asked_for_samples(
    engine: Engine, clock: ManualClock
):
    with stocktake(engine, clock, "oci") as taking:
        exports = taking.road.count("POST", "/exports")
        assert exports >= len(taking.house.orders.model.inventory_lists)
        outcome = taking.house.stock_pass()
        assert taking.road.count("POST", "/exports") == exports
        assert all(row.read_back > 0 for row in outcome.lists)
        (sku, *_) = taking.counted()
        taking.house.stock_pass()
        somebody = StockCount(
            id=str(uuid4()),
            location=LIST,
            sku=sku,
            on_hand=Decimal(999),
            safety=Decimal(0),
            effective_at=taking.house.now,
        )
        taking.house.shop.update_counts([somebody])
        for _ in range(3):
            taking.house.stock_pass()
        assert taking.settled()


@pytest.mark.parametrize("way", ["batch", "oci"])
def test_a_storefront_that_is_away_for_a_pass(engine: Engine, clock: ManualClock, way: Way):
    with stocktake(engine, clock, way) as taking:
        taking.counted()
        taking.road.turns_back(lambda request: "/oauth2/" not in request.url.path, 503, 1_000)
        outcome = taking.house.stock_pass()
        assert all(row.problem for row in outcome.lists)
        assert not any(row.moved for row in outcome.lists)
        taking.road.clear()
        taking.house.stock_pass()
        assert taking.settled()
        assert taking.inbox() == set()


@every_way
def test_a_right_that_is_taken_away_blames_no_record(engine: Engine, clock: ManualClock, way: Way):
    with stocktake(engine, clock, way) as taking:
        taking.counted()
        taking.road.turns_back(carrying(way), 403, 1_000)
        outcome = taking.house.stock_pass()
        assert "(403)" in (outcome.lists[0].problem or "")
        assert taking.inbox() == set()
        taking.road.clear()
        taking.house.stock_pass(180)
        taking.house.stock_pass(180)
        assert taking.settled()
