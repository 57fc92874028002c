"""Lanes: jobs that never run beside themselves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import dagster as dg

from sfcc_cin7.runtime.arming import when_armed
from sfcc_cin7.runtime.brands import named

UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


FOR_SHOPPERS, FOR_PEOPLE, REGULAR = 3, 2, 1
"""Which run goes first where runs queue: orders, then what somebody asked for and waits to see,
then the other lanes. What is launched by hand on an asset has 0, backfills among it."""


def lane_tags(lane: str, max_seconds: int = 600, priority: int = REGULAR) -> dict[str, str]:
    """One run at a time in this lane, no retries (the next tick resumes), ten minutes at most."""
    return {
        "sfcc_cin7/lane": named(lane),
        "dagster/max_retries": "0",
        "dagster/max_runtime": str(max_seconds),
        "dagster/priority": str(priority),
    }


def is_running(instance: dg.DagsterInstance, job_name: str) -> bool:
    """Whether a run of the job waits or runs."""
    unfinished = dg.RunsFilter(job_name=job_name, statuses=UNFINISHED)
    return bool(instance.get_runs(unfinished, limit=1))


def fresh_within(late_after: timedelta) -> dg.FreshnessPolicy:
    """What the UI shows of an asset's age: amber when its lane is late, red when late by as much
    again, as the check `lanes_on_time` has it."""
    return dg.FreshnessPolicy.time_window(fail_window=2 * late_after, warn_window=late_after)


class Job(Protocol):
    """A job, whether of ops or of assets; what is scheduled is found by its name."""

    @property
    def name(self) -> str: ...


Wanted = dg.RunRequest | list[dg.RunRequest] | dg.SkipReason
Decide = Callable[[dg.ScheduleEvaluationContext], Wanted]


def regularly(
    name: str, job: Job, cron: str, description: str | None, wanted: Decide | None = None
) -> dg.ScheduleDefinition:
    """A schedule (UTC, on from the start) that asks for nothing while a run of its job waits or
    runs; otherwise for what is `wanted`, which is one run where nothing else is said."""

    @dg.schedule(
        name=name,
        job_name=job.name,
        cron_schedule=cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=description,
    )
    @when_armed
    def decide(context: dg.ScheduleEvaluationContext) -> Wanted:
        if is_running(context.instance, job.name):
            return dg.SkipReason(f"A run of {job.name} still waits or runs.")
        return wanted(context) if wanted else dg.RunRequest()

    return decide
