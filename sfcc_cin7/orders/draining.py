"""One posting run: take every order that is due, then linger for more.

Starting a run costs two seconds, finding an order in a run that is already there costs almost
nothing; so a run stays while orders keep coming, and ends soon enough to stay readable.

An ERP that needs a second or two for each call would keep a run that posts one order after another
below its call budget, so several workers post side by side. One thread claims, and only what a free
worker takes on at once: an order waits in the queue, where any process can have it, never in here.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from types import TracebackType
from typing import Self

from sfcc_cin7.clock import Clock
from sfcc_cin7.operating_model import PostingPolicy
from sfcc_cin7.orders.posting import OrderPosting, Outcome
from sfcc_cin7.orders.receiving import Receiver
from sfcc_cin7.store.orders import Claim, OrderQueue

BETWEEN_LOOKS = 0.2
"""Seconds between looks at our own queue, which other processes fill too."""
PATIENCE_WITH_A_LOOK = 2.0
"""Seconds that the end of a run waits for the storefront to answer a last look."""
log = logging.getLogger(__name__)

Report = Callable[[Claim, Outcome], None]


@dataclass
class DrainResult:
    """What a run did: orders received, and outcomes of the claims it worked on."""

    received: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)


def drain(
    receiver: Receiver,
    queue: OrderQueue,
    posting: OrderPosting,
    policy: PostingPolicy,
    clock: Clock,
    owner: str,
    report: Report = lambda _claim, _outcome: None,
) -> DrainResult:
    """Receive and post until nothing has come for `linger_seconds`, or the run is long enough.

    `owner` names the lease; `report` is called after every claim, in the caller's thread. With one
    worker there is no second thread, so that time may be simulated.

    Raises:
        Exception: what a worker or the receiver raised. No further order is claimed then; those
            that are being posted are finished first.
    """
    how = _one_after_another if policy.workers == 1 else _side_by_side
    return how(receiver, queue, posting, policy, clock, owner, report)


def _one_after_another(
    receiver: Receiver,
    queue: OrderQueue,
    posting: OrderPosting,
    policy: PostingPolicy,
    clock: Clock,
    owner: str,
    report: Report,
) -> DrainResult:
    result = DrainResult()
    ends = clock.now() + timedelta(seconds=policy.max_run_seconds)
    idle_since = clock.now()
    next_poll: datetime | None = None
    while clock.now() < ends:
        if next_poll is None or clock.now() >= next_poll:
            result.received += receiver.poll()
            next_poll = clock.now() + timedelta(seconds=policy.poll_seconds)
        claim = queue.claim(owner, policy.lease_seconds)
        if claim is not None:
            outcome = posting.post(claim)
            result.outcomes[outcome] += 1
            report(claim, outcome)
            idle_since = clock.now()
        elif clock.now() >= idle_since + timedelta(seconds=policy.linger_seconds):
            break
        else:
            clock.sleep(BETWEEN_LOOKS)
    return result


def _side_by_side(
    receiver: Receiver,
    queue: OrderQueue,
    posting: OrderPosting,
    policy: PostingPolicy,
    clock: Clock,
    owner: str,
    report: Report,
) -> DrainResult:
    work = _Work(report)
    ends = clock.now() + timedelta(seconds=policy.max_run_seconds)
    idle_since = clock.now()
    with (
        _Lookout(receiver, policy.poll_seconds, clock) as lookout,
        ThreadPoolExecutor(policy.workers, "posting") as workers,
    ):
        while clock.now() < ends and not work.failures and not lookout.failure:
            work.settle([each for each in work.running if each.done()])
            looked = lookout.looked  # before the queue is asked, or what came between is missed
            claim = None
            if len(work.running) < policy.workers and not work.failures:
                claim = queue.claim(owner, policy.lease_seconds)
            if claim is not None:
                work.running[workers.submit(posting.post, claim)] = claim
            if work.running:
                idle_since = clock.now()
            if claim is not None:
                continue
            if work.running:
                wait(work.running, BETWEEN_LOOKS, FIRST_COMPLETED)
            elif looked and clock.now() >= idle_since + timedelta(seconds=policy.linger_seconds):
                break
            else:
                clock.sleep(BETWEEN_LOOKS)
    work.settle(list(work.running))  # every worker has finished
    work.result.received = lookout.received
    failures = [*work.failures, *([lookout.failure] if lookout.failure else [])]
    for other in failures[1:]:
        log.error("another failure of the same run", exc_info=other)
    if failures:
        raise failures[0]
    return work.result


class _Work:
    """Claims that workers are posting, and what became of those before."""

    def __init__(self, report: Report) -> None:
        self.running: dict[Future[Outcome], Claim] = {}
        self.result = DrainResult()
        self.failures: list[BaseException] = []
        self._report = report

    def settle(self, ended: Iterable[Future[Outcome]]) -> None:
        """Take note of what ended."""
        for future in ended:
            claim = self.running.pop(future)
            failure = future.exception()
            if failure is not None:
                self.failures.append(failure)
                continue
            self.result.outcomes[future.result()] += 1
            self._report(claim, future.result())


class _Lookout:
    """Receives in a thread of its own: a storefront that hangs must not hold up posting.

    `failure` is what it could not go on after; `looked` says that one look has been completed.
    """

    def __init__(self, receiver: Receiver, every: float, clock: Clock) -> None:
        self.received = 0
        self.looked = False
        self.failure: BaseException | None = None
        self._receiver = receiver
        self._every = timedelta(seconds=every)
        self._clock = clock
        self._over = Event()
        # A daemon: a look that hangs after the run's end is left alone, it can only store orders.
        self._thread = Thread(target=self._watch, name="receiving", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(PATIENCE_WITH_A_LOOK)
        if self._thread.is_alive():
            log.warning("The storefront's order list did not answer before the run's end.")

    def _watch(self) -> None:
        try:
            while not self._over.is_set():
                self.received += self._receiver.poll()
                self.looked = True
                next_look = self._clock.now() + self._every
                while (now := self._clock.now()) < next_look and not self._over.is_set():
                    self._clock.sleep(min(BETWEEN_LOOKS, (next_look - now).total_seconds()))
        except BaseException as error:
            self.failure = error
            if self._over.is_set():  # perhaps nobody looks at it any more
                log.error("The last look for orders failed", exc_info=error)
