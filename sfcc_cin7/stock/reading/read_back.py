"""Reads back what the storefront holds, to compare it with what we last published.

Pages of a list are read in turn, so many in every pass and at least as many as it takes to see all
of it within `read_back_hours`. A published SKU that a whole turn did not show is asked for by
itself: it is missing only if the storefront says so. What a pass leaves, because there is more
after an outage than it reads, the passes that follow read too.

Omnichannel Inventory has no pages but an export of a whole location, and shows any hundred SKUs
that are named. So everything is exported until all of it was decided about once. From then on those
SKUs are asked for that were not compared for longest: as many, and so all within the same time.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from math import ceil

from sqlalchemy import Connection, Engine

from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.db.recovery import is_news, last_restore
from sfcc_cin7.merchant.stock import StockPolicy
from sfcc_cin7.stock.deciding.drift import Held, Kind, Shown, drift
from sfcc_cin7.stock.deciding.published import Told
from sfcc_cin7.stock.reading.shelf import OciShelf, Shelf
from sfcc_cin7.stock.records import offers
from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.systems.sfcc.documents import InventoryRecord
from sfcc_cin7.systems.sfcc.inventory import PAGE_SIZE
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.examples import Examples

MOST_PAGES = 250
"""Pages that a pass reads at most, unless the merchant wants more in every pass: what fell is
published after them."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Turn:
    """Where the turn through a list stands: the next record, when it began, until when all was read
    that was due, and when the turn before it began (None: there was none)."""

    start: int
    began: datetime
    passed: datetime
    before: datetime | None = None


@dataclass(frozen=True)
class ReadBack:
    """Records by SKU, None where there is none; `left` are records that the next passes read."""

    shown: dict[str, InventoryRecord | None]
    left: int


def read_back(
    engine: Engine, shelf: Shelf, list_id: str, policy: StockPolicy, now: datetime
) -> ReadBack:
    """What the storefront holds: the next pages of the list, and of the published SKUs that a whole
    turn did not show those that were not seen for longest.

    Raises:
        ApiError: the storefront could not be read.
    """
    with engine.connect() as connection:
        turn = _turn(cursor(connection, _name(list_id)), now)
        count = offers.told_count(connection, list_id)
        decided = cursor(connection, decided_all(list_id)) is not None
    due = pages_due(count, policy, now - turn.passed)
    pages = min(due, max(MOST_PAGES, policy.read_back_pages))
    late = timedelta(hours=policy.read_back_hours) * (due - pages) / max(1, ceil(count / PAGE_SIZE))
    wanted, passed = pages * PAGE_SIZE, now - late
    left = min((due - pages) * PAGE_SIZE, count)
    if decided and isinstance(shelf, OciShelf):
        shown = _sampled(engine, shelf, list_id, wanted)
        _keep(engine, list_id, shown, now, replace(turn, start=0, passed=passed, before=None))
        return ReadBack(shown, left)
    records = list(islice(shelf.inventory_records(list_id, turn.start), wanted))
    shown = {record.sku: record for record in records}
    if len(records) < wanted:
        turn = Turn(0, now, passed, before=turn.began)
    else:
        turn = replace(turn, start=turn.start + len(records), passed=passed)
    _keep(engine, list_id, shown, now, turn)
    missed: list[str] = []
    if turn.before is not None:
        with engine.connect() as connection:
            missed = offers.skus_not_read_since(connection, list_id, turn.before)
    asked = missed[: policy.read_back_sample]
    silent = Examples()
    for sku in asked:
        try:
            shown[sku] = shelf.inventory_record(list_id, sku)
        except ApiError as error:  # the next turn asks for it again
            silent.add(f"{sku}: {error}")
    if silent:
        log.warning("records of %s cannot be read back, %s", list_id, silent)
    _keep(engine, list_id, asked, now, turn)
    return ReadBack(shown, left + len(missed) - len(asked))


def _keep(engine: Engine, list_id: str, skus: Collection[str], now: datetime, turn: Turn) -> None:
    """These were looked at, and the turn stands there."""
    times = [turn.began, turn.passed, *([turn.before] if turn.before else [])]
    with engine.begin() as connection:
        offers.save_read_back(connection, list_id, skus, now)
        value = " ".join([str(turn.start), *(each.isoformat() for each in times)])
        move_cursor(connection, _name(list_id), value)


def heed_restore(engine: Engine, clock: Clock, list_id: str, policy: StockPolicy) -> None:
    """After a restore nobody knows what this list was told last: its next pass reads all of it
    back."""
    restore = last_restore(engine, clock)
    with engine.begin() as connection:
        if is_news(connection, restore, f"stock:{list_id}"):
            now = clock.now()
            passed = now - timedelta(hours=policy.read_back_hours)
            value = f"0 {now.isoformat()} {passed.isoformat()}"
            move_cursor(connection, _name(list_id), value)


def compared_since(connection: Connection, list_id: str, policy: StockPolicy) -> datetime | None:
    """Since when every record of a list was looked at once at least; None before the first time."""
    kept = cursor(connection, _name(list_id))
    if kept is None:
        return None
    _, began, passed, *before = kept.split()
    if before:
        return datetime.fromisoformat(before[0])
    # OCI has no turns: what is due was read until `passed`, and each comes within these hours
    by_samples = datetime.fromisoformat(passed) - timedelta(hours=policy.read_back_hours)
    return by_samples if passed != began else None


def decided_all(list_id: str) -> str:
    """The cursor that tells when every SKU of a list was last decided about."""
    return f"stock.decided.full:{list_id}"


def _sampled(
    engine: Engine, shelf: OciShelf, list_id: str, wanted: int
) -> dict[str, InventoryRecord | None]:
    with engine.connect() as connection:
        skus = offers.skus_longest_unread(connection, list_id, wanted)
    found = shelf.some(list_id, skus)
    return {sku: found.get(sku) for sku in skus}


def pages_due(count: int, policy: StockPolicy, elapsed: timedelta) -> int:
    """How many pages are due in a pass `elapsed` after all that was due was read (pure)."""
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
    start, *times = kept.split()
    return Turn(int(start), *map(datetime.fromisoformat, times))


def _name(list_id: str) -> str:
    return f"stock.read_back:{list_id}"
