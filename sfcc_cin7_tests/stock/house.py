"""The stock lane beside the order lane, against both emulated systems, under one clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.cli.emulated import sandbox_storefront
from sfcc_cin7.stock.publishing.outcome import Outcome
from sfcc_cin7.stock.publishing.publish import publish_stock
from sfcc_cin7.stock.reading.snapshot import Snapshot, take_snapshot
from sfcc_cin7.systems.cin7.availability import SCALE, AvailabilityColumns
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import AvailabilityRow
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

MINUTE = 60


def rows_of(columns: AvailabilityColumns) -> list[AvailabilityRow]:
    """Rows as they are where one SKU is asked for."""
    return [
        AvailabilityRow(
            product_id="",
            sku=sku,
            location=columns.location[at],
            bin=columns.bin[at],
            batch=columns.batch[at],
            expiry_date=columns.expiry_date[at],
            on_hand=Decimal(columns.on_hand[at]) / SCALE,
            allocated=Decimal(columns.allocated[at]) / SCALE,
            available=Decimal(columns.available[at]) / SCALE,
            on_order=Decimal(columns.on_order[at]) / SCALE,
            next_delivery_date=columns.next_delivery_date[at],
        )
        for at, sku in enumerate(columns.sku)
    ]


@dataclass
class StockHouse:
    """Everything that stock depends on; time passes only when told to."""

    orders: OrderLane
    erp: Cin7Client
    shop: SfccClient
    engine: Engine
    clock: ManualClock

    @property
    def sandbox(self):
        return self.orders.sandbox

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def read(self, at_once: int = 1) -> Snapshot:
        return take_snapshot(self.engine, self.erp, self.orders.model, self.clock, at_once)

    def publish(self) -> Outcome:
        return publish_stock(self.engine, self.shop, self.orders.model, self.clock)

    def stock_pass(self, seconds: float = MINUTE) -> Outcome:
        """Time passes, then stock is read and published."""
        self.clock.sleep(seconds)
        self.read()
        return self.publish()

    def started(self) -> "StockHouse":
        """The same house, after its first passes."""
        for _ in range(2):
            self.stock_pass(2 * MINUTE)
        return self

    def offered(self, list_id: str) -> dict[str, Decimal]:
        rows = self.sandbox.sfcc.truth()["inventory"]
        return {row["sku"]: row["ats"] for row in rows if row["list"] == list_id}

    def supply(self, list_id: str) -> dict[str, Decimal]:
        """What may be offered at most: availability less orders not in the ERP, less the buffer."""
        policy = next(p for p in self.orders.model.inventory_lists if p.id == list_id)
        supply = dict.fromkeys(self.offered(list_id), -policy.buffer)
        for row in self.sandbox.cin7.stock_truth():
            if row["Location"] in policy.locations and row["SKU"] in supply:
                supply[row["SKU"]] += row["Available"]
        booked = {sale["ExternalID"] for sale in self.sandbox.cin7.sales_truth()}
        for order in self.sandbox.sfcc.truth()["orders"]:
            key = f"alpenglow:{order['siteId']}:{order['orderNo']}"
            open_here = order["siteId"] in policy.sites and order["status"] != "cancelled"
            if open_here and key not in booked:
                for line in order["productItems"]:
                    if line["productId"] in supply:
                        supply[line["productId"]] -= line["quantity"]
        return {sku: max(Decimal(0), units) for sku, units in supply.items()}

    def oversold(self, list_id: str) -> dict[str, tuple[Decimal, Decimal]]:
        """SKUs that the storefront offers more of than there is: (offered, supply)."""
        supply = self.supply(list_id)
        offered = self.offered(list_id).items()
        return {sku: (ats, supply[sku]) for sku, ats in offered if ats > supply[sku]}


@contextmanager
def stock_house(engine: Engine, clock: ManualClock, **settings: Any) -> Iterator[StockHouse]:
    """`settings` as `order_lane`; without them the storefront's index lags by nothing."""
    with order_lane(engine, clock, **{"sfcc": SfccSettings(index_lag=0)} | settings) as lane:
        shop = SfccClient(
            sandbox_storefront(lane.url),
            clock,
            lane.road,
        )
        with shop, lane.erp("stock") as erp:
            yield StockHouse(lane, erp, shop, engine, clock)
