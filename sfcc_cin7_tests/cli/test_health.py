"""`sfcc-cin7 health` and `sfcc-cin7 watch serve`: how things are, as an operator learns it."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import URL, Engine, create_engine, insert, text

from sfcc_cin7.cli.start import start_watch
from sfcc_cin7.cli.supervisor import supervised
from sfcc_cin7.db.levels import record_snapshot
from sfcc_cin7.db.residents import residency
from sfcc_cin7.db.schema import cursors
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.operations.routines import routines
from sfcc_cin7.operations.state.machinery import NEEDED
from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import SystemClock
from sfcc_cin7_tests.cli.conftest import Command
from sfcc_cin7_tests.operations.dagster_storage import (
    beats,
    dagster_storage,
    forget_dagster,
    materialized,
)
from sfcc_cin7_tests.operations.test_reading_state import ticked
from sfcc_cin7_tests.project import PROJECT, SANDBOX_MODEL

MODEL = load_operating_model(SANDBOX_MODEL)
NOWHERE = "postgresql://me:top-secret@127.0.0.1:1/nowhere"
PATIENCE = 30.0


@pytest.fixture
def watched(engine: Engine) -> dict[str, str]:
    """What an operator's environment names; no credentials of either system are needed."""
    return {
        "SFCC_CIN7_OPERATING_MODEL": str(SANDBOX_MODEL),
        "SFCC_CIN7_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "SFCC_CIN7_PAYOUTS": "",
    }


@pytest.fixture
def dagster(engine: Engine, tmp_path: Path) -> Iterator[Any]:
    with dagster_storage(engine, tmp_path) as instance:
        yield instance


def everything_runs(engine: Engine, dagster: Any) -> None:
    """Every routine succeeded a moment ago, stock was read and published, nothing waits."""
    just_now = datetime.now(UTC) - timedelta(seconds=5)
    for daemon in NEEDED:
        beats(dagster, daemon, just_now)
    ticked(dagster, "new_orders", "SKIPPED", just_now.timestamp())
    materialized(dagster, "cin7_calls", just_now)
    for routine in routines(MODEL, payouts=False):
        materialized(dagster, routine.by, just_now)
    with engine.begin() as connection:
        figures = {"rows": 9, "total": 9, "believed": True}
        record_snapshot(connection, started_at=just_now, finished_at=just_now, **figures)
        for each in MODEL.inventory_lists:
            passed = {"name": f"stock.pass:{each.id}", "value": just_now.isoformat()}
            connection.execute(insert(cursors).values(passed))


def test_exit_code_0_where_all_is_well_and_1_where_something_is_not(
    command: Command, watched: dict[str, str], engine: Engine, dagster: Any
):
    everything_runs(engine, dagster)
    with ExitStack() as runs:
        for lane in ("orders", "stock", "stock-now", "shipments", "books"):
            there = residency(
                engine, SystemClock(), lane, f"a run of {lane}", timedelta(minutes=15)
            )
            runs.enter_context(there).lead()
        well = command("health", watched)
    assert well.exit_code == 0, well.output
    assert well.output.splitlines()[-1].startswith("ok, as of ")
    assert well.output.splitlines()[-1].split()[-1] in ("GMT", "BST"), "the merchant's own time"
    circuits = Circuits(engine, SystemClock())
    circuits.failed("sfcc", "sfcc GET /orders: no connection")
    circuits.open("sfcc")
    ill = command("health", watched)
    assert ill.exit_code == 1
    assert "sfcc does not answer (sfcc GET /orders: no connection)." in ill.output
    assert "sfcc_cin7/runbooks/stalled_posting.md" in ill.output


def test_exit_code_2_where_dagster_never_ran(
    command: Command, watched: dict[str, str], engine: Engine
):
    forget_dagster(engine)
    result = command("health", watched)
    assert result.exit_code == 2
    assert "Dagster has never run here." in result.output


def test_as_json_it_is_one_document(command: Command, watched: dict[str, str], engine: Engine):
    forget_dagster(engine)
    result = command(["health", "--json"], watched)
    document = decimal_json.loads(result.output)
    assert (result.exit_code, document["verdict"]) == (2, "not known")
    assert "orders waiting" in {each["name"] for each in document["signs"]}


@pytest.mark.parametrize("words", [["health"], ["health", "--json"]])
def test_without_a_database_it_is_one_sentence_without_a_secret(
    command: Command, watched: dict[str, str], words: list[str]
):
    result = command(words, watched | {"SFCC_CIN7_DATABASE_URL": NOWHERE})
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1
    assert "Connection refused" in result.output
    assert "top-secret" not in result.output


def test_an_embedded_database_is_not_started_to_be_looked_at(
    command: Command, watched: dict[str, str], tmp_path: Path
):
    result = command("health", watched | {"SFCC_CIN7_DATABASE_URL": ""})
    assert result.exit_code == 2
    assert result.output.startswith("not known: No database runs in ")
    assert not (tmp_path / ".state").exists()


def test_without_an_operating_model_nothing_is_called_well(
    command: Command, watched: dict[str, str]
):
    result = command("health", watched | {"SFCC_CIN7_OPERATING_MODEL": ""})
    assert result.exit_code == 2
    assert result.output.startswith("not known: SFCC_CIN7_OPERATING_MODEL is not set")
    serve = command(["watch", "serve"], watched | {"SFCC_CIN7_OPERATING_MODEL": ""})
    assert serve.exit_code == 1


# The watcher, over HTTP


@pytest.fixture
def watcher(
    monkeypatch: pytest.MonkeyPatch, watched: dict[str, str], engine: Engine, tmp_path: Path
) -> Iterator[str]:
    """The address of the running process, as `up` starts it."""
    forget_dagster(engine)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("SFCC_CIN7_WATCH_PORT", port)
    with supervised(tmp_path / "logs") as supervisor:
        start_watch(supervisor, engine.url, watched)
        yield f"http://127.0.0.1:{port}"


def answers(url: str, wanted: Callable[[httpx.Response], bool]) -> httpx.Response:
    """The first answer that is as wanted: a state is told for two seconds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = httpx.get(url, timeout=PATIENCE)
        if wanted(answer) or time.monotonic() > deadline:
            return answer
        time.sleep(0.1)


@contextmanager
def no_database(url: URL) -> Iterator[None]:
    """The server lets nobody into the database, and has cut off who was there."""
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"alter database {url.database} allow_connections false"))
        connection.execute(
            text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"),
            {"name": url.database},
        )
        try:
            yield
        finally:
            connection.execute(text(f"alter database {url.database} allow_connections true"))
    admin.dispose()


def test_the_watcher_outlives_dagster_and_the_database(watcher: str, engine: Engine):
    assert httpx.get(watcher + "/live", timeout=PATIENCE).text == "OK"
    first = answers(watcher + "/health", lambda each: len(each.json()["signs"]) > 1)
    assert (first.status_code, first.json()["verdict"]) == (503, "not known")
    with no_database(engine.url):
        gone = answers(watcher + "/health", lambda each: len(each.json()["signs"]) == 1)
        (only,) = gone.json()["signs"]
        assert (gone.status_code, only["name"]) == (503, "database")
        assert httpx.get(watcher + "/live", timeout=PATIENCE).status_code == 200
        assert 'sfcc_cin7_sign{sign="database",verdict="not known"} 1.0' in metrics(watcher)
        assert "sfcc_cin7_orders_waiting" not in metrics(watcher)
    answers(watcher + "/health", lambda each: len(each.json()["signs"]) > 1)
    assert 'sfcc_cin7_sign{sign="database",verdict="ok"} 1.0' in metrics(watcher)
    assert "sfcc_cin7_orders_waiting 0.0" in metrics(watcher)


def metrics(watcher: str) -> str:
    return httpx.get(watcher + "/metrics", timeout=PATIENCE).text


def test_the_watcher_serves_this_machine_alone(watcher: str):
    port = int(watcher.rpartition(":")[2])
    with pytest.raises(OSError):  # noqa: PT011 - refused here, unreachable elsewhere
        socket.create_connection(("127.0.0.2", port), timeout=PATIENCE)
