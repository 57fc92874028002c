"""Records of the storefront that differ from what was published. Quantities are units."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from sfcc_cin7.store.schema import stock_drifts


def open_drifts(connection: Connection, list_id: str) -> dict[str, int]:
    """Drifts of ours that nothing corrected yet: the id of the latest, by SKU."""
    query = (
        select(stock_drifts.c.sku, func.max(stock_drifts.c.id))
        .where(
            stock_drifts.c.list_id == list_id,
            stock_drifts.c.corrected_at.is_(None),
            stock_drifts.c.ours,
        )
        .group_by(stock_drifts.c.sku)
    )
    return {sku: drift for sku, drift in connection.execute(query)}  # noqa: C416 - rows


def record_drift(connection: Connection, **columns: Any) -> None:
    """The storefront holds something else than we published."""
    connection.execute(insert(stock_drifts).values(columns))


def reported_drifts(connection: Connection, list_id: str, skus: Collection[str]) -> dict[str, str]:
    """Open drifts that are not ours to correct, of these SKUs: their kind."""
    query = select(stock_drifts.c.sku, stock_drifts.c.kind).where(
        stock_drifts.c.list_id == list_id,
        stock_drifts.c.corrected_at.is_(None),
        ~stock_drifts.c.ours,
        stock_drifts.c.sku == func.any(list(skus)),
    )
    return {sku: kind for sku, kind in connection.execute(query)}  # noqa: C416 - rows


def correct_drifts(
    connection: Connection,
    list_id: str,
    skus: Collection[str],
    at: datetime,
    *,
    ours: bool = True,
) -> None:
    """Close the drifts of SKUs that the storefront was told anew."""
    connection.execute(
        update(stock_drifts)
        .where(
            stock_drifts.c.list_id == list_id,
            stock_drifts.c.sku.in_(skus),
            stock_drifts.c.corrected_at.is_(None),
            stock_drifts.c.ours == ours,
        )
        .values(corrected_at=at)
    )


def drifts_since(connection: Connection, since: datetime) -> Sequence[Row[Any]]:
    """Drifts seen since then or still open; where most is offered too much first."""
    query = select(stock_drifts).where(
        or_(stock_drifts.c.seen_at >= since, stock_drifts.c.corrected_at.is_(None))
    )
    too_much = stock_drifts.c.shown - stock_drifts.c.expected
    return connection.execute(query.order_by(too_much.desc(), stock_drifts.c.id.desc())).all()
