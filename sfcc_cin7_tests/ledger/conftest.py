"""The books of a day with real orders in both emulated systems, on either account."""

import pytest

from sfcc_cin7.cli.emulated import sandbox_erp
from sfcc_cin7.systems.cin7 import Cin7Client, Governor
from sfcc_cin7_tests.ledger.bookkeeping import Books
from sfcc_cin7_tests.scenario.order_lane import order_lane


@pytest.fixture
def books(engine, clock, account):
    with order_lane(engine, clock, **account.settings) as lane:
        connection = sandbox_erp(lane.url)
        governor = Governor(engine, clock)
        with Cin7Client(connection, governor, "changes", clock, lane.road) as erp:
            yield Books(lane, erp)
