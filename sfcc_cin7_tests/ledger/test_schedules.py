"""Which days are reconciled when."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from sfcc_cin7.ledger.definitions import defs
from sfcc_cin7.ledger.schedules import reconcile_day, reconcile_regularly
from sfcc_cin7.runtime.resources import from_environment

pytestmark = pytest.mark.usefixtures("armed")


def asked_for(instance, at):
    location = dg.Definitions.merge(defs, dg.Definitions(resources=from_environment()))
    context = dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=at,
        repository_def=location.get_repository_def(),
    )
    requests = reconcile_regularly.evaluate_tick(context).run_requests or []
    return [request.partition_key for request in requests]


@pytest.fixture
def instance():
    with dg.instance_for_test() as instance:
        yield instance


def test_today_is_reconciled_and_yesterday_too_in_the_first_hour(instance):
    assert asked_for(instance, datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) == ["2026-03-02"]
    assert asked_for(instance, datetime(2026, 3, 2, 0, 58, tzinfo=UTC)) == [
        "2026-03-01",
        "2026-03-02",
    ]


def test_nothing_is_asked_for_while_the_last_one_still_waits_or_runs(instance):
    instance.add_run(
        dg.DagsterRun(
            job_name=reconcile_day.name,
            run_id="11111111-2222-3333-4444-555555555555",
            status=dg.DagsterRunStatus.STARTED,
        )
    )
    assert asked_for(instance, datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) == []
