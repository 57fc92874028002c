"""Reads the ERP's stock as one observation, and believes it only if it is whole.

Cin7's availability is a list of pages without a modified-since (Cin7 API reference, Product
Availability). Its Total moves while it is read, and a reading can silently lack rows: publishing
such a reading would take goods off sale, or offer what is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine

from sfcc_cin7.cin7.client import PAGE_SIZE, Cin7Client
from sfcc_cin7.cin7.documents import AvailabilityRow
from sfcc_cin7.clock import Clock
from sfcc_cin7.operating_model import OperatingModel
from sfcc_cin7.stock.levels import changes
from sfcc_cin7.store import stock

READS = 2


@dataclass(frozen=True)
class Observation:
    """All pages of one pass, and the Total that each of them told."""

    started: datetime
    finished: datetime
    totals: tuple[int, ...]
    rows: Sequence[AvailabilityRow]


@dataclass(frozen=True)
class Snapshot:
    """What was read; `changed` levels were stored, none if the snapshot is not believed."""

    id: int
    believed: bool
    reason: str | None
    rows: int
    skus: int
    changed: int
    calls: int
    seconds: float


def take_snapshot(engine: Engine, erp: Cin7Client, model: OperatingModel, clock: Clock) -> Snapshot:
    """Read all availability, once more if it is not believed, and store what changed.

    Raises:
        ApiError: the ERP could not be read; nothing was stored.
    """
    from sfcc_cin7.stock.frames import RowsRefused, summed

    with engine.connect() as connection:
        last = stock.last_snapshot(connection, believed=True)
    guard, calls, levels = model.stock.shrink_guard, 0, {}
    for _ in range(READS):
        seen = _read(erp, clock)
        calls += len(seen.totals)
        reason = doubt(seen, last.rows if last else None, guard)
        if reason is None:
            try:
                levels = summed(seen.rows)
                break
            except RowsRefused as error:
                reason = str(error)
    with engine.begin() as connection:
        snapshot = stock.record_snapshot(
            connection,
            started_at=seen.started,
            finished_at=seen.finished,
            rows=len(seen.rows),
            total=seen.totals[-1],
            believed=reason is None,
            reason=reason,
        )
        rows = changes(stock.levels(connection), levels, snapshot) if reason is None else []
        stock.save_levels(connection, rows)
    return Snapshot(
        id=snapshot,
        believed=reason is None,
        reason=reason,
        rows=len(seen.rows),
        skus=len({row.sku for row in seen.rows}),
        changed=len(rows),
        calls=calls,
        seconds=(seen.finished - seen.started).total_seconds(),
    )


def doubt(seen: Observation, last_rows: int | None, shrink_guard: Decimal) -> str | None:
    """Why an observation is not believed, in a sentence; None if it is (pure)."""
    if len(set(seen.totals)) > 1:
        return f"Total moved from {seen.totals[0]} to {seen.totals[-1]} while it was read."
    if len(seen.rows) != seen.totals[-1]:
        return f"{len(seen.rows)} rows were read of a Total of {seen.totals[-1]}."
    if not seen.rows:
        return "The ERP shows no stock at all."
    if last_rows is not None and len(seen.rows) < last_rows * (1 - shrink_guard):
        return (
            f"{len(seen.rows)} rows, after {last_rows} before: more than {shrink_guard:%} are gone."
            " If that is true, raise stock.shrink_guard in the operating model until it is taken."
        )
    return None


def _read(erp: Cin7Client, clock: Clock) -> Observation:
    started = clock.now()
    totals: list[int] = []
    rows: list[AvailabilityRow] = []
    while not totals or len(totals) * PAGE_SIZE < totals[-1]:
        page = erp.availability_page(len(totals) + 1)
        totals.append(page.total)
        rows.extend(page.rows)
    return Observation(started, clock.now(), tuple(totals), rows)
