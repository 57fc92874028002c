"""Raw documents that are old enough to lose what is personal in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from sfcc_cin7.db.schema import order_events, orders
from sfcc_cin7.values.states import OrderState

DONE_WITH = (OrderState.ACKNOWLEDGED, OrderState.CANCELLED, OrderState.DECLINED)
"""States in which nobody needs the shopper's address any more."""


def settled_documents(
    connection: Connection, before: datetime, limit: int
) -> list[Row[*tuple[str, ...]]]:
    """(`order_key`, `document`) of orders settled before that instant and not pruned since.

    They stay locked until the transaction ends; those that someone else holds are left out.
    """
    settled_at = (
        select(func.max(order_events.c.at))
        .where(
            order_events.c.order_key == orders.c.order_key, order_events.c.kind == orders.c.state
        )
        .scalar_subquery()
    )
    query = (
        select(orders.c.order_key, orders.c.document)
        .where(
            orders.c.pruned_at.is_(None),
            orders.c.state.in_(DONE_WITH),
            orders.c.created_at < before,
            settled_at < before,
        )
        .order_by(orders.c.created_at)
        .limit(limit)
        .with_for_update(of=orders, skip_locked=True)
    )
    return list(connection.execute(query))


def put_pruned(
    connection: Connection,
    order_key: str,
    document: str,
    at: datetime,
    detail: Mapping[str, Any],
    run_id: str | None,
) -> None:
    """Put a pruned document in the place of the original, whose hash stays, with an event."""
    connection.execute(
        update(orders)
        .where(orders.c.order_key == order_key)
        .values(document=document, pruned_at=at)
    )
    connection.execute(
        insert(order_events).values(
            order_key=order_key, at=at, kind="pruned", detail=dict(detail), run_id=run_id
        )
    )


def oldest_unpruned(connection: Connection) -> datetime | None:
    """When the oldest order was created whose document is still whole; None without any."""
    oldest: datetime | None = connection.scalar(
        select(func.min(orders.c.created_at)).where(orders.c.pruned_at.is_(None))
    )
    return oldest
