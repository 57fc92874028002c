"""What several scenarios begin with."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.order_lane import order_lane
from sfcc_cin7_tests.scenario.review_desk import Desk


@pytest.fixture
def desk(engine: Engine, clock: ManualClock) -> Iterator[Desk]:
    with order_lane(engine, clock) as lane:
        desk = Desk(lane)
        desk.read_catalogues()
        yield desk
