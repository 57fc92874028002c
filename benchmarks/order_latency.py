"""From an order placed in the storefront to its sale authorised in the ERP.

The real daemon, sensor and posting runs, against the sandbox over HTTP; no webserver. Shoppers
place orders at random moments, ten a minute on average. In the same run, for comparison: the same
with posting runs that do not linger, so that every burst of orders has to start a run.

    python benchmarks/order_latency.py [--orders 60] [--compared 20] [--per-minute 10]
        [--scope key]
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

import httpx
import yaml
from _house import PROJECT, ask_for_scope, deployment
from sqlalchemy import Engine, Table, func, select

from sfcc_cin7.cli.start import database
from sfcc_cin7.cli.supervisor import Supervisor, supervised
from sfcc_cin7.db.database import DATABASE_URL, connect
from sfcc_cin7.db.schema import orders, sku_map
from sfcc_cin7.systems.cin7.connection import LimitScope

PORT = 8899
SANDBOX = f"http://127.0.0.1:{PORT}"


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--orders", type=int, default=60)
    arguments.add_argument("--compared", type=int, default=20)
    arguments.add_argument("--per-minute", type=float, default=10)
    ask_for_scope(arguments)
    chosen = arguments.parse_args()
    os.environ.pop(DATABASE_URL, None)  # a database of its own, whatever the shell names
    with tempfile.TemporaryDirectory() as folder, supervised(Path(folder) / "logs") as supervisor:
        Path(folder).chmod(0o755)  # the embedded database may run as another user
        engine = start(supervisor, Path(folder), chosen.scope)
        for lingering, count in ((True, chosen.orders), (False, chosen.compared)):
            operate(Path(folder), chosen.scope, lingering=lingering)
            seconds = measure(engine, count, chosen.per_minute)
            about = {"orders_per_minute": chosen.per_minute, "limit_scope": chosen.scope}
            tell(seconds, about, lingering=lingering)


def start(supervisor: Supervisor, folder: Path, scope: LimitScope) -> Engine:
    """Database, sandbox without shoppers, and the daemon with the code location."""
    url = supervisor.at_end.enter_context(database(folder))
    command = ["-m", "sfcc_cin7.cli", "sandbox", "serve", "--port", str(PORT)]
    command += ["--orders-per-minute", "0", "--call-limit-scope", scope]
    sandbox = supervisor.start("sandbox", command, {}, PROJECT)
    supervisor.wait_for(sandbox, f"{SANDBOX}/_control/health", 120)
    operate(folder, scope, lingering=True)
    home, environment = deployment(folder, url, SANDBOX)
    command = ["-m", "dagster._daemon", "run", "-w", str(PROJECT / "workspace.yaml")]
    supervisor.start("daemon", command, environment, home)
    engine = connect(url)
    supervisor.at_end.callback(engine.dispose)
    say("waiting for the first catalogue")
    wait(supervisor, lambda: count_rows(engine, sku_map) > 0, 180)
    return engine


def operate(folder: Path, scope: LimitScope, *, lingering: bool) -> None:
    """Write the operating model; every run reads it anew."""
    model = yaml.safe_load((PROJECT / "config" / "sandbox.yaml").read_text())
    model["calls"] = {"limit_scope": scope}
    if not lingering:
        model.setdefault("posting", {})["linger_seconds"] = 0
    (folder / "model.yaml").write_text(yaml.safe_dump(model))


def measure(engine: Engine, count: int, per_minute: float) -> list[float]:
    """Place orders one by one and return the seconds that each took."""
    dice = random.Random(2026)
    placed: dict[str, datetime] = {}
    time.sleep(30)  # whatever run is lingering from before has ended
    for number in range(count):
        time.sleep(dice.expovariate(per_minute / 60))
        answer = httpx.post(f"{SANDBOX}/_control/orders", json={"count": 1}, timeout=30)
        for order in answer.raise_for_status().json()["orders"]:
            key = f"alpenglow:{order['siteId']}:{order['orderNo']}"
            placed[key] = datetime.fromisoformat(order["placeDate"])
        say(f"{number + 1} of {count} orders placed")
    query = select(orders.c.order_key, orders.c.authorised_at).where(
        orders.c.order_key.in_(placed), orders.c.authorised_at.is_not(None)
    )
    deadline = time.monotonic() + 120
    while True:
        with engine.connect() as connection:
            authorised = {row.order_key: row.authorised_at for row in connection.execute(query)}
        if len(authorised) == len(placed):
            return [(authorised[key] - placed[key]).total_seconds() for key in placed]
        if time.monotonic() > deadline:
            raise SystemExit(f"not authorised: {sorted(set(placed) - set(authorised))}")
        time.sleep(0.5)


def tell(seconds: list[float], about: Mapping[str, object], *, lingering: bool) -> None:
    cuts = quantiles(seconds, n=100, method="inclusive")
    with_what = {
        "unit": "s",
        "orders": len(seconds),
        **about,
        "storefront_index_lag_s": 0.5,
        "posting_run": "lingers" if lingering else "does not linger",
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
    }
    suffix = "" if lingering else "_without_linger"
    for percent in (50, 95):
        metric = f"order_latency_p{percent}{suffix}"
        print(json.dumps({"metric": metric, "value": round(cuts[percent - 1], 3), **with_what}))
    sys.stdout.flush()


def count_rows(engine: Engine, table: Table) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def wait(supervisor: Supervisor, ready: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        supervisor.look()
        if time.monotonic() > deadline:
            raise SystemExit("the daemon did not get ready in time")
        time.sleep(0.5)


def say(what: str) -> None:
    print(f"\r{what:<60}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
