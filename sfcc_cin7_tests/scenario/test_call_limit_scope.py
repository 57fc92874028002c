"""Two application keys, whatever the merchant believes of the call limit and whatever holds."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import Engine, func, select

from sfcc_cin7.db.schema import call_usage
from sfcc_cin7.operations.usage import suspects
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.usage import minutes_with_refusals
from sfcc_cin7.systems.http.errors import OutOfBudget, Throttled
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.project import SANDBOX_MODEL
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

Scope = Literal["key", "account"]
ORDERS, FEW_ORDERS = 35, 15
"""More than one window has room for, at two calls each, alone or beside a reading."""
READING = 50
"""Pages that stock asks for at once."""


class Merchant:
    """Orders and stock, each with a key of its own."""

    def __init__(self, lane: OrderLane, stock: Cin7Client) -> None:
        self.lane = lane
        self._stock = stock
        self.pages = 0
        self.began = lane.clock.now()

    def read_stock(self) -> None:
        """As much of a reading as the budget has room for now; a refused page is asked again."""
        for _ in range(READING):
            try:
                self._stock.availability_page(1, 10)
            except (OutOfBudget, Throttled):
                return
            self.pages += 1

    def pages_at_once(self) -> int:
        """How many pages stock gets before it has to wait."""
        now, pages = self.lane.clock.now(), -1
        while self.lane.clock.now() == now:
            self._stock.availability_page(1, 10)
            pages += 1
        return pages

    def work_off(self) -> dict[str, str]:
        """Stock and orders in turn until every order has its end; the states."""
        for _ in range(60):
            self.read_stock()
            self.lane.run()
            states = self.lane.states()
            if not {"received", "posting"} & set(states.values()):
                return states
            self.lane.clock.sleep(20)
        raise AssertionError(f"still waiting: {self.lane.states()}")

    @property
    def refused(self) -> int:
        with self.lane.engine.connect() as connection:
            return connection.scalar(select(func.sum(call_usage.c.refused))) or 0

    def suspects(self) -> list[str]:
        with self.lane.engine.connect() as connection:
            found: Any = minutes_with_refusals(connection, self.began)
        return suspects(found)


@pytest.fixture
def merchant(
    engine: Engine, clock: ManualClock, tmp_path: Path, believed: Scope, really: Scope
) -> Iterator[Merchant]:
    model = tmp_path / "merchant.yaml"
    model.write_text(SANDBOX_MODEL.read_text() + f"\ncalls: {{limit_scope: {believed}}}\n")
    cin7 = Cin7Settings(call_limit_scope=really)
    with ExitStack() as stack:
        lane = stack.enter_context(order_lane(engine, clock, model, cin7=cin7))
        stock = stack.enter_context(lane.erp("stock"))
        keys = {client._http.headers["api-auth-applicationkey"] for client in (stock, lane._erp)}
        assert len(keys) == 2
        yield Merchant(lane, stock)


def booked_once(merchant: Merchant) -> bool:
    lane = merchant.lane
    return lane.verdict().clean and all(len(lane.sales(key)) == 1 for key in lane.states())


@pytest.mark.parametrize(
    ("believed", "really"), [("account", "account"), ("account", "key"), ("key", "key")]
)
def test_a_merchant_who_believes_no_more_than_holds_is_never_refused(
    merchant: Merchant, really: Scope
) -> None:
    keys = [merchant.lane.order() for _ in range(ORDERS)]
    assert merchant.work_off() == dict.fromkeys(keys, "acknowledged")
    assert booked_once(merchant)
    assert merchant.pages > 0
    assert merchant.refused == 0
    calls = merchant.lane.sandbox.calls.summary()
    counted = calls["cin7_keys"].values() if really == "key" else [calls["cin7_account"]]
    assert all(use["most_in_window"] <= 60 for use in counted)


@pytest.mark.parametrize(("believed", "really"), [("key", "account")])
def test_a_merchant_who_is_mistaken_pauses_and_goes_on_loses_nothing_and_is_told(
    merchant: Merchant,
) -> None:
    keys = [merchant.lane.order() for _ in range(FEW_ORDERS)]
    assert merchant.work_off() == dict.fromkeys(keys, "acknowledged")
    assert booked_once(merchant)
    assert merchant.pages > 0
    assert merchant.refused > 0
    assert merchant.suspects()[0].startswith("the ERP counts the calls of all our API applications")


@pytest.mark.parametrize(
    ("believed", "really", "pages"), [("account", "account", 26), ("key", "key", 52)]
)
def test_stock_leaves_to_orders_what_it_would_leave_on_one_key_where_both_share_the_limit(
    merchant: Merchant, pages: int
) -> None:
    """Of 60 calls 4 are stock's own and 4 for changes in the ERP. Orders made 20 of the 52 that all
    share, and stock leaves them 10 more: 30 are kept while nobody knows what they need."""
    keys = [merchant.lane.order() for _ in range(10)]
    merchant.lane.run()
    assert merchant.lane.states() == dict.fromkeys(keys, "acknowledged")
    assert merchant.pages_at_once() == pages


@pytest.mark.parametrize(
    ("believed", "really", "stands_still"), [("account", "account", True), ("key", "key", False)]
)
def test_a_refusal_of_one_key_pauses_the_other_where_they_share_the_limit(
    merchant: Merchant, stands_still: bool
) -> None:
    lane = merchant.lane
    lane.sandbox.faults.rates = {"cin7.throttle": 1.0}
    with pytest.raises(Throttled):
        lane._erp.create_sale({})
    lane.sandbox.faults.rates = {}
    before = lane.clock.now()
    merchant.read_stock()
    assert ((lane.clock.now() - before).total_seconds() >= 60) == stands_still
