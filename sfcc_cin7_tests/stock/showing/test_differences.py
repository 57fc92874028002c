"""What differs for a reason is not alarming until it stays; what sells most alarms first."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.db.drifts import lagging
from sfcc_cin7.db.schema import order_units, sku_map, stock_in_flight, stock_publications
from sfcc_cin7.stock.checks import inventory_drift, nothing_oversold
from sfcc_cin7.stock.records.drifts import record_drift
from sfcc_cin7.stock.records.listed_skus import orders_by_sku_since
from sfcc_cin7.stock.showing.overview import overview
from sfcc_cin7.systems.http.errors import Refused
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.stock.house import MINUTE, StockHouse, stock_house

LIST, PLACE, SITE = "inventory-us", "Reno DC", "alpenglow-us"


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[StockHouse]:
    with stock_house(engine, clock) as house:
        yield house.started()


def desk(house: StockHouse) -> Any:
    """Stands for the merchant and the store."""
    model = house.orders.model
    return SimpleNamespace(engine=house.engine, clock=house.clock, model=lambda: model)


def drift_check(house: StockHouse) -> Any:
    return inventory_drift(merchant=desk(house), store=desk(house))


def lags(house: StockHouse, until: datetime | None = None) -> list[tuple[str, str, Decimal]]:
    with house.engine.connect() as connection:
        return [
            (row.sku, row.kind, row.shown - row.expected)
            for row in lagging(connection, until or house.now)
        ]


def plenty(house: StockHouse) -> str:
    return next(sku for sku, ats in house.offered(LIST).items() if ats > 20)


def test_an_order_that_only_the_storefront_knows_is_in_flight_until_we_have_it(house: StockHouse):
    placed = house.sandbox.shoppers.place(SITE, "plain")
    line = placed["productItems"][0]
    house.stock_pass(20)
    assert (line["productId"], "in-flight", -line["quantity"]) in lags(house)
    assert drift_check(house).passed, "it explains itself"
    house.orders.run()
    house.stock_pass(20)
    assert lags(house) == []


def test_orders_are_read_of_each_sku_since_its_own_instant(house: StockHouse):
    """A year of what hardly sells, and an hour of what everybody buys."""
    key = house.orders.order(SITE)
    house.orders.run()
    house.clock.sleep(MINUTE)
    with house.engine.connect() as connection:
        query = select(order_units.c.sku).where(order_units.c.order_key == key)
        sku = connection.scalars(query).first()
        assert sku is not None
        before, after = house.now - timedelta(hours=1), house.now
        read = orders_by_sku_since(connection, [SITE], {sku: before, "SLOW": after})
        assert [row.units > 0 for row in read[sku]] == [True]
        assert orders_by_sku_since(connection, [SITE], {sku: after, "SLOW": before}) == {}


def test_an_order_that_never_comes_is_alarming_when_it_stays(house: StockHouse):
    sku = house.sandbox.shoppers.place(SITE, "plain")["productItems"][0]["productId"]
    house.stock_pass(20)
    with house.engine.connect() as connection:
        first = connection.scalar(
            select(stock_in_flight.c.seen_at).where(stock_in_flight.c.sku == sku)
        )
    for _ in range(house.orders.model.stock.lag_minutes + 1):
        house.stock_pass(MINUTE)
    assert lags(house, first)[0][:2] == (sku, "in-flight"), "the first sight counts"
    result = drift_check(house)
    assert not result.passed
    (row,) = [r.data for r in result.metadata["largest"].records if sku in r.data["what"]]
    assert row["what"] == f"SKU {sku} in {LIST}"
    assert row["why"].startswith("both count other orders that are on their way; ")
    assert row["since"].endswith(", 16 min ago")


def test_a_fall_that_cannot_be_written_is_the_erps_movement_and_says_what_it_should_be(house):
    sku = plenty(house)
    before = house.offered(LIST)[sku]
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(11))
    house.sandbox.faults.rates["sfcc.record_conflict"] = 1.0
    house.stock_pass()
    assert lags(house) == [(sku, "erp-moved", before - 10)]
    assert drift_check(house).passed
    house.sandbox.faults.rates.clear()
    house.stock_pass()
    assert lags(house) == []


class Closed:
    """The storefront without the right to read inventory lists."""

    def __init__(self, shop: SfccClient) -> None:
        self._shop = shop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shop, name)

    def inventory_list(self, list_id: str) -> Any:
        raise Refused("sfcc", "GET list", 403, "ClientAccessForbiddenException")


def test_a_list_that_cannot_be_published_is_alarming_when_that_stays(house: StockHouse):
    """Nothing is compared then either, and the asset is materialized: it would be quiet."""
    shop = house.shop
    closed: Any = Closed(shop)
    house.shop = closed
    house.stock_pass()
    assert drift_check(house).passed
    house.stock_pass(house.orders.model.stock.lag_minutes * MINUTE)
    result = drift_check(house)
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.ERROR
    assert f"{LIST} was not published since" in result.description
    house.shop = shop
    house.stock_pass()
    assert drift_check(house).passed


def test_what_is_not_sold_any_more_neither_waits_nor_drifts(house: StockHouse):
    """A product that the merchant took out of the storefront while a delivery of it waited."""
    refresh(house.engine, house.shop, house.erp, house.orders.model, house.clock)
    house.stock_pass()
    rising, edited = [sku for sku, ats in house.offered(LIST).items() if ats > 20][:2]
    house.sandbox.cin7.receive(rising, PLACE, Decimal(30))
    house.stock_pass()
    assert [row[:2] for row in lags(house)] == [(rising, "erp-moved")]
    with house.engine.begin() as connection:
        gone = sku_map.c.sku.in_([rising, edited])
        connection.execute(sku_map.update().where(gone).values(in_shop=False))
    house.sandbox.sfcc.edit_allocation(LIST, edited, Decimal(999))
    for _ in range(3):
        house.stock_pass()
    assert lags(house) == []
    assert drift_check(house).passed


@pytest.mark.parametrize(("sold", "severity"), [(0, "WARN"), (5, "ERROR")])
def test_a_small_drift_is_an_error_only_for_what_sells(house, sold, severity):
    sku = plenty(house)
    if sold:
        key = house.orders.order(SITE)
        house.orders.run()
        with house.engine.begin() as connection:
            connection.execute(order_units.delete().where(order_units.c.order_key == key))
            line = {"order_key": key, "sku": sku, "units": sold, "booked": sold}
            connection.execute(order_units.insert(), [line])
    with house.engine.begin() as connection:
        record_drift(
            connection,
            list_id=LIST,
            sku=sku,
            expected=3,
            shown=4,
            seen_at=house.now,
            corrected_at=house.now,
        )
    result = drift_check(house)
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity[severity]


def test_an_oversell_is_explained_by_the_reading_and_the_publication_before_it(house: StockHouse):
    basket = house.sandbox.shoppers.fill_basket(SITE, "plain")
    sku = basket["productItems"][0]["productId"]
    told_at = house.now
    house.clock.sleep(5)
    number = house.sandbox.sfcc.place(basket)["orderNo"]
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(0))
    house.orders.run()
    result: Any = nothing_oversold(merchant=desk(house), store=desk(house))
    assert not result.passed
    (row,) = [each.data for each in result.metadata["oversold"].records]
    assert row["SKU"] == sku
    assert row["order"] == f"{number} (Alpenglow US)"
    offered = re.search(rf"in {LIST} at (.*) GMT, upon (\d+) read at", row["offered then"])
    assert offered is not None
    assert offered[1] <= f"{told_at:%Y-%m-%d %H:%M:%S}"
    assert f"{offered[2]} when it was posted" in row["why"]
    assert row["why"].startswith("Units left the ERP between the reading and the posting")


def test_what_a_rule_allowed_to_be_backordered_is_not_oversold(house: StockHouse):
    basket = house.sandbox.shoppers.fill_basket(SITE, "plain")
    sku = basket["productItems"][0]["productId"]
    with house.engine.begin() as connection:
        connection.execute(
            stock_publications.update()
            .where(stock_publications.c.sku == sku)
            .values(backorder_units=99)
        )
    house.sandbox.sfcc.place(basket)
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(0))
    house.orders.run()
    result: Any = nothing_oversold(merchant=desk(house), store=desk(house))
    assert result.passed


def test_the_asset_tells_coverage_pace_and_what_moved_most(house: StockHouse):
    sku = plenty(house)
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(11))
    house.stock_pass()
    with house.engine.connect() as connection:
        told = overview(connection, house.orders.model, house.now)
    assert told["levels changed in the last hour"] > 0
    assert told["figures published in the last hour"] > 0
    assert told["oldest unpublished change"] == "none"
    assert LIST in told["coverage"].value
    assert sku in told["what moved most"].value
    assert "there is no plot before a day of figures" in told["what moved most"].value
    with house.engine.connect() as connection:
        tomorrow = overview(connection, house.orders.model, house.now + timedelta(hours=22))
    assert "data:image/svg+xml;base64," in tomorrow["what moved most"].value
    house.sandbox.cin7.receive(sku, PLACE, Decimal(11))
    house.clock.sleep(timedelta(minutes=1).total_seconds())
    house.read()
    house.publish()
    with house.engine.connect() as connection:
        assert overview(connection, house.orders.model, house.now)[
            "oldest unpublished change"
        ].startswith(f"{house.now:%Y-%m-%d %H:%M}")
