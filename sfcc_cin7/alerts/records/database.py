"""The database as the watcher writes to it: it waits for nothing for long."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import URL, Engine
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.db.database import connect_to_look, up_to_date
from sfcc_cin7.values.problems import ConfigurationError

STATEMENT = timedelta(seconds=2)
"""How long one statement may take."""


class Database:
    """Keeps an engine, and makes it anew where the database has moved."""

    def __init__(self, address: Callable[[], URL], brand: str = "") -> None:
        self._address = address
        self._brand = brand
        self._engine: Engine | None = None
        self._is_ready = False

    def engine(self) -> Engine | None:
        """The engine; None where there is no database, or one without our tables of today."""
        try:
            url = self._address()
        except ConfigurationError:
            return None
        if self._engine is None or self._engine.url != url:
            self.close()
            self._engine = connect_to_look(url, STATEMENT, self._brand, writes=True)
        if not self._is_ready:
            try:
                with self._engine.connect() as connection:
                    self._is_ready = up_to_date(connection)
            except SQLAlchemyError:
                return None
        return self._engine if self._is_ready else None

    def close(self) -> None:
        """Give the connections up."""
        if self._engine is not None:
            self._engine.dispose()
        self._engine, self._is_ready = None, False
