"""Two brands in one deployment: what one of them suffers, the other does not notice."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from sfcc_cin7.cli.emulated import sandbox_erp
from sfcc_cin7.runtime.deployment import erp_client
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.cin7.usage import budgets, usage_between
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane
from sfcc_cin7_tests.systems.cin7.governing import one_call, refuse

OF_ITS_OWN = "99999999-2222-3333-4444-555555555555"
ORDERS = 18
"""Of each brand: two calls for each are more than one window has room for."""


@pytest.fixture
def first(engine: Engine, clock: ManualClock) -> Iterator[OrderLane]:
    with order_lane(engine, clock) as lane:
        yield lane


@pytest.fixture
def second(second_brand: Engine, clock: ManualClock) -> Iterator[OrderLane]:
    """A brand that sells from the same Cin7 account."""
    with order_lane(second_brand, clock) as lane:
        yield lane


@pytest.fixture
def stranger(second_brand: Engine, clock: ManualClock) -> Iterator[OrderLane]:
    """A brand with a Cin7 account of its own."""
    with order_lane(second_brand, clock, cin7=Cin7Settings(account_id=OF_ITS_OWN)) as lane:
        own = sandbox_erp(lane.url).model_copy(update={"account_id": OF_ITS_OWN})
        lane._erp.__exit__(None, None, None)
        lane._erp = erp_client(
            own, "orders", lane.engine, clock, lambda: lane.model.calls, transport=lane.road
        )
        yield lane


def arrivals(*lanes: OrderLane) -> list[datetime]:
    """When calls reached the Cin7 of these brands, each of which counts its own alone."""
    return sorted(
        datetime.fromisoformat(call["arrived"])
        for lane in lanes
        for call in lane.sandbox.calls.summary(recent=2000)["recent"]
        if call["system"] == "cin7"
    )


def most_in_a_minute(times: list[datetime]) -> int:
    return max(
        sum(begin <= each <= begin + timedelta(seconds=60) for each in times) for begin in times
    )


def booked_once(lane: OrderLane, keys: list[str]) -> bool:
    return (
        lane.verdict().clean
        and lane.states() == dict.fromkeys(keys, "acknowledged")
        and all(len(lane.sales(key)) == 1 for key in keys)
    )


def test_two_brands_that_share_an_account_never_exceed_its_limit_together(
    first: OrderLane, second: OrderLane
) -> None:
    lanes = (first, second)
    keys = [[lane.order() for _ in range(ORDERS)] for lane in lanes]
    for _ in range(30):
        for lane in lanes:
            lane.run()
            lane.clock.sleep(5)
        if all(set(lane.states().values()) == {"acknowledged"} for lane in lanes):
            break
    assert all(booked_once(lane, placed) for lane, placed in zip(lanes, keys, strict=True))
    times = arrivals(*lanes)
    assert len(times) > 60
    assert most_in_a_minute(times) <= 60


def test_a_brand_whose_erp_is_down_delays_no_order_of_another(
    first: OrderLane, stranger: OrderLane
) -> None:
    stuck = [stranger.order() for _ in range(5)]
    stranger.sandbox.faults.rates = {"cin7.503": 1.0}
    stranger.run()
    key, began = first.order(), first.clock.now()
    first.run()
    assert booked_once(first, [key])
    assert first.clock.now() - began < timedelta(seconds=30)
    stranger.sandbox.faults.rates = {}
    stranger.run_until_quiet()
    assert booked_once(stranger, stuck)


def test_each_brand_is_told_of_the_calls_of_its_own_account_alone(
    first: OrderLane, stranger: OrderLane
) -> None:
    first.order()
    first.run()
    for _ in range(2):
        stranger.order()
    stranger.run()
    now = first.clock.now()
    seen = []
    for lane in (first, stranger):
        with lane.engine.connect() as connection:
            [budget] = budgets(connection, lane.clock)
            usage = usage_between(connection, now - timedelta(hours=1), now + timedelta(hours=1))
            assert {row.budget for row in usage} == {budget.application}
            seen.append((budget.application, sum(row.calls for row in usage)))
    (one, calls), (other, more) = seen
    assert one != other
    assert more > calls > 0


def test_what_one_account_is_refused_says_nothing_of_another_that_is_taken_up(
    engine: Engine, second_brand: Engine, clock: ManualClock
) -> None:
    """Where keys are counted, the budget of a new account is not taken for a new scope."""
    paused = Governor(engine, clock, account="one")
    call = paused.call("key-of-one", "orders")
    call.__enter__()
    refuse(call, 3600)
    began = clock.now()
    one_call(Governor(second_brand, clock, account="two"), clock, budget="account-two")
    assert clock.now() - began < timedelta(seconds=1)
