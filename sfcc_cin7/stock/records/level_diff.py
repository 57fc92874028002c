"""From the places of a reading to changed levels, inside the database.

Places that could have changed are copied into a table that only this connection sees. Comparing
and keeping are each one statement there: only what changed is written.
"""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from sfcc_cin7.db.levels import Place

COPIED_AT_ONCE = 20_000
_STAGE = """
create temporary table stock_sums (
    place_key bigint not null, sku text not null, location text not null,
    on_hand numeric(20, 4) not null, allocated numeric(20, 4) not null,
    available numeric(20, 4) not null, on_order numeric(20, 4) not null, arrives_at timestamptz,
    not_for_sale numeric(20, 4) not null,
    primary key (sku, location)) on commit preserve rows
"""
_VANISHED = """
select level.sku, level.location, level.missing_since from sfcc_cin7.stock_levels level
where (level.on_hand <> 0 or level.allocated <> 0 or level.available <> 0 or level.on_order <> 0)
and not exists (select from stock_sums read
                where read.sku = level.sku and read.location = level.location)
and not exists (select from sfcc_cin7.stock_reads newer
                where newer.sku = level.sku and newer.started_at >= :started)
"""
_AMONG = " and level.place_key = any(:gone)"
_SETTLE = """
insert into stock_sums
values (:place_key, :sku, :location, :on_hand, :allocated, :available, :on_order, :arrives_at,
    :not_for_sale)
"""
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('sfcc_cin7.stock_levels'))"
_CHANGED = """
create temporary table stock_changed on commit drop as
select read.* from stock_sums read left join sfcc_cin7.stock_levels level
    on level.sku = read.sku and level.location = read.location
where (level.sku is null or level.missing_since is not null or level.on_hand <> read.on_hand
       or level.allocated <> read.allocated or level.available <> read.available
       or level.on_order <> read.on_order or level.arrives_at is distinct from read.arrives_at
       or level.not_for_sale <> read.not_for_sale
       or level.place_key is distinct from read.place_key)
and not exists (select from sfcc_cin7.stock_reads newer
                where newer.sku = read.sku and newer.started_at >= :started)
"""
_KEEP_HISTORY = """
insert into sfcc_cin7.stock_changes
    (sku, location, snapshot_id, at, on_hand, allocated, available, on_order, arrives_at)
select read.sku, read.location, :snapshot, :at, read.on_hand, read.allocated, read.available,
    read.on_order, read.arrives_at
from stock_changed read left join sfcc_cin7.stock_levels level
    on level.sku = read.sku and level.location = read.location
where level.sku is null or level.on_hand <> read.on_hand
    or level.allocated <> read.allocated or level.available <> read.available
    or level.on_order <> read.on_order or level.arrives_at is distinct from read.arrives_at
"""
_KEEP_LEVELS = """
insert into sfcc_cin7.stock_levels
    (sku, location, on_hand, allocated, available, on_order, arrives_at, not_for_sale, changed_in,
        missing_since, place_key)
select sku, location, on_hand, allocated, available, on_order, arrives_at, not_for_sale, :snapshot,
    null, place_key
from stock_changed
on conflict (sku, location) do update set on_hand = excluded.on_hand,
    allocated = excluded.allocated, available = excluded.available,
    on_order = excluded.on_order, arrives_at = excluded.arrives_at,
    not_for_sale = excluded.not_for_sale, changed_in = excluded.changed_in, missing_since = null,
    place_key = excluded.place_key
"""
_MISS = """
update sfcc_cin7.stock_levels
set missing_since = coalesce(missing_since, :snapshot), place_key = :place_key
where sku = :sku and location = :location
    and (missing_since is null or place_key is null)
"""
_FULL_READ_AGAIN = "delete from sfcc_cin7.stock_reads where started_at < :started"
_READ_BY_ITSELF = """
insert into sfcc_cin7.stock_reads as known (sku, snapshot_id, started_at, finished_at)
values (:sku, :snapshot, :started, :finished)
on conflict (sku) do update set snapshot_id = excluded.snapshot_id,
    started_at = excluded.started_at, finished_at = excluded.finished_at
where excluded.started_at >= known.started_at
"""


class Sum(NamedTuple):
    """Units of one place in ten-thousandths, and when the next delivery comes."""

    place_key: int
    sku: str
    location: str
    on_hand: int
    allocated: int
    available: int
    on_order: int
    arrives_at: datetime | None
    not_for_sale: int


class StagedReading:
    """The places of one reading on their way to become levels. The connection is used by it
    alone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        connection.execute(text("drop table if exists stock_sums"))
        connection.execute(text(_STAGE))
        connection.commit()

    def add(self, sums: Iterable[Sum]) -> None:
        """Places that could have changed."""
        driver: Any = self._connection.connection
        waiting = iter(sums)
        while lines := _lines(islice(waiting, COPIED_AT_ONCE)):
            with driver.cursor() as cursor:
                # All is quoted: an empty text is one, not null, and only a missing date is null.
                cursor.copy_expert(
                    "copy stock_sums from stdin with (format csv, force_null (arrives_at))",
                    io.StringIO(lines),
                )
        self._connection.execute(text("analyze stock_sums"))

    def vanished(
        self, started: datetime, gone: Sequence[int] | None
    ) -> list[tuple[Place, int | None]]:
        """Levels above or below 0 that a full reading lacks, and since when they are missed.

        `gone`: the keys of the places that can be meant; None where it could be any.
        """
        among = "" if gone is None else _AMONG
        rows = self._connection.execute(
            text(f"{_VANISHED}{among} order by level.sku, level.location"),
            {"started": started, "gone": gone},
        ).all()
        self._connection.commit()
        return [((row.sku, row.location), row.missing_since) for row in rows]

    def settle(self, rows: Collection[Sequence[object]]) -> None:
        """Levels that were found out beside the pages: key, SKU, location, the quantities and the
        date."""
        names = (
            *("place_key", "sku", "location", "on_hand", "allocated", "available", "on_order"),
            *("arrives_at", "not_for_sale"),
        )
        if rows:
            self._connection.execute(
                text(_SETTLE),
                [dict(zip(names, row, strict=True)) for row in rows],
            )
        self._connection.commit()


def _lines(sums: Iterable[Sum]) -> str:
    lines = io.StringIO()
    csv.writer(lines, quoting=csv.QUOTE_ALL).writerows(
        (
            *(row.place_key, row.sku, row.location, f"{row.on_hand}e-4"),
            *(f"{row.allocated}e-4", f"{row.available}e-4", f"{row.on_order}e-4"),
            *(row.arrives_at, f"{row.not_for_sale}e-4"),
        )
        for row in sums
    )
    return lines.getvalue()


def lock_levels(connection: Connection) -> None:
    """Whoever changes levels goes one after the other, until the end of the transaction."""
    connection.execute(text(_ONE_AT_A_TIME))


def keep_levels(
    connection: Connection,
    *,
    snapshot: int,
    started: datetime,
    at: datetime,
    missed: Mapping[Place, int],
) -> int:
    """Make the staged sums the levels; how many changed. Part of the caller's transaction.

    SKUs that were read by themselves after this reading began are left as they are. `missed` places
    (and their keys) did not appear: their levels stay, marked, until it is known what became of
    them.
    """
    known = {"snapshot": snapshot, "at": at, "started": started}
    lock_levels(connection)
    connection.execute(text(_CHANGED), {"started": started})
    changed = connection.execute(text(_KEEP_HISTORY), known).rowcount
    connection.execute(text(_KEEP_LEVELS), {"snapshot": snapshot})
    if missed:
        connection.execute(
            text(_MISS),
            [
                {"snapshot": snapshot, "sku": sku, "location": location, "place_key": key}
                for (sku, location), key in missed.items()
            ],
        )
    return int(changed)


def everything_was_read(connection: Connection, started: datetime) -> None:
    """Single readings from before are overtaken by a full one."""
    connection.execute(text(_FULL_READ_AGAIN), {"started": started})


def skus_were_read(
    connection: Connection, snapshot: int, skus: Collection[tuple[str, datetime, datetime]]
) -> None:
    """Note SKUs that were read by themselves: SKU, and when that began and ended."""
    if skus:
        connection.execute(
            text(_READ_BY_ITSELF),
            [
                {"sku": sku, "snapshot": snapshot, "started": started, "finished": finished}
                for sku, started, finished in skus
            ],
        )
