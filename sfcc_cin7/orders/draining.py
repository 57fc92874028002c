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

from sfcc_cin7.clock import Clock
from sfcc_cin7.operating_model import PostingPolicy
from sfcc_cin7.orders.lookout import Lookout
from sfcc_cin7.orders.posting import OrderPosting, Outcome
from sfcc_cin7.orders.receiving import Receiver
from sfcc_cin7.store.orders import Claim

BETWEEN_LOOKS = 0.2
"""Seconds between looks at our own queue, which other processes fill too."""
log = logging.getLogger(__name__)

Report = Callable[[Claim, Outcome], None]


@dataclass
class DrainResult:
    """What a run did: orders received, and outcomes of the claims it worked on."""

    received: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)


def drain(
    receiver: Receiver,
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
    return how(receiver, posting, policy, clock, owner, report)


def _one_after_another(
    receiver: Receiver,
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
        claim = posting.claim(owner)
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
        Lookout(receiver, policy.poll_seconds, clock) as lookout,
        ThreadPoolExecutor(policy.workers, "posting") as workers,
    ):
        while clock.now() < ends and not work.failures and not lookout.failure:
            work.settle([each for each in work.running if each.done()])
            looked = lookout.looked  # before the queue is asked, or what came between is missed
            claim = None
            if len(work.running) < policy.workers and not work.failures:
                claim = posting.claim(owner)
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
