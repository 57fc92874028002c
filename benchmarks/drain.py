"""How much of the ERP's call limit a backlog of orders turns into sales.

A posting run works off a backlog while a stock and a catalogue process ask without a pause, first
with a key of its own, then on one key with them. A key of its own is a budget of its own only where
the limit holds for each key (`--scope key`). In the same run, for comparison: a plain script that
books one order after another and sleeps as long as a refusal asks for.

Everything is real but the length of the minute: the limit's window and the ERP's latency are both
divided by `--speed`; our own work is not, so a faster minute makes it weigh more, never less.

    python benchmarks/drain.py [--orders 600] [--speed 6] [--latency 1.0] [--scope key]
"""

import argparse
import logging
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import mean
from typing import TypeVar

import httpx
from _house import (
    ORDERS_KEY,
    PROJECT,
    ask_for_scope,
    empty_database,
    erp,
    merchant,
    say,
    storefront,
    tell,
)
from sqlalchemy import Engine, func, select

from sfcc_cin7.cli.supervisor import Supervisor, supervised
from sfcc_cin7.db.database import connect, normalise
from sfcc_cin7.db.schema import order_events, orders
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.posting.draining import drain, lingering
from sfcc_cin7.orders.posting.order import OrderPosting
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.orders.translation import sale_documents
from sfcc_cin7.orders.translation.translate import Accepted, translate
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import LimitScope, Purpose
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.http.errors import OutOfBudget, Throttled
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import SystemClock
from sfcc_cin7_tests.emptying import empty_every_table

PORT = 8897
SITE = "alpenglow-uk"
"""Two calls for each order: no payments are booked for this site."""
LIMIT, CALLS_PER_ORDER = 60, 2
PAGE = 200
Document = dict[str, object]
T = TypeVar("T")
SPAWN = multiprocessing.get_context("spawn")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--orders", type=int, default=600)
    arguments.add_argument("--speed", type=float, default=6)
    arguments.add_argument("--latency", type=float, default=1.0)
    ask_for_scope(arguments)
    chosen = arguments.parse_args()
    logging.getLogger("sfcc_cin7").setLevel(logging.ERROR)
    refused: dict[str, int] = {}
    with empty_database() as engine:
        for keys, suffix in ((2, ""), (1, "_one_key")):
            bench = Bench(engine, chosen.speed, chosen.latency, keys, chosen.scope)
            refused[f"ours{suffix}"] = bench.run(
                f"drain_efficiency{suffix}", chosen.orders, bench.ours
            )
        bench = Bench(engine, chosen.speed, chosen.latency, 2, chosen.scope)
        refused["sequential"] = bench.run(
            "drain_efficiency_sequential", chosen.orders, bench.plain_script
        )
    ours = refused["ours"] + refused["ours_one_key"]
    about = {"speed": chosen.speed, "limit_scope": chosen.scope}
    tell("throttled_answers", ours, "answers", orders=2 * chosen.orders, **about)
    sequential = refused["sequential"]
    tell("throttled_answers_sequential", sequential, "answers", orders=chosen.orders, **about)


class Bench:
    """One backlog: an empty store, a sandbox of its own, and two other lanes that never rest.

    Slots are reserved as the product does it: where orders share the budget of the others.
    """

    def __init__(
        self,
        engine: Engine,
        speed: float,
        latency: float,
        keys: int,
        scope: LimitScope,
    ) -> None:
        self._engine = engine
        self._speed = speed
        self._latency = latency
        self._keys = keys
        self._scope: LimitScope = scope
        self._url = f"http://127.0.0.1:{PORT}"
        self._reserved: dict[Purpose, int] = {}
        if erp(self._url, keys=keys).one_budget(scope):
            self._reserved.update(merchant().calls.reserved.items())
        self._lasted: float | None = None

    def run(
        self, metric: str, count: int, book: Callable[[], tuple[datetime, list[datetime]]]
    ) -> int:
        """Measure, tell, and return how many calls with the orders' key were refused.

        In each window of the limit a whole number of orders fits ("burst"). The share is what the
        limit allows over what it took from an order to the one whole windows of orders later, the
        mean over a whole window of such pairs: so neither a full budget at the beginning nor a
        window that is cut at the end counts for or against it.
        """
        reserved = 0 if book == self.plain_script else sum(self._reserved.values())
        burst = (LIMIT - reserved) // CALLS_PER_ORDER
        windows = count // burst - 1
        count = (windows + 1) * burst
        with tempfile.TemporaryDirectory() as logs, supervised(Path(logs)) as supervisor:
            self._start(supervisor)
            self._place(count)
            with self._others():
                say(f"{metric}: {count} orders")
                began, booked = book()
            booked.sort()
            calls = httpx.get(f"{self._url}/_control/calls?recent=0", timeout=30).json()
        say("")
        assert len(booked) == count, f"{len(booked)} of {count} orders were booked"
        use = calls["cin7_keys"][ORDERS_KEY]
        took = mean(
            (booked[at + windows * burst] - booked[at]).total_seconds() * self._speed
            for at in range(burst)
        )
        seconds = (booked[-1] - began).total_seconds() * self._speed
        throttled: int = sum(n for status, n in use["statuses"].items() if status != "200")
        tell(
            metric,
            windows * 60 / took,
            "share of the limit",
            orders=count,
            orders_per_minute=round(windows * burst / took * 60, 2),
            limit_orders_per_minute=burst,
            seconds_from_first_call_to_last_order=round(seconds, 1),
            keys=self._keys,
            limit_scope=self._scope,
            reserved=self._reserved,
            latency_s=self._latency,
            call_lasted_s=self._lasted and round(self._lasted, 3),
            most_that_is_safe=self._lasted and round(60 / (60 + self._lasted), 4),
            speed=self._speed,
            throttled_answers=throttled,
            most_in_window=use["most_in_window"],
            most_in_window_of_all_keys=calls["cin7_account"]["most_in_window"],
            calls_of_the_other_key=sum(
                each["arrivals"] for key, each in calls["cin7_keys"].items() if key != ORDERS_KEY
            ),
            calls_of_this_key=use["arrivals"],
        )
        return throttled

    def ours(self) -> tuple[datetime, list[datetime]]:
        """One posting run, as Dagster would start it; its first call, and when each was booked."""
        clock = SystemClock()
        model = merchant()
        governor = Timed(self._engine, self._speed, self._reserved)
        queue = OrderQueue(self._engine, clock)
        with (
            SfccClient(storefront(self._url), clock) as shop,
            Cin7Client(
                erp(self._url, keys=self._keys),
                governor,
                "orders",
                clock,
                limit_scope=self._scope,
            ) as cin7,
        ):
            receiver = Receiver(shop, queue, model, clock)
            posting = OrderPosting(self._engine, queue, shop, cin7, model, clock)
            until = lingering(clock, 3, 900)
            drain(receiver, posting, model.posting, clock, "benchmark", until)
        self._lasted = mean(governor.seconds) * self._speed
        with self._engine.connect() as connection:
            first = select(func.min(order_events.c.at)).where(order_events.c.kind == "creating")
            query = select(orders.c.authorised_at).where(orders.c.state == "acknowledged")
            began = connection.execute(first).scalar_one()
            return began, [at for at in connection.scalars(query) if at]

    def plain_script(self) -> tuple[datetime, list[datetime]]:
        """One order after another, two calls each; a refusal is slept off."""
        clock = SystemClock()
        model = merchant()
        booked = []
        with (
            SfccClient(storefront(self._url), clock) as shop,
            Cin7Client(erp(self._url), Unbounded(), "orders", clock) as cin7,
        ):
            since = clock.now() - timedelta(hours=1)
            found = shop.all_orders(SITE, created_from=since, created_to=clock.now())
            waiting = [order["orderNo"] for order in found if isinstance(order, dict)]
            began = clock.now()
            for number in waiting:
                order = parse_order(shop.order(SITE, number))
                accepted = translate(order, model.site(SITE), model.brand)
                assert isinstance(accepted, Accepted)
                sale = accepted.sale
                created = self._patiently(cin7.create_sale, sale_documents.header(sale))
                self._patiently(cin7.save_order, sale_documents.order(sale, created.id))
                booked.append(clock.now())
                shop.set_export_status(SITE, number, "exported")
        return began, booked

    def _patiently(self, write: Callable[[Document], T], body: Document) -> T:
        while True:
            try:
                return write(body)
            except Throttled as refusal:
                time.sleep((refusal.retry_after or 60) / self._speed)

    def _start(self, supervisor: Supervisor) -> None:
        with self._engine.begin() as connection:
            empty_every_table(connection)
        command = ["-m", "sfcc_cin7.cli", "sandbox", "serve", "--port", str(PORT)]
        command += ["--orders-per-minute", "0", "--no-warehouse", "--skus", "1500"]
        command += ["--speed", str(self._speed), "--call-limit-scope", self._scope]
        sandbox = supervisor.start("sandbox", command, {}, PROJECT)
        supervisor.wait_for(sandbox, f"{self._url}/_control/health", 120)
        slow = {"cin7.slow": {"rate": 1, "size": self._latency / self._speed}}
        httpx.put(f"{self._url}/_control/faults", json=slow, timeout=30).raise_for_status()

    def _place(self, count: int) -> None:
        wanted = {"count": count, "site": SITE, "shape": "plain"}
        httpx.post(f"{self._url}/_control/orders", json=wanted, timeout=120).raise_for_status()
        time.sleep(1)  # the storefront's index

    @contextmanager
    def _others(self) -> Iterator[None]:
        """The stock and the catalogue lane, each in a process of its own."""
        over = SPAWN.Event()
        database = self._engine.url.render_as_string(hide_password=False)
        about = (self._keys, self._scope, self._speed, self._reserved, over)
        workers = [
            SPAWN.Process(target=ask_for_ever, args=(database, self._url, purpose, *about))
            for purpose in ("stock", "catalogue")
        ]
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            over.set()
            for worker in workers:
                worker.join(60)
                if worker.is_alive():
                    worker.kill()


class Timed(Governor):
    """Notes how long calls lasted, as their client saw it: a busy machine makes them longer."""

    def __init__(self, engine: Engine, speed: float, reserved: Mapping[Purpose, int]) -> None:
        super().__init__(
            engine,
            SystemClock(),
            limit=LIMIT,
            window=60 / speed,
            max_call_seconds=120 / speed + 10,
            reserved=reserved,
        )
        self.seconds: list[float] = []

    @contextmanager
    def call(self, budget: str, purpose: Purpose) -> Iterator[int]:
        with super().call(budget, purpose) as slot:
            began = time.monotonic()
            yield slot
            self.seconds.append(time.monotonic() - began)


class Unbounded:
    """No call budget at all."""

    def call(self, budget: str, purpose: Purpose) -> nullcontext[None]:  # noqa: ARG002
        return nullcontext()


def ask_for_ever(
    database: str,
    sandbox: str,
    purpose: Purpose,
    keys: int,
    scope: LimitScope,
    speed: float,
    reserved: Mapping[Purpose, int],
    over: Event,
) -> None:
    """What a stock or catalogue run asks of the ERP, again and again."""
    clock = SystemClock()
    engine = connect(normalise(database))
    governor = Timed(engine, speed, reserved)
    connection = erp(sandbox, keys=keys)
    with Cin7Client(connection, governor, purpose, clock, limit_scope=scope) as client:
        page = 0
        while not over.is_set():
            try:
                if purpose == "stock":
                    page = page % 10 + 1
                    client.availability_page(page, PAGE)
                else:
                    client.tax_rules()
            except (OutOfBudget, Throttled):
                continue  # orders, or the plain script, had everything; ask again


if __name__ == "__main__":
    main()
