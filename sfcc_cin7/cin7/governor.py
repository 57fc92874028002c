"""The call governor: no application key ever exceeds its limit, whatever processes share it.

Cin7 Core allows 60 calls in any 60 seconds per application key (Cin7 API reference, API limits),
counted as they arrive. The governor keeps that promise with as many rows ("slots") per key as calls
are allowed, in the database that every process shares:

- a call takes a free slot before it is sent, and until the call ends the slot is blocked;
- when the call has ended, its slot stays blocked for one window more.

So two calls of one slot arrive more than a window apart: the second is sent only after the first
was answered and a window has passed. A window can then hold at most one arrival per slot, which is
the limit. A process that dies holding a slot frees it by the safety net written when it was taken,
the longest a call may last plus one window; a dead process cannot make the promise false.

Lanes share a key by priority without a queue: a lane may take a slot only while more than its own
share of slots is free (`KEEP_FREE`), so calls for orders always find what the others must leave.

If Cin7 refuses a call all the same (someone else uses the key), every process pauses.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.cin7.connection import Lane
from sfcc_cin7.clock import Clock
from sfcc_cin7.http.errors import OutOfBudget, Throttled
from sfcc_cin7.store.schema import call_applications, call_slots, call_usage

KEEP_FREE: dict[Lane, int] = {
    "orders": 0,
    "stock": 8,
    "shipments": 12,
    "stock-up": 16,
    "catalogue": 20,
    "reconcile": 24,
}
"""Of 60 slots, how many a lane must leave to the lanes before it."""

LONGEST_PAUSE_BETWEEN_LOOKS = 0.25
log = logging.getLogger(__name__)


class Governor:
    """Lets calls out, at most `limit` in any `window` seconds for each application.

    `max_call_seconds` is longer than any call lasts; `max_wait` is how many seconds a call waits
    for a slot. Whoever holds a lease while calling keeps it longer than `max_wait` plus a call.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        limit: int = 60,
        window: float = 60.0,
        max_call_seconds: float = 120.0,
        max_wait: float = 30.0,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._limit = limit
        self._window = timedelta(seconds=window)
        self._longest_call = timedelta(seconds=max_call_seconds)
        self._max_wait = timedelta(seconds=max_wait)
        self._known: set[str] = set()

    @contextmanager
    def call(self, application: str, lane: Lane) -> Iterator[int]:
        """Wait for a slot, hold it while the call inside the block runs, yield its number.

        Raises:
            OutOfBudget: no slot came free in time; nothing was sent.
        """
        slot, held_until = self._wait_for_slot(application, lane)
        refusal = None
        try:
            yield slot
        except Throttled as error:
            refusal = error
            raise
        finally:
            self._after_call(application, slot, held_until, lane, refusal)

    def _wait_for_slot(self, application: str, lane: Lane) -> tuple[int, datetime]:
        self._register(application)
        give_up = self._clock.now() + self._max_wait
        while True:
            with self._engine.begin() as connection:
                taken = self._take(connection, application, lane)
                if not isinstance(taken, timedelta):
                    return taken
            if self._clock.now() >= give_up:
                raise OutOfBudget(
                    "cin7",
                    f"{lane} call",
                    None,
                    f"no call budget within {self._max_wait.total_seconds():g} s",
                )
            self._clock.sleep(min(max(taken.total_seconds(), 0.01), LONGEST_PAUSE_BETWEEN_LOOKS))

    def _register(self, application: str) -> None:
        if application in self._known:
            return
        with self._engine.begin() as connection:
            connection.execute(
                insert(call_applications).values(application=application).on_conflict_do_nothing()
            )
            connection.execute(
                insert(call_slots)
                .values(
                    [
                        {"application": application, "slot": slot, "free_at": self._clock.sql_now}
                        for slot in range(self._limit)
                    ]
                )
                .on_conflict_do_nothing()
            )
        self._known.add(application)

    def _take(
        self, connection: Connection, application: str, lane: Lane
    ) -> tuple[int, datetime] | timedelta:
        """A slot and until when it is held, or how long it is until one may come free.

        One process at a time looks at an application, so that a lane's share is counted exactly.
        """
        paused_until = connection.scalar(
            select(call_applications.c.paused_until)
            .where(call_applications.c.application == application)
            .with_for_update()
        )
        now: datetime = connection.execute(select(self._clock.sql_now)).scalar_one()
        if paused_until is not None and paused_until > now:
            pause: timedelta = paused_until - now
            return pause
        earliest = connection.execute(
            select(call_slots.c.slot, call_slots.c.free_at)
            .where(call_slots.c.application == application, call_slots.c.slot < self._limit)
            .order_by(call_slots.c.free_at, call_slots.c.slot)
            .limit(self._keep_free(lane) + 1)
        ).all()
        last_needed: datetime = earliest[-1].free_at
        if last_needed > now:
            return last_needed - now
        slot: int = earliest[0].slot
        held_until = now + self._longest_call + self._window
        if not self._move(connection, application, slot, lane, earliest[0].free_at, held_until):
            return timedelta(0)
        self._count(connection, application, lane, calls=1)
        return slot, held_until

    def _keep_free(self, lane: Lane) -> int:
        return KEEP_FREE[lane] * self._limit // 60

    def _after_call(
        self,
        application: str,
        slot: int,
        held_until: datetime,
        lane: Lane,
        refusal: Throttled | None = None,
    ) -> None:
        """Block the slot for one window more. The answer of the call matters more than this."""
        free_at = self._clock.sql_now + self._window
        try:
            with self._engine.begin() as connection:
                if refusal is not None:
                    self._pause(connection, application, refusal)
                    self._count(connection, application, lane, refused=1)
                self._move(connection, application, slot, lane, held_until, free_at)
        except SQLAlchemyError as error:
            cause = type(error).__name__
            log.warning("A call slot stays blocked until %s: %s", held_until, cause)

    def _pause(self, connection: Connection, application: str, refusal: Throttled) -> None:
        seconds = refusal.retry_after
        pause = self._window if seconds is None else timedelta(seconds=seconds)
        connection.execute(
            update(call_applications)
            .where(call_applications.c.application == application)
            .values(
                paused_until=func.greatest(
                    call_applications.c.paused_until, self._clock.sql_now + pause
                )
            )
        )

    def _move(
        self,
        connection: Connection,
        application: str,
        slot: int,
        lane: Lane,
        seen: datetime,
        free_at: Any,
    ) -> bool:
        """Change when a slot comes free, unless another call has changed it meanwhile.

        That happens to a call that outlived its safety net: the slot is no longer its own.
        """
        changed = connection.execute(
            update(call_slots)
            .where(
                call_slots.c.application == application,
                call_slots.c.slot == slot,
                call_slots.c.free_at == seen,
            )
            .values(lane=lane, free_at=free_at)
        )
        return changed.rowcount == 1

    def _count(
        self, connection: Connection, application: str, lane: Lane, calls: int = 0, refused: int = 0
    ) -> None:
        minute = func.date_trunc("minute", self._clock.sql_now)
        row = insert(call_usage).values(
            application=application, lane=lane, minute=minute, calls=calls, refused=refused
        )
        connection.execute(
            row.on_conflict_do_update(
                index_elements=["application", "lane", "minute"],
                set_={
                    "calls": call_usage.c.calls + row.excluded.calls,
                    "refused": call_usage.c.refused + row.excluded.refused,
                },
            )
        )
