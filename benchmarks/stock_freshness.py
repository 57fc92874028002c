"""From a change in the ERP to what the storefront offers.

The real daemon, sensors and runs, the real receiver of webhooks, and both systems over HTTP with
50,000 rows of stock; no webserver and no orders. Units are counted down at random moments, because
a fall is published at once. Three modes, in one run:

- polling: the default cadence, no webhook;
- webhooks: Cin7 tells, a minute after the event as its reference says; everything is read every
  five minutes;
- hints: the same, but the event reaches the receiver at the moment of the change: what is ours of
  the time, without Cin7's minute.

    python benchmarks/stock_freshness.py [--changes 20] [--skus 6000] [--modes polling hints]
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
import yaml
from _house import PROJECT, deployment, merchant, say, storefront
from sqlalchemy import Engine, select

from sfcc_cin7.clock import SystemClock
from sfcc_cin7.demo import SANDBOX_SECRETS, database
from sfcc_cin7.settings import HOOKS_PORT, HOOKS_SECRET, HOOKS_URL
from sfcc_cin7.sfcc.client import SfccClient
from sfcc_cin7.stock.receiver import PATH
from sfcc_cin7.stock_policies import StockPolicy
from sfcc_cin7.store.database import DATABASE_URL, connect
from sfcc_cin7.store.levels import last_snapshot
from sfcc_cin7.store.schema import cursors, published_stock, stock_levels
from sfcc_cin7.supervisor import Supervisor, supervised

PORT, RECEIVER_PORT = 8871, 8872
SANDBOX, RECEIVER = f"http://127.0.0.1:{PORT}", f"http://127.0.0.1:{RECEIVER_PORT}"
SECRET = "of-this-benchmark-and-nothing-else"
LIST, PLACE = "inventory-uk", "London DC"
MEAN_PAUSE = 8.0
LONGEST = 400.0
DEFAULT, RELAXED = StockPolicy().full_pass_seconds, 300


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--changes", type=int, default=20)
    arguments.add_argument("--skus", type=int, default=6_000)
    arguments.add_argument("--modes", nargs="+", default=["polling", "hints", "webhooks"])
    chosen = arguments.parse_args()
    os.environ.pop(DATABASE_URL, None)  # a database of its own, whatever the shell names
    for mode in chosen.modes:
        with (
            tempfile.TemporaryDirectory() as folder,
            supervised(Path(folder) / "logs") as supervisor,
        ):
            Path(folder).chmod(0o755)  # the embedded database may run as another user
            engine = start(supervisor, Path(folder), chosen.skus, mode)
            with SfccClient(storefront(SANDBOX), SystemClock()) as shop:
                seconds = measure(engine, shop, chosen.changes, mode)
            tell(engine, seconds, mode)


def start(supervisor: Supervisor, folder: Path, skus: int, mode: str) -> Engine:
    """Database, sandbox, receiver and daemon; returns when everything was published once."""
    url = supervisor.at_end.enter_context(database(folder))
    command = ["-m", "sfcc_cin7.cli", "sandbox", "serve", "--port", str(PORT)]
    command += ["--orders-per-minute", "0", "--skus", str(skus)]
    sandbox = supervisor.start("sandbox", command, {}, PROJECT)
    supervisor.wait_for(sandbox, f"{SANDBOX}/_control/health", 180)
    model = yaml.safe_load((PROJECT / "config" / "sandbox.yaml").read_text())
    model["stock"] = {"full_pass_seconds": DEFAULT if mode == "polling" else RELAXED}
    (folder / "model.yaml").write_text(yaml.safe_dump(model))
    home, environment = deployment(folder, url, SANDBOX)
    if mode != "polling":
        named = {HOOKS_URL: RECEIVER, HOOKS_SECRET: SECRET, HOOKS_PORT: str(RECEIVER_PORT)}
        receiver = supervisor.start(
            "hooks", ["-m", "sfcc_cin7.cli", "hooks", "serve"], environment | named, PROJECT
        )
        supervisor.wait_for(receiver, f"{RECEIVER}/health", 60)
        if mode == "webhooks":
            environment |= named
    command = ["-m", "dagster._daemon", "run", "-w", str(PROJECT / "workspace.yaml")]
    supervisor.start("daemon", command, environment, home)
    engine = connect(url)
    supervisor.at_end.callback(engine.dispose)
    say(f"{mode}: waiting until everything was published once")
    wait(supervisor, lambda: everything_is_published(engine), 900)
    if mode == "webhooks":
        say(f"{mode}: waiting for the subscription")
        wait(supervisor, is_subscribed, 300)
    return engine


def everything_is_published(engine: Engine) -> bool:
    """Whether the first pass over all lists is over."""
    query = select(cursors.c.name).where(cursors.c.name.startswith("stock.published_snapshot:"))
    with engine.connect() as connection:
        return len(connection.execute(query).all()) == len(merchant().inventory_lists)


def is_subscribed() -> bool:
    headers = {
        "api-auth-accountid": SANDBOX_SECRETS["CIN7_ACCOUNT_ID"],
        "api-auth-applicationkey": SANDBOX_SECRETS["CIN7_ORDERS_APPLICATION_KEY"],
        "Content-Type": "application/json",
    }
    answer = httpx.get(f"{SANDBOX}/ExternalApi/v2/webhooks", headers=headers, timeout=30)
    time.sleep(2)  # the orders' key is free: nobody orders anything
    return answer.is_success and bool(answer.json()["Webhooks"])


def measure(engine: Engine, shop: SfccClient, count: int, mode: str) -> list[float]:
    """Change stock at random moments; the seconds until the storefront offered less."""
    dice = random.Random(2026)
    query = (
        select(stock_levels.c.sku, stock_levels.c.on_hand)
        .join(published_stock, published_stock.c.sku == stock_levels.c.sku)
        .where(
            stock_levels.c.location == PLACE,
            stock_levels.c.available > 20,
            published_stock.c.list_id == LIST,
        )
        .order_by(stock_levels.c.sku)
    )
    with engine.connect() as connection:
        goods = dice.sample(list(connection.execute(query)), count)
    waiting: dict[str, tuple[float, Any]] = {}
    seconds: list[float] = []
    next_change = time.monotonic()
    while len(seconds) < count:
        now = time.monotonic()
        if goods and now >= next_change:
            sku, on_hand = goods.pop()
            record = shop.inventory_record(LIST, sku)
            assert record is not None
            change(sku, int(on_hand) - 3, mode)
            waiting[sku] = (time.monotonic(), record.ats)
            next_change = now + dice.expovariate(1 / MEAN_PAUSE)
        for sku, (since, before) in list(waiting.items()):
            record = shop.inventory_record(LIST, sku)
            assert record is not None
            if record.ats < before:
                seconds.append(time.monotonic() - since)
                del waiting[sku]
            elif now - since > LONGEST:
                raise SystemExit(f"{mode}: {sku} is still offered as before")
        say(f"{mode}: {len(seconds)} of {count} changes arrived")
        time.sleep(0.25)
    return seconds


def change(sku: str, on_hand: int, mode: str) -> None:
    """Somebody counts fewer units in the ERP."""
    body = {"sku": sku, "location": PLACE, "on_hand": on_hand}
    httpx.post(f"{SANDBOX}/_control/stock", json=body, timeout=60).raise_for_status()
    if mode == "hints":
        event = [{"SKU": sku, "Location": PLACE, "Available": on_hand, "MaxRows": 1}]
        secret = {"Authorization": f"Bearer {SECRET}"}
        httpx.post(RECEIVER + PATH, json=event, headers=secret, timeout=10).raise_for_status()


def tell(engine: Engine, seconds: list[float], mode: str) -> None:
    cuts = quantiles(seconds, n=100, method="inclusive")
    with engine.connect() as connection:
        last = last_snapshot(connection, believed=True)
    assert last is not None
    with_what = {
        "unit": "s",
        "mode": mode,
        "rows": last.rows,
        "changes": len(seconds),
        "full_pass_seconds": DEFAULT if mode == "polling" else RELAXED,
        "calls_of_a_full_pass": last.calls,
        "seconds_of_a_full_reading": round((last.finished_at - last.started_at).total_seconds(), 1),
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
    }
    for percent in (50, 95):
        metric = f"stock_freshness_p{percent}"
        print(json.dumps({"metric": metric, "value": round(cuts[percent - 1], 3), **with_what}))
    sys.stdout.flush()


def wait(supervisor: Supervisor, ready: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        supervisor.look()
        if time.monotonic() > deadline:
            raise SystemExit("it did not get ready in time")
        time.sleep(0.5)


if __name__ == "__main__":
    main()
