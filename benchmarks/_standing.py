"""What stands in benchmarks of the whole: the sandbox, and the real processes of `up` beside it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml
from _house import PROJECT, say
from sqlalchemy import URL, Engine, create_engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from sfcc_cin7.cli.emulated import sandbox_environment
from sfcc_cin7.cli.supervisor import LOOPBACK, supervised, unused_port
from sfcc_cin7.db.database import DATABASE_URL, embedded_pid, normalise
from sfcc_cin7.db.schema import orders, sku_map
from sfcc_cin7.runtime.settings import HOOKS_SECRET, HOOKS_URL, OPERATING_MODEL, PAYOUTS
from sfcc_cin7.systems.cin7.connection import LimitScope

Started = subprocess.Popen[bytes]
ROLES = {
    "code server": "dagster api grpc",
    "daemon": "dagster._daemon",
    "webserver": "dagster_webserver",
    "receiver": "sfcc_cin7.cli hooks",
}
"""By which words of its command a process is known."""
RUN_WORKER = "multiprocessing.spawn"
LONGEST_WAIT = 300
"""Seconds after which a sale that did not come is given up."""


class Standing:
    """A deployment on a sandbox of its own, in a folder of its own."""

    def __init__(
        self, folder: Path, sandbox: str, environment: Mapping[str, str], project: Path = PROJECT
    ) -> None:
        self.folder = folder
        self._project = project
        self.sandbox = sandbox
        self.state = folder / "state"
        self.environment = dict(environment)
        self._up: Started | None = None

    def start(self, *command: str) -> None:
        """Start `up`, or another command that starts everything, as a person would."""
        words = command or ("-m", "sfcc_cin7.cli", "up")
        with (self.folder / "up.log").open("ab") as log:
            self._up = subprocess.Popen(
                [sys.executable, *words],
                env={**os.environ, **self.environment},
                cwd=self._project,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def up(self) -> Started:
        assert self._up is not None, "it was started"
        return self._up

    def stop(self) -> float:
        """Ask it to end, as Ctrl-C does; returns the seconds that it took."""
        began = time.monotonic()
        self.up.send_signal(signal.SIGINT)
        self.up.wait(60)
        return time.monotonic() - began

    @property
    def engine(self) -> Engine:
        """The embedded database; it may be away at any moment."""
        server = URL.create(
            "postgresql",
            "postgres",
            database="postgres",
            query={"host": str(self.state / "postgres")},
        )
        return create_engine(normalise(str(server)), poolclass=NullPool, hide_parameters=True)

    def ask(self, question: Callable[[Engine], Any]) -> Any:
        """An answer of the database; None while it is away."""
        with suppress(SQLAlchemyError):
            return question(self.engine)
        return None

    def processes(self) -> list[psutil.Process]:
        """Everything that works for this deployment, without the sandbox and the database."""
        found = []
        for each in psutil.process_iter():
            with suppress(psutil.Error):
                if each.environ().get("SFCC_CIN7_STATE") == str(self.state):
                    found.append(each)
        return found

    def of_role(self, role: str) -> list[int]:
        """The processes of a role: one of `ROLES`, "run worker", or "database"."""
        if role == "database":
            pid = embedded_pid(self.state / "postgres")
            return [pid] if pid else []
        words = ROLES.get(role, RUN_WORKER)
        found = []
        for each in self.processes():
            with suppress(psutil.Error):
                if words in " ".join(each.cmdline()) and each.status() != psutil.STATUS_ZOMBIE:
                    found.append(each.pid)
        return found

    def place(self, count: int = 1) -> dict[str, datetime]:
        """Shoppers place orders at once; when each was placed, by its key."""
        answer = httpx.post(f"{self.sandbox}/_control/orders", json={"count": count}, timeout=30)
        return {
            f"alpenglow:{order['siteId']}:{order['orderNo']}": datetime.fromisoformat(
                order["placeDate"]
            )
            for order in answer.raise_for_status().json()["orders"]
        }

    def wait_for_sales(self, placed: Mapping[str, datetime], what: str) -> list[float]:
        """Seconds from when each order was placed to its authorised sale; an order that waits for a
        person, because the sandbox plants such, is left out."""
        query = select(orders.c.order_key, orders.c.authorised_at, orders.c.state).where(
            orders.c.order_key.in_(placed)
        )

        def read(engine: Engine) -> dict[str, datetime | None] | None:
            with engine.connect() as connection:
                rows = connection.execute(query).all()
            ended = [row for row in rows if row.authorised_at or row.state == "in_review"]
            if len(ended) < len(placed):
                return None
            return {row.order_key: row.authorised_at for row in ended}

        deadline = time.monotonic() + LONGEST_WAIT
        while (found := self.ask(read)) is None:
            say(f"waiting for {what}")
            if time.monotonic() > deadline:
                raise SystemExit(f"{what}: not all of {len(placed)} were authorised")
            time.sleep(0.5)
        return [(at - placed[key]).total_seconds() for key, at in found.items() if at]

    def verify(self) -> dict[str, int]:
        """Both systems compared from the outside: how often each finding was made."""
        words = [sys.executable, "-m", "sfcc_cin7.cli", "sandbox", "verify", "--url", self.sandbox]
        run = subprocess.run(words, capture_output=True, text=True, check=False, cwd=PROJECT)
        counts: dict[str, int] = json.loads(run.stdout.splitlines()[-1])["counts"]
        return counts

    def failed_runs(self) -> dict[str, int]:
        """Dagster's failed runs by job."""
        query = text(
            "select pipeline_name, count(*) from dagster.runs where status = 'FAILURE' group by 1"
        )

        def read(engine: Engine) -> dict[str, int]:
            with engine.connect() as connection:
                return {row[0]: row[1] for row in connection.execute(query)}

        found = self.ask(read)
        return found if isinstance(found, dict) else {}

    def wait_until(self, ready: Callable[[], object], what: str, seconds: float) -> None:
        """Wait for something of a deployment that is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            say(f"waiting for {what}")
            if self.up.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{what}: {(self.folder / 'up.log').read_text()[-2000:]}")
            time.sleep(0.5)

    def has_catalogues(self) -> bool:
        def read(engine: Engine) -> int:
            with engine.connect() as connection:
                return int(connection.scalar(select(func.count()).select_from(sku_map)) or 0)

        return bool(self.ask(read))


@contextmanager
def standing(
    folder: Path,
    scope: LimitScope = "account",
    *,
    per_minute: float = 0,
    project: Path = PROJECT,
    payout_seconds: float = 0,
    decided: Mapping[str, Any] | None = None,
) -> Iterator[Standing]:
    """The sandbox with shoppers, and a deployment (of `project`) that is not started yet.

    Gateways pay out every `payout_seconds`, 0: never. `decided` are sections that take the place of
    those of the sandbox's operating model.
    """
    folder.chmod(0o755)  # the embedded database may run as another user
    model = yaml.safe_load((PROJECT / "config" / "sandbox.yaml").read_text())
    model.pop("report", None)
    model |= {"calls": {"limit_scope": scope}, **(decided or {})}
    (folder / "model.yaml").write_text(yaml.safe_dump(model))
    port, hooks = unused_port(), unused_port()
    sandbox = f"http://{LOOPBACK}:{port}"
    environment = sandbox_environment(sandbox) | {
        OPERATING_MODEL: str(folder / "model.yaml"),
        HOOKS_URL: f"http://{LOOPBACK}:{hooks}",
        HOOKS_SECRET: "only-for-this-benchmark-0123456789",
        "SFCC_CIN7_HOOKS_PORT": str(hooks),
        "SFCC_CIN7_PORT": str(unused_port()),
        "SFCC_CIN7_WATCH_PORT": str(unused_port()),
        "SFCC_CIN7_STATE": str(folder / "state"),
        "SFCC_CIN7_ARMED": "1",
    }
    os.environ.pop(DATABASE_URL, None)  # a database of its own, whatever the shell names
    with supervised(folder / "logs") as supervisor:
        command = ["-m", "sfcc_cin7.cli", "sandbox", "serve", "--port", str(port)]
        command += ["--orders-per-minute", str(per_minute), "--data", str(folder / "sandbox")]
        command += ["--call-limit-scope", scope, "--no-aftercare"]
        if payout_seconds:
            environment[PAYOUTS] = str(folder / "payouts")
            command += ["--payouts", environment[PAYOUTS]]
            command += ["--payout-seconds", str(payout_seconds)]
        child = supervisor.start("sandbox", command, {}, PROJECT)
        supervisor.wait_for(child, f"{sandbox}/_control/health", 180)
        there = Standing(folder, sandbox, environment, project)
        try:
            yield there
        finally:
            if there._up is not None and there._up.poll() is None:
                there.stop()
