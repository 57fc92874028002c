"""What the rows of the last believed reading of everything said, in 64 bits each.

With it the next reading finds what could have changed without asking the database for every level.
It speaks of the levels only as that reading left them: places that did not appear in it, or that
were read by themselves since, are `untold` and looked at whatever it says.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, text

from sfcc_cin7.db.levels import last_snapshot
from sfcc_cin7.db.schema import stock_fingerprints, stock_snapshots

PART = 400_000
"""Bytes in one row: a million rows are twenty of them, none of which fills the memory."""

_UNTOLD = """
select level.place_key from sfcc_cin7.stock_levels level where level.missing_since is not null
union select level.place_key from sfcc_cin7.stock_levels level
    where level.changed_in > :seen and level.changed_in <> :snapshot
union select level.place_key from sfcc_cin7.stock_levels level
    join sfcc_cin7.stock_reads newer on newer.sku = level.sku
"""
_WITHOUT_KEY = """
select exists (select from sfcc_cin7.stock_levels where place_key is null
    and (on_hand <> 0 or allocated <> 0 or available <> 0 or on_order <> 0))
"""


@dataclass(frozen=True)
class Kept:
    """Of a reading: 64 bits for what each row says and for its place, and the last reading of any
    kind whose changes it had seen."""

    snapshot: int
    seen: int
    contents: bytes
    places: bytes


def kept(connection: Connection) -> Kept | None:
    """The fingerprint of the last believed reading of everything, if there is one and every level
    can be found by its key."""
    if connection.scalar(text(_WITHOUT_KEY)):
        return None
    last = last_snapshot(connection, believed=True)
    rows = connection.execute(select(stock_fingerprints).order_by(stock_fingerprints.c.part)).all()
    if last is None or not rows or any(row.snapshot_id != last.id for row in rows):
        return None
    return Kept(
        last.id,
        rows[0].seen_id,
        b"".join(row.contents for row in rows),
        b"".join(row.places for row in rows),
    )


def keep(connection: Connection, found: Kept) -> None:
    """Put it in the place of the one before; part of the caller's transaction."""
    connection.execute(delete(stock_fingerprints))
    for part, at in enumerate(range(0, max(len(found.contents), 1), PART)):
        connection.execute(
            insert(stock_fingerprints).values(
                part=part,
                snapshot_id=found.snapshot,
                seen_id=found.seen,
                contents=found.contents[at : at + PART],
                places=found.places[at : at + PART],
            )
        )


def last_seen(connection: Connection) -> int:
    """The last reading of any kind."""
    return connection.scalar(select(func.max(stock_snapshots.c.id))) or 0


def untold(connection: Connection, before: Kept) -> set[int]:
    """Keys of the places whose levels are not as that reading left them, or did not appear."""
    known = {"seen": before.seen, "snapshot": before.snapshot}
    return {key for key in connection.scalars(text(_UNTOLD), known) if key is not None}
