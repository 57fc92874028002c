"""Which batch of orders is worked on next."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.orders.records.batches import BatchQueue
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.orders.records.test_order_queue import LEASE, order


@pytest.fixture
def queue(engine: Engine, clock: ManualClock) -> BatchQueue:
    return BatchQueue(engine, clock)


def formed(queue: BatchQueue, clock: ManualClock, first: int, **changes: Any) -> str:
    """A batch of two orders that have just come."""
    pair = [order(clock, number, to_batch=True, **changes) for number in (first, first + 1)]
    OrderQueue(queue.engine, clock).receive(pair)
    key = f"brand:shop:consolidated:{first}"
    assert queue.form(key, "shop", {each.order_key: each.document_hash for each in pair})
    clock.sleep(1)
    return key


def claimed(queue: BatchQueue, near_promise_minutes: float = 60) -> str | None:
    claim = queue.claim("worker", LEASE, near_promise_minutes)
    return claim.key if claim is not None else None


def test_the_batch_that_has_been_due_longest_is_next(queue: BatchQueue, clock: ManualClock) -> None:
    first, second = formed(queue, clock, 1), formed(queue, clock, 3)
    assert [claimed(queue), claimed(queue), claimed(queue)] == [first, second, None]


def test_a_batch_with_an_order_near_its_promise_comes_before_older_ones(
    queue: BatchQueue, clock: ManualClock
) -> None:
    older = formed(queue, clock, 1)
    soon = formed(queue, clock, 3, promise_at=clock.now() + timedelta(minutes=50))
    sooner = formed(queue, clock, 5, promise_at=clock.now() + timedelta(minutes=40))
    assert [claimed(queue), claimed(queue), claimed(queue)] == [sooner, soon, older]


def test_a_promise_that_is_far_off_changes_nothing(queue: BatchQueue, clock: ManualClock) -> None:
    older = formed(queue, clock, 1)
    formed(queue, clock, 3, promise_at=clock.now() + timedelta(minutes=90))
    assert claimed(queue) == older
