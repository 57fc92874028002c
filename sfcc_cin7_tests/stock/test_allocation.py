"""What may be offered, held against the emulated storefront's own inventory arithmetic."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfcc_cin7.sandbox.sfcc.inventory import InventoryRecord
from sfcc_cin7.stock.allocation import (
    Decision,
    OrderedUnits,
    Range,
    Reading,
    allocation,
    decide,
    implied_offer,
    reset_date,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SETTLE = timedelta(seconds=60)


class House:
    """One SKU: the ERP's stock, the storefront's record, and what we know about orders."""

    def __init__(self, on_order: bool) -> None:
        self.on_order = on_order
        self.now = NOON
        self.available = Decimal(100)  # the ERP: on hand less allocated
        self.shop = InventoryRecord(Decimal(0), NOON - timedelta(days=1))
        self.orders: dict[str, OrderedUnits] = {}
        self.published: tuple[Decimal, datetime] | None = None
        self.rise_seen: Decimal | None = None
        self.pushes = 0

    def supply(self) -> Decimal:
        """What may truly be sold: the ERP's availability less orders that it does not have."""
        unposted = (
            o.units for o in self.orders.values() if not o.authorised_at and not o.cancelled_by
        )
        return max(Decimal(0), self.available - sum(unposted, Decimal(0)))

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def order(self, units: int) -> None:
        if self.shop.ats >= units:
            key = str(len(self.orders))
            self.shop = self.shop.take(key, Decimal(units), self.now, on_order=self.on_order)
            self.orders[key] = OrderedUnits(Decimal(units), self.now)

    def post(self) -> None:
        for key, order in self.orders.items():
            if not order.authorised_at and not order.cancelled_by:
                self.available -= order.units
                self.orders[key] = replace(order, authorised_at=self.now)
                return

    def export(self) -> None:
        for key, order in self.orders.items():
            if order.authorised_at and not order.exported_at:
                self.shop = self.shop.export(key, self.now)
                self.wait(0.4)
                self.orders[key] = replace(order, exported_at=self.now)
                return

    def cancel(self) -> None:
        """Only orders that were not posted: what became of a posted one is the ERP's matter."""
        for key, order in self.orders.items():
            if not order.authorised_at and not order.cancelled_by:
                self.shop = self.shop.release(key, order.units, self.now, exported_at=None)
                self.orders[key] = replace(order, cancelled_by=self.now)
                return

    def push(self) -> None:
        reading = Reading(self.now, self.now)
        orders = list(self.orders.values())
        prior = self.published[1] if self.published else self.shop.reset_date
        reset_at = reset_date(self.now - SETTLE, orders, prior, self.on_order)
        wanted = allocation(
            self.available, orders, on_order=self.on_order, reading=reading, reset_at=reset_at
        )
        offered = None
        if self.published:
            offered = implied_offer(
                *self.published, orders, on_order=self.on_order, reset_at=reset_at
            )
        decision = decide(wanted, offered, self.rise_seen, is_new_reading=True)
        self.rise_seen = decision.rise_seen
        if decision.publish is not None:
            self.pushes += 1
            self.shop = self.shop.reset(decision.publish, reset_at)
            self.published = (decision.publish, reset_at)

    def do(self, step: tuple[str, int]) -> None:
        verb, number = step
        match verb:
            case "order":
                self.order(number)
            case "receive":
                self.available += number
            case "lose":
                self.available = max(Decimal(0), self.available - number)
            case "wait":
                self.wait(number * 7)
            case _:
                getattr(self, verb)()
        self.wait(0.1)


VERBS = ("order", "post", "export", "cancel", "receive", "lose", "push", "wait")
STEPS = st.lists(
    st.tuples(st.sampled_from((*VERBS, "order", "post", "wait")), st.integers(1, 20)), max_size=40
)


@pytest.mark.parametrize("on_order", [False, True])
@given(steps=STEPS)
@settings(deadline=None, max_examples=300)
def test_the_offer_never_exceeds_the_supply_after_a_pass_and_equals_it_once_quiet(on_order, steps):
    house = House(on_order)
    house.wait(120)
    house.push()
    for step in steps:
        house.do(step)
        if step[0] == "push":
            assert house.shop.ats <= house.supply()
    for _ in house.orders:
        house.post()
        house.wait(1)
        house.export()
    for _ in range(5):
        house.wait(120)
        house.push()
    assert house.shop.ats == house.supply()


@pytest.mark.parametrize("on_order", [False, True])
@given(steps=st.lists(st.sampled_from(("order", "post", "export", "wait", "push")), max_size=60))
@settings(deadline=None, max_examples=200)
def test_orders_that_are_sold_and_posted_cost_no_publishing(on_order, steps):
    house = House(on_order)
    house.wait(120)
    house.push()
    for step in steps:
        house.do((step, 2))
    assert house.pushes == 1


def test_an_order_from_before_the_reset_that_the_erp_lacks_is_deducted_without_on_order():
    unknown_to_erp = OrderedUnits(Decimal(3), NOON - timedelta(minutes=5))
    assert _allocated([unknown_to_erp], on_order=False) == Range(Decimal(7), Decimal(7))
    assert _allocated([unknown_to_erp], on_order=True) == Range(Decimal(10), Decimal(10))


def test_an_order_authorised_during_the_reading_is_offered_as_if_it_were_not_in_it():
    during = OrderedUnits(Decimal(3), NOON, authorised_at=NOON + timedelta(seconds=2))
    assert _allocated([during], on_order=False) == Range(Decimal(10), Decimal(13))


def test_a_cancelled_order_is_deducted_until_the_reset_date_has_passed_the_cancellation():
    created = NOON - timedelta(minutes=5)
    late = OrderedUnits(Decimal(3), created, cancelled_by=NOON)
    early = OrderedUnits(Decimal(3), created, cancelled_by=NOON - timedelta(minutes=4))
    assert _allocated([late], on_order=False).low == 7
    assert _allocated([early], on_order=False).low == 10


def test_an_order_that_was_never_acknowledged_keeps_the_reset_date_before_it():
    authorised = NOON - timedelta(minutes=10)
    stuck = OrderedUnits(Decimal(3), authorised, authorised_at=authorised)
    assert reset_date(NOON - SETTLE, [stuck], None, on_order=True) < authorised
    assert reset_date(NOON - SETTLE, [stuck], None, on_order=False) == NOON - SETTLE


def test_the_reset_date_never_goes_back():
    prior = NOON - timedelta(seconds=10)
    assert reset_date(NOON - SETTLE, [], prior, on_order=False) == prior


def test_half_units_and_oversold_stock_are_never_offered():
    assert _allocated([], available=Decimal("2.5")).low == 2
    assert _allocated([], available=Decimal(-4)).low == 0


def test_a_fall_is_published_at_once_and_a_rise_as_far_as_two_readings_agree():
    five, eight = Range(Decimal(5), Decimal(5)), Range(Decimal(8), Decimal(8))
    assert decide(five, Decimal(6), None, is_new_reading=True) == Decision(Decimal(5))
    assert decide(eight, Decimal(5), None, is_new_reading=True) == Decision(None, Decimal(3))
    agreed = decide(eight, Decimal(5), Decimal(2), is_new_reading=True)
    assert agreed == Decision(Decimal(7), Decimal(1))
    same_reading = decide(eight, Decimal(5), Decimal(3), is_new_reading=False)
    assert same_reading == Decision(None, Decimal(3))


def _allocated(orders, on_order=False, available=Decimal(10)):
    return allocation(
        available,
        orders,
        on_order=on_order,
        reading=Reading(NOON, NOON + timedelta(seconds=5)),
        reset_at=NOON - SETTLE,
    )
