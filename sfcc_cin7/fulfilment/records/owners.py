"""Whose the goods of a sale are: one order's, or of several that share it."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from sfcc_cin7.db.schema import batch_shares, order_batches, orders


@dataclass(frozen=True)
class OwnOrder:
    """An order that a sale was posted for. `own` and `others` are units by SKU of a sale that holds
    other orders too; `own` is None where the whole sale is the order's. Money in `currency`."""

    key: str
    site: str
    order_total: Decimal
    currency: str
    promise_at: datetime | None
    own: dict[str, Decimal] | None = None
    others: dict[str, Decimal] | None = None


def owners_of(connection: Connection, sale_id: str, reference: str) -> list[OwnOrder]:
    """The orders that we posted as this sale; none where it is not the one that we posted, as a
    sale that somebody copied."""
    columns = [
        orders.c[name] for name in ("order_key", "site", "order_total", "currency", "promise_at")
    ]
    alone = connection.execute(
        select(*columns).where(orders.c.order_key == reference, orders.c.sale_id == sale_id)
    ).one_or_none()
    if alone is not None:
        return [OwnOrder(*alone)]
    batch = connection.scalar(
        select(order_batches.c.batch_key).where(
            order_batches.c.batch_key == reference, order_batches.c.sale_id == sale_id
        )
    )
    if batch is None:
        return []
    shares = _units(connection, batch)
    found = connection.execute(select(*columns).where(orders.c.batch_key == batch)).all()
    return [
        replace(
            OwnOrder(*row),
            own=shares.get(row.order_key, {}),
            others=_others(shares, row.order_key),
        )
        for row in found
    ]


def _units(connection: Connection, batch_key: str) -> dict[str, dict[str, Decimal]]:
    shares = batch_shares.c
    query = select(shares.order_key, shares.name, shares.quantity).where(
        shares.batch_key == batch_key, shares.kind == "line", shares.order_key != batch_key
    )
    units: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in connection.execute(query):
        units[row.order_key][row.name] += row.quantity
    return {key: dict(own) for key, own in units.items()}


def _others(shares: dict[str, dict[str, Decimal]], but: str) -> dict[str, Decimal]:
    total: dict[str, Decimal] = defaultdict(Decimal)
    for key, own in shares.items():
        if key != but:
            for sku, units in own.items():
                total[sku] += units
    return dict(total)
