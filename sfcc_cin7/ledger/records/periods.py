"""Which months are closed, and what they came to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text

from sfcc_cin7.db.schema import closed_balances, closed_margins, period_closings, postings
from sfcc_cin7.ledger.records import month_end
from sfcc_cin7.values.months import first_day, last_day

EARNED = ("site", "currency", "revenue", "cost", "unknown")
IN_THE_WAY = """
select count(distinct order_key) from (
    select c.order_key, coalesce(o.created_at, (select min(m.created_at)
        from sfcc_cin7.orders m where m.batch_key = c.order_key)) as created_at
    from sfcc_cin7.order_changes c left join sfcc_cin7.orders o using (order_key)
    where c.due_at <= :at
) waiting
where created_at is null or (created_at at time zone :zone)::date <= cast(:last as date)
"""


def closed_until(connection: Connection) -> str:
    """The last day of the last closed month, as `2026-01-31`; empty where none is closed."""
    return connection.scalar(text("select sfcc_cin7.closed_until()")) or ""


def closings(connection: Connection) -> list[Row[Any]]:
    """Every closing and reopening, the newest first."""
    return list(connection.execute(select(period_closings).order_by(period_closings.c.id.desc())))


def lock_periods(connection: Connection) -> None:
    """Nobody posts until the transaction ends; whoever is posting is waited for."""
    connection.execute(text("select sfcc_cin7.lock_table('period_closings')"))


def save_closing(
    connection: Connection, month: str, kind: str, author: str, reason: str, at: datetime
) -> int:
    """A month is closed or reopened; with what it comes to where it is closed. Its id."""
    margins = month_end.margins(connection, month, month)  # before it counts as closed
    row = {"month": month, "kind": kind, "author": author, "reason": reason, "at": at}
    statement = insert(period_closings).values(row).returning(period_closings.c.id)
    closing = int(connection.execute(statement).scalar_one())
    if kind == "closed":
        rows = [
            {
                "closing_id": closing,
                "account": row.account,
                "currency": row.currency,
                "amount": row.amount,
                "entries": row.entries,
            }
            for row in balances(connection, first_day(month), last_day(month))
        ]
        if rows:
            connection.execute(insert(closed_balances), rows)
        earned = [
            {"closing_id": closing, **{name: getattr(row, name) for name in EARNED}}
            for row in margins
        ]
        if earned:
            connection.execute(insert(closed_margins), earned)
    return closing


def balances(connection: Connection, first: str, last: str) -> list[Row[Any]]:
    """(`account`, `currency`, `amount`, `entries`) of what is posted on these days."""
    query = (
        select(
            postings.c.account,
            postings.c.currency,
            func.sum(postings.c.amount).label("amount"),
            func.count().label("entries"),
        )
        .where(postings.c.day.between(first, last))
        .group_by(postings.c.account, postings.c.currency)
        .order_by(postings.c.account, postings.c.currency)
    )
    return list(connection.execute(query))


def kept_balances(connection: Connection, closing: int) -> list[Row[Any]]:
    """The same as it was when the month was closed."""
    kept = closed_balances.c
    query = (
        select(kept.account, kept.currency, kept.amount, kept.entries)
        .where(kept.closing_id == closing)
        .order_by(kept.account, kept.currency)
    )
    return list(connection.execute(query))


def late_entries(connection: Connection, month: str) -> Sequence[Row[Any]]:
    """(`late_for`, `account`, `currency`, `amount`, `entries`) that this month holds for closed
    ones, by the month that they are late for."""
    of = func.left(postings.c.late_for, 7).label("late_for")
    query = (
        select(
            of,
            postings.c.account,
            postings.c.currency,
            func.sum(postings.c.amount).label("amount"),
            func.count().label("entries"),
        )
        .where(
            postings.c.day.between(first_day(month), last_day(month)),
            postings.c.late_for.is_not(None),
        )
        .group_by(of, postings.c.account, postings.c.currency)
        .order_by(of, postings.c.account, postings.c.currency)
    )
    return connection.execute(query).all()


def changes_in_the_way(connection: Connection, month: str, zone: str, at: datetime) -> int:
    """Orders and consolidated sales of the month that the next pass of the books looks at, and what
    is of no order (lines, transfers, sales without one), whose month it finds out."""
    told = {"at": at, "zone": zone, "last": last_day(month)}
    return connection.scalar(text(IN_THE_WAY), told) or 0


def unfinished_reports(connection: Connection, month: str, zone: str) -> list[Row[Any]]:
    """(`gateway`, `name`, `why`) of reports that cannot be read, and of those that are not final
    and have movements of this month or before it."""
    query = text(
        "select r.gateway, r.name, coalesce(r.problem, r.note) as why"
        " from sfcc_cin7.payout_reports r where r.problem is not null or (r.standing <> 'final'"
        " and (exists (select from sfcc_cin7.payout_lines l"
        " where l.gateway = r.gateway and l.report = r.name"
        " and (l.occurred_at at time zone :zone)::date <= cast(:last as date))"
        " or not exists (select from sfcc_cin7.payout_lines l"
        " where l.gateway = r.gateway and l.report = r.name))) order by 1, 2"
    )
    return list(connection.execute(query, {"zone": zone, "last": last_day(month)}))
