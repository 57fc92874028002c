"""How soon an edit by hand in the ERP is found, and what is unread meanwhile, on one key.

Simulated time: every second shoppers may have placed an order, the posting lane works, and
each lane takes the turn that is due: the reader of what changes in the ERP, the books, and a
reading of stock that would take every call that it gets. All share the governor's budget of one
application key, and the sandbox counts too. Now and then somebody cuts a price, and the warehouse
ships each order some minutes after it was placed (`--ships`: as many of them in a hundred).

    python benchmarks/hand_edits.py [--per-minute 10 20] [--minutes 8] [--edit-every 1] [--ships 0]
"""

import argparse
import logging
import random
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from typing import Any

from _house import empty_database, say, tell
from sqlalchemy import Engine, select

from sfcc_cin7.cli.emulated import sandbox_erp
from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.database import migrate
from sfcc_cin7.db.schema import breaks, call_usage
from sfcc_cin7.ledger.passes.books import bring_up_to_date
from sfcc_cin7.ledger.passes.sales_image import follow_sales, with_the_rest
from sfcc_cin7.ledger.sights import RECONCILING
from sfcc_cin7.systems.cin7 import Cin7Client, Governor, Purpose, changes
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.systems.http.errors import OutOfBudget
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.emptying import empty_every_table
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

STEP = 1.0
LOOK_FOR_ORDERS = timedelta(seconds=15)
SHIPPED_AFTER = timedelta(minutes=3)
AFTERWARDS = timedelta(minutes=6)
"""How long is watched after the last edit."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-minute", type=int, nargs="*", default=[10, 20])
    parser.add_argument("--minutes", type=int, default=8)
    parser.add_argument("--edit-every", type=float, default=1, help="minutes between two edits")
    parser.add_argument("--ships", type=int, default=0, help="of a hundred orders")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)  # whoever waits for the call budget says so
    with empty_database() as engine:
        migrate(engine)
        for per_minute in chosen.per_minute:
            with engine.begin() as connection:
                empty_every_table(connection)
            with order_lane(engine, ManualClock()) as lane, ExitStack() as at_end:
                day = Day(engine, lane, at_end, per_minute, chosen.edit_every, chosen.ships)
                day.run(chosen.minutes)
                day.tell(chosen.minutes)


class Day:
    """Orders at a pace, somebody who edits, and the lanes that follow."""

    def __init__(
        self,
        engine: Engine,
        lane: OrderLane,
        at_end: ExitStack,
        per_minute: int,
        edit_every: float,
        ships: int,
    ) -> None:
        self.engine, self.lane, self.clock = engine, lane, lane.clock
        self.per_minute, self.ships = per_minute, ships
        self.edit_every = timedelta(minutes=edit_every)
        self.reader: Cin7Client = at_end.enter_context(impatient(lane, "changes"))
        self.stock: Cin7Client = at_end.enter_context(impatient(lane, "stock"))
        self.dice = random.Random(7)
        self.edited: dict[str, datetime] = {}
        self.found: dict[str, timedelta] = {}
        self.backlogs: list[int] = []
        self.placed = self.read = 0
        self.reconciled_at = self.looked_at = self.began = self.clock.now()

    def run(self, minutes: int) -> None:
        ends = self.began + timedelta(minutes=minutes)
        edits_at = self.began + self.edit_every
        while (now := self.clock.now()) < ends + AFTERWARDS:
            say(f"{self.per_minute} a minute: {(now - self.began) / timedelta(minutes=1):.1f} min")
            placed = self.place(now) if now < ends else 0
            if placed or now - self.looked_at >= LOOK_FOR_ORDERS:
                self.looked_at = now
                self.lane.run()
            self.take_turns()
            if edits_at <= now < ends and self.edit():
                edits_at += self.edit_every
            self.clock.sleep(STEP)

    def place(self, now: datetime) -> int:
        due = int((now - self.began).total_seconds() / 60 * self.per_minute) - self.placed
        for _ in range(due):
            self.lane.sandbox.shoppers.place("alpenglow-uk", "plain")
        self.placed += due
        return due

    def take_turns(self) -> None:
        """The lane `books` as its resident does it; stock takes what it gets."""
        if changes.is_due(self.engine, SALE, self.clock):
            with suppress(OutOfBudget):
                turn = follow_sales(self.engine, self.reader, self.lane.model, self.clock)
                self.read += turn.read
        if self.clock.now() - self.reconciled_at >= RECONCILING:
            self.reconciled_at = self.clock.now()
            self.reconcile()
        with suppress(OutOfBudget):
            self.stock.availability_page(1)
        if self.ships:
            self.ship()

    def reconcile(self) -> None:
        with self.engine.connect() as connection:
            self.backlogs.append(erp_documents.backlog(connection, SALE.name).unread)
        whole = with_the_rest(self.engine, 0)
        bring_up_to_date(self.engine, self.lane.model, self.clock, complete=whole.complete)
        query = select(breaks.c.order_key).where(breaks.c["class"] == "amount")
        with self.engine.connect() as connection:
            open_now = set(connection.scalars(query))
        for key in self.edited.keys() - self.found.keys():
            if key in open_now:
                self.found[key] = self.clock.now() - self.edited[key]

    def edit(self) -> bool:
        """Somebody cuts a price of an order that is booked; whether there was one."""
        booked = [
            sale
            for sale in self.lane.sandbox.cin7.sales_truth()
            if sale["OrderStatus"] == "AUTHORISED"
            and sale["CombinedShippingStatus"] == "NOT SHIPPED"
            and sale["ExternalID"] not in self.edited
        ]
        if not booked:
            return False
        sale: dict[str, Any] = self.dice.choice(booked[-20:])
        line = next(one for one in sale["Lines"] if one["Price"])
        self.lane.sandbox.cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"] + 1)
        self.edited[sale["ExternalID"]] = self.clock.now()
        return True

    def ship(self) -> None:
        oldest = self.clock.now() - SHIPPED_AFTER
        for sale in self.lane.sandbox.cin7.sales_truth():
            if datetime.fromisoformat(sale["Created"]) > oldest:
                return
            wanted = int(sale["OrderNumber"].split("-")[1]) % 100 < self.ships
            if wanted and sale["CombinedShippingStatus"] == "NOT SHIPPED":
                self.lane.sandbox.cin7.ship(sale["ID"])

    def tell(self, minutes: int) -> None:
        about = {
            "orders_per_minute": self.per_minute,
            "minutes": minutes,
            "shipped_of_100": self.ships,
        }
        took = sorted(each.total_seconds() / 60 for each in self.found.values())
        missed = len(self.edited) - len(self.found)
        if took:
            tell("edit_found_p50", took[len(took) // 2], "min", **about, edits=len(took))
            p95 = took[min(len(took) - 1, int(0.95 * len(took)))]
            tell("edit_found_p95", p95, "min", **about, edits=len(took))
        tell("edits_not_found", missed, "edits", **about)
        tell("unread_backlog_most", max(self.backlogs, default=0), "sales", **about)
        tell("sales_read", self.read, "sales", **about, orders=self.placed)
        calls: Counter[str] = Counter()
        with self.engine.connect() as connection:
            for row in connection.execute(select(call_usage.c.lane, call_usage.c.calls)):
                calls[row.lane] += row.calls
        whole = minutes + AFTERWARDS / timedelta(minutes=1)
        for lane, made in sorted(calls.items()):
            tell("calls_per_minute", made / whole, "calls", **about, lane=lane)


def impatient(lane: OrderLane, purpose: Purpose) -> Cin7Client:
    """A lane's client that waits for nothing: its next turn is a second away."""
    reserved: dict[Purpose, int] = {}
    reserved.update(lane.model.calls.reserved.items())
    governor = Governor(lane.engine, lane.clock, patience=0, reserved=reserved)
    return Cin7Client(sandbox_erp(lane.url), governor, purpose, lane.clock, lane.road)


if __name__ == "__main__":
    main()
