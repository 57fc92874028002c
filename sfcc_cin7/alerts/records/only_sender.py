"""Which of several watchers sends: the one whose session holds a lock of the database.

The lock is gone with the session, however the process ends. While the database is away whoever sent
last goes on, so one sends then too.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

PATIENCE = timedelta(seconds=20)
"""How long the lock has to be free before another watcher takes it: one that lost it with its
session, as when the server was started anew, comes back first."""
LOCK = {"room": 50, "what": 1}
"""Two numbers name it, which no lock of one number can be (PostgreSQL: Advisory Locks)."""
_TRY = text("select pg_try_advisory_lock(:room, :what)")
_GIVE_UP = text("select pg_advisory_unlock(:room, :what)")
_IS_FREE = text("""
    select not exists (
        select from pg_locks
        where locktype = 'advisory' and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database())
        and classid::bigint = :room and objid::bigint = :what
    )
""")
log = logging.getLogger(__name__)


class OnlySender:
    """The claim of one watcher. One caller at a time."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._engine: Engine | None = None
        self._sends: bool | None = None
        self._free_since: datetime | None = None

    def is_us(self, engine: Engine | None, at: datetime) -> bool:
        """Whether this watcher is to send at an instant; `engine` is None while the database is
        away. A watcher that was never told otherwise sends."""
        if engine is None:
            self._free_since = None
            return self._sends is not False
        try:
            self._sends = self._holds(engine) or self._takes(engine, at)
        except SQLAlchemyError as error:
            log.warning("who sends cannot be read (%s)", type(error).__name__)
            self.release()
        return self._sends is not False

    def release(self) -> None:
        """Give the session up, and the lock with it."""
        if self._connection is not None:
            with suppress(SQLAlchemyError):  # a server takes a moment to notice an end
                self._connection.execute(_GIVE_UP, LOCK)
            with suppress(SQLAlchemyError):
                self._connection.close()
        self._connection = self._engine = None

    def _holds(self, engine: Engine) -> bool:
        """Whether the session of the lock is still there."""
        if self._connection is None or self._engine is not engine:
            return False
        try:
            self._connection.execute(text("select 1"))
        except SQLAlchemyError:
            self.release()
            return False
        return True

    def _takes(self, engine: Engine, at: datetime) -> bool:
        self.release()
        with engine.connect() as looking:
            is_free = looking.scalar(_IS_FREE, LOCK)
        self._free_since = (self._free_since or at) if is_free else None
        if self._free_since is None or (self._sends is False and at - self._free_since < PATIENCE):
            return False
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # a session of its own: what a pool takes back would keep the lock
        self._connection, self._engine = connection, engine
        if not connection.scalar(_TRY, LOCK):
            self.release()
            return False
        return True
