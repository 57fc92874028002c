"""Months as `2026-01`, and days as `2026-01-31`, of the merchant's own zone. Pure."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sfcc_cin7.values.problems import ConfigurationError


def month_of(day: str) -> str:
    """`2026-01` of `2026-01-31`."""
    return day[:7]


def first_day(month: str) -> str:
    """`2026-01-01` of `2026-01`."""
    return f"{month}-01"


def last_day(month: str) -> str:
    """`2026-01-31` of `2026-01`."""
    return (date.fromisoformat(first_day(following(month))) - timedelta(days=1)).isoformat()


def following(month: str) -> str:
    """`2026-01` after `2025-12`."""
    year, number = map(int, month.split("-"))
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def first_open(closed_until: str) -> str:
    """The day after the last closed one; nothing where none is closed."""
    if not closed_until:
        return ""
    return (date.fromisoformat(closed_until) + timedelta(days=1)).isoformat()


def booked_on(own_day: str, closed_until: str) -> tuple[str, str | None]:
    """The day under which a movement is posted, and the one that it is late for, if any: what the
    statement that posts does with each entry.

    A movement of a closed month is posted on the first open day.
    """
    if own_day <= closed_until:
        return first_open(closed_until), own_day
    return own_day, None


def today(now: datetime, zone: str) -> str:
    """The day that it is in a zone."""
    return now.astimezone(ZoneInfo(zone)).date().isoformat()


def a_month(text: str) -> str:
    """A month that somebody typed.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        if len(text) == len("2026-01"):
            return month_of(date.fromisoformat(first_day(text)).isoformat())
    except ValueError:
        pass
    raise ConfigurationError(f"{text!r} is no month: write one as 2026-01.")


def before(month: str) -> str:
    """`2025-12` before `2026-01`."""
    return month_of((date.fromisoformat(first_day(month)) - timedelta(days=1)).isoformat())
