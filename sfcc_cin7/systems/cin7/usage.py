"""How the ERP's call budget is and was used, as the governor counts it.

A brand is told of the budgets that it draws on, with all their calls: another brand's too, where
both sell from one account.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from sfcc_cin7.db.schema import call_applications, call_budgets, call_slots, call_usage
from sfcc_cin7.values.clock import Clock

_OWN = select(call_budgets.c.application)


def time_until_free(
    connection: Connection, budget: str, slots: int, clock: Clock
) -> timedelta | None:
    """How long until so many slots are free, below 0 if they are; None: there are not so many."""
    earliest = select(call_slots.c.free_at).where(call_slots.c.application == budget)
    last_of_them = earliest.order_by(call_slots.c.free_at).offset(slots - 1).limit(1)
    free_at: datetime | None = connection.scalar(last_of_them)
    now: datetime = connection.execute(select(clock.sql_now)).scalar_one()
    return None if free_at is None else free_at - now


def budgets(connection: Connection, clock: Clock) -> list[Row[Any]]:
    """(`application`, `calls`, `used`, `paused_until`) of every application key, hashed.

    `calls` may be made in any minute; `used` are those of the last one and those under way.
    """
    query = (
        select(
            call_slots.c.application,
            func.count().label("calls"),
            func.count().filter(call_slots.c.free_at >= clock.sql_now).label("used"),
            func.max(call_applications.c.paused_until).label("paused_until"),
        )
        .join_from(
            call_slots,
            call_applications,
            call_applications.c.application == call_slots.c.application,
            isouter=True,
        )
        .where(call_slots.c.application.in_(_OWN))
        .group_by(call_slots.c.application)
        .order_by(call_slots.c.application)
    )
    return list(connection.execute(query))


def usage_between(connection: Connection, start: datetime, end: datetime) -> list[Row[Any]]:
    """(`budget`, `lane`, `calls`, `refused`) of the minutes that began in a half-open window.

    One row for each budget and lane that made a call.
    """
    query = (
        select(
            call_usage.c.application.label("budget"),
            call_usage.c.lane,
            func.sum(call_usage.c.calls).label("calls"),
            func.sum(call_usage.c.refused).label("refused"),
        )
        .where(
            call_usage.c.minute >= start,
            call_usage.c.minute < end,
            call_usage.c.application.in_(_OWN),
        )
        .group_by(call_usage.c.application, call_usage.c.lane)
        .order_by(call_usage.c.application, call_usage.c.lane)
    )
    return list(connection.execute(query))


def minutes_with_refusals(connection: Connection, since: datetime) -> list[Row[Any]]:
    """(`budget`, `minute`, `calls`, `refused`, `around`, `beside`): minutes with refused calls.

    The latest minute comes first. `calls` are all of ours on that budget in that minute. `around`
    are those of that minute and the two before it on all budgets, `beside` those of them on other
    budgets than this one: no window that ended with the refused call held more of ours.
    """
    other = call_usage.alias()
    around = select(func.coalesce(func.sum(other.c.calls), 0)).where(
        other.c.minute.between(
            call_usage.c.minute - timedelta(minutes=2),
            call_usage.c.minute,
        ),
        other.c.application.in_(_OWN),
    )
    query = (
        select(
            call_usage.c.application.label("budget"),
            call_usage.c.minute,
            func.sum(call_usage.c.calls).label("calls"),
            func.sum(call_usage.c.refused).label("refused"),
            around.scalar_subquery().label("around"),
            around.where(other.c.application != call_usage.c.application)
            .scalar_subquery()
            .label("beside"),
        )
        .where(call_usage.c.minute >= since, call_usage.c.application.in_(_OWN))
        .group_by(call_usage.c.application, call_usage.c.minute)
        .having(func.sum(call_usage.c.refused) > 0)
        .order_by(call_usage.c.minute.desc(), call_usage.c.application)
    )
    return list(connection.execute(query))


def forget_usage(connection: Connection, before: datetime) -> int:
    """Delete minutes that began before an instant; returns how many rows went."""
    old = call_usage.delete().where(call_usage.c.minute < before)
    return connection.execute(old).rowcount
