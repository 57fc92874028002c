"""The Dagster face of the stock lane."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine

from sfcc_cin7.db.cursors import move_cursor
from sfcc_cin7.db.levels import PATIENCE_FOR_FIRST, awaits_first_stock, record_snapshot
from sfcc_cin7.db.schema import sku_map
from sfcc_cin7.db.stock_passes import passed
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.stock.assets import sfcc_inventory
from sfcc_cin7.stock.checks import (
    WEBHOOK_TOLD,
    inventory_drift,
    snapshot_believed,
    stock_webhook_active,
)
from sfcc_cin7.stock.reading.subscription import PUT_BACK, SEEN_ACTIVE
from sfcc_cin7.stock.records.drifts import correct_drifts, record_drift
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock, ManualClock, SystemClock
from sfcc_cin7_tests.project import SANDBOX_MODEL
from sfcc_cin7_tests.stock.house import StockHouse, stock_house

MODEL = load_operating_model(SANDBOX_MODEL)


@dataclass
class Shop:
    """Stands for the storefront's resource."""

    client: SfccClient


class Bench:
    """Stands for the merchant and the store."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock: Clock = SystemClock()

    def model(self):
        return MODEL


@pytest.fixture
def bench(engine: Engine) -> Bench:
    return Bench(engine)


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[StockHouse]:
    with stock_house(engine, clock) as house:
        yield house.started()


def test_a_pass_in_which_nothing_moved_has_its_page_too(house: StockHouse, bench: Bench):
    house.stock_pass()
    house.stock_pass()
    bench.clock = house.clock
    shown = sfcc_inventory(merchant=bench, store=bench, storefront=Shop(house.shop))
    assert isinstance(shown, dg.MaterializeResult)
    metadata: Any = shown.metadata
    assert metadata["published"] == 0
    assert metadata["largest moves"].records == []
    assert len(metadata["by list"].records) == len(MODEL.inventory_lists)


def test_orders_wait_for_the_first_reading_but_not_for_long(bench: Bench):
    now = bench.clock.now()
    with bench.engine.begin() as connection:
        goods = {"sku": "TENT", "in_shop": True, "in_erp": True, "seen_at": now}
        connection.execute(sku_map.insert().values(goods))
        assert awaits_first_stock(connection, now)
        assert not awaits_first_stock(connection, now + PATIENCE_FOR_FIRST)
        record_snapshot(
            connection, started_at=now, finished_at=now, rows=0, total=0, believed=False
        )
        assert not awaits_first_stock(connection, now)


def test_a_webhook_that_was_off_is_told_for_an_hour(bench: Bench, monkeypatch):
    def check() -> Any:
        return stock_webhook_active(merchant=bench, store=bench)

    assert check().passed
    monkeypatch.setenv("SFCC_CIN7_HOOKS_URL", "https://hooks.example")
    monkeypatch.setenv("SFCC_CIN7_HOOKS_SECRET", "a secret that is long enough")
    assert not check().passed
    now = bench.clock.now()
    with bench.engine.begin() as connection:
        move_cursor(connection, SEEN_ACTIVE, now.isoformat())
    assert check().passed
    with bench.engine.begin() as connection:
        move_cursor(connection, PUT_BACK, now.isoformat())
    assert "put back" in check().description
    with bench.engine.begin() as connection:
        move_cursor(connection, PUT_BACK, (now - WEBHOOK_TOLD).isoformat())
        move_cursor(connection, SEEN_ACTIVE, (now - WEBHOOK_TOLD).isoformat())
    assert "does not succeed" in check().description


def published_and_compared(bench: Bench, at: datetime) -> None:
    """Every list was passed over at that instant, and all its records were looked at."""
    with bench.engine.begin() as connection:
        for each in MODEL.inventory_lists:
            passed(connection, each.id, at)
            turn = " ".join(["0", *[at.isoformat()] * 3])
            move_cursor(connection, f"stock.read_back:{each.id}", turn)


def test_no_drift_is_no_news_while_nobody_looks(bench: Bench):
    result: Any = inventory_drift(merchant=bench, store=bench)
    assert not result.passed
    assert "Nothing is known yet of records of inventory-uk." in result.description
    published_and_compared(bench, bench.clock.now() - timedelta(hours=25))
    result = inventory_drift(merchant=bench, store=bench)
    assert not result.passed
    assert "Of records of inventory-uk nothing is known of the last" in result.description


def test_a_drift_fails_the_check_until_it_is_long_past(bench: Bench):
    published_and_compared(bench, bench.clock.now())
    before: Any = inventory_drift(merchant=bench, store=bench)
    assert before.passed
    with bench.engine.begin() as connection:
        now = bench.clock.now()
        record_drift(
            connection, list_id="inventory-uk", sku="TENT", expected=3, shown=28, seen_at=now
        )
    result: Any = inventory_drift(merchant=bench, store=bench)
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.ERROR
    assert result.metadata["not put right yet"].value == 1
    assert result.metadata["units offered too much now"].value == 25
    with bench.engine.begin() as connection:
        correct_drifts(connection, "inventory-uk", ["TENT"], bench.clock.now())
    result = inventory_drift(merchant=bench, store=bench)
    assert result.metadata["units offered too much now"].value == 0, "it was put right"
    assert "others did lately and were put right: 1." in result.description


def test_a_reading_that_is_not_believed_fails_the_check_with_its_reason(bench: Bench):
    now = bench.clock.now()
    with bench.engine.begin() as connection:
        record_snapshot(
            connection,
            started_at=now,
            finished_at=now,
            rows=9,
            total=9,
            believed=False,
            reason="Total moved from 10 to 9 while it was read.",
        )
    result: Any = snapshot_believed(merchant=bench, store=bench)
    assert not result.passed
    assert "Total moved" in (result.description or "")
