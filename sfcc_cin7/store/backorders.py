"""What the ERP could not supply of sales that it has. Quantities are units."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Numeric, and_, cast, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from sfcc_cin7.store.schema import erp_sales, order_batches, order_events, orders

NOT_WAITING = ("VOIDED", "CREDITED")


def waiting_units(
    connection: Connection, sites: Collection[str], skus: Collection[str]
) -> dict[str, list[Any]]:
    """Units of these SKUs in sales of these sites that the ERP has backordered, by SKU.

    A sale is said to wait as a whole until our image of it (`erp_sales`) shows nothing backordered:
    what arrived of it in between counts as waiting, which offers too little. Rows hold `units` and
    `authorised_at`.
    """
    short = func.jsonb_each_text(cast(order_events.c.detail["short"], JSONB)).table_valued(
        "key", "value"
    )
    latest = (
        select(order_events.c.order_key, func.max(order_events.c.id).label("id"))
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
            cast(short.c.value, Numeric(20, 4)).label("units"),
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
