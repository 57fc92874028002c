"""A merchant with both emulated systems, gateways, and the ledger beside them.

Everything is real but the two systems, the gateways and the clock: orders go through the posting
lane, reports are files in a folder.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from sfcc_cin7.cli.emulated import sandbox_erp
from sfcc_cin7.db.schema import breaks
from sfcc_cin7.ledger.passes.books import Books, bring_up_to_date
from sfcc_cin7.ledger.payouts.reading import read_reports
from sfcc_cin7.ledger.payouts.source import PayoutFolder
from sfcc_cin7.ledger.records.postings import unbalanced
from sfcc_cin7.systems.cin7 import Cin7Client, Governor
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.control.server import running_sandbox
from sfcc_cin7_sandbox.gateways.gateway import write_reports
from sfcc_cin7_sandbox.gateways.reports import Movement
from sfcc_cin7_tests.ledger.bookkeeping import refresh_sales
from sfcc_cin7_tests.project import SANDBOX_MODEL
from sfcc_cin7_tests.scenario.order_lane import BELIEVED_SHOP, OrderLane

UK, US, JP = "alpenglow-uk", "alpenglow-us", "alpenglow-jp"
DESK, FINANCE = "team:order-desk", "team:finance"


@dataclass(frozen=True)
class Seen:
    """An open break."""

    subject: str
    kind: str
    leg: str
    owner: str
    cause: str | None


class House:
    """A merchant with both systems, gateways, and the ledger beside them."""

    def __init__(self, lane: OrderLane, erp: Cin7Client, folder: Path) -> None:
        self.lane, self.erp, self.folder = lane, erp, folder
        self.engine, self.clock, self.model = lane.engine, lane.clock, lane.model
        self.sandbox = lane.sandbox
        self.gateways = lane.sandbox.gateways
        self.clean: list[str] = []

    def place(self, site: str, shape: str | None = None) -> str:
        placed = self.sandbox.shoppers.place(site, shape)
        return f"alpenglow:{site}:{placed['orderNo']}"

    def paid_through(self, gateway: str, site: str = UK, shape: str = "plain") -> str:
        """An order with exactly one payment through this gateway; others placed are clean."""
        for _ in range(200):
            key = self.place(site, shape)
            if [one.gateway for one in self.payments(key)] == [gateway]:
                return key
            self.clean.append(key)
        raise AssertionError(f"nobody pays through {gateway}")

    def document(self, key: str) -> dict[str, Any]:
        _, site, number = key.split(":")
        return self.sandbox.sfcc.order(site, number)

    def payments(self, key: str) -> list[Movement]:
        _, site, _ = key.split(":")
        return list(self.gateways.payments({**self.document(key), "siteId": site}))

    def payment(self, key: str) -> Movement:
        return self.payments(key)[0]

    def sale(self, key: str) -> dict[str, Any]:
        return self.lane.sales(key)[0]

    def settle(self) -> None:
        write_reports(self.folder, self.gateways.settle())

    def pass_(self) -> Books:
        """One pass over everything that the ledger reads."""
        reading = refresh_sales(self.engine, self.erp, self.model, self.clock)
        read = read_reports(self.engine, self.model, PayoutFolder(self.folder), self.clock)
        assert read.problems == [], read.problems
        result = bring_up_to_date(self.engine, self.model, self.clock, complete=reading.complete)
        with self.engine.connect() as connection:
            assert unbalanced(connection) == []
        return result

    def seen(self) -> list[Seen]:
        query = select(breaks).where(breaks.c.closed_at.is_(None)).order_by(breaks.c.id)
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Seen(row["order_key"], row["class"], row["leg"], row["owner"], row["cause"])
            for row in rows
        ]


@contextmanager
def house(engine: Engine, clock: ManualClock, folder: Path, skus: int = 150) -> Iterator[House]:
    with running_sandbox(clock, skus=skus, sfcc=BELIEVED_SHOP) as running:
        lane = OrderLane(engine, clock, running, SANDBOX_MODEL, BELIEVED_SHOP)
        connection = sandbox_erp(running.url)
        try:
            governor = Governor(engine, clock)
            with Cin7Client(connection, governor, "changes", clock, lane.road) as erp:
                yield House(lane, erp, folder)
        finally:
            lane.close()
