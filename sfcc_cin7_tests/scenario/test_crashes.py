"""Whatever dies, sleeps, fails or lags, and whenever: every order ends in the same books.

Part one lets a worker die at every single moment of an order's life: before and after each
statement, each commit and each call. Part two plays random schedules of orders of all shapes and
sites, as the storefront and as tax services, cartridges and wallets state them, faults of both
systems, deaths, late sleepers, cancellations and moved addresses. After each, every order is posted
once and to the cent, or cancelled without a sale, or waits in review for a reason that its schedule
explains.

A failure prints its seed. `SFCC_CIN7_SCHEDULES` is how many schedules are played (50), and
`SFCC_CIN7_FIRST_SCHEDULE` the first seed (0): a night may play 5000. Seeds that share a sandbox
follow each other, so one is repeated by playing its 25 again. At night part one leaves no moment
out; by day deaths within one transaction count as one, because they leave the same behind, and of
these it takes all of a posting and every third of what is rarer, and every sixth moment for
sleepers.
"""

import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.merchant.currencies import CurrencyPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.shoppers.assortment import Assortment
from sfcc_cin7_sandbox.shoppers.draft import NothingToSell
from sfcc_cin7_sandbox.shoppers.shapes import ORDINARY, PLANTED
from sfcc_cin7_sandbox.shoppers.shoppers import next_order
from sfcc_cin7_sandbox.shoppers.stating import IMPORT_DUTIES, STATED
from sfcc_cin7_sandbox.truth.verify import MISTAKES
from sfcc_cin7_tests.depth import AT_NIGHT, SCHEDULES, by_day
from sfcc_cin7_tests.scenario.mortal_worker import Fate, Hands, Workplace, hands_of
from sfcc_cin7_tests.scenario.order_lane import OrderLane, order_lane

FIRST = int(os.environ.get("SFCC_CIN7_FIRST_SCHEDULE", "0"))
CHAPTER = 25
"""Schedules that share one sandbox."""
SITES = ("alpenglow-uk", "alpenglow-us", "alpenglow-jp")
DAY = 86_400 + 3600
SHAPES_DRAWN = (*ORDINARY, *STATED, "payment-without-amount", "payment-of-zero")
DUTIES, EUROS = "Import duties", "Alpenglow EU Web"
PLANTED_CODES = {"unknown-sku": {"erp-refused"}, "missing-tax-rule": {"erp-refused"}}
FAULTS = {
    "cin7.timeout_before_commit": 0.15,
    "cin7.timeout_after_commit": 0.2,
    "cin7.502": 0.15,
    "cin7.503": 0.15,
    "cin7.html_200": 0.15,
    "cin7.error_200": 0.15,
    "cin7.throttle": 0.15,
    "cin7.index_lag": 1.0,
    "cin7.duplicate_listing": 0.5,
    "sfcc.timeout_before_commit": 0.1,
    "sfcc.timeout_after_commit": 0.15,
    "sfcc.502": 0.1,
    "sfcc.503": 0.1,
    "sfcc.429": 0.1,
    "sfcc.html_200": 0.1,
    "sfcc.504_applied": 0.3,
    "sfcc.lock_clash": 0.3,
    "sfcc.index_lag": 1.0,
    "sfcc.duplicate_listing": 0.5,
}
"""Every fault, and how often it strikes at most."""


class House:
    """A merchant with two workers, of whom each may die and be replaced."""

    def __init__(self, lane: OrderLane, hands: Hands, other_hands: Hands, sites: Any) -> None:
        self.lane = lane
        self.clock = lane.clock
        self.hands = hands
        self.other_hands = other_hands
        self.slept_at = 0
        self.assortment = Assortment(lane.sandbox.world)
        self.place_of_work = Workplace(lane.url, _model(lane.model, sites), lane.clock, lane.road)

    def order(self, dice: random.Random, site: str, shape: str) -> str:
        """A shopper's order; its key. Raises NothingToSell, ValueError."""
        ats = self.lane.sandbox.sfcc.ats
        draft = next_order(self.assortment, dice, ats, site=site, shape=shape)
        placed = self.lane.sandbox.sfcc.place(draft)
        self.clock.sleep(1)
        return f"alpenglow:{site}:{placed['orderNo']}"

    def shown(self, key: str) -> dict[str, Any]:
        """The order as the storefront holds it."""
        _, site, number = key.split(":")
        return self.lane.sandbox.sfcc._book.get(site, number)

    def cancel(self, key: str) -> None:
        _, site, number = key.split(":")
        self.lane.sandbox.sfcc.cancel(site, number)

    def move(self, key: str) -> None:
        """Customer service corrects where the order goes."""
        _, site, number = key.split(":")
        shipments = [dict(each) for each in self.shown(key)["shipments"]]
        for shipment in shipments:
            stated = shipment.get("shippingAddress", self.shown(key)["billingAddress"])
            street = f"{stated.get('address1', '1 Late Road')} B"
            shipment["shippingAddress"] = {**stated, "address1": street}
        self.lane.sandbox.sfcc._book.update(site, number, shipments=shipments)

    def work(self, fate: Fate | None = None) -> None:
        """The first worker's next process."""
        self.place_of_work.work(self.hands, "first", fate)

    def takes_over(self, fate: Fate) -> None:
        """What the second worker does while the first sleeps: all there is to do.

        Between its last look at its lease and a call that nothing holds back any more a worker
        sleeps no longer than settle times allow for.
        """
        self.slept_at = len(fate.trail)
        self.clock.sleep(self.place_of_work.model.posting.lease_seconds + 1)
        runs = 1 if fate.is_about_to_write else 4
        for _ in range(runs):
            self.place_of_work.work(self.other_hands, "second")
            if runs > 1:
                self.clock.sleep(200)

    def dies_in_mid_lease(self, fate: Fate, call: str) -> None:
        """The second worker takes over while the first sleeps, and dies once it has called."""
        self.slept_at = len(fate.trail)
        self.clock.sleep(self.place_of_work.model.posting.lease_seconds + 1)
        self.place_of_work.work(self.other_hands, "second", Fate(dies_after=call))

    def close_the_day(self, keys: Iterable[str]) -> None:
        """What still waits for a person is cancelled; tomorrow is another day."""
        states = self.lane.states()
        waiting = [key for key in keys if states.get(key) == "in_review"]
        for key in waiting:
            self.cancel(key)
        if waiting:
            self.until_quiet()
        for key in waiting:
            check(self, key, {})
        self.clock.sleep(DAY)

    def until_quiet(self, most: int = 30) -> None:
        """Process after process, minutes apart, until no order waits."""
        self.clock.sleep(200)
        for _ in range(most):
            self.work()
            if not {"received", "posting"} & set(self.lane.states().values()):
                return
            self.clock.sleep(200)
        raise AssertionError(f"still waiting: {self.lane.states()}")


@contextmanager
def house(engine: Engine, clock: ManualClock, *sites: str) -> Iterator[House]:
    with (
        order_lane(engine, clock, cin7=Cin7Settings(void_with_payments="accepted")) as lane,
        hands_of(engine) as hands,
        hands_of(engine) as other_hands,
    ):
        lane.sandbox.cin7.create_product(DUTIES, name=DUTIES, service=True)
        lane._erp.create_customer(
            {
                "Name": EUROS,
                "Status": "Active",
                "Currency": "EUR",
                "PaymentTerm": "30 days",
                "AccountReceivable": "610",
                "RevenueAccount": "200",
                "TaxRule": "20% (VAT on Income)",
            }
        )
        yield House(lane, hands, other_hands, sites or SITES)


def _model(model: OperatingModel, sites: Any) -> OperatingModel:
    """With a charge for duties, and euros in the British shop."""
    kept = []
    for site in model.sites:
        changes: dict[str, Any] = {"charges": site.charges.model_copy(update={"duties": DUTIES})}
        if site.currency == "GBP":
            euros = CurrencyPolicy(customer=EUROS, currency_rate=Decimal("0.85"))
            changes["currencies"] = {"EUR": euros}
        kept += [site.model_copy(update=changes)] if site.id in sites else []
    return model.model_copy(update={"sites": kept})


def check(house: House, key: str, explained: Mapping[str, set[str]]) -> None:
    """The order ended as it must; `explained` are the review codes that may be, by order."""
    lane = house.lane
    state = lane.states().get(key)
    codes = lane.review_codes(key)
    shown = house.shown(key)
    sales = lane.sales(key)
    told = f"{key} is {state} {sorted(codes)}: {', '.join(lane.events(key))}"
    if shown["status"] == "cancelled":
        assert state in ("cancelled", None), told  # None: it was never taken
        assert sales == [], f"a cancelled order has a sale: {told}"
        return
    if state == "in_review":
        assert codes, f"without a reason: {told}"
        assert codes <= explained.get(key, set()), f"nothing explains this: {told}"
        assert len(sales) <= 1, f"doubled: {told}"
        return
    assert (state, codes) == ("acknowledged", set()), told
    assert shown["exportStatus"] == "exported", f"the storefront was not told: {told}"
    assert len(sales) == 1, f"{len(sales)} sales: {told}"
    [sale] = sales
    booked = sale["OrderStatus"], sale["Total"], sale["Tax"]
    duty = sum(item.get(IMPORT_DUTIES, 0) for item in shown["shippingItems"])
    charged = "AUTHORISED", shown["orderTotal"], shown["taxTotal"] - duty
    assert booked == charged, f"{booked}: {told}"
    assert sale["CustomerCurrency"] == shown["currency"], told
    paid = sorted(payment["Amount"] for payment in sale["Payments"])
    assert paid == (_due(shown) if shown["siteId"] == "alpenglow-us" else []), f"{paid}: {told}"
    street = lane._erp.sale(sale["ID"]).shipping_address.line1
    stated = shown["shipments"][0].get("shippingAddress", shown["billingAddress"])
    wanted = stated.get("address1", f"See storefront order {shown['orderNo']}")
    assert street.startswith(wanted), f"it ships elsewhere: {told}"


def _due(shown: Mapping[str, Any]) -> list[Decimal]:
    """What each instrument pays; the one that does not say it pays the rest."""
    paying = [each["paymentTransaction"] for each in shown["paymentInstruments"]]
    amounts = [each.get("amount") or Decimal(0) for each in paying]
    rest = shown["orderTotal"] - sum(amounts, Decimal(0))
    return sorted(amount for amount in (*amounts, rest) if amount)


# A death at every moment


def _posted(house: House, dice: random.Random) -> str:
    """An order paid with several instruments is posted."""
    return house.order(dice, "alpenglow-us", "several-instruments")


def _cancelled(house: House, dice: random.Random) -> str:
    """A posted order is cancelled, and its sale has to be voided."""
    key = house.order(dice, "alpenglow-us", "several-lines")
    house.work()
    house.cancel(key)
    house.clock.sleep(1)
    return key


def _moved(house: House, dice: random.Random) -> str:
    """A sale has its header when the order's address is corrected: it gives way to another."""
    key = house.order(dice, "alpenglow-us", "plain")
    house.work(Fate(dies_at="POST /ExternalApi/v2/sale/order"))
    house.move(key)
    house.clock.sleep(200)
    return key


@pytest.mark.parametrize(("life", "stride"), [(_posted, 1), (_cancelled, 3), (_moved, 3)])
def test_a_worker_may_die_at_any_moment(
    engine: Engine, clock: ManualClock, life: Callable[[House, random.Random], str], stride: int
) -> None:
    with house(engine, clock, "alpenglow-us") as merchant:
        dice = random.Random(5)
        trail = [""]
        moment = 0
        while moment < len(trail):
            moment += by_day(stride)
            key = life(merchant, dice)
            fate = Fate(dies_at=moment) if AT_NIGHT else Fate(dies_from=moment)
            merchant.work(fate)
            moment = max(moment, len(fate.trail)) if fate.dead else moment
            trail = [*fate.trail, "more"] if fate.dead else fate.trail
            merchant.until_quiet()
            try:
                check(merchant, key, {})
            except AssertionError as error:
                raise AssertionError(f"died at {moment}, {fate.trail[-1]}") from error
            clock.sleep(DAY)
        assert moment > 60
        assert merchant.lane.verdict().clean


@pytest.mark.parametrize("life", [_posted, _cancelled, _moved])
def test_a_worker_may_sleep_at_any_moment_while_another_does_its_work(
    engine: Engine, clock: ManualClock, life: Callable[[House, random.Random], str]
) -> None:
    with house(engine, clock, "alpenglow-us") as merchant:
        dice = random.Random(5)
        moment, slept = 0, True
        while slept:
            moment += by_day(6)
            key = life(merchant, dice)
            fate = Fate(sleeps_at=moment, dream=merchant.takes_over)
            merchant.work(fate)
            slept = fate.sleeps_at is None
            merchant.until_quiet()
            try:
                check(merchant, key, {})
            except AssertionError as error:
                raise AssertionError(f"slept from {moment}: {merchant.slept_at}") from error
            moment = max(moment, merchant.slept_at)
            clock.sleep(DAY)
        assert moment > 60
        assert merchant.lane.verdict().clean


@pytest.mark.parametrize("call", ["sale", "sale/payment"])
def test_a_worker_that_wakes_up_leaves_an_order_alone_that_another_one_holds(
    engine: Engine, clock: ManualClock, call: str
) -> None:
    with house(engine, clock, "alpenglow-us") as merchant:
        dice = random.Random(5)
        moment, slept, called = 0, True, f"POST /ExternalApi/v2/{call}"
        while slept:
            moment += by_day(9)
            key = _posted(merchant, dice)
            fate = Fate(sleeps_at=moment, dream=lambda it: merchant.dies_in_mid_lease(it, called))
            merchant.work(fate)
            slept = fate.sleeps_at is None
            merchant.until_quiet()
            try:
                check(merchant, key, {})
            except AssertionError as error:
                raise AssertionError(f"slept from {moment}: {merchant.slept_at}") from error
            moment = max(moment, merchant.slept_at)
            clock.sleep(DAY)
        assert moment > 60
        assert merchant.lane.verdict().clean


# Random schedules


class Schedule:
    """One seed: what is ordered, what fails, who dies and who sleeps."""

    def __init__(self, merchant: House, seed: int) -> None:
        self.house = merchant
        self.dice = random.Random(seed)
        self.shapes: dict[str, str] = {}
        self.keys: list[str] = []
        self.moved: set[str] = set()
        sandbox = merchant.lane.sandbox
        sandbox.cin7.settings = replace(
            sandbox.cin7.settings, throttle_form=self.dice.choice(("429", "503", "400-list"))
        )
        sandbox.faults.seed = seed
        sandbox.faults.__post_init__()

    def play(self) -> None:
        """Orders, faults and deaths for a while; then peace, until nothing waits."""
        faults = self.house.lane.sandbox.faults
        chosen = self.dice.sample(sorted(FAULTS), self.dice.randint(1, 5))
        if self.dice.random() < 0.3:  # what hides a sale that was made is worth more than its share
            chosen += ["cin7.index_lag", "cin7.timeout_after_commit"]
        faults.rates = {name: self.dice.random() * FAULTS[name] for name in chosen}
        for name in ("cin7.index_lag", "sfcc.index_lag"):
            if name in faults.rates:
                faults.rates[name] = 1.0
        faults.sizes = {
            "cin7.index_lag": self.dice.choice((2, 20, 170)),
            "sfcc.index_lag": self.dice.choice((2, 20, 100)),
        }
        for _ in range(self.dice.randint(2, 3)):
            self._shop()
            self.house.work(self._fate())
            self._change_a_mind()
            self.house.clock.sleep(self.dice.choice((1, 5, 30, 130, 400)))
        faults.rates = {}
        self.house.until_quiet()

    def check(self) -> None:
        explained = {
            key: PLANTED_CODES.get(self.shapes.get(key, ""), set())
            | ({"address-changed-after-posting"} if key in self.moved else set())
            for key in self.keys
        }
        for key in self.keys:
            check(self.house, key, explained)

    def _shop(self) -> None:
        for _ in range(self.dice.randint(0 if self.keys else 1, 2)):
            shape = self.dice.choice(PLANTED if self.dice.random() < 0.06 else SHAPES_DRAWN)
            try:
                key = self.house.order(self.dice, self.dice.choice(SITES), shape)
            except (NothingToSell, ValueError):
                continue
            self.keys.append(key)
            self.shapes[key] = shape

    def _change_a_mind(self) -> None:
        key = self.dice.choice(self.keys) if self.keys else None
        if key is None or self.house.shown(key)["status"] == "cancelled":
            return
        what = self.dice.random()
        if what < 0.2:
            self.house.cancel(key)
        elif what < 0.35:
            self.house.move(key)
            self.moved.add(key)

    def _fate(self) -> Fate:
        what = self.dice.random()
        moment = int(self.dice.triangular(1, 125, 40))
        if what < 0.55:
            return Fate(dies_at=moment)
        if what < 0.85:
            return Fate(sleeps_at=moment, dream=self.house.takes_over)
        return Fate()


@pytest.mark.parametrize("first", range(FIRST, FIRST + SCHEDULES, CHAPTER))
def test_every_random_schedule_ends_in_the_same_books(
    engine: Engine, clock: ManualClock, first: int
) -> None:
    placed: set[str] = set()
    with house(engine, clock) as merchant:
        for seed in range(first, min(first + CHAPTER, FIRST + SCHEDULES)):
            schedule = Schedule(merchant, seed)
            try:
                schedule.play()
                schedule.check()
            except AssertionError as error:
                raise AssertionError(f"schedule {seed}: {error}") from error
            merchant.close_the_day(schedule.keys)
            placed.update(schedule.shapes.values())
        found = merchant.lane.verdict()
        assert found.clean, [case for case in found.cases if case.finding in MISTAKES]
        assert len(placed & STATED.keys()) > len(STATED) / 2
        keys = merchant.lane.sandbox.calls.summary()["cin7_keys"].values()
        assert all(use["most_in_window"] <= 60 for use in keys)
