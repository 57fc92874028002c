"""Until when the ERP can have stamped what we wrote ourselves, by its own clock."""

from datetime import timedelta

import pytest

from sfcc_cin7.orders.posting.own_writes import RESOLUTION, OwnWrites
from sfcc_cin7.values.clock import ManualClock


class Erp:
    """An ERP whose clock differs from ours; every call is stamped in its middle."""

    def __init__(self, clock: ManualClock, ahead: float) -> None:
        self.clock, self.ahead = clock, timedelta(seconds=ahead)
        self.writes = OwnWrites(clock)

    def call(self, seconds: float, *, states_its_stamp: bool = False):
        """(the stamp, the latest that we think it can be)"""
        self.writes.sent()
        self.clock.sleep(seconds / 2)
        stamp = self.clock.now() + self.ahead
        self.clock.sleep(seconds / 2)
        return stamp, self.writes.answered(stamp if states_its_stamp else None)


@pytest.mark.parametrize("ahead", [-7200.0, -0.4, 0.0, 90.0])
def test_our_writes_are_ours_and_an_edit_soon_after_is_not_whatever_the_clocks_say(ahead) -> None:
    erp = Erp(ManualClock(), ahead)
    created, known = erp.call(0.8, states_its_stamp=True)
    assert known == created
    erp.clock.sleep(1)
    stamp, known = erp.call(0.6)
    assert known is not None
    assert stamp <= known
    edited = erp.clock.now() + erp.ahead + timedelta(seconds=1)
    assert edited > known
    assert known - stamp <= timedelta(seconds=0.8 + 0.6) + RESOLUTION


def test_without_a_stamp_to_begin_with_nothing_is_concluded() -> None:
    _, known = Erp(ManualClock(), 0).call(0.5)
    assert known is None


def test_a_slow_call_leaves_room_for_others_so_nothing_is_concluded() -> None:
    erp = Erp(ManualClock(), 0)
    erp.call(0.5, states_its_stamp=True)
    assert erp.call(30)[1] is None
    erp = Erp(ManualClock(), 0)
    erp.call(30, states_its_stamp=True)
    assert erp.call(0.5)[1] is None


def test_a_payment_that_waited_for_its_turn_did_not_follow_at_once() -> None:
    erp = Erp(ManualClock(), 0)
    erp.call(0.5, states_its_stamp=True)
    erp.clock.sleep(1)
    erp.call(0.5)
    assert erp.writes.at_once
    erp.clock.sleep(20)
    erp.call(0.5)
    assert not erp.writes.at_once
