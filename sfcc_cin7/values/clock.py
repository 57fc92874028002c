"""Time comes in from outside, so that the whole system runs under a simulated clock."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, DateTime, func, literal


class Clock(Protocol):
    """Aware UTC time, a way to wait, and the same time as SQL sees it."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...

    @property
    def sql_now(self) -> ColumnElement[datetime]:
        """The instant for a statement: one source for every process that shares the database."""
        ...


class SystemClock:
    """The machine's time; in SQL the database server's, which all processes share."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    @property
    def sql_now(self) -> ColumnElement[datetime]:
        return func.clock_timestamp(type_=DateTime(timezone=True))


class ManualClock:
    """Simulated time: sleeping moves it, nothing waits."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    @property
    def sql_now(self) -> ColumnElement[datetime]:
        return literal(self._now, DateTime(timezone=True))
