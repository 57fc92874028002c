"""What to allocate in an inventory list, so that the storefront never offers more than there is.

Commerce Cloud offers `allocation - turnover - on order` (Salesforce Help, "Available to Sell
calculation"). Turnover are sales dated after the reset date R of the allocation. A sale is dated

- list without on-order inventory: when the order is created;
- list with it: when the order is exported; until then it is on order, which no reset changes.

The ERP's availability, read at S, leaves out the units of orders authorised before S. To be offered
is that availability, less every order that the ERP does not have yet. So one rule corrects it:

- in the ERP and also counted by the storefront (on order, or dated after R): add the units back;
- neither in the ERP nor counted by the storefront: deduct them;
- otherwise exactly one of the two counts the order: nothing.

What is not known exactly errs towards offering less:

- An order authorised while availability was being read may or may not be in it: `Range.low` takes
  it as not in the reading, `Range.high` as in it. Only `low` is ever published.
- Our `exported_at` is written after the export, whose own instant lies between authorisation and
  it. R is never put between the two (`reset_date`); that instant is then always on a known side.
- A cancellation happened at the latest at `modified_at`. Until R has passed it, the units that the
  storefront gives back after R are deducted.
- `authorised_at` is written after the ERP answered. Cin7 does not say how soon availability shows
  an authorised order; a lag beyond the reading itself would be seen as a rise that is not one,
  which two agreeing reads are asked for.

Quantities are units, times are aware UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

NOTHING = Decimal(0)
CLOCK_GUARD = timedelta(seconds=2)
"""How far the storefront's clock and ours may differ."""
OLDEST_RESET = timedelta(hours=36)
"""Commerce Cloud takes no reset date older than 48 hours."""
MILLISECOND = timedelta(milliseconds=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class OrderedUnits:
    """The units of one SKU in one order. `cancelled_by` is the latest it can have been cancelled.

    The times are those of the store: see `store.schema.orders`.
    """

    units: Decimal
    created_at: datetime
    authorised_at: datetime | None = None
    exported_at: datetime | None = None
    cancelled_by: datetime | None = None

    def sold_at(self, on_order: bool) -> datetime | None:
        """The earliest instant at which turnover counts it; None while it is on order."""
        if not on_order:
            return self.created_at
        if self.authorised_at is not None:
            return self.authorised_at - CLOCK_GUARD
        return LONG_AGO if self.exported_at is not None else None

    def straddled_by(self, reset_at: datetime) -> bool:
        """Whether the export may lie on either side of a reset date."""
        opens = self.sold_at(on_order=True)
        return (
            opens is not None
            and opens <= reset_at
            and (self.exported_at is None or reset_at < self.exported_at + CLOCK_GUARD)
        )


@dataclass(frozen=True)
class Reading:
    """When availability was read; what the ERP knew before `started` is in it."""

    started: datetime
    finished: datetime


@dataclass(frozen=True)
class Range:
    """The allocation that is certainly right, and the highest that could be."""

    low: Decimal
    high: Decimal

    def __contains__(self, allocation: Decimal) -> bool:
        return self.low <= allocation <= self.high


def cut(instant: datetime) -> datetime:
    """The milliseconds begun: what the storefront keeps of a reset date."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def reset_date(
    settled: datetime, orders: Iterable[OrderedUnits], not_before: datetime | None, on_order: bool
) -> datetime:
    """The instant to date an allocation: at best `settled`, never before the prior reset date.

    In a list with on-order inventory it steps back before orders whose export it would straddle.
    """
    reset_at = cut(settled)
    if on_order:
        for order in sorted(orders, key=lambda o: o.authorised_at or LONG_AGO, reverse=True):
            if order.authorised_at is not None and order.straddled_by(reset_at):
                reset_at = cut(order.authorised_at - CLOCK_GUARD - MILLISECOND)
        reset_at = max(reset_at, cut(settled - OLDEST_RESET))
    return reset_at if not_before is None else max(reset_at, not_before)


def allocation(
    available: Decimal,
    orders: Iterable[OrderedUnits],
    *,
    on_order: bool,
    reading: Reading,
    reset_at: datetime,
    buffer: Decimal = NOTHING,
) -> Range:
    """Whole units to allocate with reset date `reset_at`, from what the ERP has available."""
    orders = list(orders)
    low, high = (
        available - buffer + sum((_correction(o, on_order, at, reset_at) for o in orders), NOTHING)
        for at in (reading.started, reading.finished)
    )
    return Range(_whole(low), _whole(max(low, high)))


def implied_offer(
    published: Decimal,
    published_reset: datetime,
    orders: Iterable[OrderedUnits],
    *,
    on_order: bool,
    reset_at: datetime,
) -> Decimal:
    """The allocation that, dated `reset_at`, would offer just what the published one offers now.

    Turnover between the two dates is in the published figure's offer and would leave it with the
    later reset: so the published allocation less that turnover. While orders are posted as usual
    it follows `allocation` by itself, and nothing needs to be published.
    """
    carried = published
    for order in orders:
        sold_at = order.sold_at(on_order)
        if sold_at is None or sold_at > reset_at:
            continue
        if sold_at > published_reset:
            carried -= order.units
        if order.cancelled_by is not None and published_reset < order.cancelled_by <= reset_at:
            carried += order.units
    return max(NOTHING, carried)


@dataclass(frozen=True)
class Decision:
    """`publish` is the allocation to send, or None; `rise_seen` units wait for a second reading."""

    publish: Decimal | None
    rise_seen: Decimal | None = None


def decide(
    wanted: Range, offered: Decimal | None, rise_seen: Decimal | None, *, is_new_reading: bool
) -> Decision:
    """A fall is published at once, a rise as far as two readings agree on it.

    `offered` is the implied offer, None where nothing was ever published (that is done at once).
    """
    if offered is None:
        return Decision(wanted.low)
    if offered in wanted:
        return Decision(None)
    if offered > wanted.high:
        return Decision(wanted.low)
    rise = wanted.low - offered
    if not is_new_reading or rise_seen is None:
        return Decision(None, rise_seen if rise_seen is not None else rise)
    agreed = min(rise, rise_seen)
    return Decision(offered + agreed, rise - agreed or None)


def _correction(
    order: OrderedUnits, on_order: bool, read_at: datetime, reset_at: datetime
) -> Decimal:
    sold_at = order.sold_at(on_order)
    counted = sold_at is None or sold_at > reset_at
    if order.cancelled_by is not None:
        given_back_later = not counted and order.cancelled_by > reset_at
        return -order.units if given_back_later else NOTHING
    in_erp = order.authorised_at is not None and order.authorised_at < read_at
    if in_erp and counted:
        return order.units
    if not in_erp and not counted:
        return -order.units
    return NOTHING


def _whole(units: Decimal) -> Decimal:
    return max(NOTHING, units.to_integral_value(ROUND_FLOOR))
