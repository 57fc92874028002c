"""Documents that move stock, as far as this project reads them (Cin7 API reference, Purchase, Stock
Transfer, Stock Adjustment, Stock Take, Inventory Write-Off, Finished Goods).

Quantities are units. Void blanks the lines of all of them.
"""

from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field

from sfcc_cin7.systems.cin7.fields import Document, Guid, MaybeInstant, Number, Text
from sfcc_cin7.values.money import ZERO

Row = TypeVar("Row")
Rows = Annotated[tuple[Row, ...], BeforeValidator(lambda rows: () if rows is None else rows)]
MaybeGuid = Annotated[Guid, BeforeValidator(lambda value: "" if value is None else value)]


class PurchaseRow(Document):
    """A row of purchaseList. Whether stock came is in two statuses, by the type of purchase."""

    id: Guid = Field(alias="ID")
    order_number: Text = ""
    status: Text = ""
    stock_received_status: Text = ""
    unstock_status: Text = ""
    combined_receiving_status: Text = ""
    last_updated_date: MaybeInstant = None


class GoodsLine(Document):
    """Units of a product in a place: of a receipt, say."""

    product_id: MaybeGuid = Field(default="", alias="ProductID")
    sku: Text = Field(default="", alias="SKU")
    quantity: Number = ZERO
    location: Text = ""


class Receipt(Document):
    """Goods of a purchase that came, or were put away; AUTHORISED counts."""

    status: Text = ""
    lines: Rows[GoodsLine] = ()


class PurchaseCredit(Document):
    """What goes back to the supplier."""

    status: Text = ""
    unstock: Rows[GoodsLine] = ()


class PurchaseDocument(Document):
    """GET /advanced-purchase, which shows every kind: what reached a shelf is in `put_away`."""

    id: Guid = Field(alias="ID")
    order_number: Text = ""
    location: Text = ""
    status: Text = ""
    last_updated_date: MaybeInstant = None
    put_away: Rows[Receipt] = ()
    credit_note: Rows[PurchaseCredit] = ()


class TransferRow(Document):
    """A row of stockTransferList: DRAFT, ORDERED, IN TRANSIT, COMPLETED or VOIDED."""

    task_id: Guid = Field(alias="TaskID")
    number: Text = ""
    status: Text = ""
    from_location: Text = ""
    to_location: Text = ""
    last_modified_on: MaybeInstant = None


class TransferLine(Document):
    """Units of a product that go to another place."""

    product_id: MaybeGuid = Field(default="", alias="ProductID")
    sku: Text = Field(default="", alias="SKU")
    transfer_quantity: Number = ZERO


class TransferOrder(Document):
    """The lines of a transfer that is ordered."""

    lines: Rows[TransferLine] = ()


class TransferDocument(Document):
    """A transfer; places read `Warehouse` or `Warehouse: Bin`."""

    task_id: Guid = Field(alias="TaskID")
    status: Text = ""
    from_location: Text = ""
    to_location: Text = ""
    lines: Rows[TransferLine] = ()
    order: TransferOrder | None = None
    last_modified_on: MaybeInstant = None


class AdjustmentRow(Document):
    """A row of stockadjustmentList, which has no time of its last change."""

    task_id: Guid = Field(alias="TaskID")
    stocktake_number: Text = ""
    status: Text = ""
    effective_date: Text = ""
    reference: Text = ""


class StockTakeRow(AdjustmentRow):
    """A row of stockTakeList. Its time of the last change may be a day alone."""

    last_updated_date: Text = ""


class ExistingStockLine(Document):
    """What was in a place before, and the new value: of what is on hand, or of what is available,
    which nobody tells."""

    product_id: MaybeGuid = Field(default="", alias="ProductID")
    sku: Text = Field(default="", alias="SKU")
    quantity_on_hand: Number = ZERO
    available: Number = ZERO
    adjustment: Number = ZERO
    location: Text = ""


class AdjustmentDocument(Document):
    """A stock adjustment: DRAFT, COMPLETED or VOIDED."""

    task_id: Guid = Field(alias="TaskID")
    status: Text = ""
    existing: Rows[ExistingStockLine] = Field(default=(), alias="ExistingStockLines")
    new: Rows[GoodsLine] = Field(default=(), alias="NewStockLines")


class StockTakeDocument(Document):
    """A stock-take, with the lines of an adjustment under other names."""

    task_id: Guid = Field(alias="TaskID")
    status: Text = ""
    existing: Rows[ExistingStockLine] = Field(default=(), alias="NonZeroStockOnHandProducts")
    new: Rows[GoodsLine] = Field(default=(), alias="ZeroStockOnHandProducts")


class WriteOffRow(Document):
    """A row of inventoryWriteOffList."""

    task_id: Guid = Field(alias="TaskID")
    number: Text = Field(default="", alias="InventoryWriteOffNumber")
    status: Text = ""
    location: Text = ""


class CodeLine(Document):
    """Units of a product, which is named by its SKU as ProductCode."""

    product_id: MaybeGuid = Field(default="", alias="ProductID")
    sku: Text = Field(default="", alias="ProductCode")
    quantity: Number = ZERO


class WriteOffDocument(Document):
    """Units that are written off in one location."""

    task_id: Guid = Field(alias="TaskID")
    status: Text = ""
    location: Text = ""
    lines: Rows[CodeLine] = ()


class AssemblyRow(Document):
    """A row of finishedGoodsList, which has no time of its last change."""

    task_id: Guid = Field(alias="TaskID")
    number: Text = Field(default="", alias="AssemblyNumber")
    status: Text = ""
    sku: Text = Field(default="", alias="ProductCode")
    quantity: Number = ZERO


class AssemblyDocument(Document):
    """A product that is made of others: DRAFT, AUTHORISED, IN PROGRESS, COMPLETED or VOIDED."""

    task_id: Guid = Field(alias="TaskID")
    status: Text = ""
    location: Text = ""
    product_id: MaybeGuid = Field(default="", alias="ProductID")
    sku: Text = Field(default="", alias="ProductCode")
    quantity: Number = ZERO
    picked: Rows[CodeLine] = Field(default=(), alias="PickLines")
