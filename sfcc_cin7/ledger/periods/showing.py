"""Which months are closed, in sentences."""

from collections.abc import Iterator

from sqlalchemy import Engine

from sfcc_cin7.ledger.periods.closing import in_the_way
from sfcc_cin7.ledger.records import periods
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.months import before, following, month_of, today


def months_shown(engine: Engine, model: OperatingModel, clock: Clock) -> Iterator[str]:
    """What is closed, by whom, what the next month waits for, and what it holds for closed ones."""
    words = wording(model)
    with engine.connect() as connection:
        until = periods.closed_until(connection)
        yield f"The books are closed until {until}." if until else "No month is closed."
        for row in periods.closings(connection):
            because = f": {row.reason}" if row.reason else ""
            yield f"{row.month} {row.kind} by {row.author}, {words.instant(row.at)}{because}"
        running = month_of(today(clock.now(), model.time_zone))
        month = following(month_of(until)) if until else before(running)
        told = list(in_the_way(connection, model, clock, month))
        yield f"{month}: {' '.join(told) or 'nothing is in the way of closing it.'}"
        for late in periods.late_entries(connection, month):
            yield (
                f"{month} holds for {late.late_for}: {figure(late.amount, late.currency)} on"
                f" {late.account}"
            )
