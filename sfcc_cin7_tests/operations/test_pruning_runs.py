"""Old runs of Dagster are forgotten, and nothing that tells the present."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time
from sqlalchemy import Engine, text

from sfcc_cin7.operations.pruning import Pruned, prune
from sfcc_cin7.values.clock import Clock, ManualClock
from sfcc_cin7_tests.operations.dagster_storage import dagster_storage, materialized

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAYS = 14


@dg.op
def tell_of_it(context: dg.OpExecutionContext) -> None:
    day = context.run.tags["day"]
    context.log_event(dg.AssetMaterialization("order_ledger", partition=day))
    context.log_event(dg.AssetCheckEvaluation(dg.AssetKey("order_ledger"), "agrees", passed=True))  # type: ignore[arg-type]


@dg.job(executor_def=dg.in_process_executor)
def keep_books() -> None:
    tell_of_it()


@pytest.fixture
def instance(engine: Engine, tmp_path: Path) -> Iterator[Any]:
    with dagster_storage(engine, tmp_path) as found:
        yield found


class House:
    """Dagster's storage with a past."""

    def __init__(self, engine: Engine, instance: Any) -> None:
        self.engine, self.instance = engine, instance
        self.clock = ManualClock(NOW)

    def ran(self, days_ago: int, day: str) -> str:
        """A run of some days ago that told of the books of a day, and printed something."""
        at = NOW - timedelta(days=days_ago)
        with freeze_time(at):
            done = keep_books.execute_in_process(instance=self.instance, tags={"day": day})
        self.date(done.run_id, at)
        self.printed(done.run_id).mkdir(parents=True, exist_ok=True)
        (self.printed(done.run_id) / "step.out").write_text("a line")
        return done.run_id

    def date(self, run_id: str, at: datetime) -> None:
        """What the database dates by its own clock."""
        with self.engine.begin() as connection:
            for table in ("runs", "asset_check_executions"):
                dated = text(
                    f"update dagster.{table} set create_timestamp = :at where run_id = :run"
                )
                connection.execute(dated, {"at": at.replace(tzinfo=None), "run": run_id})

    def printed(self, run_id: str) -> Path:
        return Path(self.instance.compute_log_manager._base_dir) / run_id / "compute_logs"

    def rows(self, table: str) -> int:
        with self.engine.connect() as connection:
            return connection.scalar(text(f"select count(*) from dagster.{table}")) or 0

    def there(self, *run_ids: str) -> list[bool]:
        return [self.instance.has_run(run_id) for run_id in run_ids]

    def prune(self, clock: Clock | None = None, **given: Any) -> Pruned:
        return prune(self.engine, self.instance, clock or self.clock, DAYS, **given)


@pytest.fixture
def house(engine: Engine, instance: Any) -> House:
    return House(engine, instance)


def test_an_old_run_leaves_with_its_events_what_it_printed_and_what_its_checks_said(
    house: House,
) -> None:
    old, young = house.ran(15, "2026-03-31"), house.ran(13, "2026-03-31")
    with house.engine.connect() as connection:
        events = text("select count(*) from dagster.event_logs where run_id = :run")
        assert connection.scalar(events, {"run": old})
    done = house.prune()

    assert (done.runs, done.all_done) == (1, True)
    assert house.there(old, young) == [False, True]
    with house.engine.connect() as connection:
        assert not connection.scalar(events, {"run": old})
    assert not house.printed(old).parent.exists()
    assert (house.printed(young) / "step.out").exists()
    assert house.rows("asset_check_executions") == 1
    assert house.prune() == Pruned(all_done=True)


def test_the_last_that_was_told_of_a_day_stays_however_old(house: House) -> None:
    first, last = house.ran(30, "2026-03-01"), house.ran(29, "2026-03-01")
    assert house.prune().runs == 1
    assert house.there(first, last) == [False, True]


def test_a_run_that_has_not_finished_stays(house: House) -> None:
    run = house.instance.create_run_for_job(keep_books, status=dg.DagsterRunStatus.STARTED)
    house.date(run.run_id, NOW - timedelta(days=99))
    assert house.prune().runs == 0
    assert house.there(run.run_id) == [True]


def test_events_of_no_run_leave_but_the_last_of_each_asset(house: House) -> None:
    for days_ago in (20, 19, 18):
        materialized(house.instance, "cin7_calls", NOW - timedelta(days=days_ago))
    materialized(house.instance, "review_inbox", NOW - timedelta(days=20))
    assert house.prune().events == 2
    assert house.rows("event_logs") == 2
    last = house.instance.get_latest_materialization_event(dg.AssetKey("cin7_calls"))
    assert last is not None
    assert datetime.fromtimestamp(last.timestamp, UTC) == NOW - timedelta(days=18)


def test_it_ends_when_its_time_is_over_and_goes_on_the_next_night(house: House) -> None:
    runs = [house.ran(20, "2026-03-31") for _ in range(3)]
    house.ran(1, "2026-03-31")

    class Hurried(ManualClock):
        """A minute passes at each look."""

        def now(self) -> datetime:
            self.sleep(60)
            return super().now()

    done = house.prune(Hurried(NOW), longest=timedelta(minutes=3))
    assert not done.all_done
    assert 0 < done.runs < 3
    assert house.prune().all_done
    assert house.there(*runs) == [False] * 3


def test_our_own_tables_are_not_touched(house: House) -> None:
    def counted() -> dict[str, int]:
        with house.engine.connect() as connection:
            tables = connection.scalars(
                text("select tablename from pg_tables where schemaname = 'sfcc_cin7'")
            ).all()
            return {
                table: connection.scalar(text(f"select count(*) from sfcc_cin7.{table}"))
                for table in tables
            }

    house.ran(20, "2026-03-31")
    before = counted()
    house.prune()
    assert counted() == before
