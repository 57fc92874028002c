"""What shoppers and agents do to an order after it was captured reaches the ERP, or a person."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from sfcc_cin7.clock import ManualClock
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane


@pytest.fixture
def lane(engine: Engine, clock: ManualClock) -> Iterator[OrderLane]:
    with order_lane(engine, clock) as lane:
        yield lane


def cancel(lane: OrderLane, key: str) -> None:
    _, site, number = key.split(":")
    lane.sandbox.sfcc.cancel(site, number)
    lane.clock.sleep(lane.model.posting.changes_seconds + 1)


def hold(lane: OrderLane, minutes: int) -> None:
    """Every site waits so long after capture."""
    sites = [site.model_copy(update={"hold_minutes": minutes}) for site in lane.model.sites]
    lane.model = lane.model.model_copy(update={"sites": sites})


# Before it is posted


def test_an_order_is_posted_when_its_hold_is_over_and_not_before(lane: OrderLane) -> None:
    hold(lane, 30)
    key = lane.order()
    lane.run()
    assert lane.states() == {key: "received"}
    lane.clock.sleep(30 * 60)
    lane.run()
    assert lane.states() == {key: "acknowledged"}


def test_an_order_cancelled_in_its_hold_is_never_posted(lane: OrderLane) -> None:
    hold(lane, 30)
    key = lane.order()
    lane.run()
    cancel(lane, key)
    lane.clock.sleep(30 * 60)
    lane.run()
    assert lane.states() == {key: "cancelled"}
    assert lane.sandbox.calls.summary()["arrivals"].get("cin7", 0) == 0


def test_an_order_of_the_time_before_this_integration_is_left_alone(lane: OrderLane) -> None:
    old = lane.order()
    lane.clock.sleep(60)
    live_from = lane.clock.now()
    sites = [site.model_copy(update={"live_from": live_from}) for site in lane.model.sites]
    lane.model = lane.model.model_copy(update={"sites": sites})
    new = lane.order()
    lane.run()
    lane.sweep(timedelta(hours=1))
    assert lane.states() == {new: "acknowledged"}
    assert lane.sales(old) == []


# After it was posted


def test_an_order_cancelled_after_it_was_posted_has_its_sale_voided(lane: OrderLane) -> None:
    key = lane.order()
    lane.run()
    cancel(lane, key)
    lane.run()
    assert lane.states() == {key: "cancelled"}
    assert lane.sales(key) == []
    assert lane.events(key)[-3:] == ["voiding", "voided", "cancelled"]


def test_a_prepaid_order_cancelled_after_it_was_posted_is_voided_or_waits_for_a_person(
    lane: OrderLane,
) -> None:
    key = lane.order("alpenglow-us")
    lane.run()
    cancel(lane, key)
    lane.run()
    if lane.sales(key):
        assert lane.states() == {key: "in_review"}
        assert lane.review_codes(key)
    else:
        assert lane.states() == {key: "cancelled"}


def test_a_sale_of_which_something_has_left_is_not_voided_but_told(lane: OrderLane) -> None:
    key = lane.order()
    lane.run()
    [sale] = lane.sales(key)
    lane.sandbox.cin7.ship(sale["ID"])
    cancel(lane, key)
    lane.run()
    assert lane.states() == {key: "in_review"}
    assert lane.review_codes(key) == {"fulfilment-begun"}
    assert len(lane.sales(key)) == 1


def test_a_cancellation_that_the_quick_look_missed_is_found_by_the_sweep(lane: OrderLane) -> None:
    key = lane.order()
    lane.run()
    cancel(lane, key)
    lane.sweep(timedelta(hours=1))
    lane.run()
    assert lane.states() == {key: "cancelled"}


def test_our_own_marks_on_an_order_are_no_change_of_it(lane: OrderLane) -> None:
    key = lane.order()
    for _ in range(4):
        lane.run()
        lane.clock.sleep(60)
    assert lane.events(key).count("claimed") == 1


def test_a_sale_that_somebody_voided_in_the_erp_is_told_once_its_order_changes(
    lane: OrderLane,
) -> None:
    key = lane.order()
    lane.run()
    [sale] = lane.sales(key)
    lane._erp.void_sale(sale["ID"])
    cancel(lane, key)
    lane.run()
    assert lane.states() == {key: "cancelled"}
