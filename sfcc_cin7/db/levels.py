"""What the ERP has, by SKU and location: readings, levels, and every level that ever was.

Quantities are units; `available` may be below 0. A reading is of everything (`full`) or of single
SKUs (`targeted`). How a reading becomes levels is in `level_diff`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select

from sfcc_cin7.db.schema import sku_map, stock_changes, stock_levels, stock_reads, stock_snapshots

Place = tuple[str, str]
"""A SKU and a location."""
FULL, TARGETED = "full", "targeted"
PATIENCE_FOR_FIRST = timedelta(minutes=3)
"""How long orders wait for the first reading of stock after the catalogues were read."""


@dataclass(frozen=True)
class SkuReading:
    """The reading that a SKU's levels are of, where it is not the last one of everything."""

    snapshot: int
    started: datetime
    finished: datetime


def record_snapshot(connection: Connection, **columns: Any) -> int:
    """One observation of the ERP's stock, believed or not; its id."""
    statement = insert(stock_snapshots).values(columns).returning(stock_snapshots.c.id)
    return int(connection.execute(statement).scalar_one())


def last_snapshot(connection: Connection, *, believed: bool = False) -> Row[Any] | None:
    """The latest reading of everything, or the latest believed one."""
    query = select(stock_snapshots).where(stock_snapshots.c.kind == FULL)
    if believed:
        query = query.where(stock_snapshots.c.believed)
    return connection.execute(query.order_by(stock_snapshots.c.id.desc()).limit(1)).first()


def first_read_at(connection: Connection) -> datetime | None:
    """When the first reading of everything began."""
    query = select(stock_snapshots.c.started_at).where(stock_snapshots.c.kind == FULL)
    found: datetime | None = connection.scalar(query.order_by(stock_snapshots.c.id).limit(1))
    return found


def believed_count(connection: Connection) -> int:
    """How many believed readings of everything there are, at most 2."""
    believed = (
        select(stock_snapshots.c.id)
        .where(stock_snapshots.c.believed, stock_snapshots.c.kind == FULL)
        .limit(2)
    )
    return len(connection.execute(believed).all())


def awaits_first_stock(connection: Connection, now: datetime) -> bool:
    """Whether the first reading, believed or not, may still come soon after the catalogues.

    What the storefront offers is put right before orders are taken; but no order waits for long.
    """
    if connection.execute(select(stock_snapshots.c.id).limit(1)).first() is not None:
        return False
    read_at = connection.scalar(select(func.max(sku_map.c.seen_at)))
    return read_at is not None and now - read_at < PATIENCE_FOR_FIRST


def levels(connection: Connection) -> dict[Place, Row[Any]]:
    """Every level that was ever read."""
    return {(row.sku, row.location): row for row in connection.execute(select(stock_levels))}


def levels_of(connection: Connection, sku: str, locations: Collection[str]) -> Sequence[Row[Any]]:
    """The levels of one SKU in these locations."""
    query = select(stock_levels).where(
        stock_levels.c.sku == sku, stock_levels.c.location.in_(locations)
    )
    return connection.execute(query.order_by(stock_levels.c.location)).all()


def elsewhere(
    connection: Connection, sku: str, locations: Collection[str]
) -> list[tuple[str, Decimal]]:
    """Other locations that have units of a SKU available, and how many."""
    columns = stock_levels.c
    query = select(columns.location, columns.available).where(
        columns.sku == sku, columns.location.not_in(locations), columns.available > 0
    )
    return [(name, units) for name, units in connection.execute(query.order_by(columns.location))]


def available(
    connection: Connection, locations: Collection[str], skus: Collection[str] | None = None
) -> dict[str, Decimal]:
    """Units available by SKU over these locations; below 0 where the ERP is oversold."""
    query = (
        select(stock_levels.c.sku, func.sum(stock_levels.c.available))
        .where(stock_levels.c.location.in_(locations))
        .group_by(stock_levels.c.sku)
    )
    if skus is not None:
        query = query.where(stock_levels.c.sku == func.any(list(skus)))
    return {sku: units for sku, units in connection.execute(query)}  # noqa: C416 - rows


def made(
    connection: Connection, locations: Collection[str], skus: Collection[str]
) -> dict[str, Decimal]:
    """The same of these SKUs without what the ERP could make or take apart: what is on hand for
    sale, less what is allocated."""
    columns = stock_levels.c
    there = columns.on_hand - columns.not_for_sale - columns.allocated
    query = (
        select(columns.sku, func.sum(func.least(columns.available, there)))
        .where(columns.location.in_(locations), columns.sku == func.any(list(skus)))
        .group_by(columns.sku)
    )
    return {sku: units for sku, units in connection.execute(query)}  # noqa: C416 - rows


def changed_at(
    connection: Connection, locations: Collection[str], skus: Collection[str]
) -> dict[str, datetime]:
    """When the reading began in which a level of these SKUs last changed in these locations."""
    columns = stock_levels.c
    query = (
        select(columns.sku, func.max(stock_snapshots.c.started_at))
        .join(stock_snapshots, stock_snapshots.c.id == columns.changed_in)
        .where(columns.location.in_(locations), columns.sku == func.any(list(skus)))
        .group_by(columns.sku)
    )
    return {sku: at for sku, at in connection.execute(query)}  # noqa: C416 - rows


def on_the_way(
    connection: Connection, locations: Collection[str], skus: Collection[str]
) -> dict[str, tuple[Decimal, datetime]]:
    """Units on order with suppliers by SKU, and when the last of the next deliveries to these
    locations comes; what has no date is left out."""
    columns = stock_levels.c
    query = (
        select(columns.sku, func.sum(columns.on_order), func.max(columns.arrives_at))
        .where(
            columns.location.in_(locations),
            columns.sku == func.any(list(skus)),
            columns.on_order > 0,
            columns.arrives_at.is_not(None),
        )
        .group_by(columns.sku)
    )
    return {sku: (units, at) for sku, units, at in connection.execute(query)}


def uncertain_skus(connection: Connection, locations: Collection[str]) -> set[str]:
    """SKUs of which a level above or below 0 did not appear lately and nobody knows yet why.

    Their levels are of the reading before: nothing can be told of orders since.
    """
    query = select(stock_levels.c.sku).where(
        stock_levels.c.location.in_(locations), stock_levels.c.missing_since.is_not(None), _units()
    )
    return set(connection.scalars(query))


def readings(connection: Connection) -> dict[str, SkuReading]:
    """SKUs whose levels are of a reading of their own."""
    return {
        row.sku: SkuReading(row.snapshot_id, row.started_at, row.finished_at)
        for row in connection.execute(select(stock_reads))
    }


def skus_changed_since(
    connection: Connection, snapshot: int, locations: Collection[str]
) -> set[str]:
    """SKUs with a level in these locations that changed in a reading after `snapshot`.

    A level that came back after it was missed counts, and so does a SKU that was read by itself:
    its orders are to be seen from another instant.
    """
    changed = select(stock_levels.c.sku).where(
        stock_levels.c.changed_in > snapshot, stock_levels.c.location.in_(locations)
    )
    read = select(stock_reads.c.sku).where(stock_reads.c.snapshot_id > snapshot)
    return set(connection.scalars(changed.union(read)))


def levels_at(
    connection: Connection, instant: datetime, skus: Collection[str] | None = None
) -> dict[Place, Mapping[str, Decimal]]:
    """The levels as they were known at an instant: `on_hand`, `allocated`, `available` and
    `on_order`.

    What was pruned since (`prune_changes`) is not there any more.
    """
    newest_first = func.row_number().over(
        partition_by=(stock_changes.c.sku, stock_changes.c.location),
        order_by=(stock_changes.c.at.desc(), stock_changes.c.snapshot_id.desc()),
    )
    known = select(stock_changes, newest_first.label("age")).where(stock_changes.c.at <= instant)
    if skus is not None:
        known = known.where(stock_changes.c.sku.in_(skus))
    ranked = known.subquery()
    query = select(ranked).where(ranked.c.age == 1)
    return {
        (row.sku, row.location): {
            name: getattr(row, name) for name in ("on_hand", "allocated", "available", "on_order")
        }
        for row in connection.execute(query)
    }


def prune_changes(connection: Connection, before: datetime) -> int:
    """Forget levels that were followed by others by then; how many.

    The level in force at `before` stays, so that every instant from then on can be told.
    """
    later = stock_changes.alias()
    followed = (
        select(later.c.sku)
        .where(
            later.c.sku == stock_changes.c.sku,
            later.c.location == stock_changes.c.location,
            later.c.at <= before,
            or_(
                later.c.at > stock_changes.c.at,
                and_(
                    later.c.at == stock_changes.c.at,
                    later.c.snapshot_id > stock_changes.c.snapshot_id,
                ),
            ),
        )
        .exists()
    )
    statement = delete(stock_changes).where(stock_changes.c.at <= before, followed)
    return int(connection.execute(statement).rowcount)


def _units() -> Any:
    return or_(
        stock_levels.c.on_hand != 0,
        stock_levels.c.allocated != 0,
        stock_levels.c.available != 0,
        stock_levels.c.on_order != 0,
    )
