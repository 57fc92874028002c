"""The last 24 hours by the hour, as they were read: what the wall page plots.

Hours are aware UTC instants at which they begin. A part that could not be read is `Unknown`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7.operations.state.facts import Unknown

HOURS = 24
Series = Mapping[datetime, Decimal]
"""A figure by hour; hours without any are missing."""


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Orders by hour: those that came in, and those that the storefront knows are in the ERP."""

    came: Series
    went: Series


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Seconds from when an order could be posted to its sale authorised, 95th percentile: of the
    merchant's day so far (None where no order was), and by hour."""

    today: Decimal | None
    by_hour: Series


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """SKUs that the storefront sells and those that the ERP knows of them, SKUs published."""

    in_shop: int
    in_both: int
    published: int


@dataclass(frozen=True, kw_only=True)
class Oversold:
    """Units of orders that the ERP could not supply, and orders, over `days`."""

    units: Decimal
    orders: int
    days: int


@dataclass(frozen=True, kw_only=True)
class Day:
    """Everything that was read at an instant. `calls` and `told` (orders of which shoppers were
    told) are by hour."""

    at: datetime
    traffic: Traffic | Unknown
    speed: Speed | Unknown
    coverage: Coverage | Unknown
    oversold: Oversold | Unknown
    told: Series | Unknown
    calls: Series | Unknown


def hours_to(at: datetime) -> list[datetime]:
    """The hours that a plot shows, the one under way last."""
    last = at.replace(minute=0, second=0, microsecond=0)
    return [last - timedelta(hours=back) for back in reversed(range(HOURS))]


def begin_of_plots(at: datetime) -> datetime:
    """From when on a plot speaks."""
    return hours_to(at)[0]
