"""Who goes first where many want the same calls."""

from itertools import pairwise

import pytest

from sfcc_cin7.systems.cin7.connection import Purpose
from sfcc_cin7.systems.cin7.governor import A_WAIT_SHOWS, LEAST, Governor
from sfcc_cin7.systems.http.errors import OutOfBudget
from sfcc_cin7_tests.systems.cin7.governing import APP, one_call


class Rush:
    """A backlog of orders beside hungry lanes, on one key, in simulated time.

    Every `step` seconds each lane asks as often as it is let out, the last lane first: whoever is
    unfair to orders would show. `let_out` are (seconds since the start, lane, slot).
    """

    def __init__(self, engine, clock, reserved, step=1.0, at_first=0):
        self.governor = Governor(
            engine,
            clock,
            max_wait=0,
            patience=0,
            reserved=reserved,
            for_orders_at_first=at_first,
        )
        self.clock = clock
        self.step = step
        self.let_out = []

    def run(self, seconds, lanes):
        start = self.clock.now()
        while (now := (self.clock.now() - start).total_seconds()) < seconds:
            for lane in lanes:
                self._ask(now, lane)
            self.clock.sleep(self.step)

    def _ask(self, now, lane):
        try:
            for _ in range(100):
                with self.governor.call(APP, lane) as slot:
                    self.let_out.append((now, lane, slot))
        except OutOfBudget:
            pass

    def calls(self, lane, after):
        """When the lane was let out, after so many seconds."""
        return [at for at, who, _ in self.let_out if who == lane and at > after]


HUNGRY = ("changes", "catalogue", "stock", "orders")


def test_a_backlog_of_orders_leaves_nothing_to_the_other_lanes_but_what_is_reserved(engine, clock):
    rush = Rush(engine, clock, reserved={})
    rush.run(242, HUNGRY)
    assert len(rush.calls("orders", after=60)) == 60 * 3
    assert rush.calls("stock", after=60) == []


def test_stock_keeps_its_minimum_in_every_window_of_a_rush_and_orders_get_the_rest(engine, clock):
    rush = Rush(engine, clock, reserved={"stock": 4}, step=0.5)
    rush.run(242, HUNGRY)
    stock = rush.calls("stock", after=-1)
    waits = [later - earlier for earlier, later in pairwise(stock)]
    assert max(waits) <= 60 + 2 * rush.step
    assert len(rush.calls("stock", after=60)) == 4 * 3
    assert len(rush.calls("orders", after=60)) == 56 * 3
    assert rush.calls("catalogue", after=60) == []


AFTER_STOCK: tuple[Purpose, ...] = ("shipments", "stock-up", "catalogue", "changes")


@pytest.mark.parametrize("lanes", [("stock", *AFTER_STOCK), (*reversed(AFTER_STOCK), "stock")])
def test_a_reading_without_end_leaves_every_lane_some_calls_in_every_window(engine, clock, lanes):
    rush = Rush(engine, clock, reserved={})
    rush.run(242, lanes)
    for lane in AFTER_STOCK:
        assert len(rush.calls(lane, after=60)) >= LEAST[lane] * 3 - 1
    assert len(rush.calls("stock", after=60)) >= (52 - sum(LEAST.values())) * 3 - 4


def test_what_a_reading_leaves_is_taken_from_no_order(engine, clock):
    rush = Rush(engine, clock, reserved={})
    rush.run(242, (*reversed(AFTER_STOCK), "stock", "orders"))
    assert len(rush.calls("orders", after=60)) == 60 * 3


def test_a_reading_beside_which_nobody_wants_anything_has_all_that_is_its_own(engine, clock):
    rush = Rush(engine, clock, reserved={})
    rush.run(242, ["stock"])
    assert len(rush.calls("stock", after=60)) == 52 * 3


def test_in_the_first_minutes_a_reading_leaves_ten_orders_their_calls_and_later_what_they_need(
    engine, clock
):
    rush = Rush(engine, clock, reserved={}, at_first=20)
    rush.run(1, ["stock"])
    assert len(rush.let_out) == 40
    rush.run(60, ["orders"])
    assert len(rush.calls("orders", after=-1)) == 20  # at once, and none waited
    clock.sleep(12 * 60 + 1)
    quiet = Rush(engine, clock, reserved={}, step=10, at_first=20)
    quiet.run(10 * 60, ["stock"])
    assert len([at for at in quiet.calls("stock", after=-1) if at < 60]) == 40
    assert len(quiet.calls("stock", after=9 * 60 - 5)) == 52  # no order came for six minutes


def test_a_reserve_costs_orders_that_many_calls_and_no_more(engine, clock):
    """What it costs: reserved slots are idle while stock is quiet."""
    rush = Rush(engine, clock, reserved={"stock": 4})
    rush.run(70, ["orders"])
    assert len([at for at in rush.calls("orders", after=-1) if at < 60]) == 56


def test_the_first_slot_that_comes_free_is_an_orders_even_when_many_come_at_once(engine, clock):
    rush = Rush(engine, clock, reserved={}, step=0.5)
    rush.run(1, ["orders"])  # takes all sixty in one moment
    clock.sleep(58.7)
    rush.run(0.5, ["orders"])  # one more waits
    clock.sleep(0.3)  # all sixty are free
    with pytest.raises(OutOfBudget), rush.governor.call(APP, "stock"):
        pass
    one_call(rush.governor, clock, "orders")


def test_the_wait_of_a_killed_process_holds_nobody_up_for_long(engine, clock):
    governor = Governor(engine, clock, limit=1, max_wait=0, patience=0)
    one_call(governor, clock)
    clock.sleep(60)
    with pytest.raises(OutOfBudget), governor.call(APP, "orders"):
        pass  # a window after the answer is not yet more than a window: it waits, and is killed
    clock.sleep(A_WAIT_SHOWS.total_seconds())
    one_call(governor, clock, "stock")


def test_without_a_shared_slot_there_is_no_governor(engine, clock):
    with pytest.raises(ValueError, match="No slot is left"):
        Governor(engine, clock, limit=4, reserved={"stock": 4})
