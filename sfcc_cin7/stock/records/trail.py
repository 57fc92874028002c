"""What documents were seen to do, and what they took that readings may not show yet."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.db.schema import order_units, orders, sku_map, stock_effects, stock_falls


def skus_of_products(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """The SKUs of products by their ids in the ERP, as the catalogue has them."""
    query = select(sku_map.c.erp_id, sku_map.c.sku).where(sku_map.c.erp_id == func.any(list(ids)))
    return {erp_id: sku for erp_id, sku in connection.execute(query)}  # noqa: C416 - rows


def effects_of(connection: Connection, kind: str, document_id: str) -> list[Row[Any]]:
    """(`sku`, `location`, `least`, `most`): what a document was last seen to do."""
    columns = stock_effects.c
    query = select(columns.sku, columns.location, columns.least, columns.most)
    here = query.where(columns.kind == kind, columns.document_id == document_id)
    return list(connection.execute(here))


def save_effects(
    connection: Connection,
    kind: str,
    document_id: str,
    effects: Mapping[tuple[str, str], tuple[Decimal, Decimal]],
) -> None:
    """Keep what a document does, `least` and `most` by SKU and location, instead of before."""
    here = (stock_effects.c.kind == kind, stock_effects.c.document_id == document_id)
    connection.execute(delete(stock_effects).where(*here))
    if effects:
        rows = [
            {
                "kind": kind,
                "document_id": document_id,
                "sku": sku,
                "location": location,
                "least": least,
                "most": most,
            }
            for (sku, location), (least, most) in effects.items()
        ]
        connection.execute(insert(stock_effects), rows)


def save_falls(
    connection: Connection,
    kind: str,
    document_id: str,
    falls: Mapping[tuple[str, str], Decimal],
    at: datetime,
) -> None:
    """A document took so many units, by SKU and location, by `at` at the latest. What it took
    before and no reading has surely shown yet is counted with it."""
    if not falls:
        return
    statement = insert(stock_falls)
    columns = stock_falls.c
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(stock_falls.primary_key),
            set_={
                "units": columns.units + statement.excluded.units,
                "at": func.greatest(columns.at, statement.excluded.at),
            },
        ),
        [
            {
                "kind": kind,
                "document_id": document_id,
                "sku": sku,
                "location": location,
                "units": units,
                "at": at,
            }
            for (sku, location), units in sorted(falls.items())
        ],
    )


def falls(
    connection: Connection, locations: Collection[str], skus: Collection[str]
) -> dict[str, list[tuple[Decimal, datetime]]]:
    """Units that documents took of these SKUs in these locations, and by when, by SKU."""
    columns = stock_falls.c
    query = select(columns.sku, columns.units, columns.at).where(
        columns.sku == func.any(list(skus)), columns.location == func.any(list(locations))
    )
    found: dict[str, list[tuple[Decimal, datetime]]] = {}
    for sku, units, at in connection.execute(query):
        found.setdefault(sku, []).append((units, at))
    return found


def skus_fallen(connection: Connection, locations: Collection[str]) -> set[str]:
    """SKUs of which documents took something that readings may not show yet, or lately did not."""
    columns = stock_falls.c
    query = select(columns.sku).where(columns.location == func.any(list(locations)))
    return set(connection.scalars(query))


def forget_falls(connection: Connection, before: datetime) -> int:
    """Forget what every reading shows for long; how many rows."""
    return int(connection.execute(delete(stock_falls).where(stock_falls.c.at < before)).rowcount)


def booked_units(connection: Connection, order_key: str) -> dict[str, Decimal]:
    """Units by SKU that the ERP takes for an order of ours, as it was posted."""
    query = select(order_units.c.sku, order_units.c.booked).where(
        order_units.c.order_key == order_key, order_units.c.booked > 0
    )
    return {sku: units for sku, units in connection.execute(query)}  # noqa: C416 - rows


def units_sold(
    connection: Connection, skus: Collection[str], since: datetime
) -> dict[str, Decimal]:
    """Units of these SKUs in orders created since then."""
    query = (
        select(order_units.c.sku, func.sum(order_units.c.units))
        .join(orders, orders.c.order_key == order_units.c.order_key)
        .where(order_units.c.sku == func.any(list(skus)), orders.c.created_at >= since)
        .group_by(order_units.c.sku)
    )
    return {sku: units for sku, units in connection.execute(query)}  # noqa: C416 - rows
