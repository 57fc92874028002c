"""Orders reach the ERP once and to the cent, whatever happens on the way."""

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.db.leases import LeaseLost
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.systems.http.errors import Unavailable
from sfcc_cin7.systems.sfcc.order_query import OrderQuery
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.shoppers.shapes import PLANTED, SHAPES
from sfcc_cin7_tests.scenario.order_lane import Crash, OrderLane, order_lane


@pytest.fixture
def lane(engine: Engine, clock: ManualClock) -> Iterator[OrderLane]:
    with order_lane(engine, clock) as lane:
        yield lane


def test_a_placed_order_is_booked_proved_and_marked_exported(lane: OrderLane) -> None:
    key = lane.order()
    lane.run()
    assert lane.states() == {key: "acknowledged"}
    assert lane.events(key) == [
        "received", "claimed", "creating", "created", "authorised", "acknowledged",
    ]  # fmt: skip
    site, number = key.split(":")[1:]
    shown = lane.sandbox.sfcc.truth()["orders"][-1]
    assert (shown["siteId"], shown["orderNo"], shown["exportStatus"]) == (site, number, "exported")
    assert lane.verdict().clean


def test_orders_of_every_shape_are_booked_or_wait_with_a_reason(lane: OrderLane) -> None:
    planted = {}
    for shape in SHAPES:
        for site in ("alpenglow-uk", "alpenglow-us", "alpenglow-jp"):
            try:
                key = lane.order(site, shape)
            except ValueError:
                continue  # not every site sells every shape
            if shape in PLANTED:
                planted[key] = shape
    lane.run_until_quiet()
    verdict = lane.verdict()
    assert verdict.clean
    for key, state in lane.states().items():
        assert state == ("in_review" if key in planted else "acknowledged")
        assert bool(lane.review_codes(key)) == (key in planted)


def test_a_fresh_order_costs_two_calls(lane: OrderLane) -> None:
    lane.order()
    lane.run()
    assert lane.sandbox.calls.summary()["arrivals"]["cin7"] == 2


def test_an_order_cancelled_before_posting_is_never_posted(lane: OrderLane) -> None:
    key = lane.order()
    _, site, number = key.split(":")
    lane.sandbox.sfcc.cancel(site, number)
    lane.clock.sleep(1)
    lane.run()
    assert lane.sales(key) == []


@pytest.mark.parametrize(
    "fault",
    [
        "cin7.timeout_before_commit",
        "cin7.timeout_after_commit",
        "cin7.502",
        "cin7.503",
        "cin7.html_200",
        "cin7.error_200",
        "cin7.throttle",
        "sfcc.timeout_after_commit",
        "sfcc.504_applied",
        "sfcc.lock_clash",
        "sfcc.503",
    ],
)
def test_orders_survive_a_system_that_fails_every_other_time(lane: OrderLane, fault: str) -> None:
    lane.sandbox.faults.rates = {fault: 0.5}
    for _ in range(6):
        lane.order()
    for _ in range(6):
        lane.run()
        lane.clock.sleep(300)
    lane.sandbox.faults.rates = {}
    lane.run_until_quiet()
    found = lane.verdict()
    assert not [case for case in found.cases if case.finding in ("lost", "doubled", "off_by_cents")
                and not lane.review_codes(case.order)]  # fmt: skip
    for key in lane.states():
        assert len(lane.sales(key)) <= 1


def test_a_crash_at_any_step_neither_loses_nor_doubles_an_order(lane: OrderLane) -> None:
    steps = 0
    while True:
        steps += 1
        key = lane.order("alpenglow-us")
        lane.fuse.left = steps
        try:
            lane.run()
        except Crash:
            lane.clock.sleep(lane.model.posting.lease_seconds + 1)
            lane.run_until_quiet()
        survived = lane.fuse.left is not None
        lane.fuse.left = None
        assert lane.states()[key] == "acknowledged", f"crash at step {steps}"
        assert len(lane.sales(key)) == 1, f"crash at step {steps}"
        if survived:
            break
    assert steps > 20
    assert lane.verdict().clean


@pytest.mark.parametrize("seed", range(12))
def test_random_crashes_under_random_faults_end_in_the_same_books(
    lane: OrderLane, seed: int
) -> None:
    dice = random.Random(seed)
    lane.sandbox.faults.rates = {
        "cin7.timeout_after_commit": 0.1,
        "cin7.timeout_before_commit": 0.05,
        "cin7.502": 0.05,
        "cin7.html_200": 0.05,
        "cin7.throttle": 0.05,
        "cin7.index_lag": 1.0,
        "sfcc.504_applied": 0.05,
        "sfcc.503": 0.05,
    }
    lane.sandbox.faults.sizes = {"cin7.index_lag": 20}
    for _ in range(4):
        for _ in range(2):
            lane.order(
                dice.choice(("alpenglow-uk", "alpenglow-us", "alpenglow-jp")), "several-lines"
            )
        lane.fuse.left = dice.randint(1, 60)
        with suppress(Crash):
            lane.run()
        lane.fuse.left = None
        lane.clock.sleep(dice.choice((5, 130)))
    lane.sandbox.faults.rates = {}
    lane.clock.sleep(130)
    lane.run_until_quiet()
    for key, state in lane.states().items():
        assert state == "acknowledged" or lane.review_codes(key)
        assert len(lane.sales(key)) == (1 if state == "acknowledged" else 0)
    assert lane.verdict().clean


def test_two_workers_never_hold_one_order(lane: OrderLane) -> None:
    key = lane.order()
    queue = OrderQueue(lane.engine, lane.clock)
    shop: Any = lane._shop
    Receiver(shop, queue, lane.model, lane.clock).poll()
    first = queue.claim("first", 60)
    assert first is not None
    assert queue.claim("second", 60) is None
    lane.clock.sleep(61)
    second = queue.claim("second", 60)
    assert second is not None
    with pytest.raises(LeaseLost):
        queue.record(first, "late")
    queue.record(second, "in time")
    assert "late" not in lane.events(key)


def test_tax_that_the_erp_recomputes_differently_waits_in_review_and_leaves_no_sale(
    engine: Engine, clock: ManualClock
) -> None:
    with order_lane(engine, clock, cin7=Cin7Settings(tax_handling="recomputed")) as lane:
        for _ in range(6):
            lane.order("alpenglow-us", "order-discount")
        lane.run_until_quiet()
        for key, state in lane.states().items():
            assert len(lane.sales(key)) == (1 if state == "acknowledged" else 0)
            assert bool(lane.review_codes(key)) == (state == "in_review")


def test_an_order_that_the_storefront_has_not_released_is_not_taken(lane: OrderLane) -> None:
    key = lane.order()
    _, site, number = key.split(":")
    lane._shop.set_export_status(site, number, "not_exported")
    lane.clock.sleep(1)
    queue = OrderQueue(lane.engine, lane.clock)
    window = lane.clock.now() - timedelta(hours=1), lane.clock.now()
    Receiver(lane._shop, queue, lane.model, lane.clock).window(*window)
    lane.run()
    assert lane.states() == {}
    assert lane.sales(key) == []


def test_a_page_that_fails_hides_no_order_from_the_next_look(lane: OrderLane) -> None:
    placed = {lane.order() for _ in range(60)}

    class SecondPageFails:
        def order_page(self, site: str, query: OrderQuery) -> Any:
            if query.get("modified_to"):
                raise Unavailable("sfcc", "GET /orders", 503, "shed")
            return lane._shop.order_page(site, query)

    queue = OrderQueue(lane.engine, lane.clock)
    broken: Any = SecondPageFails()
    assert Receiver(broken, queue, lane.model, lane.clock).poll() == 0
    assert len(lane.states()) == 50
    assert Receiver(lane._shop, queue, lane.model, lane.clock).poll() == 10
    assert set(lane.states()) == placed


def test_a_storefront_that_is_down_is_asked_for_ten_single_orders_once_and_not_each_second(
    lane: OrderLane,
) -> None:
    asked: list[str] = []
    trouble = Unavailable("sfcc", "GET /orders", 500, "failed")

    class Down:
        def __getattr__(self, name: str) -> Any:
            def ask(*_: Any) -> Any:
                asked.append(name)
                raise trouble

            return ask

    shop: Any = Down()
    queue = OrderQueue(lane.engine, lane.clock)
    receiver = Receiver(shop, queue, lane.model, lane.clock)
    site = lane.model.sites[0]
    for _ in range(3):
        receiver._guarded(site, receiver._newest)
    assert asked.count("orders_alone") == 1
    assert asked.count("is_up") == 2
    key = lane.order(site.id)
    receiver._shop = lane._shop
    assert receiver.poll_site(site) == 1
    assert key in lane.states()


def test_orders_that_are_exported_while_the_list_is_read_hide_no_others(lane: OrderLane) -> None:
    placed = {lane.order() for _ in range(120)}

    class PostedMeanwhile:
        def order_page(self, site: str, query: OrderQuery) -> Any:
            page: list[Any] = lane._shop.order_page(site, query)
            for order in page[:30]:
                lane._shop.set_export_status(site, order["orderNo"], "exported")
            lane.clock.sleep(1)
            return page

    queue = OrderQueue(lane.engine, lane.clock)
    shop: Any = PostedMeanwhile()
    receiver = Receiver(shop, queue, lane.model, lane.clock)
    receiver.poll()
    assert set(lane.states()) == placed


def test_a_void_whose_answer_was_lost_does_not_hide_why_the_order_waits(
    engine: Engine, clock: ManualClock
) -> None:
    with order_lane(engine, clock, cin7=Cin7Settings(tax_handling="recomputed")) as lane:
        keys = [lane.order("alpenglow-us", "order-discount") for _ in range(6)]
        lane.sandbox.faults.rates = {"cin7.timeout_after_commit": 0.4}
        lane.run()
        lane.sandbox.faults.rates = {}
        lane.clock.sleep(400)
        lane.run_until_quiet()
        assert not any("sale-voided" in lane.review_codes(key) for key in keys)


def test_a_removed_site_does_not_hold_up_the_others(lane: OrderLane) -> None:
    stray = lane.order("alpenglow-jp")
    good = lane.order("alpenglow-uk")
    queue = OrderQueue(lane.engine, lane.clock)
    Receiver(lane._shop, queue, lane.model, lane.clock).poll()
    sites = [site for site in lane.model.sites if site.id != "alpenglow-jp"]
    lane.model = lane.model.model_copy(update={"sites": sites})
    lane.run()
    assert lane.states() == {stray: "in_review", good: "acknowledged"}
    assert lane.review_codes(stray) == {"site-unknown"}
