"""What may be offered, held against the emulated storefront's own inventory arithmetic."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfcc_cin7.stock.deciding.allocation import (
    Decision,
    OrderedUnits,
    Range,
    allocation,
    decide,
    implied_offer,
    reset_date,
    supply,
)
from sfcc_cin7_sandbox.sfcc.inventory import InventoryRecord

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
            o.sold for o in self.orders.values() if not o.authorised_at and not o.cancelled_by
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
                self.available -= order.sold
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
                self.shop = self.shop.release(key, order.sold, self.now, exported_at=None)
                self.orders[key] = replace(order, cancelled_by=self.now)
                return

    def push(self) -> None:
        orders = list(self.orders.values())
        prior = self.published[1] if self.published else self.shop.reset_date
        reset_at = reset_date(self.now - SETTLE, orders, prior, self.on_order)
        offer = supply(self.available, orders, self.now)
        wanted = allocation(offer, orders, on_order=self.on_order, reset_at=reset_at)
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
    assert _allocated([unknown_to_erp], on_order=False) == 7
    assert _allocated([unknown_to_erp], on_order=True) == 10


def test_an_order_authorised_during_the_reading_is_taken_as_not_in_it():
    during = OrderedUnits(Decimal(3), NOON, authorised_at=NOON + timedelta(seconds=2))
    assert supply(Decimal(10), [during], NOON) == 7
    assert supply(Decimal(10), [during], NOON + timedelta(seconds=3)) == 10


def test_a_bundle_booked_by_its_components_is_sold_as_itself_and_taken_from_them():
    """Three mugs of one kit: the storefront does not count them, so the ERP's not knowing of them
    is all that there is to deduct, whether the reset date is before the order or after it."""
    for created in (NOON - timedelta(minutes=5), NOON):
        mugs = OrderedUnits(Decimal(0), created, booked=Decimal(3))
        kit = OrderedUnits(Decimal(1), created, booked=Decimal(0))
        assert _allocated([mugs], on_order=False) == 7
        assert _allocated([mugs], on_order=True) == 7
        posted = replace(mugs, authorised_at=NOON - timedelta(seconds=30))
        assert _allocated([posted], on_order=False) == 10
        counted = created == NOON
        assert _allocated([kit], on_order=False) == (11 if counted else 10)
        assert _allocated([kit], on_order=True) == 11


def test_a_cancelled_order_is_deducted_until_the_reset_date_has_passed_the_cancellation():
    created = NOON - timedelta(minutes=5)
    late = OrderedUnits(Decimal(3), created, cancelled_by=NOON)
    early = OrderedUnits(Decimal(3), created, cancelled_by=NOON - timedelta(minutes=4))
    assert _allocated([late], on_order=False) == 7
    assert _allocated([early], on_order=False) == 10


def test_a_sale_of_a_cancelled_order_takes_its_units_until_it_is_voided():
    sale = OrderedUnits(
        Decimal(3), NOON, authorised_at=NOON + timedelta(seconds=2), cancelled_by=NOON
    )
    assert supply(Decimal(10), [sale], NOON) == 7
    assert supply(Decimal(10), [replace(sale, authorised_at=None)], NOON) == 10


@pytest.mark.parametrize("on_order", [False, True])
def test_nobody_knows_what_a_late_cancellation_gave_back_until_something_is_published(on_order):
    """An order exported before the reset date gives nothing back, one after it does."""
    order = OrderedUnits(
        Decimal(3),
        NOON - timedelta(minutes=9),
        authorised_at=NOON - timedelta(minutes=8),
        exported_at=NOON - timedelta(minutes=7),
        cancelled_by=NOON - timedelta(minutes=2),
    )
    offered = implied_offer(
        Decimal(10), NOON - timedelta(minutes=5), [order], on_order=on_order, reset_at=NOON
    )
    assert offered == Range(Decimal(10), Decimal(13))
    assert decide(Decimal(13), offered, None, is_new_reading=False) == Decision(Decimal(13))
    assert decide(Decimal(15), offered, None, is_new_reading=False) == Decision(
        Decimal(13), Decimal(2)
    )
    assert decide(Decimal(12), offered, None, is_new_reading=False) == Decision(Decimal(12))


def test_what_is_owed_is_not_covered_by_what_the_storefront_subtracts():
    """Five short, three of them counted by the storefront: were these cancelled, none is free."""
    posted = OrderedUnits(Decimal(3), NOON, authorised_at=NOON - timedelta(seconds=30))
    assert _allocated([posted], available=Decimal(-5)) == 0


def test_an_order_that_was_never_acknowledged_keeps_the_reset_date_before_it():
    authorised = NOON - timedelta(minutes=10)
    stuck = OrderedUnits(Decimal(3), authorised, authorised_at=authorised)
    assert reset_date(NOON - SETTLE, [stuck], None, on_order=True) < authorised
    assert reset_date(NOON - SETTLE, [stuck], None, on_order=False) == NOON - SETTLE


def test_the_reset_date_never_goes_back():
    prior = NOON - timedelta(seconds=10)
    assert reset_date(NOON - SETTLE, [], prior, on_order=False) == prior


def test_half_units_and_oversold_stock_are_never_offered():
    assert _allocated([], available=Decimal("2.5")) == 2
    assert _allocated([], available=Decimal(-4)) == 0


def test_a_fall_is_published_at_once_and_a_rise_as_far_as_two_readings_agree():
    five, eight = Decimal(5), Decimal(8)
    assert decide(five, _certain(6), None, is_new_reading=True) == Decision(five)
    assert decide(five, _certain(5), Decimal(3), is_new_reading=True) == Decision(None)
    assert decide(eight, _certain(5), None, is_new_reading=True) == Decision(None, Decimal(3))
    agreed = decide(eight, _certain(5), Decimal(2), is_new_reading=True)
    assert agreed == Decision(Decimal(7), Decimal(1))
    same_reading = decide(eight, _certain(5), Decimal(3), is_new_reading=False)
    assert same_reading == Decision(None, Decimal(3))


def _certain(units):
    return Range(Decimal(units), Decimal(units))


def _allocated(orders, on_order=False, available=Decimal(10)):
    """At noon, dated a minute before."""
    offer = supply(available, orders, NOON)
    return allocation(offer, orders, on_order=on_order, reset_at=NOON - SETTLE)
