"""A system that is down costs the waiting orders nothing; one order's own trouble is no outage."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from sqlalchemy import Engine, func, select

from sfcc_cin7.db.schema import order_events, orders
from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.mortal_worker import Hands, Workplace, hands_of
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

SITE = "alpenglow-uk"
WAITING = 20
A_HANDFUL = 5
PROBE = "GET /ExternalApi/v2/saleList"


@dataclass
class Cin7Door(httpx.BaseTransport):
    """The road to both systems; the way to Cin7 may be closed, or closed to one order."""

    road: httpx.BaseTransport
    clock: ManualClock
    trouble: str | None = None
    order_no: str | None = None
    calls: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if "/ExternalApi/" in request.url.path:
            self.calls.append(f"{request.method} {request.url.path}")
            if self.trouble == "sales" and "/sale" not in request.url.path:
                return self.road.handle_request(request)
            concerned = self.order_no is None or f":{self.order_no}" in request.content.decode()
            if self.trouble and concerned:
                return self._closed(request)
        return self.road.handle_request(request)

    def _closed(self, request: httpx.Request) -> httpx.Response:
        if self.trouble == "refused":
            raise httpx.ConnectError("connection refused", request=request)
        if self.trouble == "silent":
            self.clock.sleep(45)
            raise httpx.ReadTimeout("nothing came", request=request)
        if self.trouble == "403":
            error = '[{"ErrorCode":403,"Exception":"Incorrect credentials!"}]'
            return httpx.Response(403, text=error, request=request)
        page = "<html><body>Service Unavailable</body></html>"
        status = 503 if self.trouble == "sales" else int(self.trouble or 503)
        return httpx.Response(status, text=page, request=request)

    def close(self) -> None:
        """The road outlives the worker."""


class Merchant:
    """An order lane behind a door."""

    def __init__(self, lane: OrderLane, hands: Hands) -> None:
        self.lane = lane
        self.clock = lane.clock
        self.hands = hands
        self.door = Cin7Door(lane.road, lane.clock)
        sites = [site for site in lane.model.sites if site.id == SITE]
        model = lane.model.model_copy(update={"sites": sites})
        self.place = Workplace(lane.url, model, lane.clock, self.door)
        self.circuits = Circuits(lane.engine, lane.clock)

    def works_for(self, minutes: int) -> None:
        """A run each minute."""
        for _ in range(minutes):
            self.place.work(self.hands, "worker")
            self.clock.sleep(60)

    def touched(self) -> int:
        """Orders that were ever claimed."""
        query = select(func.count(order_events.c.order_key.distinct()))
        with self.lane.engine.connect() as connection:
            return connection.scalar(query.where(order_events.c.kind == "claimed")) or 0

    def most_attempts(self) -> int:
        with self.lane.engine.connect() as connection:
            return connection.scalar(select(func.max(orders.c.attempts))) or 0


@pytest.fixture
def merchant(engine: Engine, clock: ManualClock) -> Iterator[Merchant]:
    with order_lane(engine, clock) as lane, hands_of(engine) as hands:
        yield Merchant(lane, hands)


@pytest.mark.parametrize("trouble", ["refused", "silent", "502", "503", "403", "sales"])
def test_an_outage_touches_a_handful_of_orders_and_all_are_posted_after_it(
    merchant: Merchant, trouble: str
) -> None:
    keys = [merchant.lane.order(SITE) for _ in range(WAITING)]
    merchant.door.trouble = trouble
    minutes = 20
    merchant.works_for(minutes)
    assert merchant.circuits.is_open()
    assert merchant.touched() <= A_HANDFUL
    assert set(merchant.lane.states().values()) <= {"received"}
    assert merchant.door.calls.count(PROBE) <= minutes + A_HANDFUL
    assert len(merchant.door.calls) <= minutes + 3 * A_HANDFUL
    merchant.door.trouble = None
    merchant.works_for(12)
    assert merchant.lane.states() == dict.fromkeys(keys, "acknowledged")
    assert merchant.most_attempts() <= A_HANDFUL
    assert not merchant.circuits.is_open()
    assert merchant.lane.verdict().clean


def test_an_order_that_fails_for_ever_is_no_outage(merchant: Merchant) -> None:
    bad = merchant.lane.order(SITE)
    merchant.door.trouble, merchant.door.order_no = "502", bad.split(":")[2]
    for _ in range(30):
        merchant.works_for(4)
        good = merchant.lane.order(SITE)
        merchant.works_for(1)
        assert merchant.lane.states()[good] == "acknowledged"
        assert not merchant.circuits.is_open()
        if merchant.lane.states()[bad] == "in_review":
            break
    assert merchant.lane.review_codes(bad) == {"keeps-failing"}
