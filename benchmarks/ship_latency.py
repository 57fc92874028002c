"""From a shipment authorised in the ERP to its status and number in the storefront.

The real processes of `up` against the sandbox over HTTP, orders and shipments at ten a minute each
on one key. By polling, and by webhook, where the list is looked at once a minute only. Latency ends
where the write to the storefront was answered. Calls are as the sandbox counted them.

    python benchmarks/ship_latency.py [--way polling webhook] [--shipments 40]
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
import yaml
from _house import say, tell
from _standing import Standing, standing
from sqlalchemy import Engine, select, text

from sfcc_cin7.db.schema import order_shipments, orders
from sfcc_cin7.runtime.settings import HOOKS_SECRET, HOOKS_URL

READY_WITHIN = 300
SETTLE = 20
PER_MINUTE = 10
TOLD_WITHIN = 180


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--way", choices=("polling", "webhook"), nargs="*", default=["polling"])
    parser.add_argument("--shipments", type=int, default=40)
    chosen = parser.parse_args()
    for way in chosen.way:
        with tempfile.TemporaryDirectory() as folder, standing(Path(folder), "account") as there:
            prepare(there, Path(folder), way)
            there.start()
            there.wait_until(there.has_catalogues, "the catalogues", READY_WITHIN)
            there.wait_until(lambda: there.ask(works), "a run that tells", READY_WITHIN)
            time.sleep(SETTLE)
            measure(there, way, chosen.shipments)


def prepare(there: Standing, folder: Path, way: str) -> None:
    """Polling without webhooks, or webhooks with the slowest rhythm of looks."""
    if way == "polling":
        there.environment.pop(HOOKS_URL)
        there.environment.pop(HOOKS_SECRET)
        return
    file = folder / "model.yaml"
    model = yaml.safe_load(file.read_text())
    model["shipments"] = {"look_seconds": 60}
    file.write_text(yaml.safe_dump(model))


def measure(there: Standing, way: str, count: int) -> None:
    """Orders and shipments in turn at random moments; each order ships some time after it came."""
    dice = random.Random(2026)
    placed: dict[str, datetime] = {}
    shipped: dict[str, datetime] = {}
    calls = Counter[str]()
    began, seen = time.monotonic(), now()
    while len(shipped) < count:
        time.sleep(dice.expovariate(PER_MINUTE / 60))
        placed |= there.place()
        sale = there.ask(lambda engine: next_sale(engine, shipped))
        if sale is not None:
            key, sale_id = sale
            body = {"sale": sale_id, "tracking": [f"N{len(shipped)}"]}
            answer = httpx.post(f"{there.sandbox}/_control/sales/ship", json=body, timeout=30)
            answer.raise_for_status()
            shipped[key] = now()
        seen = count_calls(there, seen, calls)
        say(f"{way}: {len(shipped)} of {count} shipped")
    minutes = (time.monotonic() - began) / 60
    seconds = wait_until_told(there, shipped, lambda: count_calls(there, seen, calls))
    there.wait_for_sales(placed, "orders beside shipments")
    about: dict[str, Any] = {
        "way": way,
        "shipments": len(shipped),
        "orders": len(placed),
        "limit_scope": "account",
    }
    cuts = quantiles(seconds, n=100, method="inclusive")
    for percent in (50, 95):
        tell(f"ship_latency_p{percent}", cuts[percent - 1], "s", **about)
    tell("detail_calls_per_shipment", calls["GET sale"] / len(shipped), "calls", **about)
    tell("list_calls_per_minute", calls["GET saleList"] / minutes, "calls", **about)
    tell("refused_calls", calls["refused"], "calls", **about)


def now() -> datetime:
    return datetime.now(UTC)


def works(engine: Engine) -> bool:
    query = text("select count(leads_since) > 0 from sfcc_cin7.residents where lane = 'shipments'")
    with engine.connect() as connection:
        return bool(connection.scalar(query))


def next_sale(engine: Engine, shipped: dict[str, datetime]) -> tuple[str, str] | None:
    """The oldest order that is in the ERP and has not been shipped."""
    query = (
        select(orders.c.order_key, orders.c.sale_id)
        .where(orders.c.state == "acknowledged", orders.c.order_key.not_in(shipped))
        .order_by(orders.c.authorised_at)
        .limit(1)
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return None if row is None else (row.order_key, row.sale_id)


def count_calls(there: Standing, since: datetime, calls: Counter[str]) -> datetime:
    """Count what arrived at the ERP since then; until when it was counted."""
    answer = httpx.get(f"{there.sandbox}/_control/calls", params={"recent": 500}, timeout=30)
    latest = since
    for call in answer.raise_for_status().json()["recent"]:
        arrived = datetime.fromisoformat(call["arrived"])
        if call["system"] != "cin7" or arrived <= since:
            continue
        latest = max(latest, arrived)
        calls[f"{call['method']} {call['path'].rsplit('/', 1)[-1]}"] += 1
        calls["refused"] += call["status"] in (429, 503)
    return latest


def wait_until_told(there: Standing, shipped: dict[str, datetime], count: Any) -> list[float]:
    """Seconds from each shipment until the storefront was told of it."""
    deadline = time.monotonic() + TOLD_WITHIN
    query = select(order_shipments.c.order_key, order_shipments.c.told_at).where(
        order_shipments.c.order_key.in_(shipped), order_shipments.c.told_at.is_not(None)
    )

    def read(engine: Engine) -> dict[str, datetime]:
        with engine.connect() as connection:
            return {row.order_key: row.told_at for row in connection.execute(query)}

    while True:
        told: dict[str, datetime] = there.ask(read) or {}
        if len(told) == len(shipped):
            count()
            return [(told[key] - at).total_seconds() for key, at in shipped.items()]
        if time.monotonic() > deadline:
            raise SystemExit(f"{len(shipped) - len(told)} shipments were never told")
        say(f"{len(told)} of {len(shipped)} told")
        time.sleep(1)


if __name__ == "__main__":
    main()
