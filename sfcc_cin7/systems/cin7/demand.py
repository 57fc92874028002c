"""What orders need of the call budget, going by what they needed lately."""

from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import Connection, func, select

from sfcc_cin7.db.schema import call_usage
from sfcc_cin7.systems.cin7.connection import Purpose

A_MINUTE = timedelta(minutes=1)
REMEMBERED = 6 * A_MINUTE
"""For how long what orders needed in a minute is kept for them."""
MORE = 4
"""A quarter is added to that: a minute by the clock shows less than the busiest minute had, and
orders come by chance."""


def orders_in_a_minute(connection: Connection, budget: str, now: datetime, at_first: int) -> int:
    """How many calls orders may need in a minute, going by the busiest of the last minutes.

    Where nobody called in the minutes before those, as after a start, nothing is known of them yet:
    then it is at least `at_first`.
    """
    recent = [
        call_usage.c.application == budget,
        call_usage.c.lane == "orders",
        call_usage.c.minute >= now - REMEMBERED,
    ]
    busiest: int = connection.scalar(select(func.max(call_usage.c.calls)).where(*recent)) or 0
    likely = busiest + busiest // MORE
    if likely >= at_first or _called_before(connection, budget, now):
        return likely
    return at_first


def _called_before(connection: Connection, budget: str, now: datetime) -> bool:
    earlier = [
        call_usage.c.application == budget,
        call_usage.c.lane.in_(get_args(Purpose)),  # all of them: so the index is used
        call_usage.c.minute.between(now - 2 * REMEMBERED, now - REMEMBERED),
    ]
    return bool(connection.scalar(select(select(call_usage).where(*earlier).exists())))
