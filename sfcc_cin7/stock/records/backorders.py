"""What the ERP could not supply of sales that it has. Quantities are units."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Numeric, and_, cast, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from sfcc_cin7.db.schema import erp_sales, order_batches, order_events, orders

NOT_WAITING = ("VOIDED", "CREDITED")


def waiting_units(
    connection: Connection, sites: Collection[str], skus: Collection[str]
) -> dict[str, list[Any]]:
    """Units of these SKUs in sales of these sites that the ERP has backordered, by SKU.

    Our image of a sale (`erp_sales`) tells how many units of it still wait, and not of which SKU.
    So each SKU is said to wait for what it was short of when the sale was authorised, and for no
    more than all that waits, which may offer too little. Rows hold `units` and `authorised_at`.
    """
    short = func.jsonb_each_text(cast(order_events.c.detail["short"], JSONB)).table_valued(
        "key", "value"
    )
    latest = (
        select(
            order_events.c.order_key,
            func.max(order_events.c.id).label("id"),
            func.max(erp_sales.c.backordered).label("waiting"),
        )
        .join(erp_sales, erp_sales.c.external_id == order_events.c.order_key)
        .where(
            order_events.c.kind == "authorised",
            erp_sales.c.backordered > 0,
            erp_sales.c.status.not_in(NOT_WAITING),
        )
        .group_by(order_events.c.order_key)
        .subquery()
    )
    authorised = func.coalesce(
        orders.c.authorised_at, order_batches.c.authorised_at, order_events.c.at
    )
    query = (
        select(
            short.c.key.label("sku"),
            func.least(cast(short.c.value, Numeric(20, 4)), latest.c.waiting).label("units"),
            authorised.label("authorised_at"),
        )
        .select_from(latest)
        .join(order_events, order_events.c.id == latest.c.id)
        .outerjoin(orders, orders.c.order_key == latest.c.order_key)
        .outerjoin(order_batches, order_batches.c.batch_key == latest.c.order_key)
        .join(short, true())
        .where(
            or_(orders.c.site.in_(sites), order_batches.c.site.in_(sites)),
            and_(short.c.key == func.any(list(skus))),
        )
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.sku].append(row)
    return found
