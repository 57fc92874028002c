"""The demo takes Cin7's webhooks from its first minutes on."""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import URL, Engine, select

from sfcc_cin7.cli import start as demo
from sfcc_cin7.cli.supervisor import Stopped, Supervisor
from sfcc_cin7.db.schema import stock_hints
from sfcc_cin7.definitions import defs
from sfcc_cin7.runtime.settings import HOOKS_PORT, SANDBOX_PORT, UI_PORT, WATCH_PORT
from sfcc_cin7.stock.reading.receiver import PATH
from sfcc_cin7.stock.reading.subscription import STOCK_MOVED
from sfcc_cin7.stock.schedules import stock_webhook
from sfcc_cin7_tests.project import PROJECT

PORTS = (UI_PORT, SANDBOX_PORT, HOOKS_PORT, WATCH_PORT)


class InsteadOfDagster:
    """Runs the job that its schedule would start, looks around, and ends the demo."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
        self._monkeypatch = monkeypatch
        self._engine = engine
        self.hooks: list[dict[str, Any]] = []
        self.answer: int | None = None
        self.hinted: list[str] = []

    def __call__(
        self,
        _supervisor: Supervisor,
        _project: Path,
        _state: Path,
        _url: URL,
        environment: Mapping[str, str],
    ) -> str:
        for name, value in environment.items():
            self._monkeypatch.setenv(name, value)
        assert defs.resolve_job_def(stock_webhook.name).execute_in_process().success
        keys = {
            "api-auth-accountid": environment["CIN7_ACCOUNT_ID"],
            "api-auth-applicationkey": environment["CIN7_ORDERS_APPLICATION_KEY"],
            "Content-Type": "application/json",
        }
        found = httpx.get(f"{environment['CIN7_URL']}/webhooks", headers=keys, timeout=30)
        self.hooks = found.raise_for_status().json()["Webhooks"]
        (hook,) = self.hooks
        bearer = {"Authorization": f"Bearer {hook['ExternalBearerToken']}"}
        event = [{"SKU": "TENT-SOLO", "Location": "London DC", "Available": 3}]
        answer = httpx.post(hook["ExternalURL"], json=event, headers=bearer, timeout=30)
        self.answer = answer.status_code
        with self._engine.connect() as connection:
            self.hinted = list(connection.scalars(select(stock_hints.c.sku)))
        raise Stopped("seen enough")


def test_the_demo_starts_the_receiver_and_cin7_is_asked_to_tell_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: Engine
):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("SFCC_CIN7_STATE", str(tmp_path))
    database = engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SFCC_CIN7_DATABASE_URL", database)
    for name in PORTS:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            monkeypatch.setenv(name, str(listener.getsockname()[1]))
    seen = InsteadOfDagster(monkeypatch, engine)
    monkeypatch.setattr(demo, "start_dagster", seen)

    with pytest.raises(Stopped, match="seen enough"):
        demo.demo(lambda _line: None)

    (hook,) = seen.hooks
    assert (hook["Type"], hook["IsActive"]) == (STOCK_MOVED, True)
    assert hook["ExternalURL"].endswith(PATH)
    assert seen.answer == 200
    assert seen.hinted == ["TENT-SOLO"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(hook["ExternalURL"], timeout=30)
