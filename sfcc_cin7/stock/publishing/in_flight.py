"""Whether the storefront counts just the orders that we know of.

Between a shopper's click and our receiving the order, and between a cancellation and our hearing of
it, one of the two knows more. That passes by itself; a difference that stays is worth a look.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import Connection

from sfcc_cin7.stock.deciding.allocation import OrderedUnits, counted
from sfcc_cin7.stock.deciding.published import Told
from sfcc_cin7.stock.publishing.gathering import ORDERS_SINCE, ordered_units
from sfcc_cin7.stock.records import listed_skus
from sfcc_cin7.systems.sfcc.documents import InventoryRecord


def differing(
    told: Mapping[str, Told],
    shown: Mapping[str, InventoryRecord],
    orders: Mapping[str, Collection[OrderedUnits]],
    *,
    on_order: bool,
) -> dict[str, tuple[Decimal, Decimal]]:
    """Units that the storefront subtracts and those that we know of, where they differ (pure).

    `shown` are records that hold what they were `told`.
    """
    found = {}
    for sku, record in shown.items():
        there = record.turnover + record.on_order
        here = counted(orders.get(sku, ()), on_order=on_order, reset_at=told[sku].reset_at)
        if there != here:
            found[sku] = (there, here)
    return found


def in_flight(
    connection: Connection,
    sites: Collection[str],
    told: Mapping[str, Told],
    shown: Mapping[str, InventoryRecord],
    *,
    on_order: bool,
    ahead: timedelta = timedelta(0),
) -> dict[str, tuple[Decimal, Decimal]]:
    """The same, with the orders that were received: one that never comes is to be seen."""
    if not shown:
        return {}
    since = {sku: told[sku].reset_at - ORDERS_SINCE for sku in shown}
    orders = ordered_units(listed_skus.orders_by_sku_since(connection, sites, since), ahead)
    return differing(told, shown, orders, on_order=on_order)
