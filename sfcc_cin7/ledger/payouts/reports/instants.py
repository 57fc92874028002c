"""Times of reports: in UTC, whatever zone the report names."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from sfcc_cin7.ledger.payouts.reports.sheet import Row

HOURS = {
    "UTC": 0.0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MET": 1,
    "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "GST": 4, "IST": 5.5, "ICT": 7, "WIB": 7, "CST": -6,
    "CDT": -5, "EST": -5, "EDT": -4, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9,
    "AKDT": -8, "HST": -10, "AST": -4, "ADT": -3, "NST": -3.5, "NDT": -2.5, "BRT": -3, "ART": -3,
    "HKT": 8, "SGT": 8, "MYT": 8, "PHT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5,
    "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "SAST": 2,
}  # fmt: skip
"""Abbreviations say whether it is summer; IANA's own CET would follow the clocks. Where several
zones share one (CST, IST, BST), it is the one that gateways' settings offer."""
FORMATS = (
    "%Y/%m/%d %H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S %z",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y",
    "%d-%b-%Y %I:%M:%S %p",
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%Y",
)
YEAR_LAST = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:,? (\d{1,2}:\d{2})(:\d{2})?( ?[AP]M)?)?"
)
"""05/12/2025, 05.12.2025 10:00, 12-05-2025 9:00 PM."""
SERIAL = re.compile(r"[3-6]\d{4}(\.\d+)?")
DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a zone is added
"""Spreadsheets count days from here; a column of times may hold nothing but that count."""
EARLIEST, LATEST = 1990, 2100
"""Years in which gateways settle; any other was mistyped or read as another column."""
LOCAL = ("/", ".")
"""Separators of dates that could be the day's or the month's first."""


def instant(
    row: Row,
    column: str,
    zone: str = "UTC",
    *,
    zone_column: str = "",
    first: Literal["day", "month"] | None = None,
) -> datetime:
    """A time in UTC; one without a zone of its own is of `zone`, as `zone_column` told it. `first`
    says what stands first in dates that end with their year.

    Raises:
        UnusableReport: it is no time that can be read in one way only, or nobody knows the zone.
    """
    text = row.get(column, "")
    text = re.sub(r" ?(?:GMT|UTC) ?(?=[-+]\d)", "", text)
    named = re.search(r"(?<=[\dM]) ?([A-Z]{2,5})$", text)
    if named and named.group(1) not in ("AM", "PM"):
        text, zone, zone_column = text[: named.start()], named.group(1), column
    found = _parsed(text, first)
    if found is None:
        why = "it is no time"
        if any(mark in text[:6] for mark in LOCAL):
            why = "the day or the month first? Write YYYY-MM-DD, or say `dates` of the gateway"
        raise row.refuse(column, why)
    if found.tzinfo is None:
        known = zone_named(zone)
        if known is None:
            raise row.refuse(
                zone_column or column, "its time zone is unknown: use a name like Europe/Berlin"
            )
        found = found.replace(tzinfo=known)
    if not EARLIEST <= found.year <= LATEST:
        raise row.refuse(column, "it is no time of our days")
    return found.astimezone(UTC)


def _parsed(text: str, first: Literal["day", "month"] | None) -> datetime | None:
    if first and (found := YEAR_LAST.fullmatch(text)):
        one, _, two, year, minutes, seconds, half = found.groups()
        day, month = (one, two) if first == "day" else (two, one)
        text = f"{year}-{int(month):02}-{int(day):02} {minutes or '0:00'}{seconds or ':00'}"
        form = "%Y-%m-%d %I:%M:%S%p" if half else "%Y-%m-%d %H:%M:%S"
        try:
            return datetime.strptime(text + (half or "").strip(), form)  # noqa: DTZ007 - a zone is added
        except ValueError:
            return None
    if SERIAL.fullmatch(text):
        return DAY_ZERO + timedelta(seconds=round(Decimal(text) * 86400))
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - a zone is added
        except ValueError:
            continue
    return None


def zone_named(name: str) -> tzinfo | None:
    """A zone by its abbreviation, by its IANA name, or by an abbreviation that the IANA database
    gives to one offset only; None where nobody knows it."""
    if name in HOURS:
        return timezone(timedelta(hours=HOURS[name]))
    if "/" in name and name in available_timezones():
        return ZoneInfo(name)
    offsets = _abbreviations().get(name, set())
    return timezone(next(iter(offsets))) if len(offsets) == 1 else None


@cache
def _abbreviations() -> dict[str, set[timedelta]]:
    """What clocks say in January and in July, in every zone of the IANA database."""
    found: dict[str, set[timedelta]] = {}
    for name in available_timezones():
        zone = ZoneInfo(name)
        for month in (1, 7):
            at = datetime(2026, month, 1, tzinfo=zone)
            found.setdefault(at.tzname() or "", set()).add(at.utcoffset() or timedelta())
    return found
