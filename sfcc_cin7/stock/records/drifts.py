"""Where the storefront shows something else than it should. Quantities are units.

A record that differs from what was published is a drift. One that is as published may lag: the ERP
moved since, or the storefront counts other orders than those that we know of.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Connection,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.db.schema import order_units, orders, published_stock, stock_drifts, stock_in_flight


def open_drifts(connection: Connection, list_id: str) -> list[str]:
    """SKUs with a drift of ours that nothing corrected yet; those first whose records were not
    looked at for longest."""
    drift, told = stock_drifts.c, published_stock.c
    query = (
        select(drift.sku)
        .outerjoin(published_stock, (told.list_id == list_id) & (told.sku == drift.sku))
        .where(drift.list_id == list_id, drift.corrected_at.is_(None), drift.ours)
        .group_by(drift.sku, told.read_at)
        .order_by(told.read_at.nulls_first(), drift.sku)
    )
    return list(connection.scalars(query))


def drifting_skus(connection: Connection, list_id: str) -> set[str]:
    """SKUs with an open drift, whoever's it is."""
    query = select(stock_drifts.c.sku).where(
        stock_drifts.c.list_id == list_id, stock_drifts.c.corrected_at.is_(None)
    )
    return set(connection.scalars(query))


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


def save_in_flight(
    connection: Connection,
    list_id: str,
    seen: Collection[str],
    differing: Mapping[str, tuple[Decimal, Decimal]],
    at: datetime,
) -> None:
    """Of the records that were seen, those which count other orders than we know: (counted, known).

    What is no longer seen to differ is forgotten; the others keep the time of their first sight.
    """
    columns = stock_in_flight.c
    over = [sku for sku in seen if sku not in differing]
    connection.execute(
        delete(stock_in_flight).where(columns.list_id == list_id, columns.sku == func.any(over))
    )
    if not differing:
        return
    statement = upsert(stock_in_flight)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[columns.list_id, columns.sku],
            set_={name: statement.excluded[name] for name in ("counted", "known")},
        ),
        [
            {"list_id": list_id, "sku": sku, "counted": counted, "known": known, "seen_at": at}
            for sku, (counted, known) in sorted(differing.items())
        ],
    )


def sales_ranks(
    connection: Connection, skus: Collection[str], since: datetime
) -> dict[str, tuple[int, Decimal]]:
    """Rank by units sold since then, 1 for the best seller, and the units; of these SKUs."""
    units = func.sum(order_units.c.units)
    ranked = (
        select(
            order_units.c.sku,
            units.label("units"),
            func.rank().over(order_by=units.desc()).label("rank"),
        )
        .join(orders, orders.c.order_key == order_units.c.order_key)
        .where(orders.c.created_at >= since)
        .group_by(order_units.c.sku)
        .subquery()
    )
    query = select(ranked).where(ranked.c.sku == func.any(list(skus)))
    return {row.sku: (row.rank, row.units) for row in connection.execute(query)}
