"""What the UI shows of a check: its last verdict, whatever runs, waits or dies.

`shown` asks Dagster what the UI asks: the execution that the catalogue's GraphQL resolves.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from dagster._core.loader import LoadingContextForTest
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord
from sqlalchemy import Engine

from sfcc_cin7.runtime.looking import KEPT, looked
from sfcc_cin7.runtime.readable import can_be_read
from sfcc_cin7.runtime.telling import evaluation, tell
from sfcc_cin7_tests.operations.dagster_storage import dagster_storage

DAYS = dg.DailyPartitionsDefinition("2026-01-01")


@dg.asset(partitions_def=DAYS)
def books() -> None:
    """Something that is kept by day."""


@dg.asset_check(asset=books)
def they_agree() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, description="They differ.")


def between() -> None:
    """What happens before a lane speaks."""


@dg.op
def keep(context: dg.OpExecutionContext) -> None:
    """What a lane does: an asset is brought up to date, and its check evaluated, in one run."""
    result = dg.AssetCheckResult(check_name="they_agree", passed=False)
    for _ in range(2):
        between()
        tell(context, books, {}, [evaluation(they_agree, result)], partition="2026-01-02")


@dg.job
def keep_books() -> None:
    keep()


@pytest.fixture(scope="module")
def storage(migrated: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Storage as the product has it: SQLite dates records by whole seconds."""
    with dagster_storage(migrated, tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture
def instance(storage: Any) -> dg.DagsterInstance:
    """Nothing was ever said."""
    storage.wipe_assets([KEY.asset_key])
    found: dg.DagsterInstance = storage
    return found


[KEY] = they_agree.check_keys
OLD = dg.AssetCheckEvaluation(KEY.asset_key, KEY.name, passed=True)


def shown(instance: dg.DagsterInstance) -> str | None:
    """The status that the catalogue shows; None where it shows none."""

    async def ask() -> str | None:
        context = LoadingContextForTest(instance)
        record = await AssetCheckExecutionRecord.gen(context, KEY)
        if record is None or not await record.targets_latest_materialization(context):
            return None
        return (await record.resolve_status(context)).value

    return asyncio.run(ask())


def look(instance: dg.DagsterInstance, later: timedelta = timedelta(0)) -> int:
    """One look that keeps the check readable; how much it wrote down."""
    now = datetime.now(UTC) + later
    store: Any = SimpleNamespace(clock=SimpleNamespace(now=lambda: now))
    context = dg.build_sensor_context(instance)
    result = looked(context, store, store, [], kept=[they_agree])
    for event in result.asset_events:
        instance.report_runless_asset_event(event)
    return len(result.asset_events)


def test_what_a_lane_says_of_a_day_is_what_the_catalogue_shows(instance: Any) -> None:
    keep_books.execute_in_process(instance=instance)
    assert shown(instance) == "FAILED"
    assert look(instance) == 0, "nothing is said twice"


def test_a_lane_that_speaks_again_is_heard_although_somebody_spoke_meanwhile(
    instance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def somebody_speaks() -> None:
        instance.report_runless_asset_event(OLD)

    monkeypatch.setattr(f"{__name__}.between", somebody_speaks)
    keep_books.execute_in_process(instance=instance)
    assert shown(instance) == "FAILED", "not what somebody said between"


def test_what_is_said_without_a_run_is_what_the_catalogue_shows(instance: Any) -> None:
    assert shown(instance) is None
    assert look(instance) == 1
    assert shown(instance) == "FAILED"
    assert look(instance) == 0


def test_a_run_that_waits_hides_the_verdict_for_one_look_at_most(instance: Any) -> None:
    look(instance)
    job = dg.define_asset_job("by_hand", [books]).resolve(
        asset_graph=dg.Definitions([books], asset_checks=[they_agree]).resolve_asset_graph()
    )
    instance.create_run_for_job(job, tags={"dagster/partition": "2026-01-03"})
    assert shown(instance) == "IN_PROGRESS", "this is what hid three checks of four"
    assert look(instance) == 1
    assert shown(instance) == "FAILED"


def test_a_run_that_could_not_start_fails_as_a_run_and_no_check_with_it(instance: Any) -> None:
    look(instance)
    job = dg.define_asset_job("by_hand", [books]).resolve(
        asset_graph=dg.Definitions([books], asset_checks=[they_agree]).resolve_asset_graph()
    )
    run = instance.create_run_for_job(job, tags={"dagster/partition": "2026-01-03"})
    instance.report_run_failed(run, "It could not start.")
    assert shown(instance) == "EXECUTION_FAILED"
    assert look(instance) == 1
    assert shown(instance) == "FAILED"


def test_a_materialization_that_comes_without_the_check_hides_nothing(instance: Any) -> None:
    look(instance)
    dg.materialize([books], instance=instance, partition_key="2026-01-02")
    assert shown(instance) is None
    assert look(instance) == 1
    assert shown(instance) == "FAILED"


def test_what_no_lane_says_any_more_is_said_again_when_it_is_old(instance: Any) -> None:
    instance.report_runless_asset_event(OLD)
    now = datetime.now(UTC)
    assert can_be_read(instance, KEY, now - KEPT)
    assert not can_be_read(instance, KEY, now + timedelta(minutes=1))
    assert look(instance, KEPT + timedelta(minutes=1)) == 1
