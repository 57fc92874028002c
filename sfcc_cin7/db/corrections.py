"""What people corrected about single orders: kept for ever, the latest word on a thing counts."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from sfcc_cin7.db.schema import order_corrections


def corrections_of(connection: Connection, order_key: str) -> list[Row[Any]]:
    """(`kind`, `name`, `value`) of an order's corrections; see `corrections_by_order`."""
    return corrections_by_order(connection, [order_key]).get(order_key, [])


def corrections_by_order(
    connection: Connection, order_keys: Collection[str]
) -> dict[str, list[Row[Any]]]:
    """(`kind`, `name`, `value`) of the corrections of these orders, in the sequence in which they
    are laid over an order; a later one replaces an earlier one of the same kind and name."""
    columns = [order_corrections.c[name] for name in ("order_key", "kind", "name", "value")]
    about = columns[:-1]
    query = (
        select(*columns)
        .where(order_corrections.c.order_key == func.any(list(order_keys)))
        .ext(distinct_on(*about))
        .order_by(*about, order_corrections.c.id.desc())
    )
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.order_key].append(row)
    return found


def keep_corrections(
    connection: Connection,
    order_key: str,
    corrections: Iterable[tuple[str, str, str]],
    at: datetime,
    *,
    by: str,
    because: str,
) -> None:
    """Add corrections (kind, name, value) of an order, and who made them and why."""
    rows = [
        {
            "order_key": order_key,
            "kind": kind,
            "name": name,
            "value": value,
            "by": by,
            "because": because,
            "at": at,
        }
        for kind, name, value in corrections
    ]
    if rows:
        connection.execute(insert(order_corrections), rows)
