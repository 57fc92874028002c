"""Posting: take every order that is due, and go on until the run is over.

Starting a run costs two seconds, finding an order in a run that is already there costs almost
nothing; so there is always one that is there, which takes orders as they come.

An ERP that needs a second or two for each call would keep a run that posts one order after another
below its call budget, so several workers post side by side. One thread claims, and only what a free
worker takes on at once: an order waits in the queue, where any process can have it, never in here.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from sfcc_cin7.db.leases import Lease
from sfcc_cin7.merchant.operating_model import PostingPolicy
from sfcc_cin7.orders.intake.poller import Poller
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.values.clock import Clock

BETWEEN_LOOKS = 0.5
"""Seconds between looks at our own queue, which other processes fill too. What is received in here
is looked for at once."""
BUSY = 0.2
"""Seconds between looks while a worker posts."""
log = logging.getLogger(__name__)

Report = Callable[[str, str], None]
"""Told the key of what was claimed, and how it ended."""
Until = Callable[[timedelta | None], bool]
"""Told for how long nothing has been due (None: something is), it says whether the run is over."""


def caught_up(idle: timedelta | None) -> bool:
    """Over as soon as nothing is due."""
    return idle is not None


def lingering(clock: Clock, seconds: float, longest: float = 240.0) -> Until:
    """Over when nothing has come for `seconds`, or the run has lasted for the `longest`."""
    ends = clock.now() + timedelta(seconds=longest)
    patience = timedelta(seconds=seconds)
    return lambda idle: clock.now() >= ends or (idle is not None and idle >= patience)


class Work(Protocol):
    """Something that is claimed piece by piece and posted: orders, or batches of them."""

    def claim(self, owner: str) -> Lease | None: ...

    def post(self, claim: Any) -> str: ...


@dataclass
class DrainResult:
    """What a run did: orders received, and how claims of orders and of batches ended."""

    received: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    batches: Counter[str] = field(default_factory=Counter)


def drain(
    receiver: Receiver,
    posting: Work,
    policy: PostingPolicy,
    clock: Clock,
    owner: str,
    until: Until = caught_up,
    report: Report = lambda _key, _outcome: None,
    batches: Work | None = None,
    result: DrainResult | None = None,
) -> DrainResult:
    """Receive and post until the run is over; it is asked `until` when, several times a second.

    Single orders and batches take turns. `owner` names the lease; `report` is called after every
    claim, in the caller's thread as `until` is. What is done is counted in `result`, if one is
    given, as it happens. With one worker there is no second thread, so that time may be simulated.

    Raises:
        Exception: what a worker or the receiver raised. Nothing more is claimed then; what is being
            posted is finished first.
    """
    result = result or DrainResult()
    work = [(posting, result.outcomes)]
    if batches is not None:  # first: it gives back the orders that are to be posted alone
        work.insert(0, (batches, result.batches))
    how = _one_after_another if policy.workers == 1 else _side_by_side
    how(receiver, work, result, policy, clock, owner, until, report)
    return result


def _one_after_another(
    receiver: Receiver,
    work: list[tuple[Work, Counter[str]]],
    result: DrainResult,
    policy: PostingPolicy,
    clock: Clock,
    owner: str,
    until: Until,
    report: Report,
) -> None:
    idle_since = next_poll = clock.now()
    while True:
        if clock.now() >= next_poll:
            result.received += receiver.poll()
            next_poll = clock.now() + timedelta(seconds=policy.poll_seconds)
        busy = False
        for each, tally in work:
            claim = each.claim(owner)
            if claim is not None:
                outcome = each.post(claim)
                tally[outcome] += 1
                report(claim.key, outcome)
                busy = True
        if busy:
            idle_since = clock.now()
        if until(None if busy else clock.now() - idle_since):
            break
        if not busy:
            clock.sleep(BUSY)


def _side_by_side(
    receiver: Receiver,
    work: list[tuple[Work, Counter[str]]],
    result: DrainResult,
    policy: PostingPolicy,
    clock: Clock,
    owner: str,
    until: Until,
    report: Report,
) -> None:
    crew = _Crew(report)
    idle_since = clock.now()
    with (
        Poller(receiver, policy.poll_seconds, clock) as poller,
        ThreadPoolExecutor(policy.workers, "posting") as workers,
    ):
        while not crew.failures and not poller.failure:
            crew.settle([each for each in crew.running if each.done()])
            looked = poller.looked  # before the queue is asked, or what came between is missed
            claimed = False
            if len(crew.running) < policy.workers and not crew.failures:
                work = work[1:] + work[:1]  # the others first the next time
                for each, tally in work:
                    claim = each.claim(owner)
                    if claim is not None:
                        crew.running[workers.submit(each.post, claim)] = (tally, claim.key)
                        claimed = True
                        break
            if crew.running:
                idle_since = clock.now()
            if until(clock.now() - idle_since if looked and not crew.running else None):
                break
            if claimed:
                continue
            if crew.running:
                wait(crew.running, BUSY, FIRST_COMPLETED)
            else:
                poller.wait_for_orders(BETWEEN_LOOKS)
    crew.settle(list(crew.running))  # every worker has finished
    result.received = poller.received
    failures = [*crew.failures, *([poller.failure] if poller.failure else [])]
    for other in failures[1:]:
        log.error("another failure of the same run", exc_info=other)
    if failures:
        raise failures[0]


class _Crew:
    """What workers are posting, and what became of what they posted before."""

    def __init__(self, report: Report) -> None:
        self.running: dict[Future[str], tuple[Counter[str], str]] = {}
        self.failures: list[BaseException] = []
        self._report = report

    def settle(self, ended: Iterable[Future[str]]) -> None:
        """Take note of what ended."""
        for future in ended:
            tally, key = self.running.pop(future)
            failure = future.exception()
            if failure is not None:
                self.failures.append(failure)
                continue
            tally[future.result()] += 1
            self._report(key, future.result())
