"""Whatever the warehouse does and whoever dies: see `worlds`.

`SFCC_CIN7_WORLDS` is how many plays there are by day, of ten orders each: a night may play 300.
"""

import os

import pytest
from sqlalchemy import Engine

from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.fulfilment.house import shipping
from sfcc_cin7_tests.fulfilment.worlds import play

PLAYS = int(os.environ.get("SFCC_CIN7_WORLDS", "3"))


@pytest.mark.parametrize("seed", range(PLAYS))
def test_whole_lives_of_orders_end_in_the_same_story(
    engine: Engine, clock: ManualClock, seed: int
) -> None:
    with shipping(engine, clock) as house:
        judged = play(house, seed)
    assert judged.worlds > 5
    assert judged.lost == []
    assert judged.doubled == []
    assert judged.lowered == []
    assert judged.off_by_cents == []
