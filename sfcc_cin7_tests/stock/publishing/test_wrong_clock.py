"""Our clock is wrong: nothing is refused nor oversold by that, and minutes are told."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.cli.emulated import sandbox_storefront
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.reading.snapshot import take_snapshot
from sfcc_cin7.stock.records.listed_skus import open_subjects
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.stock.house import MINUTE, stock_house

LIST, PLACE, SITE = "inventory-us", "Reno DC", "alpenglow-us"


class WrongClock:
    """What our machine shows."""

    def __init__(self, right: ManualClock, seconds: int) -> None:
        self._right, self._ahead = right, timedelta(seconds=seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    def now(self) -> datetime:
        return self._right.now() + self._ahead


@pytest.mark.parametrize("seconds", [30, 90, -300])
def test_whatever_our_clock_says_stock_is_dated_by_the_storefronts(
    engine: Engine, clock: ManualClock, seconds: int
):
    wrong: Any = WrongClock(clock, seconds)
    with stock_house(engine, clock, cin7=Cin7Settings(zero_rows="none")) as house:
        model, road = house.orders.model, house.orders.road
        refresh(engine, house.shop, house.erp, model, clock)
        with SfccClient(sandbox_storefront(house.orders.url), wrong, road) as shop:

            def stock_pass() -> int:
                clock.sleep(2 * MINUTE)
                take_snapshot(engine, house.erp, model, wrong)
                outcome = publish_stock(engine, shop, model, wrong)
                return sum(row.refused + row.failed for row in outcome.lists)

            assert [stock_pass() for _ in range(2)] == [0, 0]
            stocked = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
            sku = next(s for s, ats in house.offered(LIST).items() if ats > 20 and s in stocked)
            house.orders.order(SITE, "plain")
            house.sandbox.cin7.adjust(sku, PLACE, Decimal(5))
            assert stock_pass() == 0
            assert house.offered(LIST)[sku] <= 4
            assert not house.oversold(LIST).keys() & stocked
        with engine.connect() as connection:
            told = open_subjects(connection, "clock-wrong")
    assert told == (["stock:clock/storefront"] if abs(seconds) > 60 else [])


@pytest.mark.parametrize("checked", [False, True], ids=["any date", "no date ahead"])
def test_an_import_that_stamps_local_time_is_put_right_or_a_person_is_told(
    engine: Engine, clock: ManualClock, checked: bool
):
    """Tokyo's time as UTC: 500 were offered of 3 until that date had passed, nine hours later."""
    sfcc = SfccSettings(index_lag=0, reset_date_checks=checked)
    with stock_house(engine, clock, cin7=Cin7Settings(zero_rows="none"), sfcc=sfcc) as house:
        refresh(engine, house.shop, house.erp, house.orders.model, clock)
        house.started()
        stocked = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
        sku = next(s for s, ats in house.offered(LIST).items() if ats > 20 and s in stocked)
        house.sandbox.cin7.adjust(sku, PLACE, Decimal(3))
        house.stock_pass()
        tokyo = clock.now() + timedelta(hours=9)
        house.sandbox.sfcc.edit_allocation(LIST, sku, Decimal(500), tokyo)
        for _ in range(2):
            house.stock_pass()
        with engine.connect() as connection:
            refused = open_subjects(connection, "stock-refused")
        assert (house.offered(LIST)[sku] == 2, refused == []) == (not checked, not checked)
