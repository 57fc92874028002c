"""Orders whose goods have still to leave, and by when they were promised to."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from sfcc_cin7.db.schema import last_touched, order_shipments, orders
from sfcc_cin7.fulfilment.deciding.dispatch import Stage
from sfcc_cin7.values.states import OrderState

_IN_THE_ERP = and_(orders.c.state == OrderState.ACKNOWLEDGED, orders.c.shop_status != "cancelled")


def is_awaited(connection: Connection, sites: Collection[str], since: datetime) -> bool:
    """Whether an order of these sites that was posted since then has not left whole."""
    query = _with_shipments().where(
        last_touched > since,  # by which the orders are found
        func.coalesce(orders.c.authorised_at, orders.c.exported_at) > since,
        orders.c.site.in_(sites),
        func.coalesce(order_shipments.c.stage, 0) < Stage.SHIPPED,
    )
    return connection.execute(query.limit(1)).first() is not None


def broken_promises(connection: Connection, now: datetime, since: datetime) -> list[Row[Any]]:
    """Orders posted since then that should be on their way: not picked, not (wholly) shipped, or
    shipped without a number; the longest overdue first.

    (`order_key`, `site`, `promise_at`, `picking`, `stage`, `unnumbered`, `order_total`, `currency`;
    the middle three are None where no reading showed the sale yet.)
    """
    c = order_shipments.c
    query = (
        _with_shipments(
            orders.c.site,
            orders.c.promise_at,
            c.picking,
            c.stage,
            c.unnumbered,
            orders.c.order_total,
            orders.c.currency,
        )
        .where(
            last_touched > since,
            orders.c.promise_at <= now,
            or_(func.coalesce(c.stage, 0) < Stage.SHIPPED, c.unnumbered > 0),
        )
        .order_by(orders.c.promise_at, orders.c.order_key)
    )
    return list(connection.execute(query))


def _with_shipments(*columns: Any) -> Any:
    joined = orders.outerjoin(order_shipments, order_shipments.c.order_key == orders.c.order_key)
    return select(orders.c.order_key, *columns).select_from(joined).where(_IN_THE_ERP)
