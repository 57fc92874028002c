"""What `kill -9` does to orders: real processes of `up`, shoppers, and a death every few seconds.

In turn and at random moments a run worker, the code server, the daemon, the webserver, the receiver
of webhooks and the database are killed, and at the end `up` itself, which is started again at once.
At every death an order is placed: how long until its sale is authorised? In the same run, for
comparison: orders placed while nothing dies.

    python benchmarks/kills.py [--kills 60] [--every 15] [--per-minute 10]
"""

import argparse
import os
import random
import signal
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from statistics import quantiles

from _house import say, tell
from _standing import ROLES, Standing, standing
from order_latency import READY_WITHIN, leader

VICTIMS = ["run worker", *ROLES, "database"]
UNTOUCHED = 20
"""Orders that are placed while nothing dies."""


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--kills", type=int, default=60)
    arguments.add_argument("--every", type=float, default=15)
    arguments.add_argument("--per-minute", type=float, default=10)
    chosen = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        standing(Path(folder), per_minute=chosen.per_minute) as there,
    ):
        there.start()
        there.wait_until(there.has_catalogues, "the catalogues", READY_WITHIN)
        there.wait_until(lambda: there.ask(leader), "a run that posts", READY_WITHIN)
        quiet = [order for _ in range(UNTOUCHED) for order in placed_after(there, 2.0)]
        dice = random.Random(2026)
        killed: Counter[str] = Counter()
        orders: dict[str, datetime] = {}
        for number in range(chosen.kills):
            time.sleep(dice.uniform(0.5, 1.5) * chosen.every)
            victim = VICTIMS[number % len(VICTIMS)]
            if kill(there, victim, dice):
                killed[victim] += 1
                orders |= there.place()
            say(f"{number + 1} of {chosen.kills} killed; the last was a {victim}")
        back = restart(there)
        after = there.wait_for_sales(orders, "orders after a death")
        left = there.wait_for_sales(dict(quiet), "orders while nothing dies")
        time.sleep(60)
        found = there.verify()
        ended = there.stop()
    tell("kills", killed.total(), "processes", **killed, every_s=chosen.every)
    tell("orders_lost", found["lost"], "orders", matched=found["matched"])
    tell("orders_doubled", found["doubled"], "orders")
    tell("off_by_cents", found["off_by_cents"], "orders")
    for name, seconds in (("recovery", after), ("untouched", left)):
        cuts = quantiles(seconds, n=100, method="inclusive")
        for percent in (50, 95):
            tell(f"{name}_p{percent}", cuts[percent - 1], "s", orders=len(seconds))
    tell("recovery_longest", max(after), "s")
    tell("up_killed_and_back", back, "s until an order placed then was authorised")
    tell("stop", ended, "s")


def placed_after(there: Standing, seconds: float) -> list[tuple[str, datetime]]:
    time.sleep(seconds)
    return list(there.place().items())


def kill(there: Standing, victim: str, dice: random.Random) -> bool:
    """Kill one process of a role, if there is one."""
    found = there.of_role(victim)
    if not found:
        return False
    with suppress(ProcessLookupError):
        os.kill(dice.choice(found), signal.SIGKILL)
    return True


def restart(there: Standing) -> float:
    """Kill `up` itself and start it again at once; seconds until an order went through."""
    there.up.kill()
    there.up.wait()
    there.start()
    while not (seconds := there.wait_for_sales(there.place(), "an order after `up` was killed")):
        pass  # it waits for a person: another one
    return seconds[0]


if __name__ == "__main__":
    main()
