"""Whether availability is of this moment or a quarter of an hour old, nothing is oversold that
anybody could know of."""

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from sfcc_cin7.stock import explain
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_tests.depth import by_day
from sfcc_cin7_tests.stock.house import MINUTE, stock_house
from sfcc_cin7_tests.stock.trail.test_following import (
    ELSEWHERE,
    LIST,
    PLACE,
    TrailHouse,
    sold_elsewhere,
)

AGES = (0, 900)
QUARTER = 15 * MINUTE


@pytest.fixture(params=AGES)
def trail(
    request: pytest.FixtureRequest, engine: Engine, clock: ManualClock
) -> Iterator[TrailHouse]:
    age = request.param
    with stock_house(engine, clock, cin7=Cin7Settings(availability_age=age)) as house:
        yield TrailHouse(house, availability_age=age)


def oversold(trail: TrailHouse) -> dict[str, object]:
    known = {row["SKU"] for row in trail.house.sandbox.cin7.stock_truth()}
    return {sku: said for sku, said in trail.house.oversold(LIST).items() if sku in known}


def test_an_order_is_deducted_until_a_reading_shows_it_and_then_counted_once(trail: TrailHouse):
    house = trail.house
    key = house.orders.order("alpenglow-us")
    sku = str(house.orders.document(key)["productItems"][0]["productId"])
    before = trail.offered[sku]
    house.orders.run()
    for _ in range(3):
        house.stock_pass(6 * MINUTE)
        assert trail.offered[sku] <= before
        assert oversold(trail) == {}
    for _ in range(3):
        house.stock_pass(QUARTER + MINUTE)
    assert trail.offered[sku] == before, "it is not deducted for ever"


def test_an_old_reading_brings_nothing_back_that_a_document_took(trail: TrailHouse):
    (sku,) = trail.goods()
    before = trail.offered[sku]
    trail.people.transfers.begin(PLACE, ELSEWHERE, {sku: Decimal(6)}, "IN TRANSIT")
    trail.turn()
    assert trail.offered[sku] == before - 6
    for _ in range(6):  # readings of before among them, where availability is old
        trail.house.stock_pass(5 * MINUTE)
        assert trail.offered[sku] <= before - 6
    for _ in range(3):
        trail.house.stock_pass(QUARTER + MINUTE)
    assert trail.offered[sku] == before - 6, "it is not deducted for ever"


def test_what_is_put_into_quarantine_is_off_sale_before_any_reading(trail: TrailHouse):
    (sku,) = trail.goods()
    before = trail.offered[sku]
    shelf, apart = f"{PLACE}: A1", f"{PLACE}: QUARANTINE"
    trail.people.transfers.begin(shelf, apart, {sku: Decimal(6)}, "IN TRANSIT")
    trail.turn()
    assert trail.offered[sku] == before - 6


def test_it_is_explained_what_a_reading_may_lack(trail: TrailHouse):
    house, (sku,) = trail.house, trail.goods()
    trail.people.transfers.begin(PLACE, ELSEWHERE, {sku: Decimal(6)}, "IN TRANSIT")
    trail.turn()
    key = house.orders.order("alpenglow-us")
    line = house.orders.document(key)["productItems"][0]
    house.orders.run()
    house.stock_pass()
    lacks = bool(house.orders.model.stock.availability_age)

    def said(name: str) -> dict[str, str]:
        model = house.orders.model
        return dict(explain(house.engine, house.shop, model, house.clock, LIST, name))

    assert said(sku).get("documents") == (
        "took 6 units that the reading may not show" if lacks else None
    )
    units = line["quantity"] if lacks else 0
    assert said(line["productId"])["orders in flight"].startswith(f"{units} units that")


def test_goods_that_came_are_on_sale_once_no_reading_can_be_older_than_the_first(
    trail: TrailHouse,
):
    (sku,) = trail.goods()
    before = trail.offered[sku]
    trail.people.counts.adjust(PLACE, {sku: before + 200})
    trail.turn()
    age = trail.house.orders.model.stock.availability_age
    came = trail.house.now + timedelta(seconds=age)
    while trail.house.now < came:
        trail.house.stock_pass(4 * MINUTE)
        assert trail.offered[sku] <= before
    for _ in range(3):
        trail.house.stock_pass(age + MINUTE)
    assert trail.offered[sku] > before + 100


@pytest.mark.parametrize("seed", range(6 // by_day(6) or 1))
def test_whatever_happens_in_the_house_no_more_is_offered_than_there_is(
    trail: TrailHouse, seed: int
):
    """Shoppers, other channels and the warehouse do what they like; after each look at the trail
    nothing is offered that is not there. Only what documents and orders tell happens."""
    dice = random.Random(seed)
    house, goods = trail.house, trail.goods(6)
    begun: list[str] = []
    counted: list[str] = []

    def order() -> None:
        house.orders.order("alpenglow-us")
        if dice.random() < 0.7:
            house.orders.run()

    def elsewhere() -> None:
        sold_elsewhere(trail, dice.choice(goods), dice.randint(1, 4))

    def count() -> None:
        there = house.supply(LIST)
        sku = dice.choice(goods)
        moved = max(Decimal(0), there[sku] + dice.randint(-5, 5))
        counted.append(trail.people.counts.adjust(PLACE, {sku: moved}, "available"))

    def regret() -> None:
        if counted:
            trail.people.counts.void_adjustment(counted.pop(dice.randrange(len(counted))))

    def send() -> None:
        units = {dice.choice(goods): Decimal(dice.randint(1, 3))}
        begun.append(trail.people.transfers.begin(PLACE, ELSEWHERE, units, "IN TRANSIT"))

    def arrive() -> None:
        if begun:
            key = begun.pop()
            if dice.random() < 0.5:
                trail.people.transfers.void(key)
            else:
                trail.people.transfers.advance(key, "COMPLETED")

    def receive() -> None:
        key = trail.people.purchases.order(PLACE, {dice.choice(goods): Decimal(9)})
        trail.people.purchases.receive(key)

    def read() -> None:
        house.stock_pass(dice.choice((1, 40, 200)))

    moves = (order, elsewhere, count, regret, send, arrive, receive, read, read)
    for _ in range(16):
        move = dice.choice(moves)
        try:
            move()
        except Refusal:
            continue  # there was not enough of it
        trail.turn(31)
        if dice.random() < 0.5:
            trail.read_hinted()
        assert oversold(trail) == {}, f"after {move.__name__}"
