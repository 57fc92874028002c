"""The Dagster face of the stock lane."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine

from sfcc_cin7.clock import SystemClock
from sfcc_cin7.definitions import defs
from sfcc_cin7.operating_model import load_operating_model
from sfcc_cin7.stock.assets import cin7_stock, sfcc_inventory
from sfcc_cin7.stock.checks import inventory_drift, snapshot_believed
from sfcc_cin7.stock.schedules import stock_delta, stock_every_minute
from sfcc_cin7.store.levels import record_snapshot
from sfcc_cin7.store.stock import record_drift

MODEL = load_operating_model(Path(__file__).parents[2] / "config" / "sandbox.yaml")


class Bench:
    """Stands for the merchant and the store."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = SystemClock()

    def model(self):
        return MODEL


@pytest.fixture
def bench(engine: Engine) -> Bench:
    return Bench(engine)


def test_the_job_reads_and_publishes_and_nothing_else():
    job = defs.resolve_job_def(stock_delta.name)
    names = {key.to_user_string() for key in job.asset_layer.selected_asset_keys}
    assert names == {"cin7_stock", "sfcc_inventory"}
    assert cin7_stock.key in sfcc_inventory.asset_deps[sfcc_inventory.key]


def test_the_schedule_starts_a_pass_and_none_beside_another():
    with dg.instance_for_test() as instance:
        context = dg.build_schedule_context(instance=instance)
        assert isinstance(stock_every_minute(context), dg.RunRequest)
        job = dg.GraphDefinition(stock_delta.name).to_job()
        instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        assert isinstance(stock_every_minute(context), dg.SkipReason)


def test_a_drift_fails_the_check_until_it_is_long_past(bench: Bench):
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
    assert result.metadata["drifts"].value == 1


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
    result: Any = snapshot_believed(store=bench)
    assert not result.passed
    assert "Total moved" in (result.description or "")
