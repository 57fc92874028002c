"""What the storefront was told of stock, and drifts. Quantities are units; readings: `levels`."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, case, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.store.schema import (
    order_units,
    orders,
    published_stock,
    review_items,
    sku_map,
    stock_drifts,
)


@dataclass(frozen=True)
class Published:
    """What the storefront was last told; `rise_seen` more units were read once."""

    allocation: Decimal
    reset_at: datetime
    rise_seen: Decimal | None = None


@contextmanager
def one_publisher(engine: Engine) -> Iterator[None]:
    """While it is entered nobody else publishes; it waits for whoever does."""
    key = func.hashtext("sfcc_cin7.publish_stock")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(select(func.pg_advisory_lock(key)))
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(key)))


def sellable_skus(connection: Connection) -> set[str]:
    """SKUs of goods that both systems know; empty as long as the catalogues were never read."""
    query = select(sku_map.c.sku).where(
        sku_map.c.in_shop, sku_map.c.in_erp, sku_map.c.erp_kind.is_distinct_from("Service")
    )
    return set(connection.scalars(query))


def orders_by_sku(
    connection: Connection, sites: Collection[str], since: datetime
) -> dict[str, list[Any]]:
    """Units of orders that are recent or not exported yet, by SKU.

    Rows hold `units`, `created_at`, `authorised_at`, `exported_at` and `cancelled_by`.
    """
    cancelled = orders.c.shop_status == "cancelled"
    query = (
        select(
            order_units.c.sku,
            order_units.c.units,
            orders.c.created_at,
            orders.c.authorised_at,
            orders.c.exported_at,
            case((cancelled, orders.c.modified_at)).label("cancelled_by"),
        )
        .join(orders, orders.c.order_key == order_units.c.order_key)
        .where(
            orders.c.site.in_(sites),
            or_(
                orders.c.created_at >= since,
                orders.c.modified_at >= since,
                orders.c.exported_at >= since,
                and_(orders.c.exported_at.is_(None), ~cancelled),
            ),
        )
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.sku].append(row)
    return found


def known_orders(connection: Connection, site: str, numbers: Collection[str]) -> set[str]:
    """Of the given order numbers of a site, those that were received."""
    query = select(orders.c.order_no).where(orders.c.site == site, orders.c.order_no.in_(numbers))
    return set(connection.scalars(query))


def published(
    connection: Connection, list_id: str, skus: Collection[str] | None = None
) -> dict[str, Published]:
    """What a list was last told, by SKU; of these SKUs, or of all."""
    query = select(published_stock).where(published_stock.c.list_id == list_id)
    if skus is not None:
        query = query.where(published_stock.c.sku == func.any(list(skus)))
    return {
        row.sku: Published(row.allocation, row.reset_at, row.rise_seen)
        for row in connection.execute(query)
    }


def save_published(
    connection: Connection, list_id: str, told: Mapping[str, Published], at: datetime
) -> None:
    """Keep what the storefront has been told."""
    if not told:
        return
    statement = upsert(published_stock)
    names = ("allocation", "reset_at", "published_at", "rise_seen")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[published_stock.c.list_id, published_stock.c.sku],
            set_={name: statement.excluded[name] for name in names},
        ),
        [
            {"list_id": list_id, "sku": sku, "published_at": at, **vars(row)}
            for sku, row in told.items()
        ],
    )


def save_rises(connection: Connection, list_id: str, rises: Mapping[str, Decimal | None]) -> None:
    """Keep which SKUs were read higher once, and by how many units."""
    for sku, rise in rises.items():
        connection.execute(
            update(published_stock)
            .where(published_stock.c.list_id == list_id, published_stock.c.sku == sku)
            .values(rise_seen=rise)
        )


def open_drifts(connection: Connection, list_id: str) -> dict[str, int]:
    """Drifts that nothing corrected yet: the id of the latest, by SKU."""
    query = (
        select(stock_drifts.c.sku, func.max(stock_drifts.c.id))
        .where(stock_drifts.c.list_id == list_id, stock_drifts.c.corrected_at.is_(None))
        .group_by(stock_drifts.c.sku)
    )
    return {sku: drift for sku, drift in connection.execute(query)}  # noqa: C416 - rows


def record_drift(connection: Connection, **columns: Any) -> None:
    """The storefront holds something else than we published."""
    connection.execute(insert(stock_drifts).values(columns))


def correct_drifts(
    connection: Connection, list_id: str, skus: Collection[str], at: datetime
) -> None:
    """Close the drifts of SKUs that the storefront was told anew."""
    connection.execute(
        update(stock_drifts)
        .where(
            stock_drifts.c.list_id == list_id,
            stock_drifts.c.sku.in_(skus),
            stock_drifts.c.corrected_at.is_(None),
        )
        .values(corrected_at=at)
    )


def open_subjects(connection: Connection, code: str) -> list[str]:
    """Subjects of open review items with this code."""
    query = select(review_items.c.subject).where(
        review_items.c.code == code, review_items.c.closed_at.is_(None)
    )
    return list(connection.scalars(query))


def drifts_since(connection: Connection, since: datetime) -> Sequence[Row[Any]]:
    """Drifts seen since then or still open; where most is offered too much first."""
    query = select(stock_drifts).where(
        or_(stock_drifts.c.seen_at >= since, stock_drifts.c.corrected_at.is_(None))
    )
    too_much = stock_drifts.c.shown - stock_drifts.c.expected
    return connection.execute(query.order_by(too_much.desc(), stock_drifts.c.id.desc())).all()
