"""Workers of the order lane that die, or fall asleep, at any statement, commit or call.

A worker has a database engine, a road to both systems and clients of its own, as a process has.
When it dies, nothing that it does afterwards reaches anybody, neither its clean-up nor its handling
of errors. When it falls asleep others go on, and it wakes up late and continues as if nothing had
happened.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import Engine, event

from sfcc_cin7.cli.emulated import sandbox_erp, sandbox_storefront
from sfcc_cin7.db.database import connect
from sfcc_cin7.merchant.operating_model import OperatingModel, PostingPolicy
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.posting.draining import DrainResult, drain, lingering
from sfcc_cin7.orders.posting.order import OrderPosting
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.order_lane import Crash

SECONDS_PER_CALL = 0.3
LINGERS = 3.0
"""Seconds that a run waits for more; what comes later is a matter for the next run."""


@dataclass
class Fate:
    """What becomes of a worker: the moments of its life are counted from 1.

    A moment comes before each statement, commit and call. Nothing lies between the end of one and
    the beginning of the next, so a death after one is a death before the next.

    It dies at the moment `dies_at`, given by number or by name, or from `dies_from` on as soon as
    no transaction of it is open: one that is cut off leaves nothing, so that a death within one is
    a death before its first statement. `dies_after` names a call that it lives through, and no
    longer. From `sleeps_at` on, it falls asleep as soon as it holds no
    lock in the database (which would hold up the others for as long), and `dream` is what happens
    until it wakes up.
    """

    dies_at: int | str | None = None
    dies_from: int | None = None
    dies_after: str | None = None
    sleeps_at: int | None = None
    dream: Callable[["Fate"], None] = lambda _: None
    trail: list[str] = field(default_factory=list)
    dead: bool = False
    holds_locks: bool = False

    def moment(self, what: str) -> None:
        """One more moment has come. Raises Crash when it is the last, and ever after."""
        if self.dead:
            raise Crash
        done = bool(self.trail) and self.trail[-1] == self.dies_after
        self.trail.append(what)
        between = self.dies_from and len(self.trail) >= self.dies_from and not self.holds_locks
        if done or between or self.dies_at in (len(self.trail), what):
            self.dead = True
            raise Crash
        if self.sleeps_at and len(self.trail) >= self.sleeps_at and not self.holds_locks:
            self.sleeps_at = None
            self.dream(self)

    @property
    def is_about_to_write(self) -> bool:
        """Whether it is past every fence: the call that it is about to make will be made."""
        return self.trail[-1].startswith(("POST /", "PUT /", "DELETE /"))


class Hands:
    """A database engine; every statement and commit is a moment of whoever it belongs to now."""

    def __init__(self, of: Engine) -> None:
        self.engine = connect(of.url, ping=False)
        self.fate = Fate()
        event.listen(self.engine, "before_cursor_execute", self._before)
        dialect: Any = self.engine.dialect
        dialect.do_commit = self._commit
        dialect.do_rollback = self._rollback

    def _before(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.fate.moment(_short(statement))
        self.fate.holds_locks = True

    def _commit(self, connection: Any) -> None:
        self.fate.moment("commit")
        connection.commit()
        self.fate.holds_locks = False

    def _rollback(self, connection: Any) -> None:
        connection.rollback()
        self.fate.holds_locks = False


class Wire(httpx.BaseTransport):
    """The road to both systems; every call is a moment of one worker."""

    def __init__(
        self, road: httpx.BaseTransport, fate: Fate, takes_time: Callable[[httpx.Request], None]
    ) -> None:
        self._road = road
        self._fate = fate
        self._takes_time = takes_time

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._fate.moment(f"{request.method} {request.url.path}")
        self._takes_time(request)
        response = self._road.handle_request(request)
        response.read()
        return response

    def close(self) -> None:
        """The road outlives the worker."""


@dataclass(frozen=True)
class Workplace:
    """What every worker of a merchant finds when it starts."""

    url: str
    model: OperatingModel
    clock: ManualClock
    road: httpx.BaseTransport
    takes_time: Callable[[httpx.Request], None] | None = None
    """How time passes with a call; without it every call takes its seconds after the others."""

    @property
    def _rhythm(self) -> PostingPolicy:
        """The merchant's, but that it looks for orders every two seconds: looks are most of what a
        run does, and no death comes at one that finds nothing."""
        return self.model.posting.model_copy(update={"poll_seconds": 2.0})

    def work(self, hands: Hands, name: str, fate: Fate | None = None) -> DrainResult | None:
        """One posting run of a new process; None when it died."""
        receiver, posting = self._process(hands, fate or Fate())
        with suppress(Crash):
            until = lingering(self.clock, LINGERS)
            return drain(receiver, posting, self._rhythm, self.clock, name, until)
        return None

    def window(self, hands: Hands, start: datetime, end: datetime) -> dict[str, int]:
        """A new process re-reads every order created in a window."""
        receiver, _ = self._process(hands, Fate())
        return receiver.window(start, end)

    def _process(self, hands: Hands, fate: Fate) -> tuple[Receiver, OrderPosting]:
        hands.fate = fate
        one_after_another = lambda _: self.clock.sleep(SECONDS_PER_CALL)  # noqa: E731
        wire = Wire(self.road, fate, self.takes_time or one_after_another)
        shop = SfccClient(
            sandbox_storefront(self.url),
            self.clock,
            wire,
        )
        erp = Cin7Client(
            sandbox_erp(self.url),
            Governor(hands.engine, self.clock),
            "orders",
            self.clock,
            wire,
            attempts=1,
        )
        queue = OrderQueue(hands.engine, self.clock)
        receiver = Receiver(shop, queue, self.model, self.clock)
        posting = OrderPosting(
            hands.engine, queue, shop, erp, self.model, self.clock, chance=lambda: 0.5
        )
        return receiver, posting


@contextmanager
def hands_of(engine: Engine) -> Iterator[Hands]:
    """Hands for a while."""
    hands = Hands(engine)
    try:
        yield hands
    finally:
        hands.fate = Fate()
        hands.engine.dispose()


SCHEMAS = ("sfcc_cin7.", "cin7_calls.")


def _short(statement: str) -> str:
    words = statement.split()
    table = next((word for word in words if any(name in word for name in SCHEMAS)), "")
    return f"{words[0]} {table.partition('(')[0].strip(',')}".strip()
