"""Reads single SKUs of the ERP, because a webhook or an order said that they moved.

One call for each SKU, so a few of them cost less than everything. What is read is a SKU's own
reading, with time bounds of its own; the next reading of everything overtakes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from sfcc_cin7.db.levels import TARGETED, Place, last_snapshot, record_snapshot
from sfcc_cin7.db.schema import stock_levels
from sfcc_cin7.db.sku_map import sold_goods
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.stock.reading.levels import Level, counting_now, summed
from sfcc_cin7.stock.reading.locations import look_at_new_locations
from sfcc_cin7.stock.reading.vanished import look_into, report_deprecated
from sfcc_cin7.stock.records.hints import hints_followed
from sfcc_cin7.stock.records.level_diff import (
    StagedReading,
    keep_levels,
    lock_levels,
    skus_were_read,
)
from sfcc_cin7.systems.cin7.availability import columns_of_rows
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import AvailabilityRow
from sfcc_cin7.values.clock import Clock


@dataclass
class Refreshed:
    """What was read: SKUs, with when that began and ended, and how many levels changed."""

    skus: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    rows: int = 0
    calls: int = 0
    changed: int = 0
    missed: int = 0


def refresh_skus(
    engine: Engine, erp: Cin7Client, model: OperatingModel, clock: Clock, skus: Sequence[str]
) -> Refreshed:
    """Read these SKUs and store what changed; nothing before everything was read once.

    A SKU of which a level does not appear is asked for once more at once.

    Raises:
        ApiError: the ERP could not be read; nothing was stored.
    """
    from sfcc_cin7.stock.reading.frames import validated
    from sfcc_cin7.stock.reading.tally import Tally, place_keys, settled

    done, counting = Refreshed(), counting_now(model, clock)
    with engine.connect() as connection:
        last = last_snapshot(connection, believed=True)
        ids = {sku: row.erp_id for sku, row in sold_goods(connection, skus).items()}
        held = _levels_of(connection, skus)
    if last is None or not skus:
        return done
    rows: list[AvailabilityRow] = []
    for sku in skus:
        started = clock.now()
        found = erp.availability_of(sku, ids.get(sku))
        done.calls += 1
        if _lacking(held, sku, summed(found, counting)):
            found = erp.availability_of(sku, ids.get(sku))
            done.calls += 1
        rows += found
        done.skus.append((sku, started, clock.now()))
    levels = summed(rows, counting)
    done.calls += look_at_new_locations(engine, erp, clock, {place for _, place in levels})
    vanished = {place: True for sku in skus for place in _lacking(held, sku, levels)}
    became = look_into(engine, erp, vanished, counting, {sku: {} for sku in skus})
    done.rows, done.missed = len(rows), len(became.missed)
    tally = Tally()
    tally.add([1] * len(rows), validated(columns_of_rows(rows), counting))
    started, finished = done.skus[0][1], clock.now()
    uncertain = {sku for sku, _ in became.missed}
    with engine.connect() as connection:
        stage = StagedReading(connection)
        stage.add(tally.sums(None))
        stage.settle(settled(became.known))
        with connection.begin():
            lock_levels(connection)
            latest = last_snapshot(connection, believed=True)
            if latest is None or latest.started_at > started:
                return done  # everything was read since
            snapshot = record_snapshot(
                connection,
                kind=TARGETED,
                started_at=started,
                finished_at=finished,
                rows=done.rows,
                total=done.rows,
                believed=True,
                calls=done.calls,
            )
            done.changed = keep_levels(
                connection,
                snapshot=snapshot,
                started=finished,
                at=finished,
                missed=place_keys(became.missed),
            )
            skus_were_read(
                connection,
                snapshot,
                [read for read in done.skus if read[0] not in uncertain],
            )
            for sku, began, _ in done.skus:
                hints_followed(connection, [sku], began)
            report_deprecated(connection, model, became.deprecated, skus, finished)
    return done


def _levels_of(connection: Connection, skus: Sequence[str]) -> dict[Place, Level]:
    query = select(stock_levels).where(stock_levels.c.sku.in_(skus))
    return {
        (row.sku, row.location): Level(
            *(row.on_hand, row.allocated, row.available),
            *(row.on_order, row.arrives_at, row.not_for_sale),
        )
        for row in connection.execute(query)
    }


def _lacking(held: dict[Place, Level], sku: str, levels: dict[Place, Level]) -> list[Place]:
    """Places where we hold something of a SKU, but nothing was shown."""
    return [
        place
        for place, level in held.items()
        if place[0] == sku and level != Level() and place not in levels
    ]
