"""How soon somebody is told: causes are planted in a database that a watcher of its own looks at.

The watcher is the process that a deployment has, with a channel on loopback. Each cause is planted
as the row by which the product shows it, so its seconds are those from the first evidence in our
tables to the first letter. Before, a while without a cause; after, the cure of each.

    python benchmarks/time_to_alert.py [--quiet 10]

Prints `alert_p95` (seconds), `messages_per_cause`, `false_alerts` and `not_closed`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from _house import PROJECT, empty_database, say, tell
from sqlalchemy import Engine

from sfcc_cin7.cli.supervisor import unused_port
from sfcc_cin7.db.database import DATABASE_URL, migrate
from sfcc_cin7.db.failing import forget_failure, save_failure
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.orders import backlog
from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.values.clock import SystemClock

AIM = 60.0
PATIENCE = 90.0
"""Seconds after which a letter that has not come counts as missed."""


@dataclass
class Letters:
    """What the channel took, with the instant of each."""

    taken: list[tuple[float, str]] = field(default_factory=list)

    def titled(self, text: str, *, over: bool) -> list[float]:
        return [at for at, title in self.taken if text in title and ("Over: " in title) == over]


@dataclass(frozen=True)
class Cause:
    """A cause: how it is planted, how it is cured, and a text of its letters' titles."""

    title: str
    plant: Callable[[Engine], None]
    cure: Callable[[Engine], None]


def causes() -> list[Cause]:
    """Each with evidence of its own in our tables."""
    return [
        _filed("Tax rule unknown", "tax-rule-unknown", "Cin7 has no tax rule 'Zero'.", 40),
        _filed("SKU unknown in ERP", "sku-unknown-in-erp", "Cin7 does not know it.", 1),
        _filed("A list is held", "stock-held", "Too much would change.", 1),
        _filed("Customer refused", "customer-refused", "It is refused.", 5),
        Cause(
            "Cin7 does not answer",
            lambda engine: _open(engine, "cin7", "HTTP 503"),
            lambda engine: Circuits(engine, SystemClock()).close("cin7"),
        ),
        Cause(
            "The storefront refuses our credentials",
            lambda engine: _open(engine, "sfcc", "HTTP 401"),
            lambda engine: Circuits(engine, SystemClock()).close("sfcc"),
        ),
        Cause("cin7_stock is tried in vain", _in_vain, _in_vain_no_more),
    ]


def _filed(title: str, code: str, sentence: str, many: int) -> Cause:
    kind = {"sku-unknown-in-erp": "sku:{}", "stock-held": "stock:list-{}"}.get(code, "b:s:{}")
    subjects = [kind.format(number) for number in range(many)]

    def plant(engine: Engine) -> None:
        with engine.begin() as connection:
            found = [Finding(each, code, sentence, "team:order-desk") for each in subjects]
            open_items(connection, found, datetime.now(UTC))

    def cure(engine: Engine) -> None:
        with engine.begin() as connection:
            for each in subjects:
                close_items(connection, each, datetime.now(UTC), "it is mended")

    return Cause(title, plant, cure)


def _open(engine: Engine, system: str, problem: str) -> None:
    circuits = Circuits(engine, SystemClock())
    circuits.failed(system, problem)
    circuits.open(system)


def _in_vain(engine: Engine) -> None:
    with engine.begin() as connection:
        since = datetime.now(UTC) - timedelta(minutes=2)
        save_failure(connection, "cin7_stock", since, "no answer in time")


def _in_vain_no_more(engine: Engine) -> None:
    with engine.begin() as connection:
        forget_failure(connection, "cin7_stock")


@contextmanager
def channel() -> Iterator[tuple[int, Letters]]:
    letters = Letters()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            document: dict[str, Any] = json.loads(
                self.rfile.read(int(self.headers["Content-Length"]))
            )
            letters.taken.append((time.monotonic(), document["title"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], letters
        server.shutdown()


@contextmanager
def watcher(engine: Engine, port: int) -> Iterator[None]:
    """The process of the product, with a merchant whose desk has one channel."""
    model = yaml.safe_load((PROJECT / "config" / "sandbox.yaml").read_text(encoding="utf-8"))
    desk = "team:order-desk"
    model["alerts"] = {
        "channels": {"chat": "ALERTS_CHAT"},
        "recipients": {desk: {"channels": ["chat"]}},
        "default": desk,
    }
    model["inventory_lists"] = []  # nothing publishes here
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "merchant.yaml"
        path.write_text(yaml.safe_dump(model), encoding="utf-8")
        environment = os.environ | {
            "SFCC_CIN7_OPERATING_MODEL": str(path),
            "SFCC_CIN7_STATE": folder,
            DATABASE_URL: engine.url.render_as_string(hide_password=False),
            "SFCC_CIN7_WATCH_PORT": str(unused_port()),
            "ALERTS_CHAT": f"json://127.0.0.1:{port}/",
        }
        command = [sys.executable, "-m", "sfcc_cin7.cli", "watch", "serve"]
        process = subprocess.Popen(command, env=environment, cwd=PROJECT)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def wait_for_each(letters: Letters, causes: Sequence[Cause], *, over: bool) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if all(letters.titled(each.title, over=over) for each in causes):
            return
        time.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quiet", type=float, default=10, help="seconds without a cause")
    quiet = parser.parse_args().quiet
    planted = causes()
    with empty_database() as engine, channel() as (port, letters):
        migrate(engine)
        with engine.connect() as connection:
            assert backlog(connection, datetime.now(UTC)).waiting == 0
        with watcher(engine, port):
            time.sleep(quiet)
            began = {}
            # a lane that is tried in vain while a system is down is part of that
            for together in (planted[:-1], planted[-1:]):
                for cause in together:
                    cause.plant(engine)
                    began[cause.title] = time.monotonic()
                wait_for_each(letters, together, over=False)
                for cause in together:
                    cause.cure(engine)
                wait_for_each(letters, together, over=True)
    seconds, counts = [], []
    for cause in planted:
        first = letters.titled(cause.title, over=False)
        counts.append(len(first))
        seconds.append(first[0] - began[cause.title] if first else PATIENCE)
        say(f"{cause.title}: {seconds[-1]:.1f} s, {len(first)} letters")
    known = [each.title for each in planted]
    false = [title for _, title in letters.taken if not any(each in title for each in known)]
    not_closed = [each.title for each in planted if not letters.titled(each.title, over=True)]
    worst = sorted(seconds)[max(0, -(-95 * len(seconds) // 100) - 1)]
    tell("alert_p95", round(worst, 1), "s")
    tell("messages_per_cause", max(counts), "messages")
    tell("false_alerts", len(false), "messages")
    tell("not_closed", len(not_closed), "alerts")
    missed = worst > AIM or counts != [1] * len(counts) or false or not_closed
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
