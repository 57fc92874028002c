"""What an inventory list was told of one SKU. Quantities are units."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.values.backorder import Backorder


@dataclass(frozen=True)
class Published:
    """What the storefront was last told; `rise_seen` more units were read once.

    `backorder` is None where it was told nothing of backorders.
    """

    allocation: Decimal
    reset_at: datetime
    rise_seen: Decimal | None = None
    backorder: Backorder | None = None
    rise_read_at: datetime | None = None
    """When the reading began that the rise was seen in."""

    @property
    def total(self) -> Decimal:
        """Units for sale, there and on their way, of which the storefront subtracts orders."""
        return self.allocation + (self.backorder.units if self.backorder else 0)


@dataclass(frozen=True)
class Told:
    """What a record was told last, and held before that."""

    allocation: Decimal
    reset_at: datetime
    before_allocation: Decimal | None
    before_reset_at: datetime | None
    backorder: Backorder | None = None
    before_backorder: Backorder | None = None
