"""At most one `up` works on a database, wherever it runs: two would start everything twice."""

import os
import socket
from contextlib import suppress
from time import monotonic, sleep

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from sfcc_cin7.cli.supervisor import ChildFailed
from sfcc_cin7.values.problems import ConfigurationError

KEY = 71_303
"""The number of our lock; see `residents` for the others."""
PATIENCE = 15.0
"""Seconds that the session of a predecessor that was killed may take to end."""
KEEPALIVES = " ".join(
    f"-c tcp_keepalives_{setting}" for setting in ("idle=5", "interval=3", "count=3")
)
"""The session of a host that vanishes ends in a quarter of a minute."""
TRY = text("select pg_try_advisory_lock(:key)").bindparams(key=KEY)
HOLDER = text("""
    select application_name from pg_stat_activity join pg_locks using (pid)
    where locktype = 'advisory' and objid = :key and classid = 0 and granted
""").bindparams(key=KEY)


class OnlyOne:
    """Holds the place of the one `up` in a session of the database."""

    def __init__(self, url: URL) -> None:
        name = f"sfcc-cin7 up, process {os.getpid()} on {socket.gethostname()}"
        self._engine = create_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={
                "application_name": name[:63],
                "connect_timeout": 5,
                "options": KEEPALIVES,
            },
        )
        self._connection: Connection | None = None

    def claim(self, patience: float = PATIENCE) -> None:
        """Take the place.

        Raises:
            ConfigurationError: somebody else has it.
        """
        deadline = monotonic() + patience
        while not self._try():
            if monotonic() >= deadline:
                holder = self._session().scalar(HOLDER) or "somebody"
                raise ConfigurationError(
                    f"This database has its `up` already ({holder}): stop that first, or give this"
                    " one a database of its own (SFCC_CIN7_DATABASE_URL)."
                )
            sleep(0.2)

    def keep(self) -> None:
        """Take the place again after the database was restarted.

        Raises:
            ChildFailed: somebody else has taken it meanwhile.
        """
        try:
            if self._connection is not None and not self._connection.invalidated:
                self._connection.execute(text("select 1"))
                return
        except SQLAlchemyError:
            pass
        self.leave()
        with suppress(SQLAlchemyError):  # it does not answer yet
            if not self._try():
                raise ChildFailed("Another `up` has taken over this database: this one ends.")

    def leave(self) -> None:
        """Give the place up."""
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.close()
            self._connection = None

    def _try(self) -> bool:
        return bool(self._session().scalar(TRY))

    def _session(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection
