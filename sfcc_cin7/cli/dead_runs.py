"""Tells Dagster of runs whose processes have ended without its code server noticing.

Dagster's launcher for one machine (`DefaultRunLauncher`) looks after a run in the code server that
started it. If that is killed the run goes on, but when it dies as well nobody tells: Dagster would
believe in it until its time is over, and keep its lane closed so long.
"""

import json
import os
from contextlib import suppress

import dagster as dg
import psutil
from dagster import DagsterEventType, DagsterInstance, DagsterRun, DagsterRunStatus, RunsFilter

from sfcc_cin7.cli.supervisor import LOOPBACK

LAUNCHED_BY = ".dagster/grpc_info"
"""The tag by which the launcher remembers the code server (Dagster 1.13, `GRPC_INFO_TAG`)."""
ALIVE = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
TOLD = "Its process ended without a word."


class DeadRuns:
    """Looks after the runs of this machine's code server, which listens on a loopback port."""

    def __init__(self, instance: DagsterInstance) -> None:
        self._instance = instance
        self._processes: dict[str, int] = {}
        self._suspects: set[str] = set()

    def close_former(self) -> None:
        """At the start of a supervisor: what looks alive died with the former one."""
        for run in self._ours([*ALIVE, DagsterRunStatus.NOT_STARTED]):
            process = self._process(run)
            if process is None or not _lives(process):
                self._instance.report_run_failed(run, TOLD)

    def look(self) -> None:
        """Report runs whose processes have ended, if they still look alive at the next look."""
        gone = {
            run.run_id: run
            for run in self._ours(ALIVE)
            if (process := self._process(run)) is not None and not _lives(process)
        }
        for run_id in self._suspects & gone.keys():
            self._instance.report_run_failed(gone[run_id], TOLD)
        self._suspects = gone.keys() - self._suspects

    def _ours(self, statuses: list[DagsterRunStatus]) -> list[DagsterRun]:
        runs = self._instance.get_runs(RunsFilter(statuses=statuses))
        return [run for run in runs if _was_launched_here(run)]

    def _process(self, run: DagsterRun) -> int | None:
        """The process that executes a run, as its first event tells; None before that."""
        if run.run_id not in self._processes:
            events = self._instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT)
            for entry in events:
                event = entry.dagster_event
                told = event.engine_event_data.metadata.get("pid") if event else None
                if isinstance(told, dg.TextMetadataValue | dg.IntMetadataValue):
                    self._processes[run.run_id] = int(told.value or 0)
                    break
        return self._processes.get(run.run_id)


def close_all(instance: DagsterInstance, host: str, port: int) -> int:
    """Report every run as failed that a code server at an address has launched and that looks
    alive: that server is gone, and its processes with it. How many there were."""
    runs = instance.get_runs(RunsFilter(statuses=ALIVE))
    former = [run for run in runs if _launched_by(run) == (host, port)]
    for run in former:
        instance.report_run_failed(run, TOLD)
    return len(former)


def _was_launched_here(run: DagsterRun) -> bool:
    """By a code server on a loopback port: `dagster dev` uses sockets, other hosts their names."""
    host, port = _launched_by(run)
    return host == LOOPBACK and port is not None


def _launched_by(run: DagsterRun) -> tuple[str | None, int | None]:
    with suppress(ValueError):
        server = json.loads(run.tags.get(LAUNCHED_BY, "{}"))
        return server.get("host"), server.get("port")
    return None, None


def _lives(process: int) -> bool:
    try:
        return process != os.getpid() and psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
