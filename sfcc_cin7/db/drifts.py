"""What the storefront shows and should not: drifts, and what lags. Quantities are units.

How they are found and put right is the stock room's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, literal, or_, select, union_all

from sfcc_cin7.db.schema import published_stock, stock_drifts, stock_in_flight


def drifts_since(connection: Connection, since: datetime) -> Sequence[Row[Any]]:
    """Drifts seen since then or still open; where most is offered too much first."""
    query = select(stock_drifts).where(
        or_(stock_drifts.c.seen_at >= since, stock_drifts.c.corrected_at.is_(None))
    )
    too_much = stock_drifts.c.shown - stock_drifts.c.expected
    return connection.execute(query.order_by(too_much.desc(), stock_drifts.c.id.desc())).all()


def lagging(connection: Connection, until: datetime) -> Sequence[Row[Any]]:
    """What lags since `until` or longer: `list_id`, `sku`, `kind`, `expected`, `shown`, `seen_at`.

    `erp-moved` is not published yet; `in-flight` are orders that only one of the two knows of.
    """
    told = published_stock.c
    total = told.allocation + func.coalesce(told.backorder_units, 0)
    moved = select(
        told.list_id,
        told.sku,
        literal("erp-moved").label("kind"),
        func.coalesce(told.wanted, total + func.coalesce(told.rise_seen, 0)).label("expected"),
        total.label("shown"),
        told.waiting_since.label("seen_at"),
    ).where(told.waiting_since <= until)
    flying = stock_in_flight.c
    in_flight = (
        select(
            flying.list_id,
            flying.sku,
            literal("in-flight"),
            total - flying.known,
            total - flying.counted,
            flying.seen_at,
        )
        .join(
            published_stock,
            (told.list_id == flying.list_id) & (told.sku == flying.sku),
        )
        .where(flying.seen_at <= until)
    )
    return connection.execute(union_all(moved, in_flight)).all()
