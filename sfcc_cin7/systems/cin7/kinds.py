"""Kinds of documents that people change in the ERP, as data: which list tells of them, and what a
reading keeps (Cin7 API reference, Sale List and Sale)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sfcc_cin7.systems.cin7.documents import Document, SaleDocument, SaleRow


@dataclass(frozen=True)
class Listed:
    """One document as its list shows it. `updated` is the ERP's stamp of its last change,
    `reference` says whose it is, and `fingerprint` is of everything that we read of the row."""

    id: str
    number: str
    reference: str
    updated: datetime | None
    fingerprint: str


@dataclass(frozen=True)
class DocumentKind:
    """Documents of one list. `listed` and `changed` read a row of type `row` and a document of type
    `document`; `personal` are fields of the document that nobody keeps."""

    name: str
    list_path: str
    rows_key: str
    row: type[Document]
    listed: Callable[[Any], Listed]
    detail_path: str
    detail_key: str
    document: type[Document]
    changed: Callable[[Any], datetime | None]
    personal: frozenset[str]

    def kept(self, document: Document) -> str:
        """The document as JSON, without what is personal; `document.model_validate_json` reads it.

        Decimals are strings in it, so no figure passes through a float.
        """
        left_out = set(self.personal)
        return document.model_dump_json(by_alias=True, exclude=left_out, exclude_unset=True)


def _sale(row: SaleRow) -> Listed:
    return Listed(row.sale_id, row.order_number, row.external_id, row.updated, _fingerprint(row))


def _fingerprint(row: Document) -> str:
    return hashlib.sha256(row.model_dump_json().encode()).hexdigest()[:32]


SALE = DocumentKind(
    name="sale",
    list_path="saleList",
    rows_key="SaleList",
    row=SaleRow,
    listed=_sale,
    detail_path="sale",
    detail_key="ID",
    document=SaleDocument,
    changed=lambda sale: sale.last_modified_on,
    personal=frozenset({"customer", "shipping_address"}),
)
