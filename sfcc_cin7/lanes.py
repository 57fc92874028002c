"""Lanes: jobs that never run beside themselves."""

import dagster as dg

UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def lane_tags(lane: str) -> dict[str, str]:
    """One run at a time in this lane, no retries (the next tick resumes), ten minutes at most."""
    return {"sfcc_cin7/lane": lane, "dagster/max_retries": "0", "dagster/max_runtime": "600"}


def is_running(instance: dg.DagsterInstance, job_name: str) -> bool:
    """Whether a run of the job waits or runs."""
    unfinished = dg.RunsFilter(job_name=job_name, statuses=UNFINISHED)
    return bool(instance.get_runs(unfinished, limit=1))
