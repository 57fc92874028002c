"""What is told to Omnichannel Inventory and what it answers, as far as this project uses it.

The fields of records are published; those of answers are known from public cartridges only, so
that whatever does not look like them counts as unreadable.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import AliasPath, AwareDatetime, Field

from sfcc_cin7.sfcc.documents import Document, InventoryRecord, instant

IN_HAND = ("STAGING", "WAITING")
"""An import that still lacks its file."""
UNDER_WAY = ("SUBMITTED", "PENDING", "RUNNING")


@dataclass(frozen=True)
class StockCount:
    """One SKU at one location: `on_hand` units were there at `effective_at`.

    `safety` of them are never sold. `id` is a UUID; a repeated one changes nothing.
    """

    id: str
    location: str
    sku: str
    on_hand: Decimal
    safety: Decimal
    effective_at: datetime

    def for_update(self) -> dict[str, Any]:
        """As `batch-update` spells it."""
        return {"id": self.id, "location": self.location} | self._figures()

    def for_file(self) -> dict[str, Any]:
        """As a line of an import file spells it."""
        return {"recordId": self.id, "locationId": self.location} | self._figures()

    def _figures(self) -> dict[str, Any]:
        return {
            "sku": self.sku,
            "onHand": self.on_hand,
            "effectiveDate": instant(self.effective_at),
            "safetyStockCount": self.safety,
        }


class Availability(Document):
    """One SKU at one location, as it is shown."""

    sku: str
    on_hand: Decimal = Field(default=Decimal(0), validation_alias="onHand")
    safety: Decimal = Field(default=Decimal(0), validation_alias="safetyStockCount")
    reserved: Decimal = Decimal(0)
    effective_at: AwareDatetime | None = Field(default=None, validation_alias="effectiveDate")
    to_order: Decimal = Field(default=Decimal(0), validation_alias="ato")

    def as_record(self) -> InventoryRecord:
        """As classic inventory would say it: what may be allocated, and what orders hold of it."""
        return InventoryRecord(
            sku=self.sku,
            allocation=self.on_hand - self.safety,
            reset_at=self.effective_at,
            ats=max(Decimal(0), self.to_order),
            on_order=self.reserved,
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
