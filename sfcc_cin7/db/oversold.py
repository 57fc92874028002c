"""Orders that were sold and that the ERP could not supply."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Numeric, cast, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from sfcc_cin7.db.schema import order_events, orders, stock_publications


def oversold_orders(
    connection: Connection, since: datetime, lists: Collection[tuple[str, str]]
) -> Sequence[Any]:
    """Goods of orders that the ERP could not supply when they were posted, the latest first.

    `lists` are the sites with the lists that they sell from. What a list had last been told it may
    backorder is not among them. Rows: `order_key`, `site`, `created_at`, `order_total`, `currency`,
    `at` (posted), `sku`, `short` (units).
    """
    short = func.jsonb_each_text(cast(order_events.c.detail["short"], JSONB)).table_valued(
        "key", "value"
    )
    units = cast(short.c.value, Numeric(20, 4))
    told = stock_publications.c
    promised = (
        select(told.backorder_units)
        .where(
            told.sku == short.c.key,
            told.at <= orders.c.created_at,
            tuple_(orders.c.site, told.list_id).in_(lists),
        )
        .order_by(told.at.desc(), told.id.desc())
        .limit(1)
        .scalar_subquery()
        .correlate(short, orders)
    )
    query: Any = (
        select(
            order_events.c.order_key,
            orders.c.site,
            orders.c.created_at,
            orders.c.order_total,
            orders.c.currency,
            order_events.c.at,
            short.c.key.label("sku"),
            units.label("short"),
        )
        .select_from(order_events)
        .join(orders, orders.c.order_key == order_events.c.order_key)
        .join(short, true())
        .where(
            order_events.c.kind == "authorised",
            order_events.c.at >= since,
            order_events.c.detail.has_key("short"),
            units > func.coalesce(promised, 0),
        )
    )
    return list(connection.execute(query.order_by(order_events.c.id.desc(), short.c.key)))
