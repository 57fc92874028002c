"""After a restore nothing is posted or sold twice: what was done since is found by looking."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from sfcc_cin7.db.database import connect
from sfcc_cin7.db.recovery import last_restore, notice
from sfcc_cin7.review.retry import retry
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.consolidating_lane import (
    ConsolidatingLane,
    consolidating_day,
    crash_after,
)
from sfcc_cin7_tests.scenario.order_lane import Crash, OrderLane, order_lane
from sfcc_cin7_tests.scenario.restoring import Backups, backups

TEN_MINUTES = 600


@pytest.fixture
def kept(engine: Engine) -> Iterator[Backups]:
    with backups(engine.url.set(database="postgres"), "restored") as made:
        yield made


@pytest.fixture
def lane(engine: Engine, clock: ManualClock) -> Iterator[OrderLane]:
    with order_lane(engine, clock) as lane:
        lane.order()
        lane.run()
        yield lane


def brought_back(lane: OrderLane, kept: Backups, since: Callable[[], None]) -> OrderLane:
    """The lane on its database of ten minutes ago, when `since` has happened in between."""
    lane.run()
    copy = kept.copy(lane.engine)
    since()
    lane.clock.sleep(TEN_MINUTES)
    lane.engine = kept.restored(copy)
    lane._erp.__exit__(None, None, None)
    lane._erp = lane.erp("orders")
    return lane


def is_level(lane: OrderLane, orders: int) -> bool:
    lane.run_until_quiet()
    states = lane.states()
    assert states == dict.fromkeys(states, "acknowledged")
    assert len(states) == orders
    assert all(len(lane.sales(key)) == 1 for key in states)
    return lane.verdict().clean


def test_orders_that_were_posted_since_are_found_and_not_posted_again(
    lane: OrderLane, kept: Backups
) -> None:
    def since() -> None:
        for _ in range(3):
            lane.order()
        lane.run()

    assert is_level(brought_back(lane, kept, since), orders=4)


@pytest.mark.parametrize("method", ["create_sale", "save_order"])
def test_an_order_that_was_being_posted_when_all_was_lost_is_not_posted_again(
    lane: OrderLane, kept: Backups, method: str
) -> None:
    """Its sale is there, and the storefront says that it waits to be exported."""

    def since() -> None:
        lane.order()
        crash_after(ConsolidatingLane(lane), method)

    assert is_level(brought_back(lane, kept, since), orders=2)


def test_an_order_that_waited_at_the_time_and_was_posted_since_is_found(
    lane: OrderLane, kept: Backups
) -> None:
    lane.order()
    lane.fuse.left = 6
    with pytest.raises(Crash):
        lane.run()
    copy = kept.copy(lane.engine)
    lane.clock.sleep(TEN_MINUTES)
    lane.run_until_quiet()
    lane.engine = kept.restored(copy)
    lane._erp.__exit__(None, None, None)
    lane._erp = lane.erp("orders")
    assert is_level(lane, orders=2)


def test_what_is_placed_after_the_restore_waits_for_nothing(lane: OrderLane, kept: Backups) -> None:
    brought_back(lane, kept, lambda: None)
    lane.run()
    lane.clock.sleep(TEN_MINUTES)
    key = lane.order()
    lane.run()
    assert lane.states()[key] == "acknowledged"
    assert "found" not in lane.events(key)


@pytest.mark.parametrize("told", [True, False])
def test_an_order_that_may_be_part_of_a_lost_consolidated_sale_waits_for_a_person(
    engine: Engine, clock: ManualClock, kept: Backups, told: bool
) -> None:
    """Whether the storefront was told or not: which orders share a sale only we knew."""
    with consolidating_day(engine, clock) as day:
        keys: list[str] = []

        def since() -> None:
            keys.extend(day.window_of(3))
            if told:
                day.lane.run_until_quiet()
            else:
                crash_after(day, "save_order")

        lane = brought_back(day.lane, kept, since)
        lane.run_until_quiet()
        assert lane.states() == dict.fromkeys(keys, "in_review")
        assert [lane.review_codes(key) for key in keys] == [{"perhaps-consolidated"}] * 3
        [sale] = day.standing()
        if told:  # what is exported cannot be posted again: it is booked by hand, or declined
            return
        lane._erp.void_sale(sale["ID"])  # the person found it, and wants its orders anew
        retry(lane.engine, lane.clock.now(), keys, by="kim")
        lane.run_until_quiet()
        day.assert_each_order_stands_once(keys)


def test_a_restore_is_noticed_once_and_a_restart_is_none(
    engine: Engine, clock: ManualClock, kept: Backups
) -> None:
    assert last_restore(engine, clock) is None
    again = connect(engine.url, ping=False)
    assert last_restore(again, clock) is None
    again.dispose()
    restored = kept.restored(kept.copy(engine))
    clock.sleep(60)
    found = last_restore(restored, clock)
    assert found is not None
    assert found.found_at == clock.now()
    clock.sleep(60)
    assert last_restore(restored, clock) == found
    restored.dispose()


def test_a_restore_that_shows_by_nothing_can_be_told(engine: Engine, clock: ManualClock) -> None:
    assert last_restore(engine, clock) is None
    with engine.begin() as connection:
        notice(connection, clock)
    found = last_restore(engine, clock)
    assert found is not None
    assert found.found_at - clock.now() < timedelta(seconds=1)
