"""What kind of difference there is between what the storefront shows and what it should show.

- `storefront-edited`: the record holds an allocation or a reset date that we never sent;
- `write-lost`: it still holds what it held before we published last;
- `record-missing`: the list holds no record of the SKU;
- `perpetual`: the record says that the SKU never runs out; ours to report, not to change;
- `arrivals-offered`: somebody offers preorders or backorders on top, where the merchant has no rule
  about them; to report, not to change.

A record that is as published may still show something else than it should, for a while:

- `erp-moved`: the ERP moved after what was published, and that is not published yet;
- `in-flight`: the storefront counts other orders than those that we know of.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from sfcc_cin7.values.backorder import NO_BACKORDER, Backorder

Kind = Literal[
    "storefront-edited",
    "write-lost",
    "record-missing",
    "perpetual",
    "arrivals-offered",
]
Lag = Literal["erp-moved", "in-flight"]
"""What explains itself; it is alarming only when it stays."""
CORRECTED: frozenset[Kind] = frozenset({"storefront-edited", "write-lost", "record-missing"})
"""Where we own what differs, and publish it anew."""


@dataclass(frozen=True)
class Held:
    """An allocation and its reset date, and what is backordered; None: that is not ours."""

    allocation: Decimal
    reset_at: datetime | None
    backorder: Backorder | None = None

    def same(self, other: "Held") -> bool:
        """Whether a record says the same, apart from what is not ours to say."""
        known = (self.allocation, self.reset_at) == (other.allocation, other.reset_at)
        return known and self.backorder in (None, other.backorder)


@dataclass(frozen=True)
class Shown:
    """What a record of the storefront holds; quantities are units."""

    held: Held
    perpetual: bool = False


SEVERAL = 3
AHEAD = timedelta(minutes=5)


def who_writes(reset_at: datetime | None, seen_at: datetime, alike: int) -> str:
    """Who else writes to a list, by the reset date that a record was given; `alike` records of it
    were given the same. The storefront names nobody."""
    if reset_at is None:
        return "whoever writes gives no date"
    ahead = reset_at - seen_at
    many = f"an import of {alike} records or more" if alike >= SEVERAL else ""
    if ahead > AHEAD:
        hours = round(ahead.total_seconds() / 3600, 1)
        return f"{many or 'an import'}, {hours:g} h ahead: local time stamped as UTC"
    return many or "by hand, or one by one"


def drift(told: Held, before: Held | None, shown: Shown | None) -> Kind | None:
    """How a record differs from what we `told`, who held `before` that; None where it does not."""
    if shown is None:
        return "record-missing"
    if not told.same(shown.held):
        return "write-lost" if before and before.same(shown.held) else "storefront-edited"
    if shown.perpetual:
        return "perpetual"
    if told.backorder is None and shown.held.backorder not in (None, NO_BACKORDER):
        return "arrivals-offered"
    return None
