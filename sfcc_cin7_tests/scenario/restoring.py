"""A merchant whose database is brought back to an earlier instant, while both systems go on."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Engine, create_engine, text

from sfcc_cin7.db.database import connect

IDLE_ONES_END = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = :source and state like 'idle%'
"""
"""Sessions that an earlier test of the same worker left keep a database from being copied."""


class Backups:
    """Copies of a database of its own server. PostgreSQL copies files, so a copy is cheap; being
    another database, it shows that it was brought back, as a dump that is played in does."""

    def __init__(self, url: URL, name: str) -> None:
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT")
        self._url = url
        self._name = name
        self._made: list[str] = []

    def copy(self, engine: Engine) -> str:
        """Keep the database as it is now; nobody may be connected meanwhile."""
        engine.dispose()
        return self._copied(str(engine.url.database))

    def restored(self, copy: str) -> Engine:
        """The database as it was when the copy was made."""
        return connect(self._url.set(database=self._copied(copy)), ping=False)

    def _copied(self, source: str) -> str:
        made = f"{self._name}_{len(self._made)}"
        self._made.append(made)
        with self._admin.connect() as connection:
            connection.execute(text(f"drop database if exists {made} with (force)"))
            connection.execute(text(IDLE_ONES_END), {"source": source})
            connection.execute(text(f"create database {made} template {source}"))
        return made

    def close(self) -> None:
        with self._admin.connect() as connection:
            for made in self._made:
                connection.execute(text(f"drop database if exists {made} with (force)"))
        self._admin.dispose()


@contextmanager
def backups(url: URL, name: str) -> Iterator[Backups]:
    """`url` is of another database of the same server."""
    kept = Backups(url, name)
    try:
        yield kept
    finally:
        kept.close()
