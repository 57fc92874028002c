"""Shipments that a storefront does not know of, and orders that should be on their way: what the
inbox and the checks of the room both look at."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from sfcc_cin7.db.schema import last_touched, order_shipments, orders
from sfcc_cin7.values.states import OrderState, ShipmentState, Stage

in_the_erp = and_(orders.c.state == OrderState.ACKNOWLEDGED, orders.c.shop_status != "cancelled")
"""Whether an order is a sale that is to be shipped."""


def untold(connection: Connection, until: datetime) -> list[Row[Any]]:
    """Orders whose storefront does not know what has left of them since `until` or before, the
    longest first: (`order_key`, `site`, `changed_at`, `problem`, `order_total`, `currency`)."""
    c = order_shipments.c
    query = (
        select(
            c.order_key,
            orders.c.site,
            c.changed_at,
            c.problem,
            orders.c.order_total,
            orders.c.currency,
        )
        .join(orders, orders.c.order_key == c.order_key)
        .where(c.state != ShipmentState.TOLD, c.changed_at <= until)
        .order_by(c.changed_at, c.order_key)
    )
    return list(connection.execute(query))


def broken_promises(connection: Connection, now: datetime, since: datetime) -> list[Row[Any]]:
    """Orders touched since then that should be on their way: not picked, not (wholly) shipped, or
    shipped without a number; the longest overdue first.

    (`order_key`, `site`, `promise_at`, `picking`, `stage`, `unnumbered`, `order_total`, `currency`;
    `picking`, `stage` and `unnumbered` are None where no reading showed the sale yet.)
    """
    c = order_shipments.c
    joined = orders.outerjoin(order_shipments, c.order_key == orders.c.order_key)
    query = (
        select(
            orders.c.order_key,
            orders.c.site,
            orders.c.promise_at,
            c.picking,
            c.stage,
            c.unnumbered,
            orders.c.order_total,
            orders.c.currency,
        )
        .select_from(joined)
        .where(
            in_the_erp,
            last_touched > since,  # by which the orders are found
            orders.c.promise_at <= now,
            or_(func.coalesce(c.stage, 0) < int(Stage.SHIPPED), c.unnumbered > 0),
        )
        .order_by(orders.c.promise_at, orders.c.order_key)
    )
    return list(connection.execute(query))


def how_far(row: Row[Any]) -> str:
    """Where an order of `broken_promises` is held up, in words.

    A sale of which nothing was read since it was posted was not touched since.
    """
    if row.stage is None:
        return "not picked"
    if row.stage == Stage.SHIPPED:
        return "shipped without a number"
    if row.stage == Stage.PART_SHIPPED:
        return "shipped in part"
    picked = row.picking.upper() in ("PICKED", "PARTIALLY PICKED")
    return "picked, not shipped" if picked else "not picked"
