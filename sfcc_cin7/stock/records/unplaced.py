"""Orders that the storefront holds stock for and that nobody paid yet. Quantities are units."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, and_, delete, insert, or_, select, tuple_, update

from sfcc_cin7.db.schema import orders, unplaced_orders
from sfcc_cin7.stock.deciding.allocation import OrderedUnits

OrderNumber = tuple[str, str]
"""A site and the number of an order."""
_row = unplaced_orders.c
_is_received = (
    select(orders.c.order_key)
    .where(orders.c.site == _row.site, orders.c.order_no == _row.order_no)
    .exists()
)


@dataclass(frozen=True)
class Unplaced:
    """An order that we have not received; `units` and `booked` as `OrderedUnits` has them, by SKU.

    `ended_at` is when it had failed or was cancelled at the latest.
    """

    site: str
    order_no: str
    created_at: datetime
    units: Mapping[str, Decimal] = field(default_factory=dict)
    booked: Mapping[str, Decimal] = field(default_factory=dict)
    ended_at: datetime | None = None


def save_unplaced(connection: Connection, found: Collection[Unplaced], now: datetime) -> None:
    """Keep them as they are now; of one that has ended its units are kept as they were."""
    for order in found:
        here = and_(_row.site == order.site, _row.order_no == order.order_no)
        if order.ended_at is not None:
            ended = update(unplaced_orders).where(here, _row.ended_at.is_(None))
            connection.execute(ended.values(ended_at=order.ended_at, looked_at=now))
            continue
        connection.execute(delete(unplaced_orders).where(here))
        rows = [
            {
                "site": order.site,
                "order_no": order.order_no,
                "sku": sku,
                "units": order.units.get(sku, Decimal(0)),
                "booked": order.booked.get(sku, Decimal(0)),
                "created_at": order.created_at,
                "looked_at": now,
            }
            for sku in sorted({*order.units, *order.booked})
        ]
        if rows:
            connection.execute(insert(unplaced_orders), rows)


def forget_unplaced(connection: Connection, before: datetime) -> None:
    """Drop those that were received, and what had ended by then."""
    over = or_(_is_received, _row.ended_at < before)
    connection.execute(delete(unplaced_orders).where(over))


def longest_unseen(
    connection: Connection, sites: Collection[str], seen_before: datetime, most: int
) -> list[OrderNumber]:
    """Those that were not looked at since then, the longest unseen first; what has failed may have
    been opened again."""
    query = (
        select(_row.site, _row.order_no, _row.looked_at)
        .distinct()
        .where(_row.site.in_(sites), _row.looked_at < seen_before)
        .order_by(_row.looked_at, _row.site, _row.order_no)
        .limit(most)
    )
    return [(row.site, row.order_no) for row in connection.execute(query)]


def seen(connection: Connection, numbers: Collection[OrderNumber], now: datetime) -> None:
    """They were asked for, whatever came of it."""
    if numbers:
        here = tuple_(_row.site, _row.order_no).in_(numbers)
        connection.execute(update(unplaced_orders).where(here).values(looked_at=now))


def unplaced_units(
    connection: Connection, sites: Collection[str], skus: Collection[str] | None = None
) -> dict[str, list[OrderedUnits]]:
    """Units of orders that were not received, by SKU. Read it before the orders: what is received
    in between is then deducted twice for once, and never not at all."""
    query = select(unplaced_orders).where(_row.site.in_(sites), ~_is_received)
    if skus is not None:
        query = query.where(_row.sku.in_(skus))
    found: dict[str, list[OrderedUnits]] = {}
    for row in connection.execute(query):
        units = OrderedUnits(
            row.units, row.created_at, cancelled_by=row.ended_at, booked=row.booked
        )
        found.setdefault(row.sku, []).append(units)
    return found
