"""By when each routine must have succeeded again, and which has not.

A routine that stops is quiet: nothing fails, something merely does not happen any more. So each has
a rhythm, and a time after which silence is a failure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sfcc_cin7.merchant.operating_model import OperatingModel

RHYTHM = timedelta(minutes=5)
"""How often it is written down that this was looked at."""
ASLEEP = 3 * RHYTHM
"""Without a look for so long nobody was there to run anything: no routine is late for that time."""
LOOKS = 40
"""How many looks are remembered: a good three hours."""


@dataclass(frozen=True)
class Routine:
    """What must succeed again and again. `by` is the asset that is materialized."""

    name: str
    by: str
    every: timedelta
    late_after: timedelta
    owner: str
    advice: str


@dataclass(frozen=True)
class Standing:
    """A routine, its last success (None: never seen) and the instant of the next at the latest."""

    routine: Routine
    last: datetime | None
    expected_by: datetime
    late_by: timedelta
    """Zero or below: on time."""

    @property
    def late(self) -> bool:
        return self.late_by > timedelta(0)

    @property
    def stopped(self) -> bool:
        """Late by as much again as it may take: not slow, but standing still."""
        return self.late_by > self.routine.late_after


def routines(model: OperatingModel, *, payouts: bool) -> list[Routine]:
    """The routines of this merchant; `payouts` says whether settlement reports are read at all.

    Posting is not among them: it has nothing to do where no order waits, and an order that waits is
    what `stalled_posting` looks at.
    """
    owners = model.owners
    found = [
        _routine("receiving orders", "cin7_sales", 60, 180, owners.orders),
        _routine("re-reading days of orders", "sfcc_orders", 600, 1800, owners.orders),
        _routine("reading both catalogues", "sku_map", 600, 1800, owners.catalogue),
        _routine("reconciling", "order_ledger", 120, 600, owners.finance),
        _routine("margins", "gross_margin", 300, 1200, owners.finance),
        _routine("looking at the inbox", "review_inbox", 300, 1200, owners.orders),
        _routine("the daily report", "operations_report", 86_400, 90_000, owners.finance),
    ]
    if model.prices.books:
        found.insert(3, _routine("keeping prices", "price_books", 300, 1800, owners.catalogue))
    if model.inventory_lists:
        every, late = model.stock.full_pass_seconds, stock_late_after(model).total_seconds()
        found.insert(1, _routine("reading stock", "cin7_stock", every, late, owners.stock))
        found.insert(2, _routine("publishing stock", "sfcc_inventory", every, late, owners.stock))
    if model.follows_shipments:
        warehouse = owners.fulfilment
        found.append(_routine("reading shipments", "cin7_shipments", 120, 600, warehouse))
        found.append(_routine("telling shipments", "sfcc_shipping_status", 120, 600, warehouse))
    if payouts:
        found.append(_routine("reading payouts", "payouts", 300, 1200, owners.finance))
    return found


def stock_late_after(model: OperatingModel) -> timedelta:
    """How old a reading of all stock, or a publication, may be by the merchant's cadence."""
    every = model.stock.full_pass_seconds
    return timedelta(seconds=max(3 * every, every + 300))


def _routine(name: str, by: str, every: float, late: float, owner: str) -> Routine:
    advice = f"Assets > {by}: why did its last run fail, or is its schedule or sensor off?"
    return Routine(name, by, timedelta(seconds=every), timedelta(seconds=late), owner, advice)


def awake_since(looks: Sequence[datetime]) -> datetime | None:
    """Since when somebody has looked without a gap, from the newest `LOOKS` looks, the latest
    first; None where it is longer than they reach."""
    for later, earlier in pairwise(looks):
        if later - earlier > ASLEEP:
            return later
    return looks[-1] if 0 < len(looks) < LOOKS else None


def standing(
    routine: Routine,
    last: datetime | None,
    looks: Sequence[datetime],
    installed: datetime | None,
    now: datetime,
) -> Standing:
    """Where a routine stands. What was missed while everything was asleep is not held against it,
    and one that was never seen had to succeed since the house was `installed` (None: just now)."""
    awake = awake_since(looks)
    known = [last or installed or now, *([awake] if awake else [])]
    expected_by = max(known) + routine.late_after
    return Standing(routine, last, expected_by, now - expected_by)
