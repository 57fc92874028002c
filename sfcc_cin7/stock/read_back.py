"""Reads back what the storefront holds, to compare it with what we last published.

Pages of a list are read in turn, so many in every pass and at least as many as it takes to see all
of it within `read_back_hours`. A published SKU that a whole turn did not show is asked for by
itself: it is missing only if the storefront says so.

Omnichannel Inventory has no pages but an export of a whole location, and shows any hundred SKUs
that are named. So everything is exported until all of it was decided about once. From then on those
SKUs are asked for that were not compared for longest: as many, and so all within the same time.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import ceil

from sqlalchemy import Engine

from sfcc_cin7.http.errors import ApiError
from sfcc_cin7.sfcc.documents import InventoryRecord
from sfcc_cin7.sfcc.inventory import PAGE_SIZE
from sfcc_cin7.stock.drift import Held, Kind, Shown, drift
from sfcc_cin7.stock.writers.look import OciShelf, Shelf
from sfcc_cin7.stock_policies import StockPolicy
from sfcc_cin7.store import offers
from sfcc_cin7.store.cursors import cursor, move_cursor
from sfcc_cin7.store.offers import Told

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Turn:
    """Where the turn through a list stands: the next record, when it began, the last pass."""

    start: int
    began: datetime
    passed: datetime


def read_back(
    engine: Engine, shelf: Shelf, list_id: str, policy: StockPolicy, now: datetime
) -> dict[str, InventoryRecord | None]:
    """Records of the storefront, by SKU: the next pages of the list, and None for each published
    SKU that there is no record of.

    Raises:
        ApiError: the storefront could not be read.
    """
    with engine.connect() as connection:
        turn = _turn(cursor(connection, _name(list_id)), now)
        count = offers.told_count(connection, list_id)
        decided = cursor(connection, decided_all(list_id)) is not None
    wanted = pages_due(count, policy, now - turn.passed) * PAGE_SIZE
    if decided and isinstance(shelf, OciShelf):
        return _sampled(engine, shelf, list_id, wanted, turn, now)
    records = list(islice(shelf.inventory_records(list_id, turn.start), wanted))
    shown: dict[str, InventoryRecord | None] = {record.sku: record for record in records}
    ended = len(records) < wanted
    with engine.begin() as connection:
        offers.save_read_back(connection, list_id, list(shown), now)
        if ended:
            missed = offers.skus_not_read_since(connection, list_id, turn.began)
            for sku in missed[: policy.read_back_sample]:
                try:
                    shown[sku] = shelf.inventory_record(list_id, sku)
                except ApiError as error:  # the next turn asks for it again
                    log.warning("%s of %s cannot be read back: %s", sku, list_id, error)
                offers.save_read_back(connection, list_id, [sku], now)
        start, began = (0, now) if ended else (turn.start + len(records), turn.began)
        value = f"{start} {began.isoformat()} {now.isoformat()}"
        move_cursor(connection, _name(list_id), value)
    return shown


def decided_all(list_id: str) -> str:
    """The cursor that tells when every SKU of a list was last decided about."""
    return f"stock.decided.full:{list_id}"


def _sampled(
    engine: Engine, shelf: OciShelf, list_id: str, wanted: int, turn: Turn, now: datetime
) -> dict[str, InventoryRecord | None]:
    with engine.connect() as connection:
        skus = offers.skus_longest_unread(connection, list_id, wanted)
    found = shelf.some(list_id, skus)
    with engine.begin() as connection:
        offers.save_read_back(connection, list_id, skus, now)
        value = f"0 {turn.began.isoformat()} {now.isoformat()}"
        move_cursor(connection, _name(list_id), value)
    return {sku: found.get(sku) for sku in skus}


def pages_due(count: int, policy: StockPolicy, elapsed: timedelta) -> int:
    """How many pages to read in a pass that comes `elapsed` after the last (pure)."""
    share = elapsed / timedelta(hours=policy.read_back_hours)
    return max(policy.read_back_pages, ceil(ceil(count / PAGE_SIZE) * min(share, 1)), 1)


def drifted(
    told: Mapping[str, Told], shown: Mapping[str, InventoryRecord | None]
) -> dict[str, Kind]:
    """How records differ from what was published, by SKU (pure)."""
    found = {
        sku: drift(_held(told[sku]), _before(told[sku]), _shown(record))
        for sku, record in shown.items()
        if sku in told
    }
    return {sku: kind for sku, kind in found.items() if kind}


def _held(told: Told) -> Held:
    return Held(told.allocation, told.reset_at, told.backorder)


def _before(told: Told) -> Held | None:
    if told.before_allocation is None:
        return None
    return Held(told.before_allocation, told.before_reset_at, told.before_backorder)


def _shown(record: InventoryRecord | None) -> Shown | None:
    if record is None:
        return None
    return Shown(Held(record.allocation, record.reset_at, record.backorder), record.perpetual)


def _turn(kept: str | None, now: datetime) -> Turn:
    if kept is None:
        return Turn(0, now, now)
    start, began, passed = kept.split()
    return Turn(int(start), datetime.fromisoformat(began), datetime.fromisoformat(passed))


def _name(list_id: str) -> str:
    return f"stock.read_back:{list_id}"
