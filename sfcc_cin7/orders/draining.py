"""One posting run: take every order that is due, then linger for more.

Starting a run costs two seconds, finding an order in a run that is already there costs almost
nothing; so a run stays while orders keep coming, and ends soon enough to stay readable.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sfcc_cin7.clock import Clock
from sfcc_cin7.operating_model import PostingPolicy
from sfcc_cin7.orders.consolidated import BatchOutcome, Consolidation, post_due_batches
from sfcc_cin7.orders.posting import OrderPosting, Outcome
from sfcc_cin7.orders.receiving import Receiver
from sfcc_cin7.store.orders import Claim

BETWEEN_LOOKS = 0.2
"""Seconds between looks at our own queue, which other processes fill too."""


@dataclass
class DrainResult:
    """What a run did: orders received, outcomes of the claims and of the batches it worked on."""

    received: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    batches: Counter[BatchOutcome] = field(default_factory=Counter)


def drain(
    receiver: Receiver,
    posting: OrderPosting,
    policy: PostingPolicy,
    clock: Clock,
    owner: str,
    report: Callable[[Claim, Outcome], None] = lambda _claim, _outcome: None,
    consolidation: Consolidation | None = None,
) -> DrainResult:
    """Receive and post until nothing has come for `linger_seconds`, or the run is long enough.

    `owner` names the lease; `report` is called after every claim.
    """
    result = DrainResult()
    ends = clock.now() + timedelta(seconds=policy.max_run_seconds)
    idle_since = clock.now()
    next_poll: datetime | None = None
    while clock.now() < ends:
        if next_poll is None or clock.now() >= next_poll:
            result.received += receiver.poll()
            next_poll = clock.now() + timedelta(seconds=policy.poll_seconds)
        batches = post_due_batches(consolidation, owner) if consolidation else Counter()
        result.batches += batches
        claim = posting.claim(owner)
        if claim is not None:
            outcome = posting.post(claim)
            result.outcomes[outcome] += 1
            report(claim, outcome)
            idle_since = clock.now()
        elif batches:
            idle_since = clock.now()
        elif clock.now() >= idle_since + timedelta(seconds=policy.linger_seconds):
            break
        else:
            clock.sleep(BETWEEN_LOOKS)
    return result
