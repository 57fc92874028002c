"""What may be sold of goods that are on their way (pure). Quantities are units, times aware UTC.

Cin7 tells for each location what is on order with suppliers and when the next delivery comes (Cin7
API reference, Product Availability). How much comes with that delivery it does not tell.

    promised = share of what is on order - what the ERP has backordered - what is owed beside that

Backordered are units of sales that the ERP has and could not supply. Owed is what orders that it
does not have yet will take beyond what is there; both wait for the same delivery. So a unit that
is on its way is promised once, and what is offered never exceeds what is there and on its way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from sfcc_cin7.merchant.stock import BackorderRule
from sfcc_cin7.stock.deciding.allocation import cut
from sfcc_cin7.stock.deciding.safety import Scope
from sfcc_cin7.values.backorder import Backorder
from sfcc_cin7.values.money import ZERO

WHOLE_SHARE = Decimal(100)


@dataclass(frozen=True)
class OnTheWay:
    """Units on order with suppliers, and when the last of the places' next deliveries comes.

    Units of a place that does not say when are left out.
    """

    units: Decimal = ZERO
    at: datetime | None = None


NOTHING_COMES = OnTheWay()


@dataclass(frozen=True)
class Waiting:
    """Units of an authorised order that the ERP has backordered and not supplied yet."""

    units: Decimal
    authorised_at: datetime


class BackorderRules:
    """What may be promised in an inventory list at one instant."""

    def __init__(self, rules: Sequence[BackorderRule], list_id: str, now: datetime) -> None:
        self._scope = Scope(rules, list_id, now)
        self.now = now

    def of(self, sku: str, category: str | None) -> BackorderRule | None:
        """The one rule that decides about a SKU; None where the merchant decided nothing."""
        return self._scope.of(sku, category)


def backordered(waiting: Iterable[Waiting], read_at: datetime) -> Decimal:
    """What the ERP had backordered by a reading. Orders after it are deducted as a whole."""
    return sum((each.units for each in waiting if each.authorised_at < read_at), ZERO)


def promise(
    coming: OnTheWay, backordered: Decimal, left: Decimal, rule: BackorderRule, now: datetime
) -> Backorder | None:
    """What may be sold of goods on their way; None where nothing may be promised.

    `left` is what the rules leave of the supply that is there; below 0 it is owed to orders, or
    held back, and the units promised may fall below 0 with it. A date that has passed is a delivery
    that did not come, and nobody's promise.
    """
    if rule.handling == "none" or coming.at is None:
        return None
    expected_at = cut(coming.at + timedelta(days=rule.days))  # as the storefront keeps it
    if not now < expected_at <= now + timedelta(days=rule.within_days):
        return None
    share = (coming.units * rule.percent / WHOLE_SHARE).to_integral_value(ROUND_FLOOR)
    free = max(ZERO, min(share, coming.units - rule.keep) - backordered)
    return Backorder(rule.handling, free + min(left, ZERO), expected_at)


def together(left: Decimal, promised: Backorder | None) -> Decimal:
    """What is for sale of what is there and of what is on its way; below 0 it is owed."""
    return left if promised is None else max(left, ZERO) + promised.units
