"""What the warehouse did with a sale: pick, pack, ship (Cin7 API reference, Sale Fulfilment)."""

from typing import Annotated

from pydantic import Field

from sfcc_cin7.systems.cin7.fields import Document, Flag, Guid, Number, Text, or_


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
