"""What the warehouse did with a sale: pick, pack, ship (Cin7 API reference, Sale Fulfilment)."""

from collections import defaultdict
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from sfcc_cin7.systems.cin7.fields import Document, Flag, Guid, Number, Text, or_
from sfcc_cin7.values.money import ZERO


class PackedLine(Document):
    """Units of a SKU that were picked, or packed into `box`."""

    sku: Text = Field(default="", alias="SKU")
    quantity: Number
    box: Text = ""


class PickOrPack(Document):
    """A pick or a pack stage: NOT AVAILABLE, DRAFT, AUTHORISED or VOIDED."""

    status: Text = ""
    lines: Annotated[tuple[PackedLine, ...], or_(())] = ()


class ShipLine(Document):
    """Boxes that go under one number; several are joined by commas. The day of shipment has no
    zone, and is kept as it is given."""

    id: Annotated[Guid, or_("")] = Field(default="", alias="ID")
    shipment_date: Text = ""
    carrier: Text = ""
    boxes: Text = ""
    tracking_number: Text = ""
    tracking_url: Text = Field(default="", alias="TrackingURL")
    is_shipped: Flag = False


class ShipStage(Document):
    """A ship stage: NOT AVAILABLE, DRAFT, PARTIALLY AUTHORISED, AUTHORISED or VOIDED."""

    status: Text = ""
    lines: Annotated[tuple[ShipLine, ...], or_(())] = ()


class Fulfilment(Document):
    """One fulfilment task of a sale. `linked_invoice_number` is that of its invoice, "" until there
    is one."""

    task_id: Annotated[Guid, or_("")] = Field(default="", alias="TaskID")
    fulfillment_number: Annotated[int, or_(0)] = 0
    linked_invoice_number: Text = ""
    fulfilment_status: Text = Field(default="", alias="FulFilmentStatus")
    pick: Annotated[PickOrPack, or_({})] = PickOrPack()
    pack: Annotated[PickOrPack, or_({})] = PickOrPack()
    ship: Annotated[ShipStage, or_({})] = ShipStage()

    @property
    def left(self) -> dict[str, Decimal]:
        """Units by SKU that have left: all of an authorised shipment; of one that is partially
        authorised those in boxes that are said to have left."""
        ship = self.ship.status.upper()
        if "VOIDED" in (ship, self.fulfilment_status.upper()):
            return {}
        parts = self.pack.lines or self.pick.lines  # a Simple sale need not be packed by itself
        if ship != "AUTHORISED":
            gone = self._boxes_gone if ship == "PARTIALLY AUTHORISED" else set()
            parts = tuple(part for part in parts if part.box and part.box in gone)
        units: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for part in parts:
            units[part.sku] += part.quantity
        return dict(units)

    @property
    def left_on(self) -> str:
        """The last day on which something of it left, `2026-01-31`; empty where none is stated."""
        whole = self.ship.status.upper() == "AUTHORISED"
        days = [line.shipment_date[:10] for line in self.ship.lines if line.is_shipped or whole]
        return max(days, default="")

    @property
    def _boxes_gone(self) -> set[str]:
        told = [line.boxes for line in self.ship.lines if line.is_shipped]
        return {*told, *(name.strip() for each in told for name in each.split(","))}
