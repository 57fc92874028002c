"""No lane is asked to run beside itself, whatever its rhythm."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest

from sfcc_cin7.definitions import defs

REGULAR = (
    "read_todays_orders",
    "report_the_day_schedule",
    "prune_runs_nightly",
)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("armed")


@pytest.fixture
def instance() -> Iterator[Any]:
    with dg.instance_for_test() as instance:
        yield instance


def asked(instance: Any, name: str) -> tuple[int, str | None]:
    """How many runs a schedule asks for at noon, and why none."""
    repository = defs.get_repository_def()
    context = dg.build_schedule_context(
        instance=instance, scheduled_execution_time=NOON, repository_def=repository
    )
    data = repository.get_schedule_def(name).evaluate_tick(context)
    return len(data.run_requests or []), data.skip_message


@pytest.mark.parametrize("name", REGULAR)
def test_a_lane_is_asked_to_run_once_and_not_while_it_waits_or_runs(instance: Any, name: str):
    assert asked(instance, name) == (1, None)
    job = defs.get_repository_def().get_schedule_def(name).job_name
    instance.add_run(dg.DagsterRun(job_name=job, status=dg.DagsterRunStatus.STARTING))
    assert asked(instance, name) == (0, f"A run of {job} still waits or runs.")


def test_where_runs_queue_orders_go_first_then_people_then_what_is_regular():
    def priority(job: str) -> int:
        return int(defs.get_repository_def().get_job(job).tags["dagster/priority"])

    regular = {priority(job) for job in ("stock_delta", "keep_books", "read_catalogues")}
    assert priority("post_orders") > priority("correct_order") > max(regular)
    assert min(regular) > 0  # whose turn it is before a backfill's, which has none
