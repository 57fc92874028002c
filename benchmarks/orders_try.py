"""A merchant's first day: past orders are tried, and nothing is written to either system.

The sandbox's shoppers place orders over a month (its clock is turned on, so that takes seconds);
one in fifty meets trouble that the operating model or the ERP cannot book. Then
`sfcc-cin7 orders try` runs over HTTP as a merchant runs it. Seconds are real; calls are counted by
the sandbox. The report is printed as the merchant reads it.

    python benchmarks/orders_try.py [--orders 2000] [--days 30]
"""

import argparse
import sys
import time
from datetime import timedelta

from _house import empty_database, erp, merchant, say, storefront, tell

from sfcc_cin7.catalogue import read_catalogues
from sfcc_cin7.cli.orders import report
from sfcc_cin7.orders import try_orders
from sfcc_cin7.runtime.deployment import erp_client
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox

READS = ("GET ", "POST /dwsso/oauth2/access_token", "POST /product/")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--orders", type=int, default=2000)
    arguments.add_argument("--days", type=int, default=30)
    chosen = arguments.parse_args()
    clock = ManualClock()
    with empty_database() as engine, running_sandbox(clock) as running:
        began = time.perf_counter()
        start = clock.now()
        place(running, clock, chosen.orders, timedelta(days=chosen.days))
        placing = time.perf_counter() - began
        model = merchant()
        connection = erp(running.url)
        with (
            SfccClient(storefront(running.url), clock) as shop,
            erp_client(connection, "catalogue", engine, clock, lambda: model.calls) as books,
        ):
            read_catalogues(engine, shop, books, model, clock)
            before = arrived(running)
            began, cpu = time.perf_counter(), time.process_time()
            trials = try_orders(
                engine,
                shop,
                model,
                model.sites,
                start,
                clock.now(),
                progress=lambda site, tried, _: say(f"{site}: {tried} orders tried"),
            )
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            calls = arrived(running) - before
            made = running.sandbox.calls.summary(calls)["recent"]
    assert len(made) == calls, "fewer orders are needed: the sandbox keeps its latest calls only"
    say("")
    print("\n".join(report(trials)), file=sys.stderr)
    tried = sum(trial.tried for trial in trials.values())
    posted = sum(trial.posted for trial in trials.values())
    shown = [f"{call['method']} {call['path']}" for call in made]
    writes = [call for call in shown if not call.startswith(READS)]
    about = {"orders": tried, "days": chosen.days}
    tell(
        "orders_try_seconds",
        seconds,
        "s",
        **about,
        cpu_seconds=round(cpu, 2),
        seconds_to_place_them=round(placing, 2),
        sandbox="in the same process",
    )
    tell(
        "orders_try_calls",
        calls,
        "calls",
        **about,
        to_the_erp=sum("ExternalApi" in c for c in shown),
    )
    tell("orders_try_writes", len(writes), "calls", **about)
    tell("orders_try_would_post", posted / tried, "share", **about)


def place(running: RunningSandbox, clock: ManualClock, orders: int, span: timedelta) -> None:
    """So many shoppers, evenly over the span; whoever finds nothing to buy leaves."""
    for number in range(orders):
        running.sandbox.shoppers.visit()
        clock.sleep(span.total_seconds() / orders)
        if number % 100 == 0:
            say(f"{number} of {orders} orders placed")


def arrived(running: RunningSandbox) -> int:
    """Calls that have reached either system."""
    return int(sum(running.sandbox.calls.summary(0)["arrivals"].values()))


if __name__ == "__main__":
    main()
