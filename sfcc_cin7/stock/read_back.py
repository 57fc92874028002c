"""Compares what the storefront holds with what we last published: somebody else may have edited it.

Every list is read whole every two minutes (one call for 200 records); in between, a sample that
rotates through the list is read record by record.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine

from sfcc_cin7.sfcc.documents import InventoryRecord
from sfcc_cin7.stock.writers.look import Shelf
from sfcc_cin7.store.cursors import cursor, move_cursor
from sfcc_cin7.store.stock import Published

WHOLE_LIST_EVERY = timedelta(minutes=2)


def read_back(
    engine: Engine,
    shelf: Shelf,
    list_id: str,
    published: Mapping[str, Published],
    sample: int,
    now: datetime,
) -> dict[str, InventoryRecord | None]:
    """Records of the storefront, by SKU: all of the list when that is due, else a sample.

    A published SKU that the storefront has no record of is None.

    Raises:
        ApiError: the storefront could not be read.
    """
    whole, rotating = f"stock.full_read_back:{list_id}", f"stock.read_back:{list_id}"
    with engine.connect() as connection:
        last = cursor(connection, whole)
        after = cursor(connection, rotating) or ""
    if not published or last is None or now - datetime.fromisoformat(last) >= WHOLE_LIST_EVERY:
        records = {record.sku: record for record in shelf.inventory_records(list_id)}
        with engine.begin() as connection:
            move_cursor(connection, whole, now.isoformat())
        return dict.fromkeys(published) | records
    skus = sorted(published)
    turn = ([sku for sku in skus if sku > after] + [sku for sku in skus if sku <= after])[:sample]
    shown = {sku: shelf.inventory_record(list_id, sku) for sku in turn}
    if turn:
        with engine.begin() as connection:
            move_cursor(connection, rotating, turn[-1])
    return shown


def drifted(
    published: Mapping[str, Published], shown: Mapping[str, InventoryRecord | None]
) -> list[str]:
    """SKUs whose record is not the one that was published (pure)."""
    return [
        sku
        for sku, record in shown.items()
        if sku in published
        and (
            record is None
            or record.allocation != published[sku].allocation
            or record.reset_at != published[sku].reset_at
        )
    ]
