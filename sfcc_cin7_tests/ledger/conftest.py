"""The books of a day with real orders in both emulated systems, on either account."""

import pytest
from pydantic import SecretStr

from sfcc_cin7.systems.cin7 import Cin7Client, Cin7Connection, Governor
from sfcc_cin7_tests.ledger.bookkeeping import Books
from sfcc_cin7_tests.scenario.order_lane import order_lane


@pytest.fixture
def books(engine, clock, account):
    with order_lane(engine, clock, **account.settings) as lane:
        connection = Cin7Connection(
            url=f"{lane.url}/ExternalApi/v2",
            account_id="11111111-2222-3333-4444-555555555555",
            application_key=SecretStr("sandbox-key"),
        )
        with Cin7Client(connection, Governor(engine, clock), "reconcile", clock) as erp:
            yield Books(lane, erp)
