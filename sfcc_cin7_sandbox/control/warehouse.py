"""The people behind the systems: they ship, receive, count, write, and one of them meddles."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7_sandbox.cin7 import Cin7Emulator
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.control.paperwork import Paperwork
from sfcc_cin7_sandbox.control.rounds import Rates, Rounds
from sfcc_cin7_sandbox.merchant.catalogue import DRIFTING_LIST, DRIFTING_SKU
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.sfcc import SfccEmulator
from sfcc_cin7_sandbox.shelf import Document

_TO_SHIP = ("NOT SHIPPED", "SHIPPING", "PARTIALLY SHIPPED")
COUNTABLE = 30
"""Only shelves with as many units available are counted, so that no count can cause an oversell."""


@dataclass(frozen=True)
class WarehouseSettings(Rates):
    """How busy the house is; at a rate of 0 nothing happens."""

    ships_per_minute: float = 0
    ship_after_seconds: float = 180
    """The least age of a sale that is shipped."""
    late_share: float = 0
    """Share of sales that wait ten times as long."""
    split_share: float = 0
    """Share of sales that leave in two parts: two boxes, or two fulfilments."""
    late_number_share: float = 0
    """Share of sales that leave without tracking numbers, which are typed in a round later."""
    lost_share: float = 0
    """Share of sales that are picked and then forgotten."""
    receipts_per_minute: float = 0
    reorder_below: float = 10
    """A SKU with fewer units available gets a delivery."""
    counts_per_minute: float = 0
    documents_per_hour: float = 0
    """Sales of other channels, transfers, receipts, counts and assemblies: see `Paperwork`."""
    edits_per_hour: float = 0
    """How often somebody raises the drifting SKU's allocation in Business Manager."""
    edit_units: float = 25


BUSY = WarehouseSettings(
    ships_per_minute=10,
    late_share=0.05,
    split_share=0.1,
    late_number_share=0.1,
    lost_share=0.01,
    receipts_per_minute=4,
    counts_per_minute=2,
    edits_per_hour=20,
)


class Warehouse(Rounds):
    """Does in each round what the rates say for the time since the last one."""

    def __init__(
        self,
        cin7: Cin7Emulator,
        sfcc: SfccEmulator,
        clock: Clock,
        settings: WarehouseSettings,
        seed: int = 0,
        world: World | None = None,
    ) -> None:
        super().__init__(clock, ("shipped", "received", "counted", "edited", "documents"))
        self.settings = settings
        self._seed = seed
        self._cin7 = cin7
        self._sfcc = sfcc
        self._dice = random.Random(seed)  # noqa: S311 - repeatable work, not secrets
        self._paperwork = Paperwork(cin7, world, self._dice) if world else None

    def round(self) -> None:
        """One look at everything that is due by now."""
        minutes = self._since_last() / timedelta(minutes=1)
        settings = self.settings
        if ships := self._due("shipped", settings.ships_per_minute * minutes):
            self._ship(ships, self._clock.now())
        receipts = self._due("received", settings.receipts_per_minute * minutes)
        counts = self._due("counted", settings.counts_per_minute * minutes)
        if receipts or counts:
            stock = self._cin7.stock_truth()
            self._receive(receipts, stock)
            self._count(counts, stock)
        documents = self._due("documents", settings.documents_per_hour * minutes / 60)
        if documents and self._paperwork:
            stock = self._cin7.stock_truth()
            self.done["documents"] += self._paperwork.write(documents, stock)
        for _ in range(self._due("edited", settings.edits_per_hour * minutes / 60)):
            self._edit_allocation()

    def _ship(self, ships: int, now: datetime) -> None:
        """The oldest authorised sales that are old enough leave the house, each in its way.

        A sale that was split goes on in the next round; numbers that were missing are typed in.
        """
        sales = self._cin7.sales_truth()
        for sale in sales:
            self._number(sale)
        for sale in sales:
            if not ships:
                return
            age = (now - datetime.fromisoformat(sale["Created"])).total_seconds()
            if age < self.settings.ship_after_seconds:
                return
            if age < 10 * self.settings.ship_after_seconds and (
                self._fate(sale, "late") < self.settings.late_share
            ):
                continue
            unshipped = sale["CombinedShippingStatus"] in _TO_SHIP
            if unshipped and self._send(sale):
                self.done["shipped"] += 1
                ships -= 1

    def _send(self, sale: Document) -> Decimal:
        """So many units leave now."""
        sale_id, first = sale["ID"], sale["CombinedShippingStatus"] == "NOT SHIPPED"
        if self._fate(sale, "lost") < self.settings.lost_share:
            self._cin7.pick(sale_id)
            return Decimal(0)
        numbers: list[str] | None = (
            [] if self._fate(sale, "number") < self.settings.late_number_share else None
        )
        units = sum((line["Quantity"] for line in sale["Lines"]), Decimal(0))
        if not first or units < 2 or self._fate(sale, "split") >= self.settings.split_share:
            return self._cin7.ship(sale_id, tracking=numbers)
        if self._fate(sale, "boxes") < 0.5:
            return self._cin7.ship(sale_id, parcels=2, leaving=1, tracking=numbers)
        free = next((x for x in sale["Lines"] if x["Quantity"] > x["BackorderQuantity"]), None)
        one = {free["SKU"]: Decimal(1)} if free else None
        return self._cin7.ship(sale_id, one, tracking=numbers)

    def _number(self, sale: Document) -> None:
        for parcel in sale["Parcels"]:
            if not parcel["TrackingNumber"] and self.settings.late_number_share:
                task, box = parcel["FulfillmentNumber"], parcel["Boxes"]
                number = f"LATE-{sale['OrderNumber']}-{task}-{box[-1]}"
                self._cin7.despatch.track(sale["ID"], number, fulfilment=task, box=box)

    def _fate(self, sale: Document, what: str) -> float:
        """From 0 to 1, the same for a sale whenever it is asked for."""
        return random.Random(f"{self._seed}/{sale['ID']}/{what}").random()  # noqa: S311

    def _receive(self, receipts: int, stock: list[Document]) -> None:
        low = [row for row in stock if row["Available"] < self.settings.reorder_below]
        for row in self._dice.sample(low, min(receipts, len(low))):
            units = Decimal(self._dice.choice((24, 48, 60, 120)))
            self._cin7.receive(row["SKU"], row["Location"], units)
            self.done["received"] += 1

    def _count(self, counts: int, stock: list[Document]) -> None:
        plenty = [row for row in stock if row["Available"] >= COUNTABLE]
        for row in self._dice.sample(plenty, min(counts, len(plenty))):
            found = row["OnHand"] + self._dice.choice((-3, -2, -1, 1, 2))
            self._cin7.adjust(row["SKU"], row["Location"], found)
            self.done["counted"] += 1

    def _edit_allocation(self) -> None:
        """The planted drift: more is offered than the ERP has, because somebody typed it in."""
        offered = self._sfcc.ats(DRIFTING_LIST, DRIFTING_SKU)
        more = offered + Decimal(self.settings.edit_units)
        self._sfcc.edit_allocation(DRIFTING_LIST, DRIFTING_SKU, more)
        self.done["edited"] += 1
