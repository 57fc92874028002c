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
from datetime import timedelta
from typing import Any, Protocol

from sfcc_cin7.db.leases import Lease
from sfcc_cin7.merchant.operating_model import PostingPolicy
from sfcc_cin7.orders.intake.poller import Poller
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.values.clock import Clock

BETWEEN_LOOKS = 0.2
"""Seconds between looks at our own queue, which other processes fill too."""
log = logging.getLogger(__name__)

Report = Callable[[str, str], None]
"""Told the key of what was claimed, and how it ended."""


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
    report: Report = lambda _key, _outcome: None,
    batches: Work | None = None,
) -> DrainResult:
    """Receive and post until nothing has come for `linger_seconds`, or the run is long enough.

    Single orders and batches take turns. `owner` names the lease; `report` is called after every
    claim, in the caller's thread. With one worker there is no second thread, so that time may be
    simulated.

    Raises:
        Exception: what a worker or the receiver raised. Nothing more is claimed then; what is being
            posted is finished first.
    """
    result = DrainResult()
    work = [(posting, result.outcomes)]
    if batches is not None:  # first: it gives back the orders that are to be posted alone
        work.insert(0, (batches, result.batches))
    how = _one_after_another if policy.workers == 1 else _side_by_side
    how(receiver, work, result, policy, clock, owner, report)
    return result


def _one_after_another(
    receiver: Receiver,
    work: list[tuple[Work, Counter[str]]],
    result: DrainResult,
    policy: PostingPolicy,
    clock: Clock,
    owner: str,
    report: Report,
) -> None:
    ends = clock.now() + timedelta(seconds=policy.max_run_seconds)
    idle_since = next_poll = clock.now()
    while clock.now() < ends:
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
        elif clock.now() >= idle_since + timedelta(seconds=policy.linger_seconds):
            break
        else:
            clock.sleep(BETWEEN_LOOKS)


def _side_by_side(
    receiver: Receiver,
    work: list[tuple[Work, Counter[str]]],
    result: DrainResult,
    policy: PostingPolicy,
    clock: Clock,
    owner: str,
    report: Report,
) -> None:
    crew = _Crew(report)
    ends = clock.now() + timedelta(seconds=policy.max_run_seconds)
    idle_since = clock.now()
    with (
        Poller(receiver, policy.poll_seconds, clock) as poller,
        ThreadPoolExecutor(policy.workers, "posting") as workers,
    ):
        while clock.now() < ends and not crew.failures and not poller.failure:
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
            if claimed:
                continue
            if crew.running:
                wait(crew.running, BETWEEN_LOOKS, FIRST_COMPLETED)
            elif looked and clock.now() >= idle_since + timedelta(seconds=policy.linger_seconds):
                break
            else:
                clock.sleep(BETWEEN_LOOKS)
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
