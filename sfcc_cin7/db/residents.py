"""Processes that are always there: in each lane one leads, and another stands by to follow it.

A resident holds a session of the database, and in it a lock of its own: when the process or its
session ends, however it ends, the lock is gone, and everybody sees that at their next look. A
second lock, one for each lane, belongs to whoever leads; whoever stands by tries for it twice a
second. A leader that lives but is `SILENT` hangs: its session is ended, which takes its lock away.

None of this keeps work from being done twice: that is what leases are for (`leases`). A leader that
was taken for dead and wakes up finds its place lost, and what it holds is fenced.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Executable,
    Row,
    Select,
    cast,
    column,
    delete,
    func,
    insert,
    select,
    table,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.db.brands import lock_class
from sfcc_cin7.db.schema import residents
from sfcc_cin7.values.clock import Clock

PRESENCE, LEADERSHIP = 71_301, 71_302
"""The first of the two numbers of our advisory locks, for the first brand (`lock_class`); nothing
else in this database uses them."""
BEAT = timedelta(seconds=5)
SILENT = timedelta(seconds=60)
"""A leader that has told nothing for so long hangs."""
HAND_OVER = timedelta(minutes=5)
"""How long a leader whose time is over waits for a follower before it ends all the same."""


class ResidencyLost(Exception):
    """The session that held this resident's place has ended: nothing more may be begun."""


@dataclass(frozen=True)
class Resident:
    """A process in a lane, as the database knows it. `alive`: its session still holds its lock."""

    id: int
    run_id: str
    alive: bool
    silent_for: timedelta
    """Below zero while it may be silent for longer."""
    present_for: timedelta
    leads_for: timedelta | None
    """None while it stands by."""
    leads_on_for: timedelta | None
    """How long it will still lead; below zero when its time is over."""
    backend_pid: int

    @property
    def leads(self) -> bool:
        return self.alive and self.leads_for is not None


class Residency:
    """One process's place in a lane. Use it as `with residency(...)`; it belongs to one thread."""

    def __init__(
        self, connection: Connection, clock: Clock, lane: str, run_id: str, life: timedelta
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._lane = lane
        self._run_id = run_id
        self._life = life
        self._beat_at = self._over_at = clock.now()
        now = clock.sql_now
        # A host that vanishes keeps its session, and so its lock, only until this has run out.
        for setting in ("idle = 5", "interval = 3", "count = 3"):
            self._do(text(f"set tcp_keepalives_{setting}"))
        me = insert(residents).values(
            lane=lane,
            run_id=run_id,
            host=socket.gethostname(),
            pid=os.getpid(),
            backend_pid=func.pg_backend_pid(),
            since=now,
            beat_at=now,
        )
        self._id: int = self._do(me.returning(residents.c.id)).scalar_one()
        self._presence = _presence(connection)
        self._leadership = (lock_class(connection, LEADERSHIP), func.hashtext(lane))
        self._do(select(func.pg_advisory_lock(self._presence, self._id)))

    def lead(self) -> bool:
        """Try to lead; whether this resident leads now. A leader that hangs is put out first."""
        if self.beat():
            self._put_out_the_silent()
        if not self._do(select(func.pg_try_advisory_lock(*self._leadership))).scalar_one():
            return False
        now = self._clock.sql_now
        self._write(leads_since=now, ends_at=now + self._life, beat_at=now)
        self._over_at = self._clock.now() + self._life
        return True

    def beat(self) -> bool:
        """Tell, every few seconds, that this resident is well; whether it was time. Raises
        ResidencyLost."""
        if self._clock.now() < self._beat_at + BEAT:
            return False
        self._beat_at = self._clock.now()
        self._write(beat_at=self._clock.sql_now)
        return True

    def expect_silence(self, longest: timedelta) -> None:
        """Tell that work begins which may keep this resident silent for so long; only beyond that
        does it hang. Raises ResidencyLost."""
        self._beat_at = self._clock.now()
        self._write(beat_at=self._clock.sql_now + longest)

    def is_over(self) -> bool:
        """Whether the time to lead is over; if so, it leads no more when this returns.

        It goes on leading for a while if nobody is there to follow. Raises ResidencyLost.
        """
        self.beat()
        late = self._clock.now() - self._over_at
        if late < timedelta(0) or (late < HAND_OVER and not self._is_followed()):
            return False
        self._write(leads_since=None, ends_at=None)
        self._do(select(func.pg_advisory_unlock(*self._leadership)))
        return True

    def abandoned(self) -> set[str]:
        """Runs of this lane whose work nobody goes on with: their sessions have ended. This run is
        one of them, because whoever begins to lead begins anew. Raises ResidencyLost."""
        others = self._others()
        living = {each.run_id for each in others if each.alive}
        return {each.run_id for each in others} - living | {self._run_id}

    def leave(self) -> None:
        """Give the place up. A session that has ended has given it up already."""
        with suppress(ResidencyLost):
            self._do(delete(residents).where(residents.c.id == self._id))
            self._do(select(func.pg_advisory_unlock_all()))

    def _others(self) -> list[Resident]:
        return [
            _resident(row) for row in self._do(_everybody(self._presence, self._clock, self._lane))
        ]

    def _is_followed(self) -> bool:
        return any(each.alive and each.id != self._id for each in self._others())

    def _put_out_the_silent(self) -> None:
        for each in self._others():
            if each.leads and each.silent_for > SILENT:
                self._do(select(func.pg_terminate_backend(each.backend_pid)))

    def _write(self, **columns: Any) -> None:
        if not self._do(
            update(residents).where(residents.c.id == self._id).values(columns)
        ).rowcount:
            raise ResidencyLost(self._lane)

    def _do(self, statement: Executable) -> Any:
        if self._connection.invalidated:  # another session would not hold our locks
            raise ResidencyLost(self._lane)
        try:
            return self._connection.execute(statement)
        except SQLAlchemyError as error:
            raise ResidencyLost(self._lane) from error


@contextmanager
def residency(
    engine: Engine, clock: Clock, lane: str, run_id: str, life: timedelta
) -> Iterator[Residency]:
    """A place in a lane, in a session of its own; who leads does so for `life`.

    Raises:
        ResidencyLost: inside, by its methods: the session has ended, and with it the place.
        OperationalError: the database does not answer.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = Residency(connection, clock, lane, run_id, life)
        try:
            yield mine
        finally:
            mine.leave()


def present(connection: Connection, clock: Clock, lane: str) -> list[Resident]:
    """Everybody whose place in a lane was not given up, the longest there first; the dead too."""
    return [
        _resident(row) for row in connection.execute(_everybody(_presence(connection), clock, lane))
    ]


def living(connection: Connection) -> list[Row[Any]]:
    """(`lane`, `since`, `beat_at`, `leads_since`) of all whose sessions live, in any lane."""
    columns = residents.c
    query = select(columns.lane, columns.since, columns.beat_at, columns.leads_since)
    return list(
        connection.execute(
            query.where(columns.id.in_(_held(_presence(connection)))).order_by(columns.id)
        )
    )


def forget(connection: Connection, dead: Resident) -> None:
    """Take a dead resident off the list."""
    connection.execute(delete(residents).where(residents.c.id == dead.id))


def is_led(connection: Connection, clock: Clock, lane: str) -> bool:
    """Whether somebody leads a lane now."""
    return any(each.leads for each in present(connection, clock, lane))


def _everybody(presence: int, clock: Clock, lane: str) -> Select[Any]:
    now, columns = clock.sql_now, residents.c
    return (
        select(
            columns.id,
            columns.run_id,
            columns.backend_pid,
            columns.id.in_(_held(presence)).label("alive"),
            (now - columns.beat_at).label("silent_for"),
            (now - columns.since).label("present_for"),
            (now - columns.leads_since).label("leads_for"),
            (columns.ends_at - now).label("leads_on_for"),
        )
        .where(columns.lane == lane)
        .order_by(columns.id)
    )


def _resident(row: Row[Any]) -> Resident:
    return Resident(**row._mapping)


_locks = table(
    "pg_locks",
    *(column(name) for name in ("locktype", "classid", "objsubid", "granted", "database")),
    column("objid", BigInteger),
    schema="pg_catalog",
)
_databases = table("pg_database", column("oid"), column("datname"), schema="pg_catalog")
_HERE = select(_databases.c.oid).where(_databases.c.datname == func.current_database())


def _presence(connection: Connection) -> int:
    return lock_class(connection, PRESENCE)


def _held(presence: int) -> Select[Any]:
    """The ids of residents whose sessions live."""
    return select(cast(_locks.c.objid, BigInteger)).where(
        _locks.c.locktype == "advisory",
        _locks.c.classid == presence,
        _locks.c.objsubid == 2,  # locks of two numbers (PostgreSQL: the view pg_locks)
        _locks.c.granted,
        _locks.c.database == _HERE.scalar_subquery(),
    )
