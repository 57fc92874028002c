"""A launch at noon is on sale at noon, and not before two readings agreed on what there is."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.merchant.stock import SafetyRule
from sfcc_cin7.stock.publishing.by_clock import clock_is_due
from sfcc_cin7.stock.publishing.hints import follow_hints
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.stock.house import MINUTE, StockHouse, stock_house

LIST, PLACE = "inventory-us", "Reno DC"
LAUNCH = timedelta(hours=1)


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[StockHouse]:
    with stock_house(engine, clock, cin7=Cin7Settings(zero_rows="none")) as house:
        refresh(engine, house.shop, house.erp, house.orders.model, clock)
        yield house.started()


def launches(house: StockHouse, sku: str) -> None:
    """The merchant holds a SKU back until the launch, an hour from now."""
    model, begins = house.orders.model, house.now + LAUNCH
    rule = SafetyRule(name="launch", skus=[sku], cap=Decimal(0), until=begins)
    stock = model.stock.model_copy(update={"rules": [rule]})
    house.orders.model = model.model_copy(update={"stock": stock})
    clock_is_due(house.engine, house.orders.model, house.now)  # the lane looks all the time
    house.stock_pass()
    while house.now < begins - timedelta(minutes=1):
        house.stock_pass(min(10 * MINUTE, (begins - house.now).total_seconds() - 30))


def look(house: StockHouse) -> None:
    follow_hints(house.engine, house.erp, house.shop, house.orders.model, house.clock)


def test_a_launch_is_on_sale_at_once_and_by_the_readings_before_it(house: StockHouse):
    stocked = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    sku = next(s for s, ats in house.offered(LIST).items() if ats > 20 and s in stocked)
    before = house.offered(LIST)[sku]
    launches(house, sku)
    look(house)
    assert house.offered(LIST)[sku] == 0, "half a minute too early"
    house.sandbox.cin7.receive(sku, PLACE, Decimal(7))
    house.read()  # once
    house.clock.sleep(31)
    assert clock_is_due(house.engine, house.orders.model, house.now)
    look(house)
    assert house.offered(LIST)[sku] == 0, "what was read once is in doubt"
    house.stock_pass()
    house.stock_pass()
    assert house.offered(LIST)[sku] == before + 7


def test_what_was_there_all_the_time_is_sold_from_the_first_second(house: StockHouse):
    stocked = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    sku = next(s for s, ats in house.offered(LIST).items() if ats > 20 and s in stocked)
    before = house.offered(LIST)[sku]
    launches(house, sku)
    house.clock.sleep(31)
    look(house)
    assert house.offered(LIST)[sku] == before
    assert not clock_is_due(house.engine, house.orders.model, house.now), "once"
