"""From a change in the ERP to what the storefront offers, at 50,000 rows of availability.

One deployment as a merchant has it, in real time: the daemon with its sensors, schedules and runs,
`sfcc-cin7 hooks serve`, and both systems over HTTP with shoppers who place orders; no webserver.
Only the operating model changes from way to way. Somebody writes an adjustment in the ERP at random
moments, of fewer units (a fall) or of more (a rise), while people write so many other documents an
hour. Ways, one after the other:

- whole: the default cadence alone; nothing is read by itself;
- trail: documents are followed, and everything is read every five minutes behind them;
- webhooks: everything is read every five minutes, and the sandbox's Cin7 tells the receiver, a
  minute after the event as its reference says (`ours_*` is what comes after that minute);
- orders: the same before Cin7 tells: what somebody counts down just after an order of it was
  booked is found because the SKUs of posted orders are read by themselves;
- hints: the event reaches the receiver at the moment of the change (where asked for).

Beside each figure stands what arithmetic allows (`floor_*`): a call shows 1,000 rows, a key has 60
a minute, of which the stock lane leaves 8, or all keys together have (`--scope account`), of which
orders take two each; a change is as old as the moment within a reading's
period at which it came. `full_push_*` is the same for everything every 15 minutes.

    python benchmarks/stock_freshness.py [--changes 20] [--rows 50000] [--ways whole trail]
        [--directions fall rise] [--documents 100] [--scope key]
"""

import argparse
import math
import os
import random
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from statistics import quantiles
from typing import Any, Literal

import httpx
import yaml
from _house import (
    OTHER_KEY,
    PROJECT,
    ask_for_scope,
    deployment,
    erp,
    merchant,
    say,
    storefront,
    tell,
)
from sqlalchemy import Engine, func, select

from sfcc_cin7.cli.embedded import database
from sfcc_cin7.cli.supervisor import Supervisor, supervised
from sfcc_cin7.db.database import DATABASE_URL, connect
from sfcc_cin7.db.levels import last_snapshot
from sfcc_cin7.db.schema import (
    cursors,
    order_units,
    orders,
    published_stock,
    stock_levels,
    stock_snapshots,
)
from sfcc_cin7.merchant.stock import StockPolicy
from sfcc_cin7.runtime.settings import HOOKS_PORT, HOOKS_SECRET, HOOKS_URL
from sfcc_cin7.stock.reading.receiver import PATH
from sfcc_cin7.systems.cin7.connection import LimitScope
from sfcc_cin7.systems.cin7.governor import KEEP_FREE, LIMIT
from sfcc_cin7.systems.cin7.wire import PAGE_SIZE
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import SystemClock

PORT, RECEIVER_PORT = 8871, 8872
SANDBOX, RECEIVER = f"http://127.0.0.1:{PORT}", f"http://127.0.0.1:{RECEIVER_PORT}"
SECRET = "of-this-benchmark-and-nothing-else"
SITE, LIST, PLACE = "alpenglow-uk", "inventory-uk", "London DC"
ROWS_FOR_A_SKU = 3.99
"""Places and bins of an average SKU of the sandbox."""
LOST = Decimal(15)
"""Units that a count does not find; no shopper buys as many."""
MEAN_PAUSE = 4.0
CIN7_WAITS = 60.0
"""Seconds from an event to Cin7's first try to tell it."""
LATELY = 5.0
"""Seconds since an order was booked; its SKUs are read after `touched_seconds`, which are more."""
LONGEST = 400.0
CALLS_FOR_AN_ORDER = 2
FULL_PUSH = 15 * 60.0
RELAXED = {"full_pass_seconds": 300, "targeted_calls": 40}
WAYS: dict[str, dict[str, Any]] = {
    "whole": {"targeted_calls": 0},
    "trail": RELAXED | {"trail": True},
    "webhooks": RELAXED,
    "orders": RELAXED,
    "hints": RELAXED,
}


Direction = Literal["fall", "rise"]


@dataclass
class Change:
    """Somebody wrote that there are fewer units of a SKU, or more; `offered` before, `since` on the
    monotonic clock."""

    sku: str
    offered: Decimal
    since: float
    direction: Direction

    def has_arrived(self, offered: Decimal) -> bool:
        if self.direction == "fall":
            return offered <= self.offered - LOST
        return offered > self.offered


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--changes", type=int, default=20, help="in each way and direction")
    arguments.add_argument("--rows", type=int, default=50_000)
    arguments.add_argument("--per-minute", type=float, default=8, help="orders of shoppers")
    arguments.add_argument("--documents", type=float, default=100, help="an hour, of others")
    arguments.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS)[:3])
    arguments.add_argument(
        "--directions", nargs="+", choices=("fall", "rise"), default=["fall", "rise"]
    )
    ask_for_scope(arguments)
    chosen = arguments.parse_args()
    os.environ.pop(DATABASE_URL, None)  # a database of its own, whatever the shell names
    with tempfile.TemporaryDirectory() as folder, supervised(Path(folder) / "logs") as supervisor:
        Path(folder).chmod(0o755)  # the embedded database may run as another user
        engine = start(supervisor, Path(folder), chosen.rows, chosen.scope)
        httpx.put(f"{SANDBOX}/_control/shoppers", json={"orders_per_minute": chosen.per_minute})
        httpx.put(
            f"{SANDBOX}/_control/warehouse", json={"documents_per_hour": chosen.documents}
        ).raise_for_status()
        with SfccClient(storefront(SANDBOX), SystemClock()) as shop:
            for way in chosen.ways:
                operate(Path(folder), WAYS[way], chosen.scope)
                settle(supervisor, way)
                for direction in chosen.directions:
                    before, began = calls(), time.monotonic()
                    seconds = measure(supervisor, engine, shop, chosen.changes, way, direction)
                    used = (calls() - before) * 60 / (time.monotonic() - began)
                    about = {"direction": direction, "documents": chosen.documents}
                    report(engine, seconds, way, used, chosen.per_minute, chosen.scope, about)


def start(supervisor: Supervisor, folder: Path, rows: int, scope: LimitScope) -> Engine:
    """Database, sandbox, receiver and daemon; returns when everything was published once."""
    url = supervisor.at_end.enter_context(database(folder))
    command = ["-m", "sfcc_cin7.cli", "sandbox", "serve", "--port", str(PORT)]
    command += ["--orders-per-minute", "0", "--skus", str(math.ceil(rows / ROWS_FOR_A_SKU))]
    command += ["--call-limit-scope", scope]
    sandbox = supervisor.start("sandbox", [*command, "--no-warehouse"], {}, PROJECT)
    supervisor.wait_for(sandbox, f"{SANDBOX}/_control/health", 180)
    operate(folder, {}, scope)
    home, environment = deployment(folder, url, SANDBOX)
    environment |= {HOOKS_URL: RECEIVER, HOOKS_SECRET: SECRET, HOOKS_PORT: str(RECEIVER_PORT)}
    command = ["-m", "sfcc_cin7.cli", "hooks", "serve"]
    receiver = supervisor.start("hooks", command, environment, PROJECT)
    supervisor.wait_for(receiver, f"{RECEIVER}/live", 60)
    say("waiting until the storefront's records are older than what is published first")
    time.sleep(StockPolicy().settle_seconds + 5)  # a reset date never goes back
    command = ["-m", "dagster._daemon", "run", "-w", str(PROJECT / "workspace.yaml")]
    supervisor.start("daemon", command, environment, home)
    engine = connect(url)
    supervisor.at_end.callback(engine.dispose)
    say("waiting until everything was published once")
    wait(supervisor, lambda: everything_is_published(engine), 600)
    say("waiting for the subscription")
    wait(supervisor, is_subscribed, 300)
    return engine


def operate(folder: Path, stock: Mapping[str, Any], scope: LimitScope) -> None:
    """Write the operating model; every run and every look of a sensor reads it anew."""
    model = yaml.safe_load((PROJECT / "config" / "sandbox.yaml").read_text())
    model["stock"] = dict(stock)
    model["calls"] = {"limit_scope": scope}
    new = folder / "model.new"
    new.write_text(yaml.safe_dump(model))
    new.rename(folder / "model.yaml")


def everything_is_published(engine: Engine) -> bool:
    """Whether the first pass over all SKUs of each list is over."""
    query = select(cursors.c.name).where(cursors.c.name.startswith("stock.decided.full:"))
    with engine.connect() as connection:
        return len(connection.execute(query).all()) == len(merchant().inventory_lists)


def is_subscribed() -> bool:
    headers = {
        "api-auth-accountid": erp(SANDBOX).account_id,
        "api-auth-applicationkey": erp(SANDBOX).key("orders"),
        "Content-Type": "application/json",
    }
    answer = httpx.get(f"{SANDBOX}/ExternalApi/v2/webhooks", headers=headers, timeout=30)
    time.sleep(2)  # the orders' key is free: nobody orders anything yet
    return answer.is_success and bool(answer.json()["Webhooks"])


def settle(supervisor: Supervisor, way: str) -> None:
    """Wait until the calls of the way before are out of the window of the call limit."""
    say(f"{way}: waiting until the way before is over")
    until = time.monotonic() + 65
    while time.monotonic() < until:
        supervisor.look()
        time.sleep(1)


def measure(
    supervisor: Supervisor,
    engine: Engine,
    shop: SfccClient,
    count: int,
    way: str,
    direction: Direction,
) -> list[float]:
    """Change stock at random moments; the seconds until the storefront offered less, or more."""
    dice = random.Random(f"2026 {way} {direction}")
    counted = mover(engine, shop, dice, way, direction)
    waiting: list[Change] = []
    seconds: list[float] = []
    made = 0
    next_change = time.monotonic()
    while len(seconds) < count:
        supervisor.look()
        now = time.monotonic()
        if made < count and now >= next_change and (change := counted()) is not None:
            waiting.append(change)
            made += 1
            next_change = now + dice.expovariate(1 / MEAN_PAUSE)
        for change in list(waiting):
            age = time.monotonic() - change.since
            if change.has_arrived(offered(shop, change.sku)):
                seconds.append(age)
                waiting.remove(change)
            elif age > LONGEST:
                raise SystemExit(f"{way}: {change.sku} is still offered as before")
        say(f"{way}, {direction}: {len(seconds)} of {count} arrived")
        time.sleep(0.25)
    return seconds


def mover(
    engine: Engine, shop: SfccClient, dice: random.Random, way: str, direction: Direction
) -> Callable[[], Change | None]:
    """What counts one SKU anew when it is called; nothing where none can be counted just now."""
    plenty = (
        select(stock_levels.c.sku)
        .join(published_stock, published_stock.c.sku == stock_levels.c.sku)
        .where(
            stock_levels.c.location == PLACE,
            stock_levels.c.available > 3 * LOST,
            published_stock.c.list_id == LIST,
        )
        .order_by(stock_levels.c.sku)
    )
    booked = (
        select(order_units.c.sku)
        .join(orders, orders.c.order_key == order_units.c.order_key)
        .where(orders.c.site == SITE, order_units.c.sku.in_(plenty))
    )
    with engine.connect() as connection:
        goods = dice.sample(sorted(connection.scalars(plenty)), 1_000)
    done: set[str] = set()

    def anything() -> Change | None:
        return count(engine, shop, goods.pop(), way, direction)

    def lately_booked() -> Change | None:
        newest = booked.where(orders.c.authorised_at > func.now() - timedelta(seconds=LATELY))
        with engine.connect() as connection:
            found = sorted({*connection.scalars(newest)} - done)
        if not found:
            return None
        done.add(found[0])
        return count(engine, shop, found[0], way, direction)

    return lately_booked if way == "orders" else anything


def count(engine: Engine, shop: SfccClient, sku: str, way: str, direction: Direction) -> Change:
    """Somebody writes an adjustment in the ERP: fewer units, or more."""
    query = select(stock_levels.c.on_hand).where(
        stock_levels.c.sku == sku, stock_levels.c.location == PLACE
    )
    with engine.connect() as connection:
        on_hand = connection.execute(query).scalar_one()
    before = offered(shop, sku)
    there = int(on_hand - LOST if direction == "fall" else on_hand + 2 * LOST)
    body = {"location": PLACE, "units": {sku: there}}
    written = f"{SANDBOX}/_control/stock-documents/adjust"
    httpx.post(written, json=body, timeout=60).raise_for_status()
    change = Change(sku, before, time.monotonic(), direction)
    if way == "hints":
        event = [{"SKU": sku, "Location": PLACE, "Available": 0, "MaxRows": 1}]
        secret = {"Authorization": f"Bearer {SECRET}"}
        httpx.post(RECEIVER + PATH, json=event, headers=secret, timeout=10).raise_for_status()
    return change


def offered(shop: SfccClient, sku: str) -> Decimal:
    record = shop.inventory_record(LIST, sku)
    assert record is not None
    return record.ats


def calls() -> int:
    """Calls that the sandbox counted for the key of stock, catalogue and books."""
    counts = httpx.get(f"{SANDBOX}/_control/calls", timeout=60).raise_for_status().json()
    return int(counts["cin7_keys"][OTHER_KEY]["arrivals"])


def calls_a_minute(per_minute: float, scope: LimitScope) -> float:
    """The most that the stock lane can make beside so many orders a minute."""
    left = LIMIT - KEEP_FREE["stock"]
    return min(left, LIMIT - CALLS_FOR_AN_ORDER * per_minute) if scope == "account" else left


def report(
    engine: Engine,
    seconds: list[float],
    way: str,
    used: float,
    per_minute: float,
    scope: LimitScope,
    about: Mapping[str, Any],
) -> None:
    cuts = quantiles(seconds, n=100, method="inclusive")
    with engine.connect() as connection:
        last = last_snapshot(connection, believed=True)
        places = connection.scalar(select(func.count()).select_from(stock_levels))
        readings = connection.execute(
            select(stock_snapshots).where(stock_snapshots.c.kind == "full")
        ).all()
    assert last is not None
    pages = math.ceil(last.rows / PAGE_SIZE)
    cadence = WAYS[way].get("full_pass_seconds", StockPolicy().full_pass_seconds)
    at_best = calls_a_minute(per_minute, scope)
    period = max(cadence, pages / at_best * 60)
    took = sorted((row.finished_at - row.started_at).total_seconds() for row in readings)
    with_what: dict[str, Any] = {
        "way": way,
        **about,
        "rows": last.rows,
        "places": places,
        "changes": len(seconds),
        "longest": round(max(seconds), 1),
        "full_pass_seconds": cadence,
        "calls_of_a_reading": pages,
        "seconds_of_a_reading": round(took[len(took) // 2], 1),
        "calls_a_minute_used": round(used, 1),
        "calls_a_minute_allowed": LIMIT,
        "readings_a_minute_at_best": round(at_best / pages, 2),
        "orders_a_minute": per_minute,
        "limit_scope": scope,
    }
    for percent in (50, 95):
        value = cuts[percent - 1]
        beside = {
            f"floor_p{percent}": round(period * percent / 100, 1),
            f"full_push_p{percent}": round(FULL_PUSH * percent / 100, 1),
        }
        if way == "webhooks":
            beside[f"ours_p{percent}"] = round(value - CIN7_WAITS, 1)
        tell(f"stock_freshness_p{percent}", value, "s", **with_what, **beside)


def wait(supervisor: Supervisor, ready: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        supervisor.look()
        if time.monotonic() > deadline:
            raise SystemExit("it did not get ready in time")
        time.sleep(0.5)


if __name__ == "__main__":
    main()
