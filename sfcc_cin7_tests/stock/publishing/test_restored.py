"""After a restore the storefront may show what we have no record of: all of it is looked at."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from sfcc_cin7.db.cursors import cursor
from sfcc_cin7.db.recovery import last_restore, notice
from sfcc_cin7.stock.reading import read_back
from sfcc_cin7.stock.reading.read_back import heed_restore, pages_due
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.restoring import backups
from sfcc_cin7_tests.stock.house import StockHouse, stock_house

LIST, PLACE = "inventory-us", "Reno DC"
MANY = 50_000


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[StockHouse]:
    with stock_house(engine, clock) as house:
        yield house.started()


def test_what_rose_and_was_sold_since_is_not_left_on_sale(house: StockHouse) -> None:
    sku = next(sku for sku, ats in house.offered(LIST).items() if ats > 20)
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(11))
    house.stock_pass()
    with backups(house.engine.url.set(database="postgres"), "stock_restored") as kept:
        copy = kept.copy(house.engine)
        house.sandbox.cin7.receive(sku, PLACE, Decimal(30))
        for _ in range(2):
            house.stock_pass()
        assert house.offered(LIST)[sku] == 40
        house.sandbox.cin7.adjust(sku, PLACE, Decimal(11))
        house.engine = kept.restored(copy)
        for _ in range(3):
            house.stock_pass()
        assert house.oversold(LIST) == {}
        assert house.offered(LIST)[sku] == 10
        house.engine.dispose()


def test_all_of_a_long_list_is_due_at_once_and_only_once(house: StockHouse) -> None:
    engine, clock, policy = house.engine, house.clock, house.orders.model.stock

    def due() -> int:
        with engine.connect() as connection:
            turn = read_back._turn(cursor(connection, read_back._name(LIST)), clock.now())
        return pages_due(MANY, policy, clock.now() - turn.passed)

    usual = due()
    assert last_restore(engine, clock) is None
    with engine.begin() as connection:
        notice(connection, clock)
    heed_restore(engine, clock, LIST, policy)
    everything = pages_due(MANY, policy, timedelta(hours=policy.read_back_hours))
    assert due() == everything > usual
    house.stock_pass()
    heed_restore(engine, clock, LIST, policy)
    assert due() < everything
