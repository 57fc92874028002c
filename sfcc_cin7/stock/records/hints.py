"""SKUs that should be read by themselves soon: a webhook or a document named them, or an order was
posted.

A hint is only a hint: losing one costs time, never truth, because everything is read regularly.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.db.levels import TARGETED
from sfcc_cin7.db.schema import (
    last_touched,
    order_units,
    orders,
    published_stock,
    sku_map,
    stock_hints,
    stock_snapshots,
)
from sfcc_cin7.stock.records.listed_skus import assemblies

WEBHOOK, ORDER, RISE, DOCUMENT = "webhook", "order", "rise", "document"
TOUCHED_UNTIL = "stock.touched_until"
KEPT_LATE = timedelta(seconds=5)
"""An order is authorised a moment before that is kept."""


def hint(
    connection: Connection, skus: Collection[str], reason: str, since: datetime, due: datetime
) -> None:
    """Ask for these SKUs to be read at `due`, or as soon as somebody else asked for.

    A reading that began at `since` or later answers it.
    """
    if not skus:
        return
    statement = upsert(stock_hints)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[stock_hints.c.sku],
            set_={
                "reason": statement.excluded.reason,
                "received_at": func.greatest(
                    stock_hints.c.received_at, statement.excluded.received_at
                ),
                "due_at": func.least(stock_hints.c.due_at, statement.excluded.due_at),
            },
        ),
        [
            {"sku": sku, "reason": reason, "received_at": since, "due_at": due}
            for sku in sorted(set(skus))  # one order, or two writers lock each other out
        ],
    )


def hint_posted_orders(connection: Connection, now: datetime, after: timedelta) -> None:
    """Ask for the SKUs of orders that the ERP authorised since the last time, `after` each."""
    since = cursor(connection, TOUCHED_UNTIL)
    move_cursor(connection, TOUCHED_UNTIL, now.isoformat())
    if since is None:
        return
    before = datetime.fromisoformat(since) - KEPT_LATE
    touched = (
        select(order_units.c.sku, func.max(orders.c.authorised_at).label("at"))
        .join(orders, orders.c.order_key == order_units.c.order_key)
        .where(
            last_touched > before,  # by which the orders are found
            orders.c.authorised_at > before,
            orders.c.authorised_at <= now,
        )
        .group_by(order_units.c.sku)
        .subquery()
    )
    statement = upsert(stock_hints).from_select(
        ["sku", "reason", "received_at", "due_at"],
        select(touched.c.sku, literal(ORDER), touched.c.at + after, touched.c.at + after),
    )
    connection.execute(statement.on_conflict_do_nothing())


def hint_rises(connection: Connection, skus: Collection[str], due: datetime) -> None:
    """Ask for a second reading, at `due`, of those of these SKUs whose rise was seen once, and of
    what they are assembled of."""
    rises = select(published_stock.c.sku).where(
        published_stock.c.sku == func.any(list(skus)), published_stock.c.rise_seen.is_not(None)
    )
    waiting = set(connection.scalars(rises.distinct()))
    if not waiting:
        return
    made = assemblies(connection)
    parts = {part for sku in waiting & made.keys() for part in made[sku].components}
    hint(connection, waiting | parts, RISE, due, due)


def due_hints(connection: Connection, now: datetime, most: int) -> Sequence[Row[Any]]:
    """Hints whose time has come, the longest waiting first."""
    query = select(stock_hints).where(stock_hints.c.due_at <= now)
    return connection.execute(
        query.order_by(stock_hints.c.due_at, stock_hints.c.sku).limit(most)
    ).all()


def drop_unsold_hints(connection: Connection) -> int:
    """Forget hints of SKUs that only one system knows; none while no catalogue was read."""
    if connection.execute(select(sku_map.c.sku).limit(1)).first() is None:
        return 0
    sold = select(sku_map.c.sku).where(
        sku_map.c.sku == stock_hints.c.sku, sku_map.c.in_shop, sku_map.c.in_erp
    )
    return int(connection.execute(delete(stock_hints).where(~sold.exists())).rowcount)


def hints_followed(connection: Connection, skus: Collection[str] | None, started: datetime) -> None:
    """A reading of these SKUs (None: of all) that began at `started` answers earlier hints.

    One that asks for a later reading too waits for that alone from now on.
    """
    of_these = true() if skus is None else stock_hints.c.sku == func.any(list(skus))
    connection.execute(delete(stock_hints).where(stock_hints.c.received_at <= started, of_these))
    connection.execute(
        update(stock_hints)
        .where(stock_hints.c.due_at <= started, of_these)
        .values(due_at=stock_hints.c.received_at)
    )


def reads_since(connection: Connection, since: datetime) -> int:
    """How many calls were spent on SKUs by themselves since then."""
    query = select(func.sum(stock_snapshots.c.calls)).where(
        stock_snapshots.c.started_at > since, stock_snapshots.c.kind == TARGETED
    )
    return int(connection.scalar(query) or 0)
