"""SKUs that moved are read by themselves and published at once; reading everything stays truth."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.catalogue.refresh import refresh
from sfcc_cin7.db.levels import levels, levels_at
from sfcc_cin7.db.schema import stock_hints
from sfcc_cin7.stock.publishing.hints import Followed, follow_hints, full_reading_is_due, next_skus
from sfcc_cin7.stock.reading.targeted import refresh_skus
from sfcc_cin7.stock.records.hints import WEBHOOK, hint
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.stock.house import MINUTE, StockHouse, stock_house

LIST, PLACE = "inventory-us", "Reno DC"


@pytest.fixture
def house(engine: Engine, clock: ManualClock) -> Iterator[StockHouse]:
    with stock_house(engine, clock, cin7=Cin7Settings(zero_rows="none")) as house:
        refresh(engine, house.shop, house.erp, house.orders.model, clock)
        yield house.started()


def on_sale(house: StockHouse, count: int = 1) -> list[str]:
    with house.engine.connect() as connection:
        found = [
            sku
            for (sku, place), row in levels(connection).items()
            if place == PLACE and row.available > 20
        ]
    return found[:count]


def hear(house: StockHouse, *skus: str) -> None:
    with house.engine.begin() as connection:
        hint(connection, skus, WEBHOOK, house.now, house.now)


def follow(house: StockHouse) -> Followed:
    return follow_hints(house.engine, house.erp, house.shop, house.orders.model, house.clock)


def oversold(house: StockHouse) -> set[str]:
    """Among what both systems know; the storefront has goods that the ERP never heard of."""
    known = {row["SKU"] for row in house.sandbox.cin7.stock_truth()}
    return house.oversold(LIST).keys() & known


def hinted(house: StockHouse) -> list[str]:
    with house.engine.connect() as connection:
        return list(connection.scalars(select(stock_hints.c.sku).order_by(stock_hints.c.sku)))


def test_a_fall_that_was_hinted_at_is_published_for_one_call(house: StockHouse):
    (sku,) = on_sale(house)
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(5))
    house.clock.sleep(1)
    hear(house, sku)
    done = follow(house)
    assert (done.skus, done.calls, done.changed, done.published) == (1, 1, 1, 1)
    assert house.offered(LIST)[sku] == 4
    assert hinted(house) == []


def test_sold_out_goods_whose_row_vanished_are_off_sale_at_once(house: StockHouse):
    (sku,) = on_sale(house)
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(0))
    hear(house, sku)
    assert follow(house).calls == 2
    assert house.offered(LIST)[sku] == 0


def test_goods_that_were_deprecated_are_held_when_read_by_themselves_too(house: StockHouse):
    (sku,) = on_sale(house)
    offered = house.offered(LIST)[sku]
    house.sandbox.cin7.set_product_status(sku, "Deprecated")
    hear(house, sku)
    follow(house)
    assert house.offered(LIST)[sku] == offered


def test_a_rise_waits_for_a_second_reading_that_is_asked_for_in_time(house: StockHouse):
    (sku,) = on_sale(house)
    before = house.offered(LIST)[sku]
    house.sandbox.cin7.receive(sku, PLACE, Decimal(40))
    hear(house, sku)
    follow(house)
    assert (house.offered(LIST)[sku], hinted(house)) == (before, [sku])
    house.clock.sleep(house.orders.model.stock.rise_seconds - 1)
    assert follow(house).skus == 0
    house.clock.sleep(1)
    assert follow(house).published == 1
    assert (house.offered(LIST)[sku], hinted(house)) == (before + 40, [])


def test_two_readings_in_one_moment_do_not_agree_on_a_rise(house: StockHouse):
    (sku,) = on_sale(house)
    before = house.offered(LIST)[sku]
    house.sandbox.cin7.receive(sku, PLACE, Decimal(40))
    for _ in range(4):
        house.clock.sleep(2)
        hear(house, sku)
        follow(house)
    assert house.offered(LIST)[sku] == before
    house.read()
    house.publish()
    assert house.offered(LIST)[sku] == before


def test_a_glimpse_and_a_reading_seconds_later_do_not_agree_on_a_rise(house: StockHouse):
    """The first may be any reading; the second is one that began long enough after it."""
    (sku,) = on_sale(house)
    before = house.offered(LIST)[sku]
    house.stock_pass()
    house.sandbox.cin7.receive(sku, PLACE, Decimal(40))
    rise = house.orders.model.stock.rise_seconds
    house.clock.sleep(rise - 2)
    hear(house, sku)
    follow(house)
    house.stock_pass(3)
    assert house.offered(LIST)[sku] == before
    house.stock_pass(rise)
    assert house.offered(LIST)[sku] == before + 40


def test_hints_without_end_keep_no_rise_from_being_published(house: StockHouse):
    (sku,) = on_sale(house)
    before = house.offered(LIST)[sku]
    house.sandbox.cin7.receive(sku, PLACE, Decimal(40))
    for _ in range(20):
        house.clock.sleep(5)
        hear(house, sku)
        follow(house)
    assert house.offered(LIST)[sku] == before + 40


def test_an_order_between_two_readings_of_different_age_is_counted_once(house: StockHouse):
    """One SKU is read by itself after an order of it was posted, all others are of before."""
    key = house.orders.order("alpenglow-us")
    house.orders.run()
    skus = [line["productId"] for line in house.orders.document(key)["productItems"]]
    house.clock.sleep(5)
    hear(house, *skus)
    follow(house)
    supply = house.supply(LIST)
    assert not oversold(house)
    assert {sku: house.offered(LIST)[sku] for sku in skus} == {sku: supply[sku] for sku in skus}


def test_goods_of_an_order_that_was_posted_are_read_soon_after(house: StockHouse):
    follow(house)
    house.orders.order("alpenglow-us")
    house.orders.run()
    assert follow(house).skus == 0
    house.clock.sleep(house.orders.model.stock.touched_seconds)
    assert follow(house).skus > 0
    assert not oversold(house)


def test_reading_everything_answers_what_was_hinted_at_before(house: StockHouse):
    follow(house)
    house.orders.order("alpenglow-us")
    house.orders.run()
    follow(house)
    assert hinted(house) != []
    house.stock_pass()
    assert hinted(house) == []


def test_a_hint_while_its_sku_is_read_is_followed_again(house: StockHouse):
    (sku,) = on_sale(house)
    ask = house.erp.availability_of

    def ask_while_it_moves(*names):
        found = ask(*names)
        house.clock.sleep(1)
        house.sandbox.cin7.adjust(sku, PLACE, Decimal(3))
        hear(house, sku)
        house.erp.availability_of = ask  # type: ignore[method-assign]
        return found

    house.erp.availability_of = ask_while_it_moves  # type: ignore[method-assign]
    hear(house, sku)
    follow(house)
    assert house.offered(LIST)[sku] == 2


def test_a_reading_of_everything_that_began_before_overwrites_nothing_newer(house: StockHouse):
    (sku,) = on_sale(house)
    read = house.erp.availability_page

    def read_and_then_it_moves(*page):
        answer = read(*page)
        house.clock.sleep(1)
        house.sandbox.cin7.adjust(sku, PLACE, Decimal(3))
        model = house.orders.model
        refresh_skus(house.engine, house.erp, model, house.clock, [sku])
        return answer

    house.erp.availability_page = read_and_then_it_moves  # type: ignore[method-assign]
    house.stock_pass()
    assert house.offered(LIST)[sku] == 2
    with house.engine.connect() as connection:
        assert levels_at(connection, house.now, [sku])[sku, PLACE]["available"] == 3


def test_more_hints_than_calls_make_everything_be_read_instead(house: StockHouse):
    model = house.orders.model
    skus = on_sale(house, model.stock.targeted_calls + 1)
    house.clock.sleep(20)
    assert not full_reading_is_due(house.engine, model, house.now)
    hear(house, *skus)
    assert next_skus(house.engine, model, house.now) == []
    assert full_reading_is_due(house.engine, model, house.now)


def test_single_readings_stay_within_their_calls_a_minute(house: StockHouse):
    model = house.orders.model
    skus = on_sale(house, model.stock.targeted_calls)
    hear(house, *skus)
    assert follow(house).skus == len(skus)
    hear(house, *skus[:3])
    assert follow(house).skus == 0
    house.clock.sleep(MINUTE + 1)
    assert follow(house).skus == 3


def test_what_the_storefront_does_not_sell_costs_no_call(house: StockHouse):
    hear(house, "NOT-SOLD-HERE")
    assert follow(house) == Followed()
    assert hinted(house) == []


def test_everything_is_read_at_the_cadence_of_the_merchant(house: StockHouse):
    model = house.orders.model
    house.stock_pass()
    house.clock.sleep(model.stock.full_pass_seconds - 5)
    assert not full_reading_is_due(house.engine, model, house.now)
    house.clock.sleep(5)
    assert full_reading_is_due(house.engine, model, house.now)


def publish_rarely(house: StockHouse):
    """From now on the list is published every ten minutes."""
    model = house.orders.model
    rare = [
        policy.model_copy(update={"publish_seconds": 600}) if policy.id == LIST else policy
        for policy in model.inventory_lists
    ]
    house.orders.model = model.model_copy(update={"inventory_lists": rare})


def test_a_list_may_be_published_less_often_than_stock_is_read(house: StockHouse):
    publish_rarely(house)
    house.publish()
    assert LIST not in {row.list_id for row in house.stock_pass().lists}
    (sku,) = on_sale(house)
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(5))
    hear(house, sku)
    follow(house)
    assert house.offered(LIST)[sku] == 4
    house.clock.sleep(timedelta(minutes=10).total_seconds())
    assert LIST in {row.list_id for row in house.stock_pass().lists}


def test_a_list_that_could_not_be_published_is_due_again_at_once(house: StockHouse):
    publish_rarely(house)
    (sku,) = on_sale(house)
    house.sandbox.cin7.adjust(sku, PLACE, Decimal(5))
    house.sandbox.faults.rates["sfcc.429"] = 1
    assert all(row.problem for row in house.stock_pass(600).lists)
    house.sandbox.faults.rates.clear()
    assert LIST in {row.list_id for row in house.publish().lists}
    assert house.offered(LIST)[sku] == 4
