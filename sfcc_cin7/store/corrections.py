"""What people corrected about single orders: kept for ever, the latest word on a thing counts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from sfcc_cin7.store.schema import order_corrections


def corrections_of(connection: Connection, order_key: str) -> list[Row[Any]]:
    """(`kind`, `name`, `value`) of an order's corrections; a later one replaces an earlier one of
    the same kind and name."""
    about = (order_corrections.c.kind, order_corrections.c.name)
    query = (
        select(*about, order_corrections.c.value)
        .where(order_corrections.c.order_key == order_key)
        .ext(distinct_on(*about))
        .order_by(*about, order_corrections.c.id.desc())
    )
    return list(connection.execute(query))


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
