"""What each inventory list was told, when, and upon which reading. Quantities are units."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from sfcc_cin7.db.schema import stock_changes, stock_publications
from sfcc_cin7.stock.deciding.mass_change import Change

Publication = tuple[
    str, Decimal, Decimal, datetime, datetime | None, Decimal | None, Decimal | None
]
"""SKU, allocation, units backordered, reset date, when the reading began, what it had available,
and what was for sale before (None: nothing was told)."""


def record_publications(
    connection: Connection, list_id: str, rows: Collection[Publication], at: datetime
) -> None:
    """Keep what a list was told."""
    told = ("sku", "allocation", "backorder_units", "reset_at")
    names = (*told, "read_at", "available", "offered_before")
    if rows:
        connection.execute(
            insert(stock_publications),
            [{"list_id": list_id, "at": at, **dict(zip(names, row, strict=True))} for row in rows],
        )


def last_publication(
    connection: Connection, list_ids: Collection[str], sku: str, before: datetime
) -> Row[Any] | None:
    """What one of these lists was last told of a SKU until then."""
    columns = stock_publications.c
    query = (
        select(stock_publications)
        .where(columns.list_id.in_(list_ids), columns.sku == sku, columns.at <= before)
        .order_by(columns.at.desc(), columns.id.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def most_moved(connection: Connection, since: datetime) -> tuple[str, str] | None:
    """The list and SKU whose published figure spread widest since then."""
    columns = stock_publications.c
    total = columns.allocation + columns.backorder_units
    query = (
        select(columns.list_id, columns.sku)
        .where(columns.at >= since)
        .group_by(columns.list_id, columns.sku)
        .order_by((func.max(total) - func.min(total)).desc(), columns.list_id, columns.sku)
        .limit(1)
    )
    row = connection.execute(query).first()
    return (row.list_id, row.sku) if row else None


def changes_published_since(
    connection: Connection, list_id: str, since: datetime
) -> dict[str, Change]:
    """How what is for sale of each SKU changed since then, by all that we published."""
    columns = stock_publications.c
    query = (
        select(
            columns.sku,
            columns.offered_before,
            (columns.allocation + columns.backorder_units).label("total"),
        )
        .where(
            columns.list_id == list_id,
            columns.at >= since,
            columns.offered_before.is_not(None),
        )
        .order_by(columns.at, columns.id)
    )
    found: dict[str, Change] = {}
    for sku, before, total in connection.execute(query):
        change = Change(before, total)
        found[sku] = found[sku].then(change) if sku in found else change
    return found


def publications_since(
    connection: Connection, list_id: str, sku: str, since: datetime
) -> list[Row[Any]]:
    """(`at`, `allocation`, `backorder_units`) of a SKU, oldest first."""
    columns = stock_publications.c
    query: Any = (
        select(columns.at, columns.allocation, columns.backorder_units)
        .where(columns.list_id == list_id, columns.sku == sku, columns.at >= since)
        .order_by(columns.at, columns.id)
    )
    return list(connection.execute(query))


def level_changes_since(
    connection: Connection, locations: Collection[str], sku: str, since: datetime
) -> list[Row[Any]]:
    """(`at`, `location`, `available`) of a SKU, oldest first."""
    columns = stock_changes.c
    query: Any = (
        select(columns.at, columns.location, columns.available)
        .where(columns.sku == sku, columns.location.in_(locations), columns.at >= since)
        .order_by(columns.at, columns.snapshot_id)
    )
    return list(connection.execute(query))


def changes_since(connection: Connection, since: datetime) -> tuple[int, int]:
    """How many levels moved in the ERP since then, and how many figures were published."""
    moved = select(func.count()).select_from(stock_changes).where(stock_changes.c.at >= since)
    told = (
        select(func.count()).select_from(stock_publications).where(stock_publications.c.at >= since)
    )
    return int(connection.scalar(moved) or 0), int(connection.scalar(told) or 0)


def prune_publications(connection: Connection, before: datetime) -> int:
    """Forget what was published before; how many."""
    statement = delete(stock_publications).where(stock_publications.c.at < before)
    return int(connection.execute(statement).rowcount)
