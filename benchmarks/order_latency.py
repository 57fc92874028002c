"""From an order placed in the storefront to its sale authorised in the ERP.

The real processes of `up` against the sandbox over HTTP, whose index lags by half a second.
Shoppers place orders at random moments: ten a minute, one in two minutes, and a burst of sixty a
minute, each with the figures of the whole; and ten a minute while one posting run hands over to the
next again and again. In the same run, for comparison: the share that a sale takes on an idle
machine, from the moment in which the order was received.

    python benchmarks/order_latency.py [--case steady] [--orders 100] [--scope key]
"""

import argparse
import random
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import quantiles

from _house import ask_for_scope, say, tell
from _standing import Standing, standing
from sqlalchemy import Engine, select, text

from sfcc_cin7.db.schema import orders
from sfcc_cin7.systems.cin7.connection import LimitScope

READY_WITHIN = 300
SETTLE = 20
"""Seconds after the first readings until orders are placed."""


@dataclass(frozen=True)
class Case:
    """How fast shoppers place orders; `hands_over` ends the run that posts every so many orders."""

    per_minute: float
    hands_over: int = 0


CASES = {
    "steady": Case(10),
    "sparse": Case(0.5),
    "burst": Case(60),
    "hand-over": Case(10, hands_over=10),
}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--case", choices=CASES, action="append")
    arguments.add_argument("--orders", type=int, default=100)
    ask_for_scope(arguments)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, standing(Path(folder), chosen.scope) as there:
        there.start()
        there.wait_until(there.has_catalogues, "the catalogues", READY_WITHIN)
        there.wait_until(lambda: there.ask(leader), "a run that posts", READY_WITHIN)
        time.sleep(SETTLE)
        for name in chosen.case or CASES:
            count = 2 * 60 if name == "burst" else chosen.orders
            measure(there, name, CASES[name], count, chosen.scope)


def measure(there: Standing, name: str, case: Case, count: int, scope: LimitScope) -> None:
    """Place orders one by one and tell how long each took."""
    dice = random.Random(2026)
    placed: dict[str, datetime] = {}
    for number in range(count):
        time.sleep(dice.expovariate(case.per_minute / 60))
        placed |= there.place()
        say(f"{name}: {number + 1} of {count} orders placed")
        if case.hands_over and number % case.hands_over == case.hands_over // 2:
            there.ask(hand_over)
    seconds = there.wait_for_sales(placed, name)
    received = there.ask(lambda engine: since_received(engine, placed))
    about = {
        "orders": len(seconds),
        "per_minute": case.per_minute,
        "case": name,
        "limit_scope": scope,
        "storefront_index_lag_s": 0.5,
    }
    for percent, value in percentiles(seconds).items():
        tell(f"order_latency_p{percent}", value, "s", **about)
    for percent, value in percentiles(received).items():
        tell(f"received_to_sale_p{percent}", value, "s", **about)


def percentiles(seconds: list[float]) -> dict[int, float]:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return {percent: round(cuts[percent - 1], 3) for percent in (50, 95)}


def since_received(engine: Engine, placed: Mapping[str, datetime]) -> list[float]:
    """Seconds from when we heard of an order to its sale."""
    query = select((orders.c.authorised_at - orders.c.received_at).label("took")).where(
        orders.c.order_key.in_(placed), orders.c.authorised_at.is_not(None)
    )
    with engine.connect() as connection:
        return [row.took.total_seconds() for row in connection.execute(query)]


def leader(engine: Engine) -> bool:
    """Whether a run posts, and another stands by."""
    query = text(
        "select count(*) > 1 and count(leads_since) > 0 from sfcc_cin7.residents"
        " where lane = 'orders'"
    )
    with engine.connect() as connection:
        return bool(connection.scalar(query))


def hand_over(engine: Engine) -> None:
    """End the session of the run that posts: the one that stands by follows it."""
    query = text(
        "select pg_terminate_backend(backend_pid) from sfcc_cin7.residents"
        " where lane = 'orders' and leads_since is not null"
    )
    with engine.connect() as connection:
        connection.execute(query)


if __name__ == "__main__":
    main()
