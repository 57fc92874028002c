"""Forgets old runs of Dagster, their events and what they printed, batch by batch.

What was printed by runs that are gone already is forgotten too. Our own tables are not touched, nor
is a run that has not finished. Repeating it changes nothing, and what does not fit into its time is
taken up the next night.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
from sqlalchemy import Engine

from sfcc_cin7.operations.records import old_runs
from sfcc_cin7.runtime import brands
from sfcc_cin7.runtime.lanes import lane_tags, regularly
from sfcc_cin7.runtime.resources import Merchant, Store
from sfcc_cin7.runtime.storage import ComputeLogs
from sfcc_cin7.values.clock import Clock

FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
LONGEST = timedelta(minutes=8)
"""It ends by itself before its lane's limit of ten minutes."""
BATCH = 1000
"""Rows in one transaction."""


@dataclass
class Pruned:
    """What was forgotten; `all_done` says whether nothing that is old enough is left."""

    runs: int = 0
    events: int = 0
    evaluations: int = 0
    all_done: bool = False


def prune(
    engine: Engine,
    instance: dg.DagsterInstance,
    clock: Clock,
    keep_days: int,
    longest: timedelta = LONGEST,
) -> Pruned:
    """Forget what the brand has older than `keep_days`: finished runs with their events and compute
    logs, events of no run, and results of checks; for as long as `longest`."""
    done, until = Pruned(), clock.now() + longest
    before = clock.now() - timedelta(days=keep_days)
    with engine.connect() as connection:
        needed = old_runs.runs_still_needed(connection) | old_runs.runs_of_others(connection)
        materializations = old_runs.newest_materializations(connection)
        evaluations = old_runs.newest_evaluations(connection)
    old = instance.get_run_ids(dg.RunsFilter(statuses=FINISHED, created_before=before))
    for run_id in reversed(old):  # the oldest first
        if clock.now() >= until:
            return done
        if run_id not in needed:
            # What it printed first: once the run is gone nobody would look for that again.
            logs: Any = instance.compute_log_manager
            logs.delete_logs(prefix=[run_id])
            instance.delete_run(run_id)
            done.runs += 1

    def emptied(forget: Callable[..., int], kept: list[int]) -> int:
        return _in_batches(engine, clock, until, before, forget, kept)

    if isinstance(instance.compute_log_manager, ComputeLogs):
        instance.compute_log_manager.forget_strays(before, instance.has_run)
    done.events = emptied(old_runs.forget_events_without_run, materializations)
    done.evaluations = emptied(old_runs.forget_evaluations, evaluations)
    done.all_done = clock.now() < until
    return done


def _in_batches(
    engine: Engine,
    clock: Clock,
    until: datetime,
    before: datetime,
    forget: Callable[..., int],
    kept: list[int],
) -> int:
    forgotten = 0
    while clock.now() < until:
        with engine.begin() as connection:
            batch = forget(connection, before, kept, BATCH)
        forgotten += batch
        if batch < BATCH:
            break
    return forgotten


@dg.op(description="Forgets runs, their events and what they printed, by age.")
def prune_old_runs(context: dg.OpExecutionContext, merchant: Merchant, store: Store) -> None:
    days = merchant.model().operations.keep_runs_days
    done = prune(store.engine, context.instance, store.clock, days)
    context.log.info(
        f"{done.runs} runs, {done.events} events of no run and {done.evaluations} results of checks"
        f" older than {days} days are forgotten"
        + ("." if done.all_done else "; the rest follows the next night.")
    )


@brands.job(
    executor_def=dg.in_process_executor,
    tags=lane_tags("runs-history"),
    description="Forgets runs of Dagster that are older than operations.keep_runs_days.",
)
def prune_runs() -> None:
    prune_old_runs()


prune_runs_nightly = regularly(
    "prune_runs_nightly",
    prune_runs,
    "50 3 * * *",
    "Every night, what is older than operations.keep_runs_days.",
)
