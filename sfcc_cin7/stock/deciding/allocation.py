"""What to allocate in an inventory list, so that the storefront never offers more than there is.

Commerce Cloud offers `allocation - turnover - on order` (Salesforce Help, "Available to Sell
calculation"). Turnover are sales dated after the reset date R of the allocation. A sale is dated

- list without on-order inventory: when the order is created;
- list with it: when the order is exported; until then it is on order, which no reset changes.

The ERP's availability, read at S, leaves out the units of orders authorised before S. To be offered
is the supply: that availability, less what orders that the ERP does not have yet will take of it.
The allocation is the offer plus what the storefront subtracts from it by itself. So for an order:

- in the ERP and also counted by the storefront (on order, or dated after R): add the units back;
- neither in the ERP nor counted by the storefront: deduct them;
- otherwise exactly one of the two counts the order: nothing.

The two may count an order under different SKUs: a bundle that is booked by its components is sold
under its own SKU and taken from theirs. So each order states for a SKU what was `sold` of it in the
storefront and what is `booked` of it in the ERP.

What is not known exactly errs towards offering less:

- An order authorised while availability was being read may or may not be in it: it is taken as not
  in it, and the next reading brings its units back.
- Our `exported_at` is written after the export, whose own instant lies between authorisation and
  it. R is never put between the two (`reset_date`); that instant is then always on a known side.
- A cancellation happened at the latest at `modified_at`. Until R has passed it, the units that the
  storefront gives back after R are deducted. It gives back nothing of orders exported before R, and
  we do not know exactly which those are: then what is offered is a range too (`implied_offer`), and
  publishing ends the doubt.
- An allocation is at least 0. Where the ERP has less than what orders on their way will take, and
  one of these is cancelled after R, its units are for sale until R has passed the cancellation:
  nothing lower can be published.
- `authorised_at` is written after the ERP answered. Cin7 does not say how soon availability shows
  an authorised order; a lag beyond the reading itself would be seen as a rise that is not one,
  which two agreeing reads are asked for.

Quantities are units, times are aware UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from sfcc_cin7.values.money import ZERO

CLOCK_GUARD = timedelta(seconds=2)
"""How far the storefront's clock and ours may differ, beside what is known of it (`ahead`)."""
OLDEST_RESET = timedelta(hours=36)
"""Commerce Cloud takes no reset date older than 48 hours."""
MILLISECOND = timedelta(milliseconds=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class OrderedUnits:
    """The units of one SKU in one order. `cancelled_by` is the latest it can have been cancelled.

    The storefront counts `sold` under this SKU, the ERP takes `booked` from it: as many, unless the
    order is booked under other SKUs. The times are those of the store: see `store.schema.orders`.
    """

    sold: Decimal
    created_at: datetime
    authorised_at: datetime | None = None
    exported_at: datetime | None = None
    cancelled_by: datetime | None = None
    booked: Decimal | None = None
    ahead: timedelta = timedelta(0)
    """How far our clock, by which it was authorised and exported, is ahead of the storefront's."""

    @property
    def taken(self) -> Decimal:
        """Units that the ERP takes."""
        return self.sold if self.booked is None else self.booked

    def sold_at(self, on_order: bool) -> datetime | None:
        """The earliest instant at which turnover counts it; None while it is on order, and where it
        was cancelled before we could export it."""
        if not on_order:
            return self.created_at
        if self.authorised_at is not None:
            opens = self.authorised_at - self.ahead - CLOCK_GUARD
            return None if self.cancelled_by is not None and self.cancelled_by < opens else opens
        return LONG_AGO if self.exported_at is not None else None

    def straddled_by(self, reset_at: datetime) -> bool:
        """Whether the export may lie on either side of a reset date.

        It was over when we noted it; and no order is exported after it was cancelled.
        """
        opens = self.sold_at(on_order=True)
        exported = self.exported_at - self.ahead if self.exported_at else None
        closes = min((at for at in (exported, self.cancelled_by) if at), default=None)
        is_open = closes is None or reset_at < closes + CLOCK_GUARD
        return opens is not None and opens <= reset_at and is_open


@dataclass(frozen=True)
class Range:
    """The least and the most that may be offered now."""

    low: Decimal
    high: Decimal


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
                reset_at = cut(order.authorised_at - order.ahead - CLOCK_GUARD - MILLISECOND)
        reset_at = max(reset_at, cut(settled - OLDEST_RESET))
    return reset_at if not_before is None else max(reset_at, not_before)


def supply(available: Decimal, orders: Iterable[OrderedUnits], read_at: datetime) -> Decimal:
    """What may be sold in truth, below 0 where more was sold: what the ERP had available in a
    reading begun at `read_at`, less what orders that are not in the reading will take."""
    return available - sum((_still_to_take(order, read_at) for order in orders), ZERO)


def counted(orders: Iterable[OrderedUnits], *, on_order: bool, reset_at: datetime) -> Decimal:
    """What the storefront subtracts by itself from an allocation dated `reset_at`."""
    return sum((_counted(order, on_order, reset_at) for order in orders), ZERO)


def allocation(
    offer: Decimal, orders: Iterable[OrderedUnits], *, on_order: bool, reset_at: datetime
) -> Decimal:
    """Whole units to allocate with reset date `reset_at`, so that `offer` is for sale.

    An offer below 0 absorbs what the storefront subtracts: that must not come back on sale.
    """
    units = offer + counted(orders, on_order=on_order, reset_at=reset_at)
    return max(ZERO, units.to_integral_value(ROUND_FLOOR))


def implied_offer(
    published: Decimal,
    published_reset: datetime,
    orders: Iterable[OrderedUnits],
    *,
    on_order: bool,
    reset_at: datetime,
) -> Range:
    """The allocation that, dated `reset_at`, would offer just what the published one offers now.

    Turnover between the two dates is in the published figure's offer and would leave it with the
    later reset: so the published allocation less that turnover. While orders are posted as usual
    it follows `allocation` by itself, and nothing needs to be published.
    """
    carried, doubtful = published, ZERO
    for order in orders:
        sold_at = order.sold_at(on_order)
        if sold_at is None or sold_at > reset_at:
            continue
        after = sold_at > published_reset
        if after:
            carried -= order.sold
        if order.cancelled_by is None or order.cancelled_by <= published_reset:
            continue
        if after and order.cancelled_by <= reset_at:
            carried += order.sold
        elif after or order.cancelled_by <= reset_at:
            doubtful += order.sold
    return Range(max(ZERO, carried), max(ZERO, carried + doubtful))


@dataclass(frozen=True)
class Decision:
    """`publish` is the allocation to send, or None; `rise_seen` units wait for a second reading."""

    publish: Decimal | None
    rise_seen: Decimal | None = None


def decide(
    wanted: Decimal, offered: Range | None, rise_seen: Decimal | None, *, is_new_reading: bool
) -> Decision:
    """A fall is published at once, a rise as far as two readings agree on it.

    `offered` is the implied offer, None where nothing was ever published (that is done at once).
    Where it is in doubt, something known is published: no more than may be offered already.
    """
    if offered is None or wanted < offered.high:
        return Decision(wanted)
    if offered.low < offered.high:
        return Decision(offered.high, wanted - offered.high or None)
    rise = wanted - offered.low
    if not rise:
        return Decision(None)
    if not is_new_reading or rise_seen is None:
        return Decision(None, rise_seen if rise_seen is not None else rise)
    agreed = min(rise, rise_seen)
    return Decision(offered.low + agreed, rise - agreed or None)


def _still_to_take(order: OrderedUnits, read_at: datetime) -> Decimal:
    """What a sale that is not in the reading takes. Of a cancelled order there is one until it is
    voided (then `authorised_at` is gone), and perhaps its goods are being sent at this moment."""
    if order.authorised_at is None:
        return ZERO if order.cancelled_by is not None else order.taken
    return ZERO if order.authorised_at < read_at else order.taken


def _counted(order: OrderedUnits, on_order: bool, reset_at: datetime) -> Decimal:
    sold_at = order.sold_at(on_order)
    is_counted = sold_at is None or sold_at > reset_at
    if order.cancelled_by is None:
        return order.sold if is_counted else ZERO
    given_back_later = not is_counted and order.cancelled_by > reset_at
    return -order.sold if given_back_later else ZERO
