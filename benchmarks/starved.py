"""What a starved machine does to orders: eight busy processes beside `up`.

Ten orders a minute; how many runs fail, and how long does an order wait? In the same run, for
comparison: the same deployment under `dagster dev`.

    python benchmarks/starved.py [--minutes 10] [--busy 8] [--per-minute 10] [--how up]
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from _house import say, tell
from _standing import Standing, standing
from order_latency import READY_WITHIN, leader
from sqlalchemy import Engine, select, text

from sfcc_cin7.db.schema import orders

DEV = ("-m", "dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p")
HOW = ("up", "dagster dev")
LONGEST_WAIT = 600


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--busy", type=int, default=8)
    arguments.add_argument("--per-minute", type=float, default=10)
    arguments.add_argument("--how", choices=HOW, action="append")
    chosen = arguments.parse_args()
    for how in chosen.how or HOW:
        with (
            tempfile.TemporaryDirectory() as folder,
            standing(Path(folder), per_minute=chosen.per_minute) as there,
        ):
            measure(there, how, chosen.minutes, chosen.busy)


def measure(there: Standing, how: str, minutes: float, busy: int) -> None:
    there.start(*() if how == "up" else (*DEV, there.environment["SFCC_CIN7_PORT"]))
    there.wait_until(there.has_catalogues, "the catalogues", READY_WITHIN)
    there.wait_until(lambda: there.ask(leader), "a run that posts", READY_WITHIN)
    began = there.ask(now)
    with starved(busy):
        ends = time.monotonic() + 60 * minutes
        while time.monotonic() < ends:
            say(f"{how}: {(ends - time.monotonic()) / 60:.1f} minutes to go")
            time.sleep(2)
    there.wait_until(lambda: there.ask(nothing_waits), "the last orders", LONGEST_WAIT)
    waits = there.ask(lambda engine: waited(engine, began))
    failed, found = there.failed_runs(), there.verify()
    about = {"how": how, "busy_processes": busy, "minutes": minutes}
    tell("runs_failed", sum(failed.values()), "runs", **about, by_job=failed)
    tell("longest_wait_seconds", max(waits), "s", **about, orders=len(waits))
    tell("median_wait_seconds", sorted(waits)[len(waits) // 2], "s", **about)
    mistakes = {name: found[name] for name in ("lost", "doubled", "off_by_cents")}
    tell("mistakes", sum(mistakes.values()), "orders", **about, **mistakes)


@contextmanager
def starved(busy: int) -> Iterator[None]:
    """So many processes that never rest."""
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=never_rest, daemon=True) for _ in range(busy)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()


def never_rest() -> None:
    while True:
        pass


def now(engine: Engine) -> object:
    with engine.connect() as connection:
        return connection.scalar(text("select now()"))


def nothing_waits(engine: Engine) -> bool:
    late = text(
        "select count(*) = 0 from sfcc_cin7.orders where state in ('received', 'posting')"
        " and created_at < now() - interval '30 seconds'"
    )
    with engine.connect() as connection:
        return bool(connection.scalar(late))


def waited(engine: Engine, since: object) -> list[float]:
    """Seconds from order to sale of what was placed since an instant."""
    query = select(orders.c.created_at, orders.c.authorised_at).where(
        orders.c.created_at >= since, orders.c.authorised_at.is_not(None)
    )
    with engine.connect() as connection:
        return [
            (row.authorised_at - row.created_at).total_seconds()
            for row in connection.execute(query)
        ]


if __name__ == "__main__":
    main()
