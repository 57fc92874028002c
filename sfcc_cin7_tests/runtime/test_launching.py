"""Where runs are launched: lanes with the code server, what is heavy on a machine of its own."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.launcher.base import LaunchRunContext, RunLauncher

from sfcc_cin7.definitions import defs
from sfcc_cin7.runtime import launching
from sfcc_cin7.runtime.launching import LAUNCHED_HEAVY, LanesStay, is_heavy


class Noted(RunLauncher[dg.DagsterInstance]):
    """Notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.launched: list[str] = []
        self.ended: list[str] = []

    def launch_run(self, context: LaunchRunContext) -> None:
        self.launched.append(context.dagster_run.run_id)

    def terminate(self, run_id: str) -> bool:
        self.ended.append(run_id)
        return True


@dg.job
def anything() -> None:
    pass


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def test_every_lane_that_somebody_waits_for_stays() -> None:
    jobs = defs.get_repository_def().get_all_jobs()
    heavy = {job.name for job in jobs if is_heavy(job.tags)}
    assert heavy == {
        "__ASSET_JOB",
        "read_orders",
        "report_month",
        "close_month",
        "reopen_month",
    } | (heavy & {"sign_month"})
    stay = {job.name for job in jobs} - heavy
    assert {"post_orders", "keep_books", "stock_delta", "tell_shipments", "retry_orders"} <= stay


def test_a_run_is_launched_and_ended_where_it_belongs(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays, heavy = Noted(), Noted()
    monkeypatch.setattr(launching, "DefaultRunLauncher", lambda: stays)
    monkeypatch.setattr(launching, "_kubernetes", lambda _: heavy)
    launcher = LanesStay({})
    launcher.register_instance(instance)
    given: list[dict[str, str]] = [{"sfcc_cin7/resident": "orders"}, {"dagster/backfill": "abc"}]
    runs = [instance.create_run_for_job(anything, tags=tags) for tags in given]
    for run in runs:
        launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=_none()))
        launcher.terminate(run.run_id)
    posting, backfill = (run.run_id for run in runs)
    assert (stays.launched, stays.ended) == ([posting], [posting])
    assert (heavy.launched, heavy.ended) == ([backfill], [backfill])
    remembered = instance.get_run_by_id(backfill)
    assert remembered is not None
    assert LAUNCHED_HEAVY in remembered.tags


def _none() -> Any:
    """No workspace: nobody looks into it."""
    return None
