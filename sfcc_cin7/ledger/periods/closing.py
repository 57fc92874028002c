"""Close a month of the books, or open the last one again: who, when and why.

Months are closed one after the other, once they are over in the merchant's zone. What comes later
for a closed month is posted on the first open day and names its own (`late_for`); the database
refuses anything else. Nothing of a closed month is ever changed, also where it is opened again:
what was posted late stays where it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row

from sfcc_cin7.ledger.records import ledger, periods
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.months import a_month, following, last_day, month_of, today
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7.values.wording import counted

NOBODY = "your name"
"""What stands in the Launchpad before somebody writes a name over it."""
MOST = 5
"""So many reports are named; of the rest there is only the number."""


@dataclass(frozen=True)
class Changed:
    """A figure of a closed month that is not what it was when it was closed."""

    month: str
    account: str
    sentence: str


def close_month(
    engine: Engine, model: OperatingModel, clock: Clock, month: str, author: str, reason: str = ""
) -> int:
    """Close a month (`2026-01`); the first one closes all before it too. The id of the closing.

    Raises:
        ConfigurationError: it is no month, or something is in the way; the sentence says what.
    """
    month, now = a_month(month), clock.now()
    _signed(author)
    with engine.begin() as connection:
        _wait_for_the_books(connection)
        found = list(in_the_way(connection, model, clock, month))
        if found:
            raise ConfigurationError(f"{month} cannot be closed. " + " ".join(found))
        return periods.save_closing(connection, month, "closed", author, reason, now)


def reopen_month(engine: Engine, clock: Clock, month: str, author: str, reason: str) -> int:
    """Open the last closed month again. The id of the row.

    Raises:
        ConfigurationError: it is not the last closed month, or nobody says why.
    """
    month = a_month(month)
    _signed(author)
    if not reason.strip():
        raise ConfigurationError("A month is opened again for a reason: say which.")
    with engine.begin() as connection:
        _wait_for_the_books(connection)
        last = month_of(periods.closed_until(connection))
        if month != last:
            raise ConfigurationError(
                f"Only the last closed month is opened again: {last or 'none is closed'}."
            )
        return periods.save_closing(connection, month, "reopened", author, reason, clock.now())


def in_the_way(
    connection: Connection, model: OperatingModel, clock: Clock, month: str
) -> Iterator[str]:
    """What keeps a month from being closed, in sentences."""
    now, zone = clock.now(), model.time_zone
    closed = month_of(periods.closed_until(connection))
    if closed >= month:
        yield f"It is closed already: the books are closed until {last_day(closed)}."
        return
    if closed and following(closed) != month:
        yield f"{following(closed)} comes first."
    if today(now, zone) <= last_day(month):
        yield f"It is not over before the end of {last_day(month)} ({zone})."
    waiting = periods.changes_in_the_way(connection, month, zone, now)
    if waiting:
        yield (
            f"{counted(waiting, 'change')} of it {'is' if waiting == 1 else 'are'} not in the"
            " books yet: wait for the next reconciliation (two minutes)."
        )
    reports = periods.unfinished_reports(connection, month, zone)
    if reports:
        named = "; ".join(f"{row.gateway}/{row.name}: {row.why}" for row in reports[:MOST])
        yield f"{counted(len(reports), 'report')} not final or not readable: {named}"


def changed_since_closing(connection: Connection) -> list[Changed]:
    """Figures of closed months that are not what they were when they were closed; the database
    refuses every way that leads there."""
    closed_until = periods.closed_until(connection)
    latest: dict[str, Row[Any]] = {}
    for row in periods.closings(connection):  # the newest first
        latest.setdefault(row.month, row)
    found: list[Changed] = []
    for month, row in sorted(latest.items()):
        if row.kind == "closed" and last_day(month) <= closed_until:
            found += _differences(connection, month, row.id)
    return found


def _differences(connection: Connection, month: str, closing: int) -> Iterator[Changed]:
    kept = {
        (row.account, row.currency): (row.amount, row.entries)
        for row in periods.kept_balances(connection, closing)
    }
    now = {
        (row.account, row.currency): (row.amount, row.entries)
        for row in periods.balances(connection, f"{month}-01", last_day(month))
    }
    for account, currency in sorted(kept.keys() | now.keys()):
        was, is_ = kept.get((account, currency)), now.get((account, currency))
        if was != is_:
            told = [figure(each[0], currency) if each else "nothing" for each in (was, is_)]
            yield Changed(month, account, f"{account} was {told[0]} and is {told[1]}")


def _signed(author: str) -> None:
    if not author.strip() or author.strip() == NOBODY:
        raise ConfigurationError("Say who closes or opens it.")


def _wait_for_the_books(connection: Connection) -> None:
    ledger.lock_books(connection)
    periods.lock_periods(connection)
