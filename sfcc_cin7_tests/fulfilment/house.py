"""A merchant whose orders are posted, shipped from the emulated ERP, and told to the storefront."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, select

from sfcc_cin7.cli.emulated import sandbox_erp
from sfcc_cin7.db.schema import order_shipments, review_items
from sfcc_cin7.fulfilment.reading.following import follow_shipments
from sfcc_cin7.fulfilment.records.shipments import ShipmentQueue, subject_of
from sfcc_cin7.fulfilment.telling.lane import ShipmentLane
from sfcc_cin7.systems.cin7 import Cin7Client, Governor
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.order_lane import Fragile, OrderLane, order_lane


class Shipping:
    """The order lane of a merchant, the warehouse, and the lane of shipments."""

    def __init__(self, lane: OrderLane, erp: Cin7Client) -> None:
        self.lane, self.erp = lane, erp
        self.engine, self.clock = lane.engine, lane.clock
        self.cin7 = lane.sandbox.cin7
        self.told_by("attributes")

    def told_by(self, way: str, **policy: Any) -> None:
        """Every site is told this way."""
        told = {"told_by": way, **policy}
        sites = [
            site.model_copy(update={"fulfilment": site.fulfilment.model_copy(update=told)})
            for site in self.lane.model.sites
        ]
        self.lane.model = self.lane.model.model_copy(update={"sites": sites})

    def posted(
        self, shape: str = "plain", site: str = "alpenglow-uk"
    ) -> tuple[str, dict[str, Any]]:
        """An order that is in the ERP: its key, and its sale as it is there."""
        key = self.lane.order(site, shape)
        self.lane.run_until_quiet()
        (sale,) = self.lane.sales(key)
        self.clock.sleep(60)  # nobody ships it in the instant in which it was posted
        return key, sale

    def follow(self) -> None:
        """The lane looks once what changed, some time after it did."""
        self.clock.sleep(61)
        follow_shipments(self.engine, self.erp, self.lane.model, self.clock)

    def tell(self, fragile: bool = False) -> Any:
        """The lane tells whatever is due."""
        queue: Any = ShipmentQueue(self.engine, self.clock)
        shop: Any = self.lane.storefront
        if fragile:
            queue, shop = Fragile(queue, self.lane.fuse), Fragile(shop, self.lane.fuse)
        lane = ShipmentLane(
            self.engine, queue, shop, self.lane.model, self.clock, chance=lambda: 0.5
        )
        return lane.drain("worker")

    def pass_(self) -> Any:
        self.follow()
        return self.tell()

    def shown(self, key: str) -> tuple[str, list[str]]:
        """The shipping status that the storefront shows, and the numbers of the parcels."""
        document = self.lane.document(key)
        parcels = decimal_json.loads(document.get("c_cin7Parcels") or "[]")
        return document["shippingStatus"], [each["trackingNumber"] for each in parcels]

    def found(self, key: str) -> set[str]:
        """Codes of what waits for a person about the order's shipments."""
        query = select(review_items.c.code).where(
            review_items.c.subject == subject_of(key), review_items.c.closed_at.is_(None)
        )
        with self.engine.connect() as connection:
            return set(connection.scalars(query))

    def row(self, key: str) -> Any:
        query = select(order_shipments).where(order_shipments.c.order_key == key)
        with self.engine.connect() as connection:
            return connection.execute(query).one()

    def writes(self) -> list[str]:
        """What was changed in the storefront's orders so far, in their sequence."""
        return [
            f"{call['method']} {call['path'].rsplit('/', 1)[-1]}"
            for call in self.lane.sandbox.calls.summary(recent=2000)["recent"]
            if call["system"] == "sfcc" and call["method"] != "GET" and "/orders/" in call["path"]
        ]


@contextmanager
def shipping(engine: Engine, clock: ManualClock, **settings: Any) -> Iterator[Shipping]:
    with order_lane(engine, clock, **settings) as lane:
        connection = sandbox_erp(lane.url)
        governor = Governor(engine, clock)
        with Cin7Client(connection, governor, "changes", clock, lane.road) as erp:
            yield Shipping(lane, erp)


def some(sale: dict[str, Any], units: int = 1) -> dict[str, Decimal]:
    """So many units of the sale's first SKU."""
    return {sale["Lines"][0]["SKU"]: Decimal(units)}
