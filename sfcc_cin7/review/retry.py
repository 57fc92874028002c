"""Sends orders that waited for a person back to be posted."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Engine, insert, or_, select, update

from sfcc_cin7.store.schema import order_events, orders, review_items


def retry(
    engine: Engine, at: datetime, order_keys: Collection[str] = (), code: str | None = None
) -> list[str]:
    """Make orders in review due again, by key or by the code of an open item; those that were.

    The next attempt reads each order anew and looks first at what the ERP already holds. Its items
    close when it is posted, or give way to the reasons that are found then.
    """
    waits_for_code = (
        select(review_items.c.subject)
        .where(review_items.c.code == code, review_items.c.closed_at.is_(None))
        .scalar_subquery()
    )
    chosen = or_(orders.c.order_key.in_(order_keys), orders.c.order_key.in_(waits_for_code))
    with engine.begin() as connection:
        released = connection.scalars(
            update(orders)
            .where(orders.c.state == "in_review", chosen)
            .values(state="received", next_attempt_at=at)
            .returning(orders.c.order_key)
        ).all()
        if released:
            events = [{"order_key": key, "at": at, "kind": "retried"} for key in released]
            connection.execute(insert(order_events), events)
    return sorted(released)
