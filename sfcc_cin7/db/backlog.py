"""What waits to be posted: how many orders, since when, and each one's next attempt."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from sfcc_cin7.db.schema import orders
from sfcc_cin7.values.states import OrderState


def _waits(now: datetime) -> Any:
    """Due, or tried before, or being posted; an order in its hold window does not wait yet."""
    tried = or_(orders.c.attempts > 0, orders.c.throttled > 0, orders.c.next_attempt_at <= now)
    return or_(
        and_(orders.c.state == OrderState.RECEIVED, tried),
        orders.c.state.in_((OrderState.POSTING, OrderState.BATCHED)),
    )


_SINCE = func.greatest(orders.c.received_at, orders.c.created_at, orders.c.due_at)
"""From when the order could have been posted."""


def backlog(connection: Connection, now: datetime) -> Row[Any]:
    """(`waiting`, `oldest`): orders that are due or being posted, and since when the first is."""
    return connection.execute(
        select(func.count().label("waiting"), func.min(_SINCE).label("oldest")).where(_waits(now))
    ).one()


def waiting_orders(connection: Connection, now: datetime, most: int = 25) -> list[Row[Any]]:
    """The orders that have waited longest, with their attempts, next attempt and last problem."""
    query = (
        select(
            orders.c.order_key,
            orders.c.state,
            _SINCE.label("since"),
            orders.c.attempts,
            orders.c.throttled,
            orders.c.unavailable,
            orders.c.refused,
            orders.c.next_attempt_at,
            orders.c.problem,
        )
        .where(_waits(now))
        .order_by(_SINCE, orders.c.order_key)
        .limit(most)
    )
    return list(connection.execute(query))


def posted_count(connection: Connection) -> int:
    """How many orders are an authorised sale, whatever became of them since; a void one is none."""
    return connection.scalar(select(func.count(orders.c.authorised_at))) or 0


def state_counts(connection: Connection) -> dict[str, int]:
    """How many orders are in each state."""
    rows = connection.execute(
        select(orders.c.state, func.count().label("orders")).group_by(orders.c.state)
    )
    return {row.state: row.orders for row in rows}
