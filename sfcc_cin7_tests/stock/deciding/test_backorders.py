"""Goods that are on their way are sold where the merchant says so, and never twice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import stock_drifts
from sfcc_cin7.merchant.stock import BackorderRule, KitPolicy, StockPolicy
from sfcc_cin7.stock.deciding.backorders import (
    BackorderRules,
    OnTheWay,
    Waiting,
    backordered,
    promise,
    together,
)
from sfcc_cin7.stock.deciding.choose import Way
from sfcc_cin7.stock.publishing.writers.factory import shelf_of
from sfcc_cin7.stock.reading.levels import summed
from sfcc_cin7.systems.cin7.documents import AvailabilityRow
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.documents import InventoryRecord
from sfcc_cin7.values.backorder import NO_BACKORDER, Backorder
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.stock.house import MINUTE, StockHouse, stock_house
from sfcc_cin7_tests.stock.publishing.writers.bench import OCI, POLICIES, WAYS, connection

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOON = NOON + timedelta(days=9)
LIST, PLACE, SITE = "inventory-us", "Reno DC", "alpenglow-us"
ANY = BackorderRule(name="all")


def units(coming: int, *, left: int = 0, behind: int = 0, rule: BackorderRule = ANY) -> Decimal:
    """What may be sold of so much on order."""
    promised = promise(OnTheWay(Decimal(coming), SOON), Decimal(behind), Decimal(left), rule, NOON)
    return max(Decimal(0), together(Decimal(left), promised)) - max(0, left)


def test_what_is_on_order_is_promised_less_what_waits_for_it_already():
    assert units(10) == 10
    assert units(10, left=4) == 10
    assert units(10, behind=3) == 7
    assert units(10, left=-2, behind=3) == 5
    assert units(2, left=4, behind=9) == 0
    assert units(2, left=-4) == 0


def test_a_merchant_may_promise_a_share_of_it_or_keep_some():
    half = BackorderRule(name="half", percent=Decimal(50))
    assert units(11, rule=half) == 5
    assert units(11, rule=half, behind=5) == 0, "what was sold of the half is not halved again"
    assert units(11, rule=BackorderRule(name="kept", keep=Decimal(4))) == 7


@pytest.mark.parametrize(
    ("rule", "at"),
    [
        (ANY, None),
        (ANY, NOON - timedelta(days=1)),
        (BackorderRule(name="soon", within_days=8), SOON),
        (BackorderRule(name="not these", handling="none"), SOON),
    ],
    ids=["no date", "overdue", "too far away", "taken out"],
)
def test_nothing_is_promised_without_a_day_that_can_be_kept(rule, at):
    assert promise(OnTheWay(Decimal(10), at), Decimal(0), Decimal(0), rule, NOON) is None


def test_shoppers_are_told_the_delivery_and_the_days_to_put_it_away():
    rule = BackorderRule(name="slow", days=3, handling="preorder")
    promised = promise(OnTheWay(Decimal(10), SOON), Decimal(0), Decimal(0), rule, NOON)
    assert promised == Backorder("preorder", Decimal(10), SOON + timedelta(days=3))


def test_a_day_is_told_as_exactly_as_the_storefront_keeps_it():
    """Or it would seem to differ from what was told, and be told anew with every pass."""
    exact = OnTheWay(Decimal(1), SOON + timedelta(microseconds=1_234))
    promised = promise(exact, Decimal(0), Decimal(0), ANY, NOON)
    assert promised is not None
    assert promised.expected_at == SOON + timedelta(milliseconds=1)


def test_an_order_after_the_reading_is_deducted_as_a_whole_and_waits_for_nothing_yet():
    waiting = [Waiting(Decimal(3), NOON - timedelta(minutes=1)), Waiting(Decimal(4), NOON)]
    assert backordered(waiting, NOON) == 3


def test_the_most_specific_rule_decides():
    ours = BackorderRule(name="ours", skus=["TENT"], handling="none")
    rules = BackorderRules([ANY, ours], LIST, NOON)
    assert rules.of("TENT", None) == ours
    assert rules.of("MUG", None) == ANY
    there = BackorderRule(name="there", lists=["inventory-uk"])
    assert BackorderRules([there], LIST, NOON).of("MUG", None) is None


def test_a_kit_has_no_deliveries_of_its_own():
    kits = {"KIT": KitPolicy(components={"MUG": Decimal(2)})}
    with pytest.raises(ValidationError, match="KIT is a kit"):
        StockPolicy(kits=kits, backorders=[BackorderRule(name="kit", skus=["KIT"])])


def test_rows_of_one_place_tell_of_the_same_delivery():
    """Bins, batches: nobody says to which of them goods on order will go."""
    rows = [
        AvailabilityRow.model_validate(
            {
                "ID": "1",
                "SKU": "MUG",
                "Location": PLACE,
                "Bin": name,
                "OnHand": 1,
                "Available": 1,
                "OnOrder": 6,
                "NextDeliveryDate": day,
            }
        )
        for name, day in (("A", "2026-03-11T00:00:00"), ("B", "2026-03-12T00:00:00"))
    ]
    level = summed(rows)["MUG", PLACE]
    assert (level.available, level.on_order) == (Decimal(2), Decimal(6))
    assert level.arrives_at == datetime(2026, 3, 12, tzinfo=UTC)


# Through both systems


@contextmanager
def shop(
    engine: Engine, clock: ManualClock, rules: Sequence[BackorderRule] = (ANY,), way: Way = "batch"
) -> Iterator[StockHouse]:
    sfcc = SfccSettings(index_lag=0, inventory_mode="oci" if way in OCI else "classic")
    with (
        stock_house(engine, clock, sfcc=sfcc) as house,
        SfccClient(connection(house.orders.url), clock, house.orders.road) as house.shop,
    ):
        lists = [
            policy.model_copy(update={"writer": POLICIES[way]})
            for policy in house.orders.model.inventory_lists
        ]
        house.orders.model = house.orders.model.model_copy(update={"inventory_lists": lists})
        allow(house, rules)
        yield house.started()


def allow(house: StockHouse, rules: Sequence[BackorderRule]) -> None:
    stock = house.orders.model.stock.model_copy(update={"backorders": list(rules)})
    house.orders.model = house.orders.model.model_copy(update={"stock": stock})


def scarce(house: StockHouse, units: int = 3, sku: str | None = None) -> str:
    """A SKU of which so many are for sale, and the buffer beside them."""
    stocked = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    sku = sku or next(s for s, ats in house.offered(LIST).items() if ats > 20 and s in stocked)
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(units + 1))
    house.stock_pass()
    return sku


def shown(house: StockHouse, sku: str) -> InventoryRecord:
    """The record, wherever it is kept."""
    policy = next(each for each in house.orders.model.inventory_lists if each.id == LIST)
    record = shelf_of(policy.writer, house.shop).inventory_record(LIST, sku)
    assert record is not None
    return record


def by_hand(house: StockHouse, sku: str, units: int) -> None:
    """Somebody types a number of backorders into Business Manager."""
    held = shown(house, sku)
    assert held.reset_at is not None
    typed = Backorder("backorder", Decimal(units), house.now)
    house.shop.set_allocation(LIST, sku, held.allocation, held.reset_at, typed)


def purchase(house: StockHouse, sku: str, units: int) -> datetime:
    due = (house.now + timedelta(days=20)).replace(hour=0, minute=0, second=0, microsecond=0)
    house.sandbox.cin7.purchase(sku, PLACE, Decimal(units), due)
    for _ in range(2):
        house.stock_pass()
    return due


@pytest.mark.parametrize("way", WAYS)
def test_a_purchase_is_for_sale_with_its_day_and_then_it_is_there(engine, clock, way):
    with shop(engine, clock, way=way) as house:
        sku = scarce(house)
        due = purchase(house, sku, 8)
        house.clock.sleep(3)
        assert house.offered(LIST)[sku] == 11
        assert shown(house, sku).backorder == Backorder("backorder", Decimal(8), due)
        assert shown(house, sku).allocation == 3
        house.sandbox.cin7.receive(sku, PLACE, Decimal(8))
        for _ in range(2):
            house.stock_pass()
        house.clock.sleep(3)
        assert house.offered(LIST)[sku] == 11
        assert shown(house, sku).backorder == NO_BACKORDER
        assert sum(row.drifts for row in house.stock_pass(3 * MINUTE).lists) == 0


def test_without_a_rule_nothing_on_its_way_is_offered_and_a_hand_is_only_reported(engine, clock):
    with shop(engine, clock, rules=()) as house:
        sku = scarce(house)
        purchase(house, sku, 8)
        assert house.offered(LIST)[sku] == 3
        by_hand(house, sku, 50)
        house.stock_pass(3 * MINUTE)
        with house.engine.connect() as connection:
            (drift,) = connection.execute(select(stock_drifts)).all()
        assert (drift.kind, drift.ours) == ("arrivals-offered", False)
        assert house.offered(LIST)[sku] == 53


def test_with_a_rule_what_somebody_typed_is_put_right(engine, clock):
    with shop(engine, clock) as house:
        sku = scarce(house)
        purchase(house, sku, 8)
        by_hand(house, sku, 50)
        for _ in range(3):
            house.stock_pass(MINUTE)
        assert house.offered(LIST)[sku] == 11
        with house.engine.connect() as connection:
            (drift,) = connection.execute(select(stock_drifts)).all()
        assert (drift.kind, drift.ours) == ("storefront-edited", True)
        assert (drift.expected, drift.shown) == (11, 53)


def test_a_rule_that_ends_takes_back_what_it_offered(engine, clock):
    with shop(engine, clock) as house:
        sku = scarce(house)
        purchase(house, sku, 8)
        allow(house, ())
        house.stock_pass()
        assert house.offered(LIST)[sku] == 3
        assert shown(house, sku).backorder == NO_BACKORDER
        by_hand(house, sku, 50)
        house.stock_pass(3 * MINUTE)
        assert house.offered(LIST)[sku] == 53, "from then on it is somebody else's again"


def test_units_sold_before_they_are_there_are_not_promised_again(engine, clock):
    """From the click until the ERP has backordered it, and after."""
    with shop(engine, clock) as house:
        basket = house.sandbox.shoppers.fill_basket(SITE, "plain")
        sku, units = basket["productItems"][0]["productId"], basket["productItems"][0]["quantity"]
        scarce(house, -1, sku)
        purchase(house, sku, 30)
        offered = [house.offered(LIST)[sku]]
        for _ in range(3):
            house.sandbox.sfcc.place(deepcopy(basket))
            house.stock_pass(20)
            offered.append(house.offered(LIST)[sku])
            house.orders.run()
            house.stock_pass(45)
            house.stock_pass(45)
            offered.append(house.offered(LIST)[sku])
        backordered = sum(
            line["BackorderQuantity"]
            for sale in house.sandbox.cin7.sales_truth()
            for line in sale["Lines"]
            if line["SKU"] == sku
        )
        assert backordered == 3 * units
        assert offered == [29 - units * sold for sold in (0, 1, 1, 2, 2, 3, 3)], "1 is the buffer"
