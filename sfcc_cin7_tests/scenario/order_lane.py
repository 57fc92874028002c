"""The real order lane against both emulated systems, under one simulated clock."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, select

from sfcc_cin7.cli.emulated import sandbox_erp, sandbox_storefront
from sfcc_cin7.db.schema import order_events, orders, review_items
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.posting.batch import BatchPosting
from sfcc_cin7.orders.posting.draining import DrainResult, drain
from sfcc_cin7.orders.posting.order import OrderPosting
from sfcc_cin7.orders.records.batches import BatchQueue
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.runtime.deployment import erp_client
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import Purpose
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_sandbox.truth.verify import Verdict, verify
from sfcc_cin7_tests.in_process import InProcess
from sfcc_cin7_tests.project import SANDBOX_MODEL

BELIEVED_SHOP = SfccSettings()
operating_model = cache(load_operating_model)
"""Read once: no test changes a file that a lane has been opened with."""


class Crash(BaseException):
    """The process is gone: nothing after this line runs."""


class Fuse:
    """Burns down with every step; the process dies when it is gone."""

    def __init__(self) -> None:
        self.left: int | None = None

    def burn(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                self.left = None
                raise Crash


class Fragile:
    """Stands before an object: the process may die before and after each of its methods."""

    def __init__(self, target: Any, fuse: Fuse) -> None:
        self._target = target
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        if not callable(method):
            return method

        def step(*args: Any, **kwargs: Any) -> Any:
            self._fuse.burn()
            result = method(*args, **kwargs)
            self._fuse.burn()
            return result

        return step


class OrderLane:
    """A merchant whose storefront, ERP and posting all live in this test."""

    def __init__(
        self,
        engine: Engine,
        clock: ManualClock,
        running: RunningSandbox,
        model: Path,
        sfcc: SfccSettings,
        road: httpx.BaseTransport | None = None,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.url = running.url
        self.sandbox = running.sandbox
        self.road = road or InProcess(running.premises)
        self.fuse = Fuse()
        written = operating_model(model)
        brisk = written.posting.model_copy(update={"workers": 1})
        self.model = written.model_copy(update={"posting": brisk})
        self._listed_after = sfcc.index_lag + 0.5
        self._shop = SfccClient(
            sandbox_storefront(running.url),
            clock,
            self.road,
        )
        self._erp = self.erp("orders")

    def close(self) -> None:
        self._shop.__exit__(None, None, None)
        self._erp.__exit__(None, None, None)

    def erp(self, purpose: Purpose) -> Cin7Client:
        """The ERP as a run sees it."""
        return erp_client(
            sandbox_erp(self.url),
            purpose,
            self.engine,
            self.clock,
            lambda: self.model.calls,
            transport=self.road,
        )

    def order(self, site: str = "alpenglow-uk", shape: str | None = None) -> str:
        """A shopper places an order; returns its key once the storefront's index knows it."""
        placed = self.sandbox.shoppers.place(site, shape or "plain")
        self.clock.sleep(self._listed_after)
        return f"alpenglow:{placed['siteId']}:{placed['orderNo']}"

    def run(self, worker: str = "worker") -> DrainResult:
        """One posting run by a worker that has just started."""
        queue: Any = Fragile(OrderQueue(self.engine, self.clock), self.fuse)
        shop: Any = Fragile(self._shop, self.fuse)
        erp: Any = Fragile(self._erp, self.fuse)
        receiver = Receiver(shop, queue, self.model, self.clock)
        posting = OrderPosting(
            self.engine, queue, shop, erp, self.model, self.clock, chance=lambda: 0.5
        )
        batches: Any = Fragile(BatchQueue(self.engine, self.clock), self.fuse)
        batch_posting = BatchPosting(
            self.engine, batches, shop, erp, self.model, self.clock, chance=lambda: 0.5
        )
        return drain(
            receiver,
            posting,
            self.model.posting,
            self.clock,
            worker,
            batches=batch_posting,
        )

    def sweep(self, span: timedelta) -> dict[str, int]:
        """Re-read every order created in the last hours or days."""
        queue = OrderQueue(self.engine, self.clock)
        now = self.clock.now()
        return Receiver(self._shop, queue, self.model, self.clock).window(now - span, now)

    def run_until_quiet(self, most: int = 40) -> None:
        """Run after run, hours apart if need be, until nothing waits."""
        for _ in range(most):
            self.run()
            states = Counter(self.states().values())
            if not states["received"] and not states["posting"] and not states["batched"]:
                return
            self.clock.sleep(200)
        raise AssertionError(f"still waiting: {self.states()}")

    def verdict(self) -> Verdict:
        """What someone who sees both systems, and not our database, says about them."""
        truth = decimal_json.loads(httpx.get(f"{self.url}/_control/truth").content)
        return verify(truth, grace_seconds=0)

    def states(self) -> dict[str, str]:
        with self.engine.connect() as connection:
            return {
                row.order_key: row.state
                for row in connection.execute(select(orders.c.order_key, orders.c.state))
            }

    def review_codes(self, order_key: str) -> set[str]:
        return set(self.review_sentences(order_key))

    def review_sentences(self, order_key: str) -> dict[str, str]:
        """What open items say about an order, by code."""
        query = select(review_items.c.code, review_items.c.sentence).where(
            review_items.c.subject == order_key, review_items.c.closed_at.is_(None)
        )
        with self.engine.connect() as connection:
            return {row.code: row.sentence for row in connection.execute(query)}

    def events(self, order_key: str) -> list[str]:
        query = (
            select(order_events.c.kind)
            .where(order_events.c.order_key == order_key)
            .order_by(order_events.c.id)
        )
        with self.engine.connect() as connection:
            return list(connection.scalars(query))

    @property
    def storefront(self) -> SfccClient:
        """The shop as the lanes read it."""
        return self._shop

    def document(self, order_key: str) -> dict[str, Any]:
        """What the storefront holds of an order now."""
        _, site, number = order_key.split(":")
        return self._shop.order(site, number)

    def sales(self, order_key: str) -> list[dict[str, Any]]:
        """The sales that Cin7 holds for an order, voided ones apart."""
        return [
            sale
            for sale in self.sandbox.cin7.sales_truth()
            if sale["ExternalID"] == order_key and sale["Status"] != "VOIDED"
        ]


@contextmanager
def order_lane(
    engine: Engine,
    clock: ManualClock,
    model: Path = SANDBOX_MODEL,
    sfcc: SfccSettings = BELIEVED_SHOP,
    road: httpx.BaseTransport | None = None,
    **settings: Any,
) -> Iterator[OrderLane]:
    """Both systems are called directly unless there is a `road`; `settings` as SandboxSettings."""
    with running_sandbox(clock, skus=150, sfcc=sfcc, **settings) as running:
        lane = OrderLane(engine, clock, running, model, sfcc, road)
        try:
            yield lane
        finally:
            lane.close()
