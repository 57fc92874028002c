"""Brands share Dagster's tables; whoever looks at one from outside sees nothing of another."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    InProcessCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    TickData,
    TickStatus,
)
from dagster._core.test_utils import create_run_for_test, freeze_time
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from sqlalchemy import Engine

from sfcc_cin7.db.brands import schema_of
from sfcc_cin7.operations.pruning import prune
from sfcc_cin7.operations.records import dagster_tables
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.operations.dagster_storage import dagster_storage

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BRANDS = ("", "outdoor", "out")


def repository(brand: str) -> RemoteRepositoryOrigin:
    target = LoadableTargetOrigin(module_name="sfcc_cin7.definitions")
    where = InProcessCodeLocationOrigin(target, location_name=schema_of(brand))
    return RemoteRepositoryOrigin(where, "__repository__")


def run_of(instance: Any, brand: str, status: dg.DagsterRunStatus) -> str:
    origin = RemoteJobOrigin(repository(brand), "post_orders")
    run = create_run_for_test(
        instance, job_name="post_orders", status=status, remote_job_origin=origin
    )
    return str(run.run_id)


def looked(instance: Any, brand: str, at: datetime) -> None:
    origin = RemoteInstigatorOrigin(repository(brand), "keep_posting")
    kind = InstigatorType.SENSOR
    state = InstigatorState(origin, kind, InstigatorStatus.DECLARED_IN_CODE)
    instance.add_instigator_state(state)
    instance.create_tick(
        TickData(
            instigator_origin_id=state.instigator_origin_id,
            instigator_name="keep_posting",
            instigator_type=kind,
            status=TickStatus.SKIPPED,
            timestamp=at.timestamp(),
            selector_id=state.selector_id,
        )
    )


def key(brand: str, asset: str) -> dg.AssetKey:
    return dg.AssetKey([brand, asset] if brand else [asset])


@pytest.fixture
def speakers(engine: Engine, second_brand: Engine) -> dict[str, Engine]:
    return {"": engine, "outdoor": second_brand}


def test_a_brand_sees_its_own_looks_runs_assets_and_checks(
    engine: Engine, speakers: dict[str, Engine], tmp_path: Path
) -> None:
    with dagster_storage(engine, tmp_path) as instance:
        for minutes, brand in enumerate(BRANDS):
            at = NOON + timedelta(minutes=minutes)
            looked(instance, brand, at)
            with freeze_time(at):
                made = dg.AssetMaterialization(key(brand, "sku_map"))
                said = dg.AssetCheckEvaluation(
                    asset_key=key(brand, "sku_map"), check_name=f"c{minutes}", passed=False
                )
                instance.report_runless_asset_event(made)
                instance.report_runless_asset_event(said)
            for _ in range(minutes + 1):
                run_of(instance, brand, dg.DagsterRunStatus.STARTED)
        for minutes, brand in enumerate(BRANDS[:2]):
            at = NOON + timedelta(minutes=minutes)
            with speakers[brand].connect() as connection:
                assert dagster_tables.last_look(connection) == at
                assert dagster_tables.run_queue(connection).running == minutes + 1
                assert dagster_tables.materialized(connection, "sku_map", 5) == [at]
                [failed] = dagster_tables.failed_checks(connection)
                assert (failed.name, failed.asset) == (f"c{minutes}", "sku_map")


def test_what_one_merchant_forgets_another_keeps(
    engine: Engine, speakers: dict[str, Engine], tmp_path: Path
) -> None:
    clock = ManualClock(NOON)
    with dagster_storage(engine, tmp_path) as instance:
        with freeze_time(NOON - timedelta(days=50)):
            runs = {
                brand: run_of(instance, brand, dg.DagsterRunStatus.SUCCESS) for brand in speakers
            }
            for brand in speakers:
                for _ in range(2):
                    made = dg.AssetMaterialization(key(brand, "sku_map"))
                    instance.report_runless_asset_event(made)
        done = prune(speakers["outdoor"], instance, clock, keep_days=30)
        assert done.all_done
        assert done.runs == done.events == 1
        assert instance.has_run(runs[""])
        assert not instance.has_run(runs["outdoor"])
        assert prune(engine, instance, clock, keep_days=30).runs == 1
