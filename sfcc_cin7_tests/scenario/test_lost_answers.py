"""What the order lane does when an answer is lost and the call arrives late, or not at all.

A road to both systems loses one call: its caller hears nothing for as long as it listens, and Cin7
carries the call out some time later. Time passes with calls alone.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from sfcc_cin7.cli.emulated import sandbox_erp
from sfcc_cin7.db.backlog import backlog
from sfcc_cin7.db.schema import order_events
from sfcc_cin7.orders.posting.booking import LISTING_SETTLES
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.cin7.wire import TIMEOUT
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.scenario.mortal_worker import Fate, Hands, Workplace, hands_of
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

CREATE, LINES, PAY, VOID = "POST /sale", "POST /sale/order", "POST /sale/payment", "DELETE /sale"
US = "alpenglow-us"


class LossyRoad(httpx.BaseTransport):
    """Loses the call number `lose[operation]` (from 1); it arrives `late_by` seconds later.

    Without `late_by` it never arrives. The calls `throttle[operation]` are answered 429. `calls`
    are the times at which Cin7 was asked to write, by operation; `alter` may change an answer.
    """

    def __init__(self, road: httpx.BaseTransport, clock: ManualClock) -> None:
        self._road = road
        self._clock = clock
        self._late: list[tuple[datetime, httpx.Request]] = []
        self.lose: dict[str, int] = {}
        self.late_by: float | None = None
        self.throttle: dict[str, range] = {}
        self.calls: dict[str, list[datetime]] = {}
        self.alter: Callable[[str, Any], Any] = lambda _operation, answer: answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/ExternalApi/v2")
        operation = f"{request.method} {path}"
        if request.method != "GET" and path != request.url.path:
            self.calls.setdefault(operation, []).append(self._clock.now())
            if len(self.calls[operation]) == self.lose.get(operation):
                self._lost(request)
            if len(self.calls[operation]) in self.throttle.get(operation, ()):
                return httpx.Response(429, request=request)
        self.arrive()
        response = self._road.handle_request(request)
        response.read()
        if operation != CREATE:
            return response
        answer = self.alter(operation, decimal_json.loads(response.text))
        return httpx.Response(200, text=decimal_json.dumps(answer), request=request)

    def _lost(self, request: httpx.Request) -> None:
        if self.late_by is not None:
            copy = httpx.Request(
                request.method, request.url, headers=request.headers, content=request.content
            )
            self._late.append((self._clock.now() + timedelta(seconds=self.late_by), copy))
        self._clock.sleep(TIMEOUT.read or 0)
        raise httpx.ReadTimeout("nothing came", request=request)

    def arrive(self) -> None:
        """Carry out the calls that are late enough."""
        for late in [late for late in self._late if late[0] <= self._clock.now()]:
            self._late.remove(late)
            self._road.handle_request(late[1]).read()

    def close(self) -> None:
        """The road outlives the worker."""


class Merchant:
    """An order lane on a lossy road."""

    def __init__(self, lane: OrderLane, hands: Hands) -> None:
        self.lane = lane
        self.clock = lane.clock
        self.hands = hands
        self.road = LossyRoad(lane.road, lane.clock)
        sites = [site for site in lane.model.sites if site.id == US]
        self.model = lane.model.model_copy(update={"sites": sites})

    def work(self, fate: Fate | None = None) -> None:
        place = Workplace(self.lane.url, self.model, self.clock, self.road)
        place.work(self.hands, "worker", fate)

    def until_quiet(self, step: float = 20) -> None:
        """Run after run until nothing waits; then what is late arrives, and is looked at."""
        for _ in range(100):
            self.work()
            if not {"received", "posting"} & set(self.lane.states().values()):
                self.clock.sleep(200)
                self.road.arrive()
                self.work()
                return
            self.clock.sleep(step)
        raise AssertionError(f"still waiting: {self.lane.states()}")

    def cancel(self, key: str) -> None:
        _, site, number = key.split(":")
        self.lane.sandbox.sfcc.cancel(site, number)
        self.clock.sleep(20)

    def sale(self, key: str) -> dict[str, Any]:
        [sale] = self.lane.sales(key)
        return sale


@pytest.fixture
def merchant(engine: Engine, clock: ManualClock) -> Iterator[Merchant]:
    with order_lane(engine, clock) as lane, hands_of(engine) as hands:
        yield Merchant(lane, hands)


@pytest.fixture
def voids_paid_sales(engine: Engine, clock: ManualClock) -> Iterator[Merchant]:
    """A merchant whose ERP voids a sale with payments: else a late void could do no harm."""
    cin7 = Cin7Settings(void_with_payments="accepted")
    with order_lane(engine, clock, cin7=cin7) as lane, hands_of(engine) as hands:
        yield Merchant(lane, hands)


@pytest.mark.parametrize("late_by", [None, 10, 60, 149])
def test_a_create_whose_answer_was_lost_is_not_repeated_while_it_may_still_be_listed(
    merchant: Merchant, late_by: float | None
) -> None:
    key = merchant.lane.order(US)
    merchant.road.lose, merchant.road.late_by = {CREATE: 1}, late_by
    merchant.lane.sandbox.faults.rates = {"cin7.index_lag": 1.0}
    merchant.lane.sandbox.faults.sizes = {"cin7.index_lag": 180}
    merchant.until_quiet()
    assert merchant.lane.states()[key] == "acknowledged"
    assert len(merchant.lane.sales(key)) == 1
    creates = merchant.road.calls[CREATE]
    assert len(creates) == (2 if late_by is None else 1)
    assert creates[-1] == creates[0] or creates[-1] - creates[0] >= LISTING_SETTLES


def test_whoever_dies_while_the_create_waits_for_its_slot_has_begun_nothing(
    merchant: Merchant,
) -> None:
    key = merchant.lane.order(US)
    governor = Governor(merchant.lane.engine, merchant.clock)
    budget = sandbox_erp(merchant.lane.url).budget("orders", "account")
    for _ in range(60):
        with governor.call(budget, "orders"):
            pass
    merchant.work(Fate(dies_at="INSERT cin7_calls.call_waits"))
    assert merchant.lane.events(key) == ["received", "claimed"]

    merchant.clock.sleep(merchant.model.posting.lease_seconds)
    merchant.work()
    assert merchant.lane.states()[key] == "acknowledged"


@pytest.mark.parametrize("late_by", [None, 10, 149])
@pytest.mark.parametrize("lost", [1, 2])
def test_a_payment_whose_answer_was_lost_is_booked_once(
    merchant: Merchant, lost: int, late_by: float | None
) -> None:
    key = merchant.lane.order(US, "several-instruments")
    merchant.road.lose, merchant.road.late_by = {PAY: lost}, late_by
    merchant.until_quiet()
    _, site, number = key.split(":")
    shown = merchant.lane._shop.order(site, number)
    due = sorted(each["paymentTransaction"]["amount"] for each in shown["paymentInstruments"])
    assert len(due) > 1
    assert merchant.lane.states()[key] == "acknowledged"
    assert sorted(payment["Amount"] for payment in merchant.sale(key)["Payments"]) == due


@pytest.mark.parametrize("late_by", [None, 0, 55, 56, 57, 100])
def test_lines_whose_answer_was_lost_cost_the_order_nothing(
    merchant: Merchant, late_by: float | None
) -> None:
    key = merchant.lane.order(US, "several-lines")
    merchant.road.lose, merchant.road.late_by = {LINES: 1}, late_by
    merchant.until_quiet(step=1)
    assert merchant.lane.states()[key] == "acknowledged"
    assert merchant.sale(key)["OrderStatus"] == "AUTHORISED"


def test_lines_that_arrive_just_before_they_are_sent_again_are_believed(merchant: Merchant) -> None:
    key = merchant.lane.order(US, "several-lines")
    merchant.road.lose, merchant.road.late_by = {LINES: 1}, 1e9
    merchant.work()
    merchant.clock.sleep(10)
    road = merchant.road
    held = [(merchant.clock.now(), request) for _, request in road._late]
    arrive = road.arrive
    road.arrive = lambda: None  # type: ignore[method-assign]

    def deliver(operation: str) -> None:
        if operation == LINES.replace(" ", " /ExternalApi/v2"):
            road._late = held
            arrive()

    fate = Fate()
    moment = fate.moment

    def watched(what: str) -> None:
        moment(what)
        deliver(what)

    fate.moment = watched  # type: ignore[method-assign]
    merchant.work(fate)
    assert len(road.calls[LINES]) == 2
    assert merchant.lane.states()[key] == "acknowledged"
    assert merchant.lane.review_codes(key) == set()


@pytest.mark.parametrize("late_by", [None, 10, 149])
def test_a_void_whose_answer_was_lost_never_hits_a_sale_that_lives_on(
    voids_paid_sales: Merchant, late_by: float | None
) -> None:
    merchant = voids_paid_sales
    key = merchant.lane.order(US)
    merchant.work()
    merchant.road.lose, merchant.road.late_by = {VOID: 1}, late_by
    merchant.cancel(key)
    merchant.work()
    _, site, number = key.split(":")
    merchant.lane.sandbox.sfcc._book.set_status(site, number, "new")  # a change of mind
    merchant.clock.sleep(20)
    merchant.until_quiet()
    merchant.clock.sleep(1000)
    merchant.work()
    no_sale_was_lost_in_silence(merchant, key)


def test_a_void_that_is_throttled_does_not_forget_an_earlier_one_that_may_still_arrive(
    voids_paid_sales: Merchant,
) -> None:
    merchant = voids_paid_sales
    key = merchant.lane.order(US)
    merchant.work()
    merchant.road.lose, merchant.road.late_by = {VOID: 1}, 149
    merchant.cancel(key)
    merchant.work()
    merchant.road.throttle = {VOID: range(2, 100)}
    merchant.clock.sleep(10)
    merchant.work()
    assert len(merchant.road.calls[VOID]) >= 2
    _, site, number = key.split(":")
    merchant.lane.sandbox.sfcc._book.set_status(site, number, "new")  # a change of mind
    merchant.road.throttle = {}
    merchant.clock.sleep(20)
    merchant.until_quiet()
    merchant.clock.sleep(1000)
    merchant.work()
    no_sale_was_lost_in_silence(merchant, key)


def no_sale_was_lost_in_silence(merchant: Merchant, key: str) -> None:
    sales = merchant.lane.sales(key)
    state = merchant.lane.states()[key]
    assert (state, len(sales)) in (("acknowledged", 1), ("in_review", 0))
    if not sales:
        assert merchant.lane.review_codes(key) == {"exported-without-sale"}


def test_a_sale_in_another_currency_is_voided_and_waits(merchant: Merchant) -> None:
    key = merchant.lane.order(US)
    merchant.road.alter = lambda _, answer: answer | {"CustomerCurrency": "EUR"}
    merchant.until_quiet()
    assert merchant.lane.review_codes(key) == {"erp-currency-mismatch"}
    assert merchant.lane.sales(key) == []


def test_a_sale_of_which_something_was_shipped_is_never_voided(merchant: Merchant) -> None:
    key = merchant.lane.order(US)
    merchant.until_quiet()
    assert merchant.lane.sandbox.cin7.ship(merchant.sale(key)["ID"]) > 0
    merchant.cancel(key)
    merchant.until_quiet()
    assert merchant.lane.review_codes(key) == {"fulfilment-begun"}
    assert merchant.sale(key)["OrderStatus"] == "AUTHORISED"
    assert VOID not in merchant.road.calls


def test_an_order_in_its_hold_waits_for_nothing_and_nobody(merchant: Merchant) -> None:
    [site] = merchant.model.sites
    held = site.model_copy(update={"hold_minutes": 30})
    merchant.model = merchant.model.model_copy(update={"sites": [held]})
    key = merchant.lane.order(US)
    placed = merchant.clock.now()
    merchant.work()

    def waits() -> tuple[int, datetime | None]:
        with merchant.lane.engine.connect() as connection:
            row = backlog(connection, merchant.clock.now())
        return row.waiting, row.oldest

    assert merchant.lane.states()[key] == "received"
    merchant.clock.sleep(29 * 60)
    assert waits() == (0, None)
    merchant.clock.sleep(5 * 60)
    waiting, since = waits()
    assert waiting == 1
    assert since is not None
    assert abs(since - placed - timedelta(minutes=30)) < timedelta(seconds=5)
    merchant.work()
    assert merchant.lane.states()[key] == "acknowledged"
    assert waits() == (0, None)


class DatabaseGone(Fate):
    """From a moment on every statement fails, as when the database server is gone."""

    def __init__(self, goes_at: int) -> None:
        super().__init__()
        self.goes_at = goes_at

    def moment(self, what: str) -> None:
        super().moment(what)
        if len(self.trail) >= self.goes_at and "/" not in what:
            raise OperationalError("statement", {}, Exception("server closed the connection"))


def test_nothing_is_written_to_the_erp_that_the_store_does_not_know_of(merchant: Merchant) -> None:
    def intents(key: str, kind: str) -> int:
        query = select(order_events).where(
            order_events.c.order_key == key, order_events.c.kind == kind
        )
        with merchant.lane.engine.connect() as connection:
            return len(connection.execute(query).all())

    goes_at, failed = 20, True
    while failed:
        key = merchant.lane.order(US)
        before = {kind: len(calls) for kind, calls in merchant.road.calls.items()}
        try:
            merchant.work(DatabaseGone(goes_at))
            failed = False
        except OperationalError:
            failed = True
        sent = {
            kind: len(calls) - before.get(kind, 0) for kind, calls in merchant.road.calls.items()
        }
        assert sent.get(CREATE, 0) <= intents(key, "creating")
        assert sent.get(LINES, 0) <= intents(key, "created")
        assert sent.get(PAY, 0) <= intents(key, "paying")
        merchant.clock.sleep(400)
        merchant.until_quiet(step=200)
        assert merchant.lane.states()[key] == "acknowledged"
        assert len(merchant.sale(key)["Payments"]) == 1
        merchant.clock.sleep(86_400)
        goes_at += 2
