"""Reads the ERP's stock as one observation, and believes it only if it is whole.

Cin7's availability is a list of pages without a modified-since (Cin7 API reference, Product
Availability). Its Total moves while it is read, and a reading can silently lack rows: publishing
such a reading would take goods off sale, or offer what is gone. Memory holds ninety bytes of each
row; only places that could have changed since the reading before go to the database.
"""

from collections import deque
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from sfcc_cin7.db.levels import last_snapshot, record_snapshot
from sfcc_cin7.db.locks import held
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.stock.deciding.counting import Counting
from sfcc_cin7.stock.reading.levels import Repeated, counting_now
from sfcc_cin7.stock.reading.locations import look_at_locations
from sfcc_cin7.stock.reading.vanished import look_into, report_deprecated
from sfcc_cin7.stock.records import fingerprints
from sfcc_cin7.stock.records.fingerprints import Kept
from sfcc_cin7.stock.records.hints import hints_followed
from sfcc_cin7.stock.records.level_diff import (
    StagedReading,
    everything_was_read,
    keep_levels,
    lock_levels,
)
from sfcc_cin7.systems.cin7.availability import AvailabilityColumns, AvailabilityPage, joined
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.wire import PAGE_SIZE
from sfcc_cin7.values.clock import Clock

if TYPE_CHECKING:
    from sfcc_cin7.stock.reading.tally import Tally

READS = 2
ONE_READER = "sfcc_cin7.read_stock"
"""Of two readings of everything the older could be kept last, and undo the newer."""
PAGES_AT_ONCE = 4
"""Pages that a run asks for at a time. Where Cin7 takes a second for one, fifty of them one after
the other last as long as the call limit takes to allow the next fifty; and what fell is published
when the last has come."""
VALIDATED_AT_ONCE = 50 * PAGE_SIZE
"""Rows in memory; looking at them page by page would cost more than reading them."""


@dataclass(frozen=True)
class Observation:
    """All pages of one pass: the Total that each of them told, and how many rows came.

    `refused` says why a row cannot be stock; `repeated` is a row that came twice.
    """

    started: datetime
    totals: tuple[int, ...]
    rows: int
    repeated: Repeated | None = None
    refused: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """What was read; `changed` levels were stored, none if the snapshot is not believed.

    `missed` levels did not appear and stay as they were; `deprecated` SKUs are among them.
    """

    id: int
    believed: bool
    reason: str | None
    rows: int
    skus: int
    changed: int
    missed: int
    deprecated: int
    calls: int
    seconds: float


def take_snapshot(
    engine: Engine,
    erp: Cin7Client,
    model: OperatingModel,
    clock: Clock,
    at_once: int = 1,
    patience: timedelta | None = None,
) -> Snapshot:
    """Read all availability, once more if it is not believed, and store what changed.

    `at_once` pages are asked for at a time.

    Raises:
        ApiError: the ERP could not be read; nothing was stored.
        Busy: somebody else reads, for longer than `patience`; None waits for ever.
    """
    with held(engine, ONE_READER, clock, patience):
        return _take_snapshot(engine, erp, model, clock, at_once)


def _take_snapshot(
    engine: Engine, erp: Cin7Client, model: OperatingModel, clock: Clock, at_once: int
) -> Snapshot:
    from sfcc_cin7.stock.reading.tally import place_keys, settled

    with engine.connect() as connection:
        last = last_snapshot(connection, believed=True)
    guard, calls = model.stock.shrink_guard, 0
    counting = counting_now(model, clock)
    for _ in range(READS):
        seen, tally = _read(erp, clock, at_once, counting)
        calls += len(seen.totals)
        reason = doubt(seen, last.rows if last else None, guard)
        if reason is None:
            break
    if reason is not None:
        return _not_believed(engine, seen, clock.now(), calls, reason)
    calls += look_at_locations(engine, erp, model, clock, {*tally.locations})
    with engine.connect() as connection:
        before, until = fingerprints.kept(connection), fingerprints.last_seen(connection)
        untold = fingerprints.untold(connection, before) if before else set()
        touched = tally.touched(before, untold) if before else None
        stage = StagedReading(connection)
        stage.add(tally.sums(touched))
        vanished = stage.vanished(seen.started, None if touched is None else tally.gone(touched))
        missed_before = {place: since is not None for place, since in vanished}
        became = look_into(engine, erp, missed_before, counting)
        stage.settle(settled(became.known))
        finished = clock.now()
        with connection.begin():
            lock_levels(connection)
            if before and touched is not None:  # what was read by itself in the meantime
                late = fingerprints.untold(connection, before) - untold - {*touched.tolist()}
                stage.add(tally.sums(late))
            snapshot = _record(connection, seen, finished, calls)
            changed = keep_levels(
                connection,
                snapshot=snapshot,
                started=seen.started,
                at=finished,
                missed=place_keys(became.missed),
            )
            fingerprints.keep(connection, Kept(snapshot, until, *tally.fingerprint(became.known)))
            everything_was_read(connection, seen.started)
            hints_followed(connection, None, seen.started)
            report_deprecated(connection, model, became.deprecated, None, finished)
    return Snapshot(
        id=snapshot,
        believed=True,
        reason=None,
        rows=seen.rows,
        skus=tally.sku_count,
        changed=changed,
        missed=len(became.missed),
        deprecated=len(became.deprecated),
        calls=calls,
        seconds=(finished - seen.started).total_seconds(),
    )


def _not_believed(
    engine: Engine, seen: Observation, at: datetime, calls: int, why: str
) -> Snapshot:
    with engine.begin() as connection:
        snapshot = _record(connection, seen, at, calls, why)
    seconds = (at - seen.started).total_seconds()
    return Snapshot(snapshot, False, why, seen.rows, 0, 0, 0, 0, calls, seconds)


def _record(
    connection: Connection, seen: Observation, at: datetime, calls: int, why: str | None = None
) -> int:
    return record_snapshot(
        connection,
        started_at=seen.started,
        finished_at=at,
        rows=seen.rows,
        total=seen.totals[-1],
        believed=why is None,
        reason=why,
        calls=calls,
    )


def doubt(seen: Observation, last_rows: int | None, shrink_guard: Decimal) -> str | None:
    """Why an observation is not believed, in a sentence; None if it is (pure)."""
    if seen.refused:
        return seen.refused
    if len(set(seen.totals)) > 1:
        return f"Total moved from {seen.totals[0]} to {seen.totals[-1]} while it was read."
    if twice := seen.repeated:
        return (
            f"{twice.places} rows came twice, the first on pages {twice.first_page} and"
            f" {twice.last_page} (SKU {twice.sku!r} in {twice.location!r}): the list moved while it"
            " was read, and others may have been passed over."
        )
    if seen.rows != seen.totals[-1]:
        return f"{seen.rows} rows were read of a Total of {seen.totals[-1]}."
    if not seen.rows:
        return "The ERP shows no stock at all."
    if last_rows is not None and seen.rows < last_rows * (1 - shrink_guard):
        return (
            f"{seen.rows} rows, after {last_rows} before: more than {shrink_guard:%} are gone."
            " If that is true, raise stock.shrink_guard in the operating model until it is taken."
        )
    return None


def pages(erp: Cin7Client, at_once: int) -> Generator[AvailabilityPage]:
    """All pages that the first one's Total tells of, in their order, `at_once` at a time.

    Whoever stops taking them wastes the calls for those that are on their way.
    """
    first = erp.availability_page(1)
    yield first
    further = iter(range(2, -(-first.total // PAGE_SIZE) + 1))
    with ThreadPoolExecutor(at_once) as pool:
        coming = deque(
            pool.submit(erp.availability_page, page) for page in islice(further, at_once)
        )
        try:
            while coming:
                page = coming.popleft().result()
                yield page
                coming.extend(pool.submit(erp.availability_page, n) for n in islice(further, 1))
        finally:
            for page_to_come in coming:
                page_to_come.cancel()


def _read(
    erp: Cin7Client, clock: Clock, at_once: int, counting: Counting
) -> "tuple[Observation, Tally]":
    """One pass over all pages; it ends at the first that contradicts the ones before."""
    from sfcc_cin7.stock.reading.frames import RowsRefused, validated
    from sfcc_cin7.stock.reading.tally import Tally

    started, tally = clock.now(), Tally()
    totals: list[int] = []
    rows = 0
    numbers: list[int] = []
    waiting: list[AvailabilityColumns] = []
    with closing(pages(erp, at_once)) as coming:
        for page in coming:
            totals.append(page.total)
            rows += len(page.rows)
            if page.total != totals[0]:
                return Observation(started, tuple(totals), rows), tally
            numbers += [len(totals)] * len(page.rows)
            waiting.append(page.rows)
            if len(numbers) >= VALIDATED_AT_ONCE or len(totals) * PAGE_SIZE >= page.total:
                try:
                    tally.add(numbers, validated(joined(waiting), counting))
                except RowsRefused as error:
                    until = f"Up to page {len(totals)}: {error}"
                    return Observation(started, tuple(totals), rows, refused=until), tally
                numbers, waiting = [], []
    return Observation(started, tuple(totals), rows, repeated=tally.repeated()), tally
