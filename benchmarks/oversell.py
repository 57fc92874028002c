"""A flash sale: how many units are sold that nobody has, by this lane and by two that are common.

Both systems are the sandbox's, over HTTP, under one simulated clock; orders are received and posted
and stock is read and published by the product's own code. In ten minutes shoppers want 3,000 orders
of 500 SKUs with little stock, while the ERP takes 30 orders a minute (60 calls), or what reading
stock leaves of them where both share the limit (`--scope account`), goods arrive, units are found
missing, and both systems fail now and then. Every strategy meets the same shoppers and the same
warehouse, in a list without on-order inventory and in one with it:

- `ours`: read and published every minute, without a buffer;
- `ours, buffered`: the same with the recommended buffer (docs/decisions/14-safety-stock.md);
- `full push`: every 15 minutes what the ERP has available, as of now;
- `uncorrected`: every minute what the ERP has available where that changed, as of now.

A shopper buys only what the storefront says is available. Oversold units are those of accepted
orders beyond all that the warehouse ever had; undersold unit-minutes are units that were there and
were not for sale. `lost` are units found missing. One that is sold between its loss and the end of
the first pass that began after it cannot be helped without a buffer: of the oversold units,
`avoidable` are the others.

With `--trail` what is lost or comes is written as documents of the ERP, and `ours` follows them;
with `--availability-age 900` availability is a quarter of an hour old, as on some accounts.

    python benchmarks/oversell.py [--orders 3000] [--skus 500] [--minutes 10] [--scope key]
        [--trail] [--availability-age 900]
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from _flash_sale import CADENCE, MOST_LOST, Market, Sale, Slow
from _house import ask_for_scope, empty_database, merchant, say, storefront, tell
from _house import erp as erp_connection
from sqlalchemy import Engine

from sfcc_cin7.db.database import migrate
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.posting.order import OrderPosting
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.runtime.deployment import erp_client
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.reading.snapshot import take_snapshot
from sfcc_cin7.stock.trail.following import follow_trail, trail_is_due
from sfcc_cin7.systems.cin7.availability import SCALE
from sfcc_cin7.systems.cin7.connection import LimitScope, Purpose
from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.systems.http.retries import ATTEMPTS
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control.server import running_sandbox
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.emptying import empty_every_table

PURPOSES: tuple[Purpose, Purpose, Purpose] = ("orders", "stock", "trail")
FAULTS = {
    "sfcc.429": 0.01,
    "sfcc.504_applied": 0.01,
    "sfcc.lock_clash": 0.01,
    "cin7.throttle": 0.01,
}
LISTS = {False: ("alpenglow-us", "inventory-us"), True: ("alpenglow-uk", "inventory-uk")}
ORDER_SECONDS = 2.0
"""Two calls for each order, of 60 a minute."""
FULL_PUSH = 900.0
RECOMMENDED = Decimal(MOST_LOST)
"""The most that is found missing of a SKU between two readings."""
INDEX_LAG = 3.0


Push = Callable[[], None]


class Lanes:
    """The order lane at the ERP's pace, and one way to publish stock beside it."""

    def __init__(
        self, engine: Engine, clock: Market, url: str, model: OperatingModel, list_id: str
    ) -> None:
        self._engine, self._clock, self._model, self._list = engine, clock, model, list_id
        self._shop = SfccClient(storefront(url), clock)
        connection = erp_connection(url)
        self._orders_erp, self._stock_erp, self._trail_erp = (
            erp_client(connection, purpose, engine, clock, lambda: model.calls, ATTEMPTS)
            for purpose in PURPOSES
        )
        slow: Any = Slow(self._orders_erp, clock)
        queue = OrderQueue(engine, clock)
        self._receiver = Receiver(self._shop, queue, model, clock)
        self._posting = OrderPosting(engine, queue, self._shop, slow, model, clock)
        self._pushed: dict[str, Decimal] = {}

    def close(self) -> None:
        for client in (self._shop, self._orders_erp, self._stock_erp, self._trail_erp):
            client.__exit__(None, None, None)

    def is_on_order(self) -> bool:
        return self._shop.inventory_list(self._list).on_order_enabled

    def post_one(self) -> None:
        self._receiver.poll()
        claim = self._posting.claim("benchmark")
        if claim is not None:
            self._posting.post(claim)

    def ours(self) -> None:
        slow: Any = Slow(self._stock_erp, self._clock)
        try:
            take_snapshot(self._engine, slow, self._model, self._clock)
        except ApiError:
            return  # the next pass reads again
        publish_stock(self._engine, self._shop, self._model, self._clock)

    def has_to_follow(self) -> bool:
        return trail_is_due(self._engine, self._model, self._clock)

    def follow(self) -> None:
        """The document trail: what documents took is off sale before stock is read."""
        slow: Any = Slow(self._trail_erp, self._clock)
        try:
            follow_trail(self._engine, slow, self._shop, self._model, self._clock)
        except ApiError:
            return  # the next turn goes on

    def full_push(self) -> None:
        self._push(self._available())

    def uncorrected(self) -> None:
        read = self._available()
        self._push({sku: units for sku, units in read.items() if self._pushed.get(sku) != units})

    def _available(self) -> dict[str, Decimal]:
        (policy,) = self._model.inventory_lists
        slow: Any = Slow(self._stock_erp, self._clock)
        units: dict[str, Decimal] = defaultdict(Decimal)
        page, seen, total = 1, 0, 1
        while seen < total:
            answer = slow.availability_page(page)
            page, seen, total = page + 1, seen + max(1, len(answer.rows)), answer.total
            rows = answer.rows
            for sku, place, there in zip(rows.sku, rows.location, rows.available, strict=True):
                if place in policy.locations:
                    units[sku] += Decimal(there) / SCALE
        return units

    def _push(self, figures: dict[str, Decimal]) -> None:
        for sku, units in figures.items():
            now = self._clock.now()
            try:
                self._shop.set_allocation(self._list, sku, max(Decimal(0), units), now)
            except ApiError:
                continue
            self._pushed[sku] = units


@dataclass(frozen=True)
class Account:
    """What the ERP's account is like, and whether its documents are followed."""

    scope: LimitScope
    trail: bool
    age: int
    """How old availability is, in seconds."""


@contextmanager
def flash_sale(
    engine: Engine, on_order: bool, skus: int, buffer: Decimal, account: Account
) -> Iterator[tuple[Sale, Lanes]]:
    """A company with `skus` goods of the site in stock, before its sale begins."""
    clock = Market()
    site, list_id = LISTS[on_order]
    full = merchant()
    policy = next(each for each in full.inventory_lists if each.id == list_id)
    held = policy.model_copy(update={"buffer": buffer})
    model = full.model_copy(
        update={
            "sites": [each for each in full.sites if each.id == site],
            "inventory_lists": [held],
            "calls": full.calls.model_copy(update={"limit_scope": account.scope}),
            "stock": full.stock.model_copy(
                update={"trail": account.trail, "availability_age": account.age}
            ),
        }
    )
    _empty(engine)
    settings = SfccSettings(index_lag=INDEX_LAG)
    cin7 = Cin7Settings(call_limit_scope=account.scope, availability_age=account.age)
    with running_sandbox(clock, skus=skus + 300, sfcc=settings, cin7=cin7) as running:
        sandbox = running.sandbox
        place = policy.locations[0]
        sale = Sale(sandbox, clock, site, list_id, place, in_writing=account.trail)
        shoppers: Any = sandbox.shoppers
        ordinary = [sku.id for sku in shoppers._assortment.offers[site].ordinary]
        sale.stock_up(sorted(ordinary)[:skus])
        clock.sleep(account.age)
        lanes = Lanes(engine, clock, running.url, model, list_id)
        if lanes.is_on_order() != on_order:
            raise SystemExit(f"{list_id} is not the list that this sale is for")
        try:
            yield sale, lanes
        finally:
            lanes.close()


def run(
    engine: Engine,
    strategy: str,
    on_order: bool,
    orders: int,
    skus: int,
    minutes: float,
    account: Account,
) -> Sale:
    buffer = RECOMMENDED if strategy == "ours, buffered" else Decimal(0)
    with flash_sale(engine, on_order, skus, buffer, account) as (sale, lanes):
        ways: dict[str, Push] = {"full push": lanes.full_push, "uncorrected": lanes.uncorrected}
        push = ways.get(strategy, lanes.ours)
        for _ in range(2):
            push()
            sale.clock.sleep(2 * CADENCE)
        sale._sandbox.faults.rates.update(FAULTS)
        sale.open(orders, minutes)
        every = FULL_PUSH if strategy == "full push" else CADENCE
        due = FULL_PUSH / 3 if strategy == "full push" else CADENCE / 2
        while sale._second < minutes * 60 + 2 * CADENCE:
            began = sale._second
            if sale._second >= due:
                due += every
                sale.push(push, sees=account.age)
            if push == lanes.ours and lanes.has_to_follow():
                sale.push(lanes.follow)
            lanes.post_one()
            sale.clock.sleep(max(0.1, ORDER_SECONDS - (sale._second - began)))
            say(f"{strategy}, {'with' if on_order else 'without'} on-order: {sale._second:.0f} s")
        sale._sandbox.faults.rates.clear()
        return sale


def _empty(engine: Engine) -> None:
    with engine.begin() as connection:
        empty_every_table(connection)


METRICS = {
    "ours": "oversold_units",
    "ours, buffered": "oversold_units_buffered",
    "full push": "oversold_units_full_push",
    "uncorrected": "oversold_units_uncorrected",
}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--orders", type=int, default=3000)
    arguments.add_argument("--skus", type=int, default=500)
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--trail", action="store_true", help="documents are followed")
    arguments.add_argument("--availability-age", type=int, default=0, help="in seconds")
    ask_for_scope(arguments)
    chosen = arguments.parse_args()
    account = Account(chosen.scope, chosen.trail, chosen.availability_age)
    with empty_database() as engine:
        migrate(engine)
        for on_order in (False, True):
            for strategy, metric in METRICS.items():
                size = (chosen.orders, chosen.skus, chosen.minutes)
                sale = run(engine, strategy, on_order, *size, account)
                about = {
                    "strategy": strategy,
                    "on_order_inventory": on_order,
                    "buffer": int(RECOMMENDED) if strategy == "ours, buffered" else 0,
                    "orders_wanted": chosen.orders,
                    "orders_accepted": sale.accepted,
                    "skus": chosen.skus,
                    "minutes": chosen.minutes,
                    "units_lost": sale.lost,
                    "avoidable": sale.avoidable,
                    "faults": FAULTS,
                    "limit_scope": chosen.scope,
                    "trail": chosen.trail,
                    "availability_age": chosen.availability_age,
                }
                tell(metric, sale.oversold, "units", **about)
                tell("undersold_unit_minutes", sale.undersold, "unit-minutes", **about)


if __name__ == "__main__":
    main()
