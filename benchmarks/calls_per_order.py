"""ERP calls for each order, as the ERP counts them.

The real lane (receiver, queue, posting, governor, clients over HTTP) against the sandbox, all under
one simulated clock, so that the posting protocol's waits for a listing to settle cost no time.

    python benchmarks/calls_per_order.py [--orders 1000] [--prepaid 300] [--scope key]
"""

import argparse
import logging
import random
from collections import Counter
from collections.abc import Mapping

from _house import ask_for_scope, empty_database, erp, merchant, say, storefront, tell
from sqlalchemy import Engine, func, select

from sfcc_cin7.db.schema import order_events, orders
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.posting.draining import drain
from sfcc_cin7.orders.posting.order import OrderPosting
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import LimitScope
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control.server import running_sandbox
from sfcc_cin7_tests.emptying import empty_every_table

BATCH = 150
"""Orders waiting at once: what five minutes bring at the pace of the call limit."""
AMBIGUOUS = {"cin7.timeout_after_commit": 0.01, "cin7.502": 0.01}
SPEED = 30
FINISHED = ("acknowledged", "in_review", "cancelled")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--orders", type=int, default=1000)
    arguments.add_argument("--prepaid", type=int, default=300)
    ask_for_scope(arguments)
    chosen = arguments.parse_args()
    logging.getLogger("sfcc_cin7").setLevel(logging.ERROR)  # postponed orders are the point here
    with empty_database() as engine:
        for metric, site, count, faults in (
            ("calls_per_order", "alpenglow-uk", chosen.orders, {}),
            ("calls_per_order_ambiguous", "alpenglow-uk", chosen.orders, AMBIGUOUS),
            ("calls_per_order_prepaid", "alpenglow-us", chosen.prepaid, {}),
        ):
            measure(engine, metric, site, count, faults, chosen.scope)


def measure(
    engine: Engine,
    metric: str,
    site: str,
    count: int,
    faults: Mapping[str, float],
    scope: LimitScope,
) -> None:
    """Place orders of one site in batches, and post until every one of them is booked."""
    clear(engine)
    clock = ManualClock()
    model = merchant()
    policy = model.posting.model_copy(update={"workers": 1})  # one thread: time is simulated
    kinds: Counter[str] = Counter()
    cin7_settings = Cin7Settings(call_limit_scope=scope)
    with running_sandbox(clock, skus=1500, speed=SPEED, cin7=cin7_settings) as running:
        governor = Governor(engine, clock, window=60 / SPEED)
        with (
            SfccClient(storefront(running.url), clock) as shop,
            Cin7Client(erp(running.url), governor, "orders", clock, limit_scope=scope) as cin7,
        ):
            queue = OrderQueue(engine, clock)
            receiver = Receiver(shop, queue, model, clock)
            posting = OrderPosting(engine, queue, shop, cin7, model, clock, random.Random(1).random)
            placed = noted = 0
            running.sandbox.faults.rates = dict(faults)
            while placed < count:
                for _ in range(min(BATCH, count - placed)):
                    running.sandbox.shoppers.place(site, "plain")
                    placed += 1
                clock.sleep(1)  # the storefront's index
                while finished(engine) < placed:
                    drain(receiver, posting, policy, clock, "benchmark")
                    sleep_until_due(engine, clock)
                arrived = sum(running.sandbox.calls.summary(0)["arrivals"].values())
                recent = running.sandbox.calls.summary(arrived - noted)["recent"]
                assert len(recent) == arrived - noted, "smaller batches are needed"
                noted = arrived
                kinds.update(kind(call) for call in recent if call["system"] == "cin7")
                say(f"{metric}: {placed} of {count} orders")
        [use] = running.sandbox.calls.summary(0)["cin7_keys"].values()
    say("")
    assert use["arrivals"] == kinds.total()
    tell(
        metric,
        use["arrivals"] / count,
        "calls",
        orders=count,
        states=states(engine),
        faults=dict(faults),
        orders_by_story=orders_by_story(engine),
        calls_by_kind={name: round(n / count, 4) for name, n in kinds.most_common()},
        refused_by_call_limit=use["statuses"].get("429", 0),
        most_in_window=use["most_in_window"],
        posted="one after another, simulated time",
        waiting_at_once=BATCH,
        limit_scope=scope,
        speed=SPEED,
    )


def kind(call: Mapping[str, object]) -> str:
    return f"{call['method']} {str(call['path']).removeprefix('/ExternalApi/v2')}"


def clear(engine: Engine) -> None:
    with engine.begin() as connection:
        empty_every_table(connection)


def finished(engine: Engine) -> int:
    query = select(func.count()).where(orders.c.state.in_(FINISHED))
    with engine.connect() as connection:
        return int(connection.scalar(query) or 0)


def sleep_until_due(engine: Engine, clock: ManualClock) -> None:
    """Move time to when the next postponed order is due."""
    query = select(func.min(orders.c.next_attempt_at)).where(orders.c.state == "received")
    with engine.connect() as connection:
        due = connection.scalar(query)
    clock.sleep(max((due - clock.now()).total_seconds(), 0) if due else 1)


def states(engine: Engine) -> dict[str, int]:
    query = select(orders.c.state, func.count().label("n")).group_by(orders.c.state)
    with engine.connect() as connection:
        return {row.state: row.n for row in connection.execute(query)}


def orders_by_story(engine: Engine) -> dict[str, int]:
    """How many orders went which way to their sale: what the extra calls come from."""
    per_order = (
        select(func.string_agg(order_events.c.kind, " ").label("story"))
        .where(order_events.c.kind.in_(("postponed", "creating", "found", "create-refused")))
        .group_by(order_events.c.order_key)
        .subquery()
    )
    query = (
        select(per_order.c.story, func.count().label("n"))
        .group_by(per_order.c.story)
        .order_by(func.count().desc())
    )
    with engine.connect() as connection:
        return {row.story: row.n for row in connection.execute(query)}


if __name__ == "__main__":
    main()
