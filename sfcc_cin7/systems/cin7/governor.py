"""The call governor: no call budget is ever exceeded, whatever processes and keys share it.

Cin7 Core allows 60 calls in any 60 seconds (Cin7 API reference, API limits), counted as they
arrive, for each application key or for all keys of an account: `Cin7Connection.budget` says which
calls share a budget. The governor keeps to it with as many rows ("slots") per budget as calls are
allowed, in the database that every process shares:

- a call takes a free slot before it is sent, and until the call ends the slot is blocked;
- when the call was answered, its slot stays blocked for one window more;
- a call that ended without an answer may still be on its way, and so may that of a process that
  died: its slot stays blocked for `max_call_seconds` plus one window from when it was taken.

So two calls of one slot arrive more than a window apart: the first had arrived when it was
answered (or `max_call_seconds` after it was sent, the longest a request is thought to live in the
network), and the second is sent a window after that. A window can then hold at most one arrival
per slot, which is the limit. Why no scheme can let out more is in docs/decisions/03.

Purposes share a budget by priority:

- a purpose gets a slot only while more than its own share of slots is free (`KEEP_FREE`), so that
  calls for orders mostly find one at once;
- it leaves to orders what they needed in the busiest of the last minutes and a quarter more, up to
  two thirds of all, so that a reading which takes its calls at once does not make them wait for a
  window; in the first minutes, when nobody knows what they need, `for_orders_at_first`;
- it gets none while a call of a purpose before it waits, so that the first slot that comes free is
  an order's;
- a purpose after `stock` that had fewer than `LEAST` calls in the last window comes right
  before `stock`: a reading of a thousand pages lasts for as long as it takes, not at the cost of
  everything after it;
- a few slots may be reserved for a purpose: no other gets them, and it gets them whoever waits. So
  stock stays true, and people's changes are found, while a backlog of orders uses up all else.

If Cin7 refuses a call all the same (someone else uses the key, or the account where its keys share
one limit), every process on that budget pauses.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from sfcc_cin7.db.schema import call_applications, call_budgets, call_slots, call_usage, call_waits
from sfcc_cin7.systems.cin7.connection import Purpose, scope_of
from sfcc_cin7.systems.cin7.demand import A_MINUTE, orders_in_a_minute
from sfcc_cin7.systems.http.errors import ApiError, OutOfBudget, Throttled
from sfcc_cin7.values.clock import Clock

LIMIT = 60
"""Calls that Cin7 allows in any 60 seconds."""

KEEP_FREE: dict[Purpose, int] = {
    "orders": 0,
    "stock-now": 4,
    "trail": 6,
    "stock": 8,
    "shipments": 12,
    "stock-up": 16,
    "catalogue": 20,
    "changes": 24,
}
"""Of 60 slots, how many a purpose must leave to those before it; they come first here."""

LEAST: dict[Purpose, int] = {"shipments": 2, "stock-up": 2, "catalogue": 2, "changes": 12}
"""Calls a purpose after `stock` has before it in each window, if orders leave room for them.

Each order's sale is changed in the ERP once more at least, when it ships: to know ten orders a
minute takes ten readings and the look at the list.
"""

LONGEST_PAUSE_BETWEEN_LOOKS = 0.25
A_WAIT_SHOWS = timedelta(seconds=8 * LONGEST_PAUSE_BETWEEN_LOOKS)
"""How long a call counts as waiting after its last look: that of a killed process, no longer."""
log = logging.getLogger(__name__)


class Governor:
    """Lets calls out, at most `limit` in any `window` seconds for each budget.

    `max_call_seconds` is longer than any call lasts. `max_wait` is how many seconds a call for an
    order waits for a slot: whoever holds a lease while calling keeps it longer than that plus a
    call. The other purposes hold no lease and wait `patience` seconds, longer than a reserved slot
    is blocked. `account` is whose budgets these are, a hash: a budget of another one says nothing
    about it. `reserved` are slots of `limit` that one purpose has to itself, where orders share
    its budget; there `for_orders_at_first` are kept for them while nobody knows what they need. One
    object may be shared by threads.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        limit: int = LIMIT,
        window: float = 60.0,
        max_call_seconds: float = 120.0,
        max_wait: float = 30.0,
        patience: float = 150.0,
        account: str | None = None,
        reserved: Mapping[Purpose, int] | None = None,
        for_orders_at_first: int = 0,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._limit = limit
        self._window = timedelta(seconds=window)
        self._longest_call = timedelta(seconds=max_call_seconds)
        self._max_wait = timedelta(seconds=max_wait)
        self._patience = timedelta(seconds=patience)
        self._account = account
        self._for_orders_at_first = for_orders_at_first
        self._own: dict[Purpose, range] = {}
        self._shared = range(limit)
        for purpose, slots in (reserved or {}).items():
            self._own[purpose] = range(self._shared.stop - slots, self._shared.stop)
            self._shared = range(self._shared.stop - slots)
        if not self._shared:
            raise ValueError("No slot is left that every purpose may take.")
        self._known: set[str] = set()

    @contextmanager
    def call(self, budget: str, purpose: Purpose) -> Iterator[int]:
        """Wait for a slot, hold it while the call inside the block runs, yield its number.

        Raises:
            OutOfBudget: no slot came free in time; nothing was sent.
        """
        slot, held_until = self._wait_for_slot(budget, purpose)
        failure: BaseException | None = None
        try:
            yield slot
        except BaseException as error:
            failure = error
            raise
        finally:
            self._after_call(budget, slot, held_until, purpose, failure)

    def _wait_for_slot(self, budget: str, purpose: Purpose) -> tuple[int, datetime]:
        self._register(budget)
        longest = self._max_wait if purpose == "orders" else self._patience
        give_up = self._clock.now() + longest
        while True:
            with self._engine.begin() as connection:
                taken = self._take(connection, budget, purpose)
                if not isinstance(taken, timedelta):
                    return taken
                self._show_wait(connection, budget, purpose)
            if self._clock.now() >= give_up:
                raise OutOfBudget(
                    "cin7",
                    f"{purpose} call",
                    None,
                    f"no call budget within {longest.total_seconds():g} s",
                )
            self._clock.sleep(min(max(taken.total_seconds(), 0.001), LONGEST_PAUSE_BETWEEN_LOOKS))

    def _register(self, budget: str) -> None:
        if budget in self._known:
            return
        free = self._clock.sql_now - timedelta(microseconds=1)
        with self._engine.begin() as connection:
            mine = insert(call_applications).values(application=budget, account=self._account)
            known = func.coalesce(mine.excluded.account, call_applications.c.account)
            connection.execute(
                mine.on_conflict_do_update(index_elements=["application"], set_={"account": known})
            )
            connection.execute(
                insert(call_budgets).values(application=budget).on_conflict_do_nothing()
            )
            connection.execute(
                insert(call_slots)
                .values(
                    [
                        {"application": budget, "slot": slot, "free_at": free}
                        for slot in range(self._limit)
                    ]
                )
                .on_conflict_do_nothing()
            )
            self._carry_over(connection, budget)
        self._known.add(budget)

    def _carry_over(self, connection: Connection, budget: str) -> None:
        """Count what was called lately under the other scope: the merchant may have changed it.

        Those calls block as many slots here, the longest one the slot that is free first, so that
        at any time at least as many are blocked as calls may still count. A pause holds here too.
        Nothing is found once a window has passed since the change.
        """
        now: datetime = connection.execute(select(self._clock.sql_now)).scalar_one()
        own = select(call_applications.c.paused_until).where(
            call_applications.c.application == budget
        )
        connection.execute(own.with_for_update())
        pauses = connection.execute(
            select(call_applications).where(
                call_applications.c.paused_until > now, self._of_this_account()
            )
        )
        for other in pauses.all():
            if scope_of(other.application) != scope_of(budget):
                self._pause_until(connection, budget, other.paused_until)
        ours = select(call_applications.c.application).where(self._of_this_account())
        slots = connection.execute(
            select(call_slots)
            .where(
                (call_slots.c.application == budget)
                | and_(call_slots.c.free_at >= now, call_slots.c.application.in_(ours))
            )
            .order_by(call_slots.c.free_at)
        ).all()
        mine = [slot for slot in slots if slot.application == budget]
        others = [slot for slot in slots if scope_of(slot.application) != scope_of(budget)]
        for slot, other in zip(mine, reversed(others), strict=False):
            if other.free_at > slot.free_at:
                connection.execute(
                    update(call_slots)
                    .where(_among(budget, range(slot.slot, slot.slot + 1)))
                    .values(lane=other.lane, free_at=other.free_at)
                )

    def _of_this_account(self) -> ColumnElement[bool]:
        """Of an account that is not known nobody can say that it is another one."""
        whose = call_applications.c.account
        if self._account is None:
            return true()
        return or_(whose.is_(None), whose == self._account)

    def _take(
        self, connection: Connection, budget: str, purpose: Purpose
    ) -> tuple[int, datetime] | timedelta:
        """A slot and until when it is held, or how long it is until one may come free.

        One process at a time looks at a budget, so that a purpose's share is counted exactly.
        """
        paused_until = connection.scalar(
            select(call_applications.c.paused_until)
            .where(call_applications.c.application == budget)
            .with_for_update()
        )
        now: datetime = connection.execute(select(self._clock.sql_now)).scalar_one()
        if paused_until is not None and paused_until > now:
            pause: timedelta = paused_until - now
            return pause
        waits = []
        for slots, keep_free in self._may_take(connection, budget, purpose, now):
            earliest = connection.execute(
                select(call_slots.c.slot, call_slots.c.free_at)
                .where(_among(budget, slots))
                .order_by(call_slots.c.free_at, call_slots.c.slot)
                .limit(keep_free + 1)
            ).all()
            wait: timedelta = earliest[-1].free_at - now
            if wait >= timedelta(0):  # more than a window, not exactly one
                waits.append(wait)
                continue
            slot, seen = earliest[0]
            held_until = now + self._longest_call + self._window
            if self._move(connection, budget, slot, purpose, seen, held_until):
                self._count(connection, budget, purpose, calls=1)
                return slot, held_until
            waits.append(timedelta(0))
        return min(waits, default=timedelta.max)

    def _may_take(
        self, connection: Connection, budget: str, purpose: Purpose, now: datetime
    ) -> Iterator[tuple[range, int]]:
        """Which slots a purpose may take, its own first, and how many it has to leave free."""
        if purpose in self._own:
            yield self._own[purpose], 0
        before, keep_free = self._before(connection, budget, purpose, now)
        waiting = before and connection.scalar(
            select(
                select(call_waits)
                .where(
                    call_waits.c.application == budget,
                    call_waits.c.lane.in_(before),
                    call_waits.c.until > now,
                )
                .exists()
            )
        )
        if not waiting:
            keep_free = keep_free * len(self._shared) // 60
            if purpose != "orders":
                keep_free = max(keep_free, self._orders_will_want(connection, budget, now))
            yield self._shared, keep_free

    def _orders_will_want(self, connection: Connection, budget: str, now: datetime) -> int:
        """How many slots more orders will want in this window: what a reading takes at once would
        else come free for them only a window later. It is never more than two thirds of all: the
        others go on too.
        """
        a_minute = orders_in_a_minute(connection, budget, now, self._for_orders_at_first)
        wanted = min(int(a_minute * self._window / A_MINUTE), len(self._shared) * 2 // 3)
        taken = [
            call_slots.c.application == budget,
            call_slots.c.lane == "orders",
            call_slots.c.free_at >= now,
        ]
        return wanted - (connection.scalar(select(func.count()).where(*taken)) or 0)

    def _before(
        self, connection: Connection, budget: str, purpose: Purpose, now: datetime
    ) -> tuple[list[Purpose], int]:
        """The purposes that come before this one now, and how many slots it leaves to them."""
        purposes = list(KEEP_FREE)
        place, stock = purposes.index(purpose), purposes.index("stock")
        if place < stock:
            return purposes[:place], KEEP_FREE[purpose]
        query = (
            select(call_slots.c.lane, func.count())
            .where(call_slots.c.application == budget, call_slots.c.free_at >= now)
            .group_by(call_slots.c.lane)
        )
        had = {each: calls for each, calls in connection.execute(query)}  # noqa: C416 - rows
        owed = [each for each in purposes[stock + 1 :] if had.get(each, 0) < LEAST[each]]
        if purpose in owed:
            return [*purposes[:stock], *owed[: owed.index(purpose)]], KEEP_FREE["stock"]
        return [*purposes[:place], *owed], KEEP_FREE[purpose]

    def _show_wait(self, connection: Connection, budget: str, purpose: Purpose) -> None:
        until = self._clock.sql_now + A_WAIT_SHOWS
        row = insert(call_waits).values(application=budget, lane=purpose, until=until)
        connection.execute(
            row.on_conflict_do_update(
                index_elements=["application", "lane"], set_={"until": row.excluded.until}
            )
        )

    def _after_call(
        self,
        budget: str,
        slot: int,
        held_until: datetime,
        purpose: Purpose,
        failure: BaseException | None = None,
    ) -> None:
        """Block the slot for one window more. The answer of the call matters more than this."""
        if failure and (not isinstance(failure, ApiError) or failure.unanswered):
            return  # it may still arrive: the slot stays blocked until `held_until`
        free_at = self._clock.sql_now + self._window
        try:
            with self._engine.begin() as connection:
                if isinstance(failure, Throttled):
                    self._pause(connection, budget, failure)
                    self._count(connection, budget, purpose, refused=int(failure.said_so))
                self._move(connection, budget, slot, purpose, held_until, free_at)
        except SQLAlchemyError as error:
            cause = type(error).__name__
            log.warning("A call slot stays blocked until %s: %s", held_until, cause)

    def _pause(self, connection: Connection, budget: str, refusal: Throttled) -> None:
        seconds = refusal.retry_after
        pause = self._window if seconds is None else timedelta(seconds=seconds)
        self._pause_until(connection, budget, self._clock.sql_now + pause)

    def _pause_until(self, connection: Connection, budget: str, until: Any) -> None:
        """Pause a budget; a longer pause stays."""
        connection.execute(
            update(call_applications)
            .where(call_applications.c.application == budget)
            .values(paused_until=func.greatest(call_applications.c.paused_until, until))
        )

    def _move(
        self,
        connection: Connection,
        budget: str,
        slot: int,
        purpose: Purpose,
        seen: datetime,
        free_at: Any,
    ) -> bool:
        """Change when a slot comes free, unless another call has changed it meanwhile.

        That happens to a call that outlived its safety net: the slot is no longer its own.
        """
        changed = connection.execute(
            update(call_slots)
            .where(
                call_slots.c.application == budget,
                call_slots.c.slot == slot,
                call_slots.c.free_at == seen,
            )
            .values(lane=purpose, free_at=free_at)
        )
        return changed.rowcount == 1

    def _count(
        self,
        connection: Connection,
        budget: str,
        purpose: Purpose,
        calls: int = 0,
        refused: int = 0,
    ) -> None:
        minute = func.date_trunc("minute", self._clock.sql_now)
        row = insert(call_usage).values(
            application=budget, lane=purpose, minute=minute, calls=calls, refused=refused
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


def _among(budget: str, slots: range) -> ColumnElement[bool]:
    return and_(
        call_slots.c.application == budget,
        call_slots.c.slot >= slots.start,
        call_slots.c.slot < slots.stop,
    )
