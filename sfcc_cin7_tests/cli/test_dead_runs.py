"""Runs whose processes ended without a word, and runs that are none of ours."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from sfcc_cin7.cli.dead_runs import LAUNCHED_BY, DeadRuns, close_all

HERE = {LAUNCHED_BY: json.dumps({"host": "127.0.0.1", "port": 4711})}
BY_DAGSTER_DEV = {LAUNCHED_BY: json.dumps({"host": "localhost", "socket": "/tmp/a"})}
ELSEWHERE = {LAUNCHED_BY: json.dumps({"host": "code.example", "port": 4000})}


@dg.job
def anything() -> None:
    pass


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def dead() -> int:
    """A process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def run(instance: dg.DagsterInstance, tags: dict[str, str], process: int | None) -> str:
    started = instance.create_run_for_job(
        anything, status=dg.DagsterRunStatus.STARTED, tags={**tags}
    )
    if process is not None:
        told = EngineEventData.in_process(process)
        instance.report_engine_event("Executing steps in process", started, told)
    return started.run_id


def status(instance: dg.DagsterInstance, run_id: str) -> str:
    found = instance.get_run_by_id(run_id)
    assert found is not None
    return found.status.value


def test_a_run_whose_process_has_died_is_told_at_the_second_look(
    instance: dg.DagsterInstance, dead: int
) -> None:
    ended, works = run(instance, HERE, dead), run(instance, HERE, os.getppid())
    runs = DeadRuns(instance)
    runs.look()
    assert status(instance, ended) == "STARTED"
    runs.look()
    assert status(instance, ended) == "FAILURE"
    assert status(instance, works) == "STARTED"


@pytest.mark.parametrize("tags", [BY_DAGSTER_DEV, ELSEWHERE, {}], ids=["dev", "elsewhere", "tests"])
def test_runs_that_somebody_else_launched_are_left_alone(
    instance: dg.DagsterInstance, dead: int, tags: dict[str, str]
) -> None:
    other = run(instance, tags, dead)
    runs = DeadRuns(instance)
    runs.close_former()
    runs.look()
    runs.look()
    assert status(instance, other) == "STARTED"


def test_at_a_start_what_never_began_is_closed_too(instance: dg.DagsterInstance) -> None:
    never_began = run(instance, HERE, None)
    DeadRuns(instance).close_former()
    assert status(instance, never_began) == "FAILURE"


def test_what_a_former_container_ran_has_ended_with_it_and_nothing_else(
    instance: dg.DagsterInstance,
) -> None:
    former = run(instance, ELSEWHERE, os.getppid())  # a process id of another container
    others = [run(instance, HERE, None), run(instance, {}, None)]
    assert close_all(instance, "code.example", 4001) == 0
    assert close_all(instance, "code.example", 4000) == 1
    assert status(instance, former) == "FAILURE"
    assert [status(instance, each) for each in others] == ["STARTED", "STARTED"]
