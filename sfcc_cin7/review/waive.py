"""Takes findings out of the inbox for a while, and puts back those whose cause is still there."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from sfcc_cin7.db.schema import order_batches, orders, review_items
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.inbox.inbox import WAIVER_OVER, record
from sfcc_cin7.values.states import BatchState, OrderState

LONGEST = timedelta(days=90)


def waive(
    engine: Engine,
    at: datetime,
    until: datetime,
    author: Author,
    subjects: Collection[str] = (),
    code: str | None = None,
) -> list[str]:
    """Close the open items of these subjects, or of a code, or (given both) of a code of these
    subjects, until an instant; the subjects that had any.

    The order itself goes on waiting. When the waiver is over the item is open again with its old
    age, if its cause is still there.

    Raises:
        ActionRefused: the end is past or too far away, or nothing is named.
    """
    if not subjects and not code:
        raise ActionRefused("Name what is waived: an order or other subject, or a reason's code.")
    if not at < until <= at + LONGEST:
        raise ActionRefused(
            f"A waiver ends after now and within {LONGEST.days} days: {until:%Y-%m-%d %H:%M} UTC"
            " is not."
        )
    named: list[ColumnElement[bool]] = []
    if subjects:
        named.append(review_items.c.subject.in_(subjects))
    if code:
        named.append(review_items.c.code == code)
    words = f"waived by {author.by} until {until:%Y-%m-%d %H:%M} UTC: {author.because}"
    with engine.begin() as connection:
        # Whoever is finding the same thing at this moment would open a second row beside the waived
        # one; writers that are at work end first, the next begin after us.
        connection.execute(text("lock table sfcc_cin7.review_items in share row exclusive mode"))
        rows = connection.execute(
            update(review_items)
            .where(review_items.c.closed_at.is_(None), *named)
            .values(closed_at=at, closed_because=words, waived_until=until)
            .returning(review_items.c.subject, review_items.c.code)
        ).all()
        for row in rows:
            record(
                connection,
                [row.subject],
                "waived",
                at,
                author.by,
                author.because,
                code=row.code,
                until=until.isoformat(),
            )
    return sorted({row.subject for row in rows})


def reopen_expired(connection: Connection, at: datetime) -> list[str]:
    """Reopen what orders and consolidated sales still wait for after a waiver; the subjects.

    What is not about an order is reopened by whoever finds it again (see `inbox.open_items`).
    """
    still_waits = or_(*(exists().where(each) for each in _IN_REVIEW))
    over = and_(review_items.c.waived_until <= at, review_items.c.closed_at.is_not(None))
    rows = connection.scalars(
        update(review_items)
        .where(over, still_waits)
        .values(closed_at=None, closed_because=None, waived_until=None)
        .returning(review_items.c.subject)
    )
    subjects = sorted(set(rows))
    record(connection, subjects, "reopened", at, "sfcc-cin7", WAIVER_OVER)
    return subjects


def waived_codes(connection: Connection, subject: str, at: datetime) -> set[str]:
    """The codes of a subject that are waived now."""
    query = select(review_items.c.code).where(
        review_items.c.subject == subject, review_items.c.waived_until > at
    )
    return set(connection.scalars(query))


def waiting_codes(connection: Connection, subject: str) -> set[str]:
    """The codes of a subject that are open."""
    query = select(review_items.c.code).where(
        review_items.c.subject == subject, review_items.c.closed_at.is_(None)
    )
    return set(connection.scalars(query))


def count_waived(connection: Connection, at: datetime) -> int:
    """How many items are waived now."""
    query = select(func.sum(case((review_items.c.waived_until > at, 1), else_=0)))
    return int(connection.scalar(query) or 0)


_IN_REVIEW = (
    and_(orders.c.order_key == review_items.c.subject, orders.c.state == OrderState.IN_REVIEW),
    and_(
        order_batches.c.batch_key == review_items.c.subject,
        order_batches.c.state == BatchState.IN_REVIEW,
    ),
)
