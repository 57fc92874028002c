"""Which SKUs are decided on: those that something happened to, and all when the rules change."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.db.levels import last_snapshot
from sfcc_cin7.merchant.stock import BackorderRule, KitPolicy, SafetyRule
from sfcc_cin7.stock.deciding.plan import ListState
from sfcc_cin7.stock.publishing.gathering import ListDeciding
from sfcc_cin7.stock.reading.targeted import refresh_skus
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.stock.house import MINUTE, StockHouse, stock_house

LIST, PLACE, SITE = "inventory-us", "Reno DC", "alpenglow-us"
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[StockHouse]:
    with stock_house(engine, clock, cin7=Cin7Settings(zero_rows="none")) as house:
        refresh(engine, house.shop, house.erp, house.orders.model, clock)
        yield house.started()


def quiet(house: StockHouse) -> StockHouse:
    """A house in which nothing happened for a while."""
    house.clock.sleep(HALF_AN_HOUR.total_seconds())
    for _ in range(3):
        house.stock_pass()
    return house


def decided(house: StockHouse, only: list[str] | None = None) -> tuple[int, str]:
    """How many SKUs a pass would decide about, and which these are."""
    model = house.orders.model
    policy = next(each for each in model.inventory_lists if each.id == LIST)
    with house.engine.connect() as connection:
        snapshot: Any = last_snapshot(connection)
    deciding = ListDeciding(house.engine, model, policy, snapshot)
    where = ListState(True, snapshot.started_at - timedelta(seconds=60))
    _, skus, extent = deciding.decide(where, {}, (), house.now, only)
    return skus, extent


def plenty(house: StockHouse) -> str:
    stocked = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    return next(s for s, ats in house.offered(LIST).items() if ats > 20 and s in stocked)


def decide_by(house: StockHouse, **stock: Any) -> None:
    """The merchant changes the operating model."""
    model = house.orders.model
    house.orders.model = model.model_copy(update={"stock": model.stock.model_copy(update=stock)})


def every_sku(house: StockHouse) -> int:
    decide_by(house, shrink_guard=Decimal("0.11"))
    return decided(house)[0]


def test_where_nothing_happened_nothing_is_decided(house: StockHouse):
    assert decided(quiet(house)) == (0, "touched")


def test_a_level_that_moved_is_decided_on_once(house: StockHouse):
    sku = plenty(quiet(house))
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(11))
    house.clock.sleep(MINUTE)
    house.read()
    assert decided(house) == (1, "touched")
    house.publish()
    house.stock_pass()
    assert decided(house) == (0, "touched")


def test_a_targeted_reading_is_decided_on_alone_and_then_by_no_full_pass(house: StockHouse):
    sku = plenty(quiet(house))
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(11))
    refresh_skus(house.engine, house.erp, house.orders.model, house.clock, [sku])
    assert decided(house, [sku]) == (1, "some")
    assert decided(house) == (1, "touched"), "until somebody published it"


def test_the_skus_of_an_order_are_decided_on_until_it_is_long_known(house: StockHouse):
    key = house.orders.order(SITE, "plain")
    quiet(house)
    house.orders.run()
    skus = {line["productId"] for line in house.orders.document(key)["productItems"]}
    house.stock_pass()
    assert decided(house) == (len(skus), "touched")
    assert decided(quiet(house)) == (0, "touched")


def test_a_component_brings_its_kit_and_what_else_that_is_made_of(house: StockHouse):
    stocked = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    plentiful = [s for s, ats in house.offered(LIST).items() if ats > 20 and s in stocked]
    kit, one, other = plentiful[:3]
    decide_by(house, kits={kit: KitPolicy(components={one: Decimal(1), other: Decimal(2)})})
    quiet(house)
    house.sandbox.cin7.adjust(one, PLACE, Decimal(11))
    house.clock.sleep(MINUTE)
    house.read()
    assert decided(house) == (3, "touched")


@pytest.mark.parametrize(
    "change",
    [
        {"rules": [SafetyRule(name="more", units=Decimal(2))]},
        {"backorders": [BackorderRule(name="some")]},
        {"settle_seconds": 90},
    ],
    ids=["safety", "backorders", "dating"],
)
def test_another_decision_of_the_merchant_concerns_every_sku(house: StockHouse, change):
    quiet(house)
    decide_by(house, **change)
    skus, extent = decided(house)
    assert (skus, extent) == (every_sku(house), "all")
    assert skus > 20


@pytest.mark.parametrize("kind", ["rules", "backorders"])
def test_the_day_on_which_a_dated_rule_begins_or_ends_concerns_every_sku(house: StockHouse, kind):
    def dated(begins: datetime, until: datetime) -> Any:
        times = {"from": begins, "until": until}
        if kind == "rules":
            return SafetyRule.model_validate({"name": "launch", "units": 3, **times})
        return BackorderRule.model_validate({"name": "launch", **times})

    quiet(house)
    begins = house.now + timedelta(minutes=5)
    decide_by(house, **{kind: [dated(begins, begins + timedelta(minutes=5))]})
    house.stock_pass()
    extents = []
    for _ in range(12):
        house.clock.sleep(MINUTE)
        extents.append(decided(house)[1])
        house.read()
        house.publish()
    assert extents.count("all") == 2, "when it begins, and when it ends"


def test_everything_is_decided_anew_every_hour(house: StockHouse):
    quiet(house)
    house.clock.sleep(house.orders.model.stock.decide_all_minutes * 60)
    assert decided(house)[1] == "all"


def test_a_kit_follows_its_components_through_both_systems(house: StockHouse):
    """What a kit may use of a component is not offered of the component as well."""
    stocked = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    plentiful = [s for s, ats in house.offered(LIST).items() if ats > 20 and s in stocked]
    kit, one, other = plentiful[:3]
    recipe = {one: Decimal(2), other: Decimal(1)}
    decide_by(house, kits={kit: KitPolicy(components=recipe, percent=Decimal(50))})
    for sku, on_hand in ((one, 21), (other, 31)):
        house.sandbox.cin7.adjust(sku, PLACE, Decimal(on_hand))
    for _ in range(3):
        house.stock_pass()
    offered = house.offered(LIST)
    assert [offered[sku] for sku in (kit, one, other)] == [5, 10, 25]
    house.sandbox.cin7.adjust(one, PLACE, Decimal(3))
    house.stock_pass()
    offered = house.offered(LIST)
    assert [offered[sku] for sku in (kit, one)] == [0, 2]
    assert offered[kit] * 2 + offered[one] <= 2
    house.sandbox.cin7.receive(one, PLACE, Decimal(40))
    for _ in range(3):
        house.stock_pass()
    offered = house.offered(LIST)
    assert [offered[sku] for sku in (kit, one, other)] == [10, 22, 20]
