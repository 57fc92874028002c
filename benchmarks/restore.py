"""Brings the database of a busy merchant back to random moments, while both systems keep what they
were told since: how many orders are lost, doubled or off, and how long until all is level again?

In each world orders come at random, a copy of the database is made at a random moment, work goes on
for ten simulated minutes, dies at a random step, and the copy takes the place of the database. Time
is simulated: what is measured is the protocol, not the machine.

    python benchmarks/restore.py [--restores 20] [--seed 1]
"""

import argparse
import logging
import random
import sys
from contextlib import suppress
from datetime import timedelta
from statistics import quantiles

from _house import PROJECT, empty_database, say, tell
from sqlalchemy import Engine

sys.path.insert(0, str(PROJECT))

from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.order_lane import Crash, OrderLane, order_lane
from sfcc_cin7_tests.scenario.restoring import Backups, backups

LOST_MINUTES = 10
BETWEEN_RUNS = 40
GIVEN_UP = timedelta(hours=1)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--restores", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    logging.disable(logging.WARNING)  # what waits is what is measured
    dice = random.Random(chosen.seed)
    placed = lost = doubled = off = 0
    seconds = []
    with empty_database() as engine, backups(engine.url, "restore") as kept:
        empty = kept.copy(engine)
        for number in range(chosen.restores):
            say(f"restore {number + 1} of {chosen.restores}")
            one = kept.restored(empty)
            clock = ManualClock()
            with order_lane(one, clock) as lane:
                orders = busy(lane, dice, dice.randint(1, 6))
                kept_then = kept.copy(lane.engine)
                orders += busy(lane, dice, LOST_MINUTES * 60 // BETWEEN_RUNS)
                lane.fuse.left = dice.randint(1, 60)
                with suppress(Crash):
                    lane.run()
                lane.fuse.left = None
                bring_back(lane, kept, kept_then)
                began = clock.now()
                while not is_level(lane, orders) and clock.now() - began < GIVEN_UP:
                    clock.sleep(BETWEEN_RUNS)
                    lane.run()
                seconds.append((clock.now() - began).total_seconds())
                placed += len(orders)
                sales = [lane.sales(key) for key in orders]
                lost += sum(not each for each in sales)
                doubled += sum(len(each) > 1 for each in sales)
                off += lane.verdict().counts["off_by_cents"]
                lane.engine.dispose()
    about = {"restores": chosen.restores, "orders": placed, "seed": chosen.seed}
    tell("restores", chosen.restores, "restores", **about)
    tell("lost", lost, "orders", **about)
    tell("doubled", doubled, "orders", **about)
    tell("off_by_cents", off, "orders", **about)
    longest = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
    tell("seconds_to_level_p95", longest, "s (simulated)", **about)


def busy(lane: OrderLane, dice: random.Random, runs: int) -> list[str]:
    """Orders as they come, and runs that post them; the keys of the orders."""
    orders = []
    for _ in range(runs):
        orders += [lane.order() for _ in range(dice.choice((0, 0, 1, 2)))]
        lane.run()
        lane.clock.sleep(BETWEEN_RUNS)
    return orders


def bring_back(lane: OrderLane, kept: Backups, copy: str) -> None:
    """The lane's database is that of the copy; its clients are new, as a start makes them."""
    before: Engine = lane.engine
    lane.engine = kept.restored(copy)
    before.dispose()
    lane._erp.__exit__(None, None, None)
    lane._erp = lane.erp("orders")


def is_level(lane: OrderLane, orders: list[str]) -> bool:
    """Whether every order is acknowledged, as the database and both systems have it."""
    states = lane.states()
    return states == dict.fromkeys(orders, "acknowledged") and lane.verdict().clean


if __name__ == "__main__":
    main()
