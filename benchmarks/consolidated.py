"""How many orders one call to the ERP posts, consolidated and, in the same run, one by one.

The real receiving, posting and consolidating code against the sandbox over HTTP; the calls are
those that the sandbox counted (`/_control/calls`). Orders of every ordinary shape come from one
site within one window.

    python benchmarks/consolidated.py [--orders 30] [--site alpenglow-uk] [--scope key]
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from _house import ask_for_scope
from sqlalchemy import Engine, func, select

from sfcc_cin7.cli.embedded import database
from sfcc_cin7.cli.emulated import sandbox_erp, sandbox_storefront
from sfcc_cin7.cli.supervisor import Supervisor, supervised
from sfcc_cin7.db.database import DATABASE_URL, connect, migrate
from sfcc_cin7.db.schema import order_batches, orders
from sfcc_cin7.merchant.operating_model import (
    ConsolidationPolicy,
    NeutralAddress,
    OperatingModel,
    load_operating_model,
)
from sfcc_cin7.orders.posting.draining import lingering
from sfcc_cin7.orders.posting.lane import post_orders
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import LimitScope
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import SystemClock

PROJECT = Path(__file__).resolve().parents[1]
PORT = 8898
SANDBOX = f"http://127.0.0.1:{PORT}"
NEUTRAL = NeutralAddress(company="Alpenglow Fulfilment", line1="Dock 4", country="United Kingdom")


@dataclass(frozen=True)
class Lane:
    """Both systems, the store and one of the two ways to post."""

    engine: Engine
    clock: SystemClock
    shop: SfccClient
    erp: Cin7Client

    def post(self, model: OperatingModel) -> None:
        """One posting run, until nothing comes any more."""
        post_orders(
            self.engine,
            self.shop,
            self.erp,
            model,
            self.clock,
            "benchmark",
            until=lingering(self.clock, 15),
        )


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--orders", type=int, default=30)
    arguments.add_argument("--site", default="alpenglow-uk")
    ask_for_scope(arguments)
    chosen = arguments.parse_args()
    os.environ.pop(DATABASE_URL, None)  # a database of its own, whatever the shell names
    with tempfile.TemporaryDirectory() as folder, supervised(Path(folder) / "logs") as supervisor:
        Path(folder).chmod(0o755)  # the embedded database may run as another user
        with lane(supervisor, Path(folder), chosen.scope) as started:
            for consolidating in (True, False):
                calls = measure(started, chosen.site, chosen.orders, consolidating=consolidating)
                about = {"site": chosen.site, "limit_scope": chosen.scope}
                tell(started, chosen.orders, calls, about, consolidating=consolidating)


@contextmanager
def lane(supervisor: Supervisor, folder: Path, scope: LimitScope) -> Iterator[Lane]:
    """Database and sandbox without shoppers."""
    url = supervisor.at_end.enter_context(database(folder))
    command = ["-m", "sfcc_cin7.cli", "sandbox", "serve", "--port", str(PORT)]
    command += ["--orders-per-minute", "0", "--call-limit-scope", scope, "--no-aftercare"]
    sandbox = supervisor.start("sandbox", command, {}, PROJECT)
    supervisor.wait_for(sandbox, f"{SANDBOX}/_control/health", 120)
    engine, clock = connect(url), SystemClock()
    supervisor.at_end.callback(engine.dispose)
    migrate(engine)
    with (
        SfccClient(sandbox_storefront(SANDBOX), clock) as storefront,
        Cin7Client(
            sandbox_erp(SANDBOX), Governor(engine, clock), "orders", clock, limit_scope=scope
        ) as cin7,
    ):
        yield Lane(engine, clock, storefront, cin7)


def measure(lane: Lane, site_id: str, count: int, *, consolidating: bool) -> int:
    """Place the orders, post all of them and return the ERP calls that it took."""
    say(f"{count} orders {'together' if consolidating else 'alone'}")
    before = calls()
    body = {"count": count, "site": site_id}
    httpx.post(f"{SANDBOX}/_control/orders", json=body, timeout=60).raise_for_status()
    lane.post(operating_model(site_id, count, consolidating=consolidating))
    waiting = select(func.count()).where(orders.c.state.not_in(("acknowledged", "in_review")))
    with lane.engine.connect() as connection:
        if left := connection.scalar(waiting):
            raise SystemExit(f"{left} orders are not posted")
    return calls() - before


def operating_model(site_id: str, count: int, *, consolidating: bool) -> OperatingModel:
    model = load_operating_model(PROJECT / "config" / "sandbox.yaml")
    policy = ConsolidationPolicy(
        window_minutes=0.1, most_orders=max(count, 2), ships_from="elsewhere", address=NEUTRAL
    )
    sites = [
        site.model_copy(update={"consolidation": policy if consolidating else None})
        for site in model.sites
        if site.id == site_id
    ]
    return model.model_copy(update={"sites": sites})


def calls() -> int:
    answer = httpx.get(f"{SANDBOX}/_control/calls", timeout=30).raise_for_status().json()
    return int(answer["arrivals"].get("cin7", 0))


def tell(
    lane: Lane, count: int, used: int, about: Mapping[str, str], *, consolidating: bool
) -> None:
    with lane.engine.connect() as connection:
        sales = connection.scalar(select(func.count()).select_from(order_batches)) or 0
        together = select(func.count()).where(orders.c.batch_key.is_not(None))
        shared = connection.scalar(together) or 0
    figure = {
        "metric": f"orders_per_call{'' if consolidating else '_alone'}",
        "value": round(count / used, 2),
        "unit": "orders/call",
        "orders": count,
        "cin7_calls": used,
        "consolidated_sales": sales if consolidating else 0,
        "orders_in_them": shared if consolidating else 0,
        **about,
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
    }
    print(json.dumps(figure))
    sys.stdout.flush()


def say(what: str) -> None:
    print(f"\r{what:<60}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
