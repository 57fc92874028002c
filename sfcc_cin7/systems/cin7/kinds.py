"""Kinds of documents that people change in the ERP, as data: which list tells of them and how, and
what a reading keeps (Cin7 API reference, Sale List, Sale, and the lists of stock documents)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sfcc_cin7.systems.cin7.documents import Document, SaleDocument, SaleRow
from sfcc_cin7.systems.cin7.stock_documents import (
    AdjustmentDocument,
    AdjustmentRow,
    AssemblyDocument,
    AssemblyRow,
    PurchaseDocument,
    PurchaseRow,
    StockTakeDocument,
    StockTakeRow,
    TransferDocument,
    TransferRow,
    WriteOffDocument,
    WriteOffRow,
)

Told = Literal["by-change", "newest-first", "newest-last"]
"""How a list tells of documents: by UpdatedSince, or only by where the newest of them stand."""
SOON, SELDOM = timedelta(seconds=30), timedelta(minutes=5)


@dataclass(frozen=True)
class Listed:
    """One document as its list shows it. `updated` is the ERP's stamp of its last change,
    `reference` says whose it is, and `fingerprint` is of everything that we read of the row."""

    id: str
    number: str
    reference: str
    updated: datetime | None
    fingerprint: str
    status: str = ""


@dataclass(frozen=True)
class DocumentKind:
    """Documents of one list. `listed` and `changed` read a row of type `row` and a document of type
    `document`; `personal` are fields of the document that nobody keeps.

    `rows_keys`: under which key the rows are; of several, whichever is there. Documents of a status
    in `open_statuses` may change wherever they stand in a list that is not told by change.
    """

    name: str
    list_path: str
    rows_keys: tuple[str, ...]
    row: type[Document]
    listed: Callable[[Any], Listed]
    detail_path: str
    detail_key: str
    document: type[Document]
    changed: Callable[[Any], datetime | None] = lambda _document: None
    personal: frozenset[str] = frozenset()
    told: Told = "by-change"
    open_statuses: tuple[str, ...] = ()
    look_every: timedelta = SOON

    def kept(self, document: Document) -> str:
        """The document as JSON, without what is personal; `document.model_validate_json` reads it.

        Decimals are strings in it, so no figure passes through a float.
        """
        left_out = set(self.personal)
        return document.model_dump_json(by_alias=True, exclude=left_out, exclude_unset=True)


def _fingerprint(row: Document) -> str:
    return hashlib.sha256(row.model_dump_json().encode()).hexdigest()[:32]


def _sale(row: SaleRow) -> Listed:
    key, number = row.sale_id, row.order_number
    return Listed(key, number, row.external_id, row.updated, _fingerprint(row), row.status)


def _purchase(row: PurchaseRow) -> Listed:
    key, number = row.id, row.order_number
    return Listed(key, number, "", row.last_updated_date, _fingerprint(row), row.status)


def _transfer(row: TransferRow) -> Listed:
    key, number = row.task_id, row.number
    return Listed(key, number, "", row.last_modified_on, _fingerprint(row), row.status)


def _count(row: AdjustmentRow) -> Listed:
    key, number = row.task_id, row.stocktake_number
    return Listed(key, number, "", None, _fingerprint(row), row.status)


def _task(row: WriteOffRow | AssemblyRow) -> Listed:
    return Listed(row.task_id, row.number, "", None, _fingerprint(row), row.status)


SALE = DocumentKind(
    name="sale",
    list_path="saleList",
    rows_keys=("SaleList",),
    row=SaleRow,
    listed=_sale,
    detail_path="sale",
    detail_key="ID",
    document=SaleDocument,
    changed=lambda sale: sale.last_modified_on,
    personal=frozenset({"customer", "shipping_address"}),
    look_every=timedelta(minutes=1),
)
OTHER_SALE = replace(SALE, name="other-sale", look_every=SOON)
"""Sales of other channels, which the list tells of in the same rows as of ours."""
PURCHASE = DocumentKind(
    name="purchase",
    list_path="purchaseList",
    rows_keys=("PurchaseList",),
    row=PurchaseRow,
    listed=_purchase,
    detail_path="advanced-purchase",  # which shows simple ones too
    detail_key="ID",
    document=PurchaseDocument,
    changed=lambda purchase: purchase.last_updated_date,
)
TRANSFER = DocumentKind(
    name="transfer",
    list_path="stockTransferList",
    rows_keys=("StockTransferList",),
    row=TransferRow,
    listed=_transfer,
    detail_path="stockTransfer",
    detail_key="TaskID",
    document=TransferDocument,
    changed=lambda transfer: transfer.last_modified_on,
    told="newest-first",
    open_statuses=("DRAFT", "ORDERED", "IN TRANSIT"),
)
ADJUSTMENT = DocumentKind(
    name="adjustment",
    list_path="stockadjustmentList",
    rows_keys=("StockAdjustmentList",),
    row=AdjustmentRow,
    listed=_count,
    detail_path="stockadjustment",
    detail_key="TaskID",
    document=AdjustmentDocument,
    told="newest-last",
    open_statuses=("DRAFT",),
)
STOCK_TAKE = DocumentKind(
    name="stock-take",
    list_path="stockTakeList",
    rows_keys=("StockAdjustmentList", "StockTakeList"),
    row=StockTakeRow,
    listed=_count,
    detail_path="stocktake",
    detail_key="TaskID",
    document=StockTakeDocument,
    told="newest-last",
    open_statuses=("DRAFT", "IN PROGRESS"),
    look_every=SELDOM,
)
WRITE_OFF = DocumentKind(
    name="write-off",
    list_path="inventoryWriteOffList",
    rows_keys=("InventoryWriteOffs",),
    row=WriteOffRow,
    listed=_task,
    detail_path="inventoryWriteOff",
    detail_key="TaskID",
    document=WriteOffDocument,
    told="newest-last",
    open_statuses=("DRAFT",),
    look_every=SELDOM,
)
ASSEMBLY = DocumentKind(
    name="assembly",
    list_path="finishedGoodsList",
    rows_keys=("FinishedGoods",),
    row=AssemblyRow,
    listed=_task,
    detail_path="finishedGoods",
    detail_key="TaskID",
    document=AssemblyDocument,
    told="newest-last",
    open_statuses=("DRAFT", "AUTHORISED", "IN PROGRESS"),
)
STOCK_KINDS = (PURCHASE, TRANSFER, ADJUSTMENT, ASSEMBLY, STOCK_TAKE, WRITE_OFF)
"""Documents that move stock and are no sales."""
