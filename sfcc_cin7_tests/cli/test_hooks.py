"""`sfcc-cin7 hooks serve`, as Cin7 and an operator meet it: over HTTP, and with signals."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import stock_hints
from sfcc_cin7.runtime.hooks import LARGEST
from sfcc_cin7.stock.reading.receiver import PATH
from sfcc_cin7_tests.cli.conftest import Command

SECRET = "a-secret-that-nobody-guesses"
BEARER = {"Authorization": f"Bearer {SECRET}"}
EVENT = [{"SKU": "TENT", "Location": "London DC", "Available": 3, "MaxRows": 1}]
PATIENCE = 30.0


@dataclass
class Served:
    """The running command and where it listens."""

    process: "subprocess.Popen[str]"
    url: str

    def post(self, path: str = PATH, **request: object) -> httpx.Response:
        return httpx.post(self.url + path, timeout=PATIENCE, **request)  # type: ignore[arg-type]

    def stop(self, sign: signal.Signals) -> str:
        """Ask it to end; everything that it said."""
        self.process.send_signal(sign)
        return self.process.communicate(timeout=PATIENCE)[0]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def serving(engine: Engine, folder: Path) -> Iterator[Served]:
    port = free_port()
    environment = {
        "SFCC_CIN7_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "SFCC_CIN7_HOOKS_URL": "https://hooks.example",
        "SFCC_CIN7_HOOKS_SECRET": SECRET,
        "SFCC_CIN7_HOOKS_PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "sfcc_cin7.cli", "hooks", "serve"],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    served = Served(process, f"http://127.0.0.1:{port}")
    try:
        wait_for(served)
        yield served
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def served(migrated: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(migrated, tmp_path_factory.mktemp("hooks")) as served:
        yield served


def wait_for(served: Served) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            assert httpx.get(served.url + "/live", timeout=PATIENCE).status_code == 200
        except httpx.TransportError:
            assert served.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def hinted(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(stock_hints.c.sku)))


def test_an_event_is_answered_and_kept_while_nothing_else_runs(served: Served, engine: Engine):
    answer = served.post(json=EVENT, headers=BEARER)
    assert (answer.status_code, answer.text) == (200, "OK")
    assert hinted(engine) == ["TENT"]


def test_strangers_long_texts_and_other_addresses_get_nowhere(served: Served, engine: Engine):
    stranger = {"Authorization": f"Bearer {SECRET[:-1]}"}
    long = b"[" + b" " * LARGEST + b"]"
    assert served.post(json=EVENT).status_code == 401
    assert served.post(json=EVENT, headers=stranger).status_code == 401
    assert served.post(content=long, headers=BEARER).status_code == 413
    assert served.post("/", json=EVENT, headers=BEARER).status_code == 404
    assert served.post("/hooks/cin7/sale-created", json=EVENT, headers=BEARER).status_code == 404
    assert httpx.get(served.url + PATH, headers=BEARER, timeout=PATIENCE).status_code == 405
    for elsewhere in ("/", "/health", "/metrics"):
        assert httpx.get(served.url + elsewhere, timeout=PATIENCE).status_code == 404
    assert hinted(engine) == []


def test_it_serves_this_machine_alone(served: Served):
    port = int(served.url.rpartition(":")[2])
    with pytest.raises(OSError):  # noqa: PT011 - refused here, unreachable elsewhere
        socket.create_connection(("127.0.0.2", port), timeout=PATIENCE)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_asked_to_and_told_nobody_the_secret(
    engine: Engine, tmp_path: Path, sign: signal.Signals
):
    with serving(engine, tmp_path) as served:
        served.post(json=EVENT, headers={"Authorization": "Bearer somebody-else"})
        served.post(content=b"no JSON", headers=BEARER)
        said = served.stop(sign)
        assert served.process.returncode in (0, -sign)
        assert "Traceback" not in said
        assert SECRET not in said
        with pytest.raises(httpx.ConnectError):
            served.post(json=EVENT, headers=BEARER)


def test_without_a_secret_nothing_is_served(command: Command):
    result = command(["hooks", "serve"], {"SFCC_CIN7_HOOKS_URL": "", "SFCC_CIN7_HOOKS_SECRET": ""})
    assert result.exit_code == 1
    assert result.output.startswith("Error: SFCC_CIN7_HOOKS_URL and SFCC_CIN7_HOOKS_SECRET are not")
    half = {"SFCC_CIN7_HOOKS_URL": "https://hooks.example", "SFCC_CIN7_HOOKS_SECRET": ""}
    result = command(["hooks", "serve"], half)
    assert result.exit_code == 1
    assert "SFCC_CIN7_HOOKS_SECRET is not set" in result.output
