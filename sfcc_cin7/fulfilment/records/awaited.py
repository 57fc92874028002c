"""Whether orders are waited for."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select

from sfcc_cin7.db.schema import last_touched, order_shipments, orders
from sfcc_cin7.db.shipments import in_the_erp
from sfcc_cin7.values.states import Stage


def is_awaited(connection: Connection, sites: Collection[str], since: datetime) -> bool:
    """Whether an order of these sites that was posted since then has not left whole."""
    c = order_shipments.c
    joined = orders.outerjoin(order_shipments, c.order_key == orders.c.order_key)
    query = (
        select(orders.c.order_key)
        .select_from(joined)
        .where(
            in_the_erp,
            last_touched > since,  # by which the orders are found
            func.coalesce(orders.c.authorised_at, orders.c.exported_at) > since,
            orders.c.site.in_(sites),
            func.coalesce(c.stage, 0) < int(Stage.SHIPPED),
        )
    )
    return connection.execute(query.limit(1)).first() is not None
