"""Which units of a shelf are for sale (pure). Quantities are units.

Cin7 counts whatever stands in a location as available, also what is in quarantine or past its date
(Cin7 API reference, Product Availability: a row for each bin, batch and expiry date). Which of it
is for sale is the merchant's rule (`merchant.stock.NotForSalePolicy`).
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from sfcc_cin7.merchant.stock import NotForSalePolicy, is_named
from sfcc_cin7.values.money import ZERO

NO_DATE_BEFORE = 1900
"""Years before it stand for no date at all."""
Shelf = tuple[str, str, str, str]


class Shelved(Protocol):
    """A row of availability."""

    @property
    def location(self) -> str: ...
    @property
    def bin(self) -> str: ...
    @property
    def batch(self) -> str: ...
    @property
    def expiry_date(self) -> str: ...
    @property
    def on_hand(self) -> Decimal: ...


@dataclass(frozen=True)
class Counting:
    """What counts on a day, in the merchant's time zone."""

    policy: NotForSalePolicy
    today: date
    _known: dict[Shelf, bool] = field(default_factory=dict, repr=False, compare=False)

    def not_for_sale(self, row: Shelved) -> Decimal:
        """Units of a row that are there and do not count. What orders were promised of them is
        taken from the others: it counts all the same."""
        if not (row.bin or row.batch or row.expiry_date):
            return ZERO
        shelf = (row.location, row.bin, row.batch, row.expiry_date)
        return max(row.on_hand, ZERO) if self.leaves_out(shelf) else ZERO

    def leaves_out(self, shelf: Shelf) -> bool:
        """Whether what lies there does not count: location, bin, batch and expiry date."""
        if shelf not in self._known:
            self._known[shelf] = self._is_left_out(*shelf)
        return self._known[shelf]

    def _is_left_out(self, location: str, bin_name: str, batch: str, expiry_date: str) -> bool:
        names = (bin_name, f"{location}: {bin_name}") if bin_name else ()
        return (
            any(is_named(name, self.policy.bins) for name in names)
            or is_named(batch, self.policy.batches)
            or self._is_too_old(expiry_date)
        )

    def _is_too_old(self, expiry_date: str) -> bool:
        """A date that nobody can read is no date to sell by."""
        if not expiry_date.strip():
            return False
        try:
            day = date.fromisoformat(expiry_date.strip()[:10])
        except ValueError:
            return self.today > date.min
        if day.year < NO_DATE_BEFORE:
            return False
        return day - timedelta(days=self.policy.expires_within_days) <= self.today


EVERYTHING = Counting(NotForSalePolicy(bins=[], batches=[]), date.min)
"""Whatever stands anywhere, of whatever date."""
