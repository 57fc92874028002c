"""A system that is down, or that does not let us in any more, is told within minutes, by its name,
and no longer than it lasts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.orders.checks import stalled_posting
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.control.assembly import Sandbox
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

TOLD_WITHIN, OVER_WITHIN = 180, 480
"""Seconds. What was sent when the system went down may still be listed for minutes; until then
nobody sends it again, and so it waits (docs/decisions/05-posting-protocol.md)."""


def unavailable(sandbox: Sandbox, there: bool) -> None:
    sandbox.faults.rates = {"cin7.503": 1.0} if there else {}


def key_revoked(sandbox: Sandbox, there: bool) -> None:
    sandbox.cin7.administrator.revoked = {"sandbox-orders-key"} if there else set()


def password_revoked(sandbox: Sandbox, there: bool) -> None:
    sandbox.sfcc.accounts.revoked = there


@pytest.fixture
def lane(engine: Engine, clock: ManualClock) -> Iterator[OrderLane]:
    with order_lane(engine, clock) as lane:
        yield lane


def said(lane: OrderLane) -> Any:
    house: Any = SimpleNamespace(model=lambda: lane.model, engine=lane.engine, clock=lane.clock)
    return stalled_posting(merchant=house, store=house)


def is_told(lane: OrderLane) -> bool:
    """Whether the check says so in time, while orders come and are posted as far as they can be."""
    until = lane.clock.now() + timedelta(seconds=TOLD_WITHIN)
    while said(lane).passed and lane.clock.now() <= until:
        lane.order()
        lane.run()
        lane.clock.sleep(20)
    return not said(lane).passed


def is_over(lane: OrderLane) -> bool:
    """Whether it is green in time, when what waits was posted."""
    until = lane.clock.now() + timedelta(seconds=OVER_WITHIN)
    while not said(lane).passed and lane.clock.now() <= until:
        lane.run()
        lane.clock.sleep(60)
    return bool(said(lane).passed)


@pytest.mark.parametrize(
    ("trouble", "names"),
    [
        (unavailable, "cin7"),
        (key_revoked, "cin7 does not answer"),
        (password_revoked, "storefront cannot be read"),
    ],
)
def test_a_system_that_does_not_let_us_in_is_told_until_it_does(
    lane: OrderLane, trouble: Callable[[Sandbox, bool], None], names: str
) -> None:
    lane.order()
    lane.run()
    assert said(lane).passed
    trouble(lane.sandbox, True)
    assert is_told(lane)
    assert names in said(lane).description
    trouble(lane.sandbox, False)
    assert is_over(lane)
