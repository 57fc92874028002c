"""A bad order waits in review with its own reason, and costs the good ones around it nothing.

The storefront's answers are altered on the road, so that no emulator has to hold such orders. Time
passes with calls alone. Good orders are compared with a day on which the bad one was as good as
they are: each is posted no later than then, but for one call.
"""

import copy
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from urllib.parse import quote, unquote

import httpx
import pytest
from sqlalchemy import ColumnElement, Engine, select

from sfcc_cin7.db.schema import orders
from sfcc_cin7.orders.intake.receiver import ALONE
from sfcc_cin7.systems.sfcc.wire import TIMEOUT
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.emptying import empty_every_table
from sfcc_cin7_tests.scenario.mortal_worker import SECONDS_PER_CALL, Hands, Workplace, hands_of
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

Order = dict[str, Any]
Poison = Callable[[Order], Order | str]
SITE = "alpenglow-uk"
GOOD_BEFORE, GOOD_AFTER = 2, 3
A_CALL = timedelta(seconds=SECONDS_PER_CALL)
ODD_NUMBER = "Ä/№ 7%?&#+;'\"\\<b>…".ljust(50, "°")


class PoisonedRoad(httpx.BaseTransport):
    """The road to both systems, on which one order's documents turn bad.

    `hangs`, `cin7_fails` and `too_large` are further troubles of that order alone; `poison_alone`
    spares lists.
    """

    def __init__(self, road: httpx.BaseTransport, clock: ManualClock) -> None:
        self._road = road
        self._clock = clock
        self._side_by_side = Barrier(ALONE, lambda: clock.sleep(SECONDS_PER_CALL), timeout=60)
        self.order_no: str | None
        self.poison: Poison
        self.heal()

    def heal(self) -> None:
        """No order is bad any more."""
        self.order_no = None
        self.poison = lambda order: order
        self.hangs = self.cin7_fails = self.poison_alone = self.too_large = False

    def takes_time(self, request: httpx.Request) -> None:
        """What a call takes; orders that are looked at alone are asked for side by side."""
        query = request.url.params
        if query.get("limit") != "1":
            self._clock.sleep(SECONDS_PER_CALL)
        elif query["sortBy"] == "last_modified_date":
            self._side_by_side.wait()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = unquote(request.url.raw_path.decode().partition("?")[0])
        if self.order_no is None:
            return self._road.handle_request(request)
        if self.hangs and path.endswith(f"/orders/{self.order_no}"):
            self._clock.sleep(TIMEOUT.read or 0)
            raise httpx.ReadTimeout("nothing came", request=request)
        body = request.content.decode()
        if self.cin7_fails and path.endswith("/sale") and f":{self.order_no}" in body:
            return httpx.Response(500, text="<html>Oops</html>", request=request)
        if f"/orders/{ODD_NUMBER}" in path:
            request = self._renamed(request, path)
        response = self._road.handle_request(request)
        response.read()
        if request.method != "GET" or "/orders" not in path or response.status_code != 200:
            return response
        if self.too_large and f'"{self.order_no}"' in response.text:
            return httpx.Response(500, text="The response exceeds 10 MB.", request=request)
        return httpx.Response(200, text=self._altered(response.text), request=request)

    def _renamed(self, request: httpx.Request, path: str) -> httpx.Request:
        raw = quote(path.replace(ODD_NUMBER, str(self.order_no))).encode()
        query = request.url.query
        url = request.url.copy_with(raw_path=raw + (b"?" + query if query else b""))
        return httpx.Request(request.method, url, headers=request.headers, content=request.content)

    def _altered(self, answer: str) -> str:
        document = decimal_json.loads(answer)
        if "data" not in document:
            return self._turned(document)
        if self.poison_alone:
            return answer
        rows = ",".join(self._turned(order) for order in document["data"])
        return f'{{"data": [{rows}]}}'

    def _turned(self, order: Order) -> str:
        if order["orderNo"] != self.order_no:
            return decimal_json.dumps(order)
        bad = self.poison(copy.deepcopy(order))
        return bad if isinstance(bad, str) else decimal_json.dumps(bad)

    def close(self) -> None:
        """The road outlives the worker."""


class Day:
    """A day's orders of one merchant, one of them bad."""

    def __init__(self, lane: OrderLane, hands: Hands) -> None:
        self.lane = lane
        self.hands = hands
        self.road = PoisonedRoad(lane.road, lane.clock)
        sites = [site for site in lane.model.sites if site.id in (SITE, "alpenglow-us")]
        model = lane.model.model_copy(update={"sites": sites})
        self.place = Workplace(lane.url, model, lane.clock, self.road, self.road.takes_time)

    def passes(self, until: str = "authorised_at") -> tuple[str, dict[int, timedelta]]:
        """Posts good, bad and good orders; the bad one's key, and each good one's time by rank."""
        began = self.lane.clock.now()
        before = [self.lane.order(SITE) for _ in range(GOOD_BEFORE)]
        bad = self.lane.order(SITE)
        after = [self.lane.order(SITE) for _ in range(GOOD_AFTER)]
        self.road.order_no = bad.split(":")[2]
        for _ in range(30):
            self.place.work(self.hands, "worker")
            waiting = {"received", "posting"} & set(self.lane.states().values())
            if not waiting:
                break
            self.lane.clock.sleep(200)
        reached = self._reached(orders.c[until])
        good = [*before, *after]
        assert {self.lane.states()[key] for key in good} == {"acknowledged"}
        return bad, {rank: reached[key] - began for rank, key in enumerate(good)}

    def _reached(self, step: ColumnElement[datetime]) -> dict[str, datetime]:
        with self.lane.engine.connect() as connection:
            rows = connection.execute(select(orders.c.order_key, step.label("at")))
            return {row.order_key: row.at for row in rows}


@pytest.fixture(scope="module")
def world(migrated: Engine) -> Iterator[Day]:
    with order_lane(migrated, ManualClock()) as lane, hands_of(migrated) as hands:
        yield Day(lane, hands)


@pytest.fixture
def day(world: Day) -> Iterator[Day]:
    """Another day with empty books and no orders from before."""
    with world.lane.engine.begin() as connection:
        empty_every_table(connection)
    world.road.heal()
    world.lane.clock.sleep(2 * 86_400)
    yield world
    for order in world.lane.sandbox.sfcc.truth()["orders"]:
        if order["status"] == "new" and order["exportStatus"] == "ready":
            world.lane.sandbox.sfcc.cancel(order["siteId"], order["orderNo"])


@pytest.fixture(scope="module")
def ordinary(world: Day) -> dict[int, timedelta]:
    """When each good order is posted while the one between them is good as well."""
    return _ordinary(world, "authorised_at")


@pytest.fixture(scope="module")
def ordinarily_received(world: Day) -> dict[int, timedelta]:
    """When each good order is received then. Looks go on beside posting, so that an order that
    spoils them can delay others until they are received, and not after."""
    return _ordinary(world, "received_at")


def _ordinary(world: Day, until: str) -> dict[int, timedelta]:
    with world.lane.engine.begin() as connection:
        empty_every_table(connection)
    return world.passes(until)[1]


def _set(**fields: Any) -> Poison:
    return lambda order: order | fields


def _without(name: str) -> Poison:
    return lambda order: {key: value for key, value in order.items() if key != name}


def _unknown_sku(order: Order) -> Order:
    order["productItems"][0]["productId"] = "NO-SUCH-THING"
    return order


def _a_cent_more_tax(order: Order) -> Order:
    return order | {"taxTotal": order["taxTotal"] + Decimal("0.01")}


def _endless(order: Order) -> Order:
    lines = [copy.deepcopy(order["productItems"][0]) for _ in range(2_000)]
    for rank, line in enumerate(lines):
        line["itemId"] = f"line-{rank}"
        line["productId"] = f"SKU-{rank}"
    return order | {"productItems": lines}


def _negative(order: Order) -> Order:
    for name in ("price", "priceAfterItemDiscount", "priceAfterOrderDiscount", "basePrice"):
        if name in order["productItems"][0]:
            order["productItems"][0][name] = -order["productItems"][0][name]
    return order


def _wrong_types(wrong: Any) -> Poison:
    kept = ("orderNo", "siteId", "exportStatus")
    return lambda order: {key: order[key] if key in kept else wrong for key in order}


def _countless_units(order: Order) -> Order:
    line = order["productItems"][0] | {"quantity": Decimal("999999999999999")}
    return order | {"productItems": [line] * 12}


def _nested(depth: int) -> Poison:
    def poison(order: Order) -> str:
        nest = "[" * depth + "]" * depth
        return decimal_json.dumps(order)[:-1] + f', "customerInfo": {nest}}}'

    return poison


POISON: dict[str, tuple[Poison, set[str]]] = {
    "a SKU that nobody knows": (_unknown_sku, {"erp-refused"}),
    "a cent more tax than the lines": (_a_cent_more_tax, {"tax-total-mismatch"}),
    "two thousand lines": (_endless, {"too-many-lines"}),
    "negative amounts": (_negative, {"negative-amount"}),
    "another currency": (_set(currency="CHF"), {"currency-unmapped"}),
    "no currency that there is": (
        _set(currency="XAU"),
        {"currency-unknown"},
    ),
    "no status": (_without("status"), {"field-missing"}),
    "no items": (_without("productItems"), {"product-sub-total-mismatch"}),
    "no total": (_without("orderTotal"), {"field-missing"}),
    "no site": (_without("siteId"), {"field-missing"}),
    "numbers everywhere": (_wrong_types(7), {"field-choice"}),
    "lists everywhere": (_wrong_types([{}]), {"field-type"}),
    "texts everywhere": (_wrong_types("\ud800\x00"), {"field-choice"}),
    "objects everywhere": (_wrong_types({"a": None}), {"field-type"}),
    "more units than there are": (_countless_units, {"field-range"}),
    "a total finer than matter": (
        lambda order: decimal_json.dumps(order)[:-1] + ', "orderTotal": 1e-20000}',
        {"field-range"},
    ),
}


@pytest.mark.parametrize("name", POISON)
def test_a_bad_order_waits_alone(day: Day, ordinary: dict[int, timedelta], name: str) -> None:
    day.road.poison, codes = POISON[name]
    bad, good = day.passes()
    assert day.lane.states()[bad] == "in_review"
    assert codes <= day.lane.review_codes(bad)
    assert day.lane.sales(bad) == []
    assert _delay(good, ordinary) <= A_CALL


def test_an_order_that_the_erp_fails_at_for_ever_waits_alone(
    day: Day, ordinary: dict[int, timedelta]
) -> None:
    day.road.cin7_fails = True
    bad, good = day.passes()
    assert day.lane.review_codes(bad) == {"keeps-failing"}
    assert day.lane.sales(bad) == []
    assert _delay(good, ordinary) <= A_CALL


def test_an_order_whose_reading_hangs_for_ever_waits_alone(
    day: Day, ordinary: dict[int, timedelta]
) -> None:
    day.road.hangs = True
    bad, good = day.passes()
    assert day.lane.review_codes(bad) == {"keeps-failing"}
    a_look = A_CALL  # for new orders, which is due by then
    assert _delay(good, ordinary) <= A_CALL + timedelta(seconds=TIMEOUT.read or 0) + a_look


@pytest.mark.parametrize("depth", [None, 700, 100_000])
def test_an_order_that_is_no_json_hides_no_other_and_is_told(
    day: Day, ordinarily_received: dict[int, timedelta], depth: int | None
) -> None:
    day.road.poison = _nested(depth) if depth else lambda _: "{this is no JSON"
    bad, good = day.passes("received_at")
    assert _delay(good, ordinarily_received) <= A_CALL
    assert bad not in day.lane.states()
    _is_told_at_once_and_by_the_window(day, day.road.order_no if depth else None)


def test_an_order_too_large_for_the_storefront_to_show_hides_no_other_and_is_told(
    day: Day, ordinarily_received: dict[int, timedelta]
) -> None:
    day.road.too_large = True
    bad, good = day.passes("received_at")
    assert _delay(good, ordinarily_received) <= A_CALL
    assert bad not in day.lane.states()
    _is_told_at_once_and_by_the_window(day, None)


def _is_told_at_once_and_by_the_window(day: Day, number: str | None) -> None:
    today = day.lane.clock.now().replace(hour=0, minute=0, second=0)
    subject = f"orders:{SITE}:{today:%Y-%m-%d}"
    for _ in range(2):
        assert day.lane.review_codes(subject) == {"order-unreadable"}
        sentence = day.lane.review_sentences(subject)["order-unreadable"]
        assert number is None or number in sentence
        day.place.window(day.hands, today - timedelta(days=1), today + timedelta(days=1))
    day.road.heal()
    day.place.window(day.hands, today - timedelta(days=1), today + timedelta(days=1))
    assert day.lane.review_codes(subject) == set()


def test_an_order_read_alone_as_no_json_waits_alone(
    day: Day, ordinary: dict[int, timedelta]
) -> None:
    day.road.poison_alone = True
    day.road.poison = lambda _: "{this is no JSON"
    bad, good = day.passes()
    assert day.lane.review_codes(bad) == {"keeps-failing"}
    assert _delay(good, ordinary) <= A_CALL


def test_a_number_of_fifty_odd_characters_is_posted_like_any_other(day: Day) -> None:
    day.road.poison = _set(orderNo=ODD_NUMBER)
    day.passes()
    odd = f"alpenglow:{SITE}:{ODD_NUMBER}"
    assert len(ODD_NUMBER) == 50
    assert day.lane.states()[odd] == "acknowledged"
    assert len(day.lane.sales(odd)) == 1


@pytest.mark.parametrize("number", ["", "A\x00B", "A\ud800B", "9" * 5000])
def test_a_number_that_nobody_can_keep_hides_no_other(day: Day, number: str) -> None:
    day.road.poison = _set(orderNo=number)
    bad, _ = day.passes()
    assert bad not in day.lane.states()


@pytest.mark.parametrize(
    "dates",
    [
        {"lastModified": "9999-12-31T23:59:59-12:00"},
        {"lastModified": "0001-01-01T00:00:00+14:00"},
        {"creationDate": "9999-12-31T23:59:59Z", "placeDate": "0001-01-01T00:00:00Z"},
        {"creationDate": "2026-01-01T00:00:00"},
    ],
)
def test_dates_out_of_this_world_hide_no_order(day: Day, dates: dict[str, str]) -> None:
    day.road.poison = _set(**dates)
    bad, _ = day.passes()
    assert day.lane.states()[bad] in ("acknowledged", "in_review")
    now = day.lane.clock.now()
    day.place.window(day.hands, now - timedelta(days=1), now + timedelta(days=1))


def test_one_number_on_two_sites_is_two_orders(engine: Engine, clock: ManualClock) -> None:
    with order_lane(engine, clock) as lane:
        both = [lane.order(SITE), lane.order("alpenglow-us")]
        assert len({key.split(":")[2] for key in both}) == 1
        lane.run_until_quiet()
        assert lane.states() == dict.fromkeys(both, "acknowledged")
        assert [len(lane.sales(key)) for key in both] == [1, 1]


def _delay(good: dict[int, timedelta], ordinary: dict[int, timedelta]) -> timedelta:
    """How much later than on an ordinary day the most delayed good order was posted."""
    return max(good[rank] - ordinary[rank] for rank in ordinary)
