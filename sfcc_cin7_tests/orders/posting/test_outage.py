"""Calls that fail are an order's own trouble, until their system is known to be down."""

from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.orders.posting.outage import FAILURES_BEFORE_ASKING, Outages
from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.systems.http.errors import Unavailable
from sfcc_cin7.values.clock import ManualClock


def nothing_came() -> Unavailable:
    return Unavailable("cin7", "GET /sale", None, "nothing came")


class Erp:
    """Cin7, and how often it was asked whether it is there."""

    def __init__(self) -> None:
        self.asked = 0

    def is_up(self) -> None:
        self.asked += 1
        raise nothing_came()


@pytest.fixture
def erp() -> Erp:
    return Erp()


@pytest.fixture
def outages(engine: Engine, clock: ManualClock, erp: Erp) -> Outages:
    probes: Any = {"cin7": erp.is_up}
    return Outages(Circuits(engine, clock), probes)


def test_a_few_failures_in_a_row_make_us_ask_whether_the_system_is_there(
    outages: Outages, erp: Erp
) -> None:
    told = [outages.failed(nothing_came()) for _ in range(FAILURES_BEFORE_ASKING)]
    assert told == [False, False, True]
    assert erp.asked == 1


def test_what_fails_while_the_system_is_known_to_be_down_is_no_trouble_of_an_order(
    outages: Outages, erp: Erp
) -> None:
    for _ in range(FAILURES_BEFORE_ASKING):
        outages.failed(nothing_came())
    assert outages.failed(nothing_came())
    assert erp.asked == 1


def test_late_failures_do_not_lengthen_the_pause_until_it_is_asked_again(
    outages: Outages, erp: Erp, clock: ManualClock
) -> None:
    for _ in range(2 * FAILURES_BEFORE_ASKING):
        outages.failed(nothing_came())
    for pause in (10, 10, 20):
        clock.sleep(pause)
        before = erp.asked
        assert not outages.admit()
        assert erp.asked == before + 1
