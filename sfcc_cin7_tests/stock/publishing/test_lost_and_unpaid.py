"""Products that the ERP lost, and orders that nobody paid yet: neither is offered once more."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.db.schema import unplaced_orders
from sfcc_cin7.merchant.stock import BackorderRule
from sfcc_cin7.stock.records.listed_skus import open_subjects
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.stock.house import MINUTE, StockHouse, stock_house

LIST, PLACE, SITE = "inventory-us", "Reno DC", "alpenglow-us"  # without on-order inventory
HOUR = 3600


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[StockHouse]:
    with stock_house(engine, clock, cin7=Cin7Settings(zero_rows="none")) as house:
        catalogue(house)
        yield house.started()


def catalogue(house: StockHouse) -> None:
    refresh(house.engine, house.shop, house.erp, house.orders.model, house.clock)


def plenty(house: StockHouse) -> list[str]:
    stocked = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    return [s for s, ats in house.offered(LIST).items() if ats > 20 and s in stocked]


def test_what_was_renamed_in_the_erp_is_off_sale_though_the_catalogue_was_read_first(house):
    sku = plenty(house)[0]
    before = house.offered(LIST)[sku]
    house.sandbox.cin7.administrator.rename_product(sku, f"{sku}-NEW")
    catalogue(house)
    assert house.publish().lists, "no reading of stock in between"
    assert house.offered(LIST)[sku] == 0
    catalogue(house)  # once more: it is remembered
    with house.engine.connect() as connection:
        assert f"sku:{sku}" in open_subjects(connection, "sku-under-another-name")
    house.sandbox.cin7.administrator.rename_product(f"{sku}-NEW", sku)
    catalogue(house)
    for _ in range(3):
        house.stock_pass()
    assert house.offered(LIST)[sku] == before, "named as before"


def test_goods_on_their_way_of_a_product_that_the_erp_lost_are_not_sold_either(house):
    sku = plenty(house)[0]
    model = house.orders.model
    rule = BackorderRule(name="all")
    stock = model.stock.model_copy(update={"backorders": [rule]})
    house.orders.model = model.model_copy(update={"stock": stock})
    house.sandbox.cin7.purchase(sku, PLACE, Decimal(30), house.clock.now() + timedelta(days=9))
    for _ in range(3):
        house.stock_pass()
    offered = house.offered(LIST)[sku]
    house.sandbox.cin7.administrator.rename_product(sku, f"{sku}-NEW")
    catalogue(house)
    house.publish()
    assert (offered > 30, house.offered(LIST)[sku]) == (True, 0)


def created(house: StockHouse) -> tuple[str, dict[str, Decimal]]:
    """A shopper's order that waits for a bank transfer: its number, and its units by SKU."""
    order = house.sandbox.sfcc.create(house.sandbox.shoppers.fill_basket(SITE, "plain"))
    units: dict[str, Decimal] = {}
    for item in order["productItems"]:
        units[item["productId"]] = units.get(item["productId"], Decimal(0)) + item["quantity"]
    return order["orderNo"], units


def moved(house: StockHouse, skus: dict[str, Decimal]) -> None:
    """Somebody counts, so that the SKUs are decided about and dated anew."""
    for sku in skus:
        rows = house.sandbox.cin7.stock_truth()
        there = next(r["OnHand"] for r in rows if (r["SKU"], r["Location"]) == (sku, PLACE))
        house.sandbox.cin7.adjust(sku, PLACE, there - 1)
    for _ in range(3):
        house.stock_pass()


@pytest.mark.parametrize("ends", ["paid", "failed"])
def test_an_order_that_waits_for_its_payment_for_days_holds_its_units(house: StockHouse, ends: str):
    number, units = created(house)
    for hours in (3, 22, 3, 22):
        house.clock.sleep(hours * HOUR - 3 * MINUTE)
        moved(house, units)
        assert not house.oversold(LIST).keys() & units.keys(), "offered to nobody else"
        offered, supply = house.offered(LIST), house.supply(LIST)
        assert all(offered[sku] == supply[sku] for sku in units), "nor twice"
    if ends == "paid":
        house.sandbox.sfcc.place_created(number, SITE)
        house.clock.sleep(MINUTE)
        house.orders.run()
    else:
        house.sandbox.sfcc.staff.give_up(SITE, number)
    moved(house, units)
    offered, supply = house.offered(LIST), house.supply(LIST)
    given_back = dict.fromkeys(units, Decimal(0)) if ends == "paid" else units
    assert all(offered[sku] == supply[sku] + given_back[sku] for sku in units)
    with house.engine.connect() as connection:
        rows = connection.execute(select(unplaced_orders.c.ended_at)).all()
    assert [row.ended_at is not None for row in rows] == ([] if ends == "paid" else [True])
