"""When waiting orders are an alarm, and what it says."""

from datetime import timedelta
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine

from sfcc_cin7.db.looks import save_look, shop_changes
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.orders.checks import stalled_posting
from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.orders.records.test_order_queue import claim, order
from sfcc_cin7_tests.project import SANDBOX_MODEL

POSTING = load_operating_model(SANDBOX_MODEL).posting
ALLOWED, RHYTHM = POSTING.stalled_after_seconds, POSTING.changes_seconds


class Desk:
    """Stands for the merchant and the store, at a simulated time."""

    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        self.engine = engine
        self.clock = clock
        self.queue = OrderQueue(engine, clock)

    def model(self) -> Any:
        return load_operating_model(SANDBOX_MODEL)

    def look(self) -> Any:
        """Just after the storefront was looked at."""
        with self.engine.begin() as connection:
            for site in self.model().sites:
                save_look(connection, shop_changes(site.id), self.clock.now())
        return self.judge()

    def judge(self) -> Any:
        result: Any = stalled_posting(merchant=self, store=self)
        return result


@pytest.fixture
def desk(engine: Engine, clock: ManualClock) -> Desk:
    return Desk(engine, clock)


def test_an_order_that_waits_as_long_as_allowed_is_no_alarm(desk: Desk) -> None:
    desk.queue.receive([order(desk.clock, 1)])
    desk.clock.sleep(ALLOWED)
    assert desk.look().passed


def test_one_that_waits_longer_is_and_the_table_says_why(desk: Desk) -> None:
    desk.queue.receive([order(desk.clock, 1)])
    desk.queue.retry_later(claim(desk.queue), timedelta(0), "cin7 POST /sale (502)", "unavailable")
    desk.clock.sleep(ALLOWED + 1)
    result = desk.look()
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.ERROR
    [row] = result.metadata["waiting longest"].records
    assert row.data["order"] == "1 (shop)"
    assert row.data["last problem"] == "cin7 POST /sale (502) (attempts: 1: 1 unavailable)"
    assert "the last try ended with 'cin7 POST /sale (502)'" in result.description


def test_nothing_is_said_of_orders_that_nobody_has_looked_for_since(desk: Desk) -> None:
    assert not desk.judge().passed, "nobody has looked at all"
    assert desk.look().passed
    desk.clock.sleep(ALLOWED + RHYTHM)
    assert desk.judge().passed
    desk.clock.sleep(660 - ALLOWED - RHYTHM)
    result = desk.judge()
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "Of storefront orders nothing is known of the last 11 min." in result.description
    desk.clock.sleep(3600)
    assert desk.judge().severity == dg.AssetCheckSeverity.ERROR


def test_an_order_that_nobody_could_see_may_wait_too_long_as_well(desk: Desk) -> None:
    desk.look()
    desk.clock.sleep(ALLOWED + RHYTHM + 1)
    result = desk.judge()
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.description.startswith("Orders of the storefront cannot be read: ")
    assert "Every order that can be posted has been." not in result.description


def test_a_system_that_is_down_is_told_before_an_order_has_waited_too_long(desk: Desk) -> None:
    circuits = Circuits(desk.engine, desk.clock)
    circuits.failed("sfcc", "sfcc POST /dwsso/oauth2/access_token (401): invalid_client")
    circuits.open("sfcc")
    result = desk.look()
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.description.startswith("sfcc does not answer; nothing is lost")
    circuits.close("sfcc")
    assert desk.look().passed


def test_an_order_in_its_hold_is_no_alarm_however_old_it_is(desk: Desk) -> None:
    until = desk.clock.now() + timedelta(hours=2)
    desk.queue.receive([order(desk.clock, 1, due_at=until)])
    desk.clock.sleep(2 * 3600 + ALLOWED)
    assert desk.look().passed
    desk.clock.sleep(1)
    assert not desk.look().passed


def test_the_alarm_says_that_a_system_is_down_and_since_when(desk: Desk) -> None:
    desk.queue.receive([order(desk.clock, 1)])
    circuits = Circuits(desk.engine, desk.clock)
    circuits.failed("cin7", "cin7 POST /sale: no connection")
    circuits.open("cin7")
    desk.clock.sleep(ALLOWED + 1)
    result = desk.look()
    assert "cin7 does not answer" in result.description
    assert "cin7 is down since" in result.metadata
