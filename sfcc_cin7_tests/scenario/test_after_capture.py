"""What shoppers and agents do to an order after it was captured reaches the ERP, or a person."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.ledger.passes.books import bring_up_to_date
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.orders.posting.order import OrderPosting
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.systems.http.errors import Ambiguous, ApiError, Unavailable
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.scenario.order_lane import Crash, OrderLane, order_lane


@pytest.fixture
def lane(engine: Engine, clock: ManualClock) -> Iterator[OrderLane]:
    with order_lane(engine, clock) as lane:
        yield lane


def cancel(lane: OrderLane, key: str) -> None:
    _, site, number = key.split(":")
    lane.sandbox.sfcc.cancel(site, number)
    lane.clock.sleep(lane.model.posting.changes_seconds + 1)


def hold(lane: OrderLane, minutes: int) -> None:
    """Every site waits so long after capture."""
    sites = [site.model_copy(update={"hold_minutes": minutes}) for site in lane.model.sites]
    lane.model = lane.model.model_copy(update={"sites": sites})


# Before it is posted


def test_an_order_is_posted_when_its_hold_is_over_and_not_before(lane: OrderLane) -> None:
    hold(lane, 30)
    key = lane.order()
    lane.run()
    assert lane.states() == {key: "received"}
    lane.clock.sleep(30 * 60)
    lane.run()
    assert lane.states() == {key: "acknowledged"}


def test_an_order_cancelled_in_its_hold_is_never_posted(lane: OrderLane) -> None:
    hold(lane, 30)
    key = lane.order()
    lane.run()
    cancel(lane, key)
    lane.clock.sleep(30 * 60)
    lane.run()
    assert lane.states() == {key: "cancelled"}
    assert lane.sandbox.calls.summary()["arrivals"].get("cin7", 0) == 0


def test_an_order_of_the_time_before_this_integration_is_left_alone(lane: OrderLane) -> None:
    old = lane.order()
    lane.clock.sleep(60)
    live_from = lane.clock.now()
    sites = [site.model_copy(update={"live_from": live_from}) for site in lane.model.sites]
    lane.model = lane.model.model_copy(update={"sites": sites})
    new = lane.order()
    lane.run()
    lane.sweep(timedelta(hours=1))
    assert lane.states() == {new: "acknowledged"}
    assert lane.sales(old) == []


# After it was posted


def test_an_order_cancelled_after_it_was_posted_has_its_sale_voided(lane: OrderLane) -> None:
    key = lane.order()
    lane.run()
    cancel(lane, key)
    lane.run()
    assert lane.states() == {key: "cancelled"}
    assert lane.sales(key) == []
    assert lane.events(key)[-3:] == ["voiding", "voided", "cancelled"]


def test_a_prepaid_sale_that_the_erp_will_not_void_waits_for_a_person(lane: OrderLane) -> None:
    key = lane.order("alpenglow-us")
    lane.run()
    cancel(lane, key)
    lane.run()
    assert lane.states() == {key: "in_review"}
    assert lane.review_codes(key) == {"void-refused"}
    assert len(lane.sales(key)) == 1


def test_a_prepaid_sale_is_voided_where_the_erp_allows_it(
    engine: Engine, clock: ManualClock
) -> None:
    with order_lane(engine, clock, cin7=Cin7Settings(void_with_payments="accepted")) as lane:
        key = lane.order("alpenglow-us")
        lane.run()
        cancel(lane, key)
        lane.run()
        assert lane.states() == {key: "cancelled"}
        assert lane.sales(key) == []


def test_a_sale_of_which_something_has_left_is_not_voided_but_told(lane: OrderLane) -> None:
    key = lane.order()
    lane.run()
    [sale] = lane.sales(key)
    lane.sandbox.cin7.ship(sale["ID"])
    cancel(lane, key)
    lane.run()
    assert lane.states() == {key: "in_review"}
    assert lane.review_codes(key) == {"fulfilment-begun"}
    assert len(lane.sales(key)) == 1


def test_a_cancellation_that_the_quick_look_missed_is_found_by_the_sweep(lane: OrderLane) -> None:
    key = lane.order()
    lane.run()
    cancel(lane, key)
    lane.sweep(timedelta(hours=1))
    lane.run()
    assert lane.states() == {key: "cancelled"}


def test_our_own_marks_on_an_order_are_no_change_of_it(lane: OrderLane) -> None:
    key = lane.order()
    for _ in range(4):
        lane.run()
        lane.clock.sleep(60)
    assert lane.events(key).count("claimed") == 1


def test_a_sale_that_somebody_voided_in_the_erp_is_told_once_its_order_changes(
    lane: OrderLane,
) -> None:
    key = lane.order()
    lane.run()
    [sale] = lane.sales(key)
    lane._erp.void_sale(sale["ID"])
    cancel(lane, key)
    lane.run()
    assert lane.states() == {key: "cancelled"}


@pytest.mark.parametrize("answer", [Unavailable, Ambiguous])
def test_a_void_that_was_wanted_once_does_not_excuse_a_later_one_by_hand(
    lane: OrderLane, monkeypatch: pytest.MonkeyPatch, answer: type[ApiError]
) -> None:
    """The order was cancelled, and placed again before its sale could be voided."""
    key = lane.order()
    lane.run()
    [sale] = lane.sales(key)
    cancel(lane, key)

    def void_sale(_sale: str, fence: Callable[[], None]) -> None:
        fence()
        raise answer("cin7", "DELETE /sale", 503, "down")

    with monkeypatch.context() as patch:
        patch.setattr(lane._erp, "void_sale", void_sale)
        lane.run()
    _, site, number = key.split(":")
    lane.sandbox.sfcc.staff.reinstate(site, number)
    lane.clock.sleep(lane.model.posting.changes_seconds + 1)
    lane.run_until_quiet()
    assert lane.states() == {key: "acknowledged"}
    lane._erp.void_sale(sale["ID"])
    edit(lane, key, "quantity")
    lane.run()
    assert lane.sales(key) == []
    assert lane.review_codes(key) == {"sale-voided"}


# Edited


def edit(lane: OrderLane, key: str, what: str) -> None:
    """An agent changes the order in the storefront."""
    _, site, number = key.split(":")
    staff = lane.sandbox.sfcc.staff
    if what == "address":
        address = lane.document(key)["shipments"][0]["shippingAddress"]
        staff.change_address(site, number, address | {"address1": "2 New Street"})
    else:
        item = lane.document(key)["productItems"][0]
        staff.change_quantity(site, number, item["productId"], item["quantity"] + 2)
    lane.clock.sleep(lane.model.posting.changes_seconds + 1)


def test_an_order_edited_in_its_hold_is_posted_as_it_is_then(lane: OrderLane) -> None:
    hold(lane, 30)
    key = lane.order()
    lane.run()
    edit(lane, key, "quantity")
    lane.clock.sleep(30 * 60)
    lane.run()
    [sale] = lane.sales(key)
    assert sale["Total"] == lane.document(key)["orderTotal"]
    assert lane.states() == {key: "acknowledged"}


def test_an_order_edited_after_it_was_posted_is_a_break_and_no_silent_drift(
    lane: OrderLane,
) -> None:
    key = lane.order()
    lane.run()
    [before] = lane.sales(key)
    edit(lane, key, "quantity")
    lane.run()
    assert lane.states() == {key: "in_review"}
    assert "changed-after-posting" in lane.review_codes(key)
    [after] = lane.sales(key)
    assert after["Total"] == before["Total"]
    day = lane.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    books = bring_up_to_date(
        lane.engine, lane.model, lane.clock, day, day + timedelta(days=1), complete=True
    )
    assert books.open_breaks["amount"] == 1


def test_another_address_after_posting_is_told(lane: OrderLane) -> None:
    key = lane.order()
    lane.run()
    edit(lane, key, "address")
    lane.run()
    assert lane.states() == {key: "in_review"}
    assert lane.review_codes(key) == {"address-changed-after-posting"}


def test_a_header_that_was_left_for_an_old_address_is_made_anew(lane: OrderLane) -> None:
    key = lane.order()
    queue_dies_after_the_header(lane)
    edit(lane, key, "address")
    lane.clock.sleep(lane.model.posting.lease_seconds + 1)
    lane.run_until_quiet()
    [sale] = lane.sales(key)
    assert lane._erp.sale(sale["ID"]).shipping_address.line1 == "2 New Street"
    assert lane.states() == {key: "acknowledged"}


def queue_dies_after_the_header(lane: OrderLane) -> None:
    """The process ends between the two calls that a sale needs."""

    class NoLines:
        def __getattr__(self, name: str) -> Any:
            if name == "save_order":
                raise Crash
            return getattr(lane._erp, name)

    queue = OrderQueue(lane.engine, lane.clock)
    erp: Any = NoLines()
    posting = OrderPosting(lane.engine, queue, lane._shop, erp, lane.model, lane.clock)
    Receiver(lane._shop, queue, lane.model, lane.clock).poll()
    claim = posting.claim("dies")
    assert claim is not None
    with pytest.raises(Crash):
        posting.post(claim)
