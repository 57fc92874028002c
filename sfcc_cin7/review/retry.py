"""Sends orders, and consolidated sales, that waited for a person back to be posted."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Table, and_, false, or_, select, update

from sfcc_cin7.db.schema import order_batches, orders, review_items
from sfcc_cin7.inbox.inbox import record
from sfcc_cin7.values.states import BatchState, OrderState


def retry(
    engine: Engine,
    at: datetime,
    order_keys: Collection[str] = (),
    code: str | None = None,
    *,
    by: str,
    because: str | None = None,
) -> list[str]:
    """Make orders in review due again, by key or by the code of an open item; those that were.
    Consolidated sales have keys and items like orders. An order that was declined is named by key.

    The next attempt reads each order anew and looks first at what the ERP already holds. Its items
    close when it is posted, or give way to the reasons that are found then.
    """
    waits_for_code = (
        select(review_items.c.subject)
        .where(review_items.c.code == code, review_items.c.closed_at.is_(None))
        .scalar_subquery()
    )
    with engine.begin() as connection:
        released: list[str] = []
        for table, key, due, waiting in (
            (orders, orders.c.order_key, OrderState.RECEIVED, OrderState.IN_REVIEW),
            (order_batches, order_batches.c.batch_key, BatchState.FORMED, BatchState.IN_REVIEW),
        ):
            chosen = or_(key.in_(order_keys), key.in_(waits_for_code))
            released += connection.scalars(
                update(table)
                .where(or_(and_(table.c.state == waiting, chosen), _declined(table, order_keys)))
                .values(state=due, next_attempt_at=at, attempts=0, unavailable=0)
                .returning(key)
            )
        record(connection, released, "retried", at, by, because)
    return sorted(released)


def _declined(table: Table, order_keys: Collection[str]) -> ColumnElement[bool]:
    """Orders of these keys that were declined; nothing declines a consolidated sale."""
    if table is not orders:
        return false()
    return and_(orders.c.state == OrderState.DECLINED, orders.c.order_key.in_(order_keys))
