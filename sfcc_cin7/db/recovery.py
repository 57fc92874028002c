"""What a restore has lost: a database that was brought back knows less than the world remembers.

Between the instant that was restored and the restore itself orders were posted, stock was published
and shipments were told, and the database has no record of it. Whoever writes therefore looks first
where he otherwise need not. That there was a restore is seen without anybody saying so: a dump is
played into another database (another number), a recovery to a point in time and a promoted standby
begin another timeline of the log (PostgreSQL: Timelines). A copied disk shows neither, which is
what `sfcc-cin7 restored` is for. docs/decisions/72 has each write and how it is found.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select, text

from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.db.schema import order_events
from sfcc_cin7.values.clock import Clock

WRITTEN_BY, FOUND = "recovery.written-by", "recovery.found"
_IDENTITY = text("""
    select concat_ws('/', (select system_identifier from pg_control_system()),
        left(pg_walfile_name(pg_current_wal_lsn()), 8),
        (select oid from pg_database where datname = current_database()))
""")


@dataclass(frozen=True)
class Restore:
    """When the last event was that is still there (None: there is none), and when the restore was
    noticed. What was done between the two is not known here."""

    lost_after: datetime | None
    found_at: datetime


def last_restore(engine: Engine, clock: Clock) -> Restore | None:
    """The last restore; None where there was none. One that nobody has noticed is noticed now."""
    with engine.connect() as connection:
        identity = connection.scalar(_IDENTITY)
        known = cursor(connection, WRITTEN_BY)
        found = cursor(connection, FOUND)
    if known != identity:
        with engine.begin() as connection:
            _one_at_a_time(connection)
            if cursor(connection, WRITTEN_BY) != identity:  # nobody was faster
                if known is not None:
                    notice(connection, clock)
                move_cursor(connection, WRITTEN_BY, str(identity))
            found = cursor(connection, FOUND)
    if found is None:
        return None
    found_at, _, lost_after = found.partition(" ")
    return Restore(
        datetime.fromisoformat(lost_after) if lost_after else None, datetime.fromisoformat(found_at)
    )


def notice(connection: Connection, clock: Clock) -> None:
    """This database was brought back a moment ago: what came after its last event is lost."""
    found_at: datetime = connection.execute(select(clock.sql_now)).scalar_one()
    last = connection.scalar(select(func.max(order_events.c.at)))
    parts = [found_at.isoformat(), *([last.isoformat()] if last else [])]
    move_cursor(connection, FOUND, " ".join(parts))


def is_news(connection: Connection, restore: Restore | None, reader: str) -> bool:
    """Whether `reader` has not heard of this restore yet; from now on he has."""
    name = f"recovery.heard:{reader}"
    if restore is None or cursor(connection, name) == restore.found_at.isoformat():
        return False
    move_cursor(connection, name, restore.found_at.isoformat())
    return True


def _one_at_a_time(connection: Connection) -> None:
    connection.execute(text("select pg_advisory_xact_lock(hashtext('sfcc_cin7.recovery'))"))
