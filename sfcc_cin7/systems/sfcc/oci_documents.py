"""What is told to Omnichannel Inventory and what it answers, as far as this project uses it.

The fields of records are published; those of answers are known from public cartridges only, so
that whatever does not look like them counts as unreadable.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import AliasChoices, AliasPath, AwareDatetime, Field

from sfcc_cin7.systems.sfcc.documents import Document, InventoryRecord, instant
from sfcc_cin7.values.backorder import Backorder
from sfcc_cin7.values.money import ZERO

IN_HAND = ("STAGING", "WAITING")
"""An import that still lacks its file."""
UNDER_WAY = ("SUBMITTED", "PENDING", "RUNNING")


@dataclass(frozen=True)
class StockCount:
    """One SKU at one location: `on_hand` units were there at `effective_at`.

    `safety` of them are never sold. `future` is expected stock, which is for sale too; None leaves
    it as it is. `id` is a UUID; a repeated one changes nothing.
    """

    id: str
    location: str
    sku: str
    on_hand: Decimal
    safety: Decimal
    effective_at: datetime
    future: Backorder | None = None

    def for_update(self) -> dict[str, Any]:
        """As `batch-update` spells it."""
        return {"id": self.id, "location": self.location} | self._figures("futureStock")

    def for_file(self) -> dict[str, Any]:
        """As a line of an import file spells it."""
        return {"recordId": self.id, "locationId": self.location} | self._figures("futures")

    def _figures(self, futures: str) -> dict[str, Any]:
        figures = {
            "sku": self.sku,
            "onHand": self.on_hand,
            "effectiveDate": instant(self.effective_at),
            "safetyStockCount": self.safety,
        }
        if self.future is None:
            return figures
        at, units = self.future.expected_at, self.future.units
        expected = [{"quantity": units, "expectedDate": instant(at)}] if at and units else []
        return figures | {futures: expected}


class Future(Document):
    """Units that are expected at a time."""

    quantity: Decimal
    expected_at: AwareDatetime = Field(validation_alias="expectedDate")


class Availability(Document):
    """One SKU at one location, as it is shown."""

    sku: str
    on_hand: Decimal = Field(default=ZERO, validation_alias="onHand")
    safety: Decimal = Field(default=ZERO, validation_alias="safetyStockCount")
    reserved: Decimal = ZERO
    effective_at: AwareDatetime | None = Field(default=None, validation_alias="effectiveDate")
    to_order: Decimal = Field(default=ZERO, validation_alias="ato")
    futures: tuple[Future, ...] = Field(
        default=(), validation_alias=AliasChoices("futureStock", "futures")
    )

    def as_record(self) -> InventoryRecord:
        """As classic inventory would say it: what may be allocated, and what orders hold of it."""
        return InventoryRecord(
            sku=self.sku,
            allocation=self.on_hand - self.safety,
            reset_at=self.effective_at,
            ats=max(ZERO, self.to_order),
            on_order=self.reserved,
            handling="backorder" if self.futures else "none",
            backorder_units=sum((each.quantity for each in self.futures), ZERO),
            in_stock_at=max((each.expected_at for each in self.futures), default=None),
        )


class Import(Document):
    """An import that waits for its file."""

    id: str = Field(validation_alias="importId")
    status_link: str = Field(validation_alias="importStatusLink")
    upload_link: str = Field(validation_alias="uploadLink")


class Export(Document):
    """An export that was asked for."""

    id: str = Field(validation_alias="exportId")
    status_link: str = Field(validation_alias="exportStatusLink")


class Progress(Document):
    """Where an import or export stands, and where what came of it is."""

    status: str
    import_results: str | None = Field(
        default=None, validation_alias=AliasPath("import", "fullResults", "href")
    )
    export_results: str | None = Field(
        default=None, validation_alias=AliasPath("export", "fullResults", "href")
    )

    @property
    def lacks_file(self) -> bool:
        return self.status in IN_HAND

    @property
    def ended(self) -> bool:
        return self.status not in (*IN_HAND, *UNDER_WAY)

    @property
    def completed(self) -> bool:
        return self.status == "COMPLETED"
