"""What a reading may lack because the ERP's availability is not of this moment (pure).

One live account saw the list of availability stand still for ten to fifteen minutes at times. So a
reading that began at S may show any instant from S less that age on, and no later one for sure:

- orders that the ERP took, and what documents took, since then are deducted as if it lacked them;
- it agrees on a rise only if it cannot be older than the reading that first showed the rise: then
  it is not older than any fall that was known before either.

With an age of 0 a reading shows what was when it began, or later.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7.values.money import ZERO

Fall = tuple[Decimal, datetime]
"""Units that a document took, and by when."""


def shown_from(read_at: datetime, age_seconds: int) -> datetime:
    """The earliest instant that a reading begun at `read_at` may show."""
    return read_at - timedelta(seconds=age_seconds)


def fallen(falls: Iterable[Fall], shows_from: datetime) -> Decimal:
    """Units that documents took, each by an instant, and that the reading may lack: it had happened
    before that instant."""
    return sum((units for units, at in falls if at > shows_from), ZERO)


def agrees(shows_from: datetime, rise_read_at: datetime | None, rise_seconds: int) -> bool:
    """Whether a reading confirms a rise that another showed first (None: there is none)."""
    rise = timedelta(seconds=rise_seconds)
    return rise_read_at is None or shows_from - rise_read_at >= rise
