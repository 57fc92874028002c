"""Which order is worked on next, by whom, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.db.backlog import backlog, waiting_orders
from sfcc_cin7.db.leases import LeaseLost
from sfcc_cin7.db.schema import order_events, orders
from sfcc_cin7.orders.records.queue import Claim, OrderQueue, ReceivedOrder
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.states import SETTLED, OrderState

LEASE = 120


@pytest.fixture
def queue(engine: Engine, clock: ManualClock) -> OrderQueue:
    return OrderQueue(engine, clock)


def order(clock: ManualClock, number: int, **changes: Any) -> ReceivedOrder:
    """An order placed now, due at once."""
    now = clock.now()
    received = ReceivedOrder(
        order_key=f"brand:shop:{number}",
        site="shop",
        order_no=str(number),
        currency="GBP",
        order_total=Decimal("10.00"),
        created_at=now,
        modified_at=now,
        shop_status="new",
        document="{}",
        document_hash="hash",
        shown_version="first",
        due_at=now,
        promise_at=None,
        shopper=None,
        units={"TENT": Decimal(1)},
    )
    return replace(received, **changes)


def claim(queue: OrderQueue, near_promise_minutes: float = 60) -> Claim:
    claimed = queue.claim("worker", LEASE, near_promise_minutes)
    assert claimed is not None
    return claimed


def settle(queue: OrderQueue, claimed: Claim, state: OrderState = OrderState.ACKNOWLEDGED) -> None:
    with queue.engine.begin() as connection:
        queue.finish(connection, claimed, state)


def row(queue: OrderQueue, number: int) -> Any:
    query = select(orders).where(orders.c.order_no == str(number))
    with queue.engine.connect() as connection:
        return connection.execute(query).one()


def events(queue: OrderQueue, number: int) -> list[str]:
    query = (
        select(order_events.c.kind)
        .where(order_events.c.order_key == f"brand:shop:{number}")
        .order_by(order_events.c.id)
    )
    with queue.engine.connect() as connection:
        return list(connection.scalars(query))


def numbers(queue: OrderQueue) -> list[str]:
    """Every order that can be claimed now, in the sequence in which it is."""
    claimed = []
    while (one := queue.claim("worker", LEASE, 60)) is not None:
        claimed.append(one.order_no)
    return claimed


# Who is next


def test_the_order_that_has_been_due_longest_is_next(queue: OrderQueue, clock: ManualClock) -> None:
    for number in (3, 1, 2):
        queue.receive([order(clock, number)])
        clock.sleep(1)
    assert numbers(queue) == ["3", "1", "2"]


def test_an_order_near_its_promise_passes_the_others(queue: OrderQueue, clock: ManualClock) -> None:
    soon, sooner, later = (clock.now() + timedelta(minutes=m) for m in (50, 40, 90))
    queue.receive([order(clock, 1), order(clock, 2, promise_at=later)])
    clock.sleep(1)
    queue.receive([order(clock, 3, promise_at=soon), order(clock, 4, promise_at=sooner)])
    clock.sleep(1)
    assert numbers(queue) == ["4", "3", "1", "2"]


def test_an_order_that_failed_does_not_hold_up_younger_ones(
    queue: OrderQueue, clock: ManualClock
) -> None:
    queue.receive([order(clock, 1)])
    queue.retry_later(claim(queue), timedelta(minutes=5), "no answer", "unavailable")
    queue.receive([order(clock, 2)])
    settle(queue, claim(queue))
    assert row(queue, 2).state == "acknowledged"
    assert numbers(queue) == []
    clock.sleep(301)
    assert numbers(queue) == ["1"]


def test_a_shoppers_orders_keep_their_sequence_where_the_site_wants_it(
    queue: OrderQueue, clock: ManualClock
) -> None:
    for number in (1, 2):
        queue.receive([order(clock, number, shopper="ada")])
        clock.sleep(1)
    queue.receive([order(clock, 3, shopper="bob"), order(clock, 4)])
    first = claim(queue)
    queue.retry_later(first, timedelta(minutes=1), "no answer", "unavailable")
    assert numbers(queue) == ["3", "4"]
    clock.sleep(61)
    again = claim(queue)
    assert again.order_no == "1"
    settle(queue, again)
    assert numbers(queue)[0] == "2"


def test_an_order_in_review_does_not_hold_up_its_shoppers_next_one(
    queue: OrderQueue, clock: ManualClock
) -> None:
    queue.receive([order(clock, 1, shopper="ada")])
    clock.sleep(1)
    queue.receive([order(clock, 2, shopper="ada")])
    settle(queue, claim(queue), OrderState.IN_REVIEW)
    assert numbers(queue) == ["2"]


def test_an_order_in_its_hold_is_neither_due_nor_waiting(
    queue: OrderQueue, clock: ManualClock
) -> None:
    until = clock.now() + timedelta(minutes=30)
    queue.receive([order(clock, 1, due_at=until)])
    clock.sleep(29 * 60)
    with queue.engine.connect() as connection:
        assert not queue.has_work()
        assert backlog(connection, clock.now()).waiting == 0
    clock.sleep(2 * 60)
    with queue.engine.connect() as connection:
        assert queue.has_work()
        assert backlog(connection, clock.now()).oldest == until


# Leases


def test_a_worker_that_lost_its_lease_writes_nothing(queue: OrderQueue, clock: ManualClock) -> None:
    queue.receive([order(clock, 1)])
    slow = claim(queue)
    clock.sleep(LEASE + 1)
    quick = claim(queue)
    attempts = (
        lambda: queue.record(slow, "created", sale_id="late"),
        lambda: queue.renew(slow, LEASE),
        lambda: queue.retry_later(slow, timedelta(0), "late"),
        lambda: queue.take_document(slow, order(clock, 1)),
        lambda: settle(queue, slow),
    )
    for late in attempts:
        with pytest.raises(LeaseLost):
            late()
    assert row(queue, 1).sale_id is None
    assert events(queue, 1) == ["received", "claimed", "claimed"]
    queue.record(quick, "created", sale_id="in time")
    assert row(queue, 1).sale_id == "in time"


# Attempts


def test_failures_are_counted_by_their_kind_and_throttling_costs_no_attempt(
    queue: OrderQueue, clock: ManualClock
) -> None:
    queue.receive([order(clock, 1)])
    queue.retry_later(claim(queue), timedelta(0), "busy", "throttled")
    queue.retry_later(claim(queue), timedelta(0), "no answer", "unavailable")
    queue.retry_later(claim(queue), timedelta(seconds=90), "no answer", "unavailable")
    with queue.engine.connect() as connection:
        [waiting] = waiting_orders(connection, clock.now())
    assert (waiting.attempts, waiting.throttled, waiting.unavailable) == (2, 1, 2)
    assert waiting.next_attempt_at == clock.now() + timedelta(seconds=90)
    assert waiting.problem == "no answer"


# What the storefront changes


def edited(clock: ManualClock, number: int, **changes: Any) -> ReceivedOrder:
    """The same order a moment later, as another version."""
    clock.sleep(1)
    return order(clock, number, **({"shown_version": "second"} | changes))


def test_an_order_that_nobody_took_yet_is_replaced_by_its_newer_version(
    queue: OrderQueue, clock: ManualClock
) -> None:
    queue.receive([order(clock, 1)])
    queue.receive([edited(clock, 1, document='{"new": 1}', units={"MUG": Decimal(3)})])
    assert row(queue, 1).document == '{"new": 1}'


def test_an_older_answer_of_a_lagging_index_replaces_nothing(
    queue: OrderQueue, clock: ManualClock
) -> None:
    old = order(clock, 1)
    queue.receive([edited(clock, 1, document="new")])
    queue.receive([old])
    assert row(queue, 1).document == "new"


@pytest.mark.parametrize("state", SETTLED)
def test_a_settled_order_is_due_again_when_the_storefront_changes_it(
    queue: OrderQueue, clock: ManualClock, state: OrderState
) -> None:
    queue.receive([order(clock, 1)])
    claimed = claim(queue)
    queue.take_document(claimed, order(clock, 1))
    settle(queue, claimed, state)
    queue.receive([edited(clock, 1, shown_version="first")])
    assert not queue.has_work()
    queue.receive([edited(clock, 1)])
    assert queue.has_work()
    assert events(queue, 1)[-1] == "changed"


def test_an_order_that_could_not_be_read_is_due_again_when_it_changes(
    queue: OrderQueue, clock: ManualClock
) -> None:
    queue.receive([order(clock, 1)])
    settle(queue, claim(queue), OrderState.IN_REVIEW)
    queue.receive([edited(clock, 1, shown_version="first")])  # our own mark on it
    assert not queue.has_work()
    queue.receive([edited(clock, 1)])
    assert queue.has_work()


def test_a_change_while_the_order_is_posted_is_not_forgotten(
    queue: OrderQueue, clock: ManualClock
) -> None:
    queue.receive([order(clock, 1)])
    claimed = claim(queue)
    read = order(clock, 1)
    queue.receive([edited(clock, 1)])
    queue.take_document(claimed, read)  # read before the change, kept after it
    settle(queue, claimed)
    assert row(queue, 1).state == "received"


def test_only_known_orders_are_updated_when_asked_to(queue: OrderQueue, clock: ManualClock) -> None:
    assert queue.receive([order(clock, 1)], known_only=True) == 0
    assert not queue.has_work()
