"""Payment providers cancel orders whose money fails, and bring them back when it comes."""

import pytest
from sqlalchemy import Engine

from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_tests.fulfilment.house import Shipping, shipping


def money_fails(house: Shipping, key: str) -> None:
    _, site, number = key.split(":")
    house.lane.sandbox.sfcc.provider.fail_capture(site, number)
    house.clock.sleep(house.lane.model.posting.changes_seconds + 1)
    house.lane.run_until_quiet()


def money_comes(house: Shipping, key: str) -> None:
    _, site, number = key.split(":")
    house.lane.sandbox.sfcc.provider.capture_late(site, number)
    house.clock.sleep(house.lane.model.posting.changes_seconds + 1)
    house.lane.run_until_quiet()


@pytest.mark.parametrize("called", ["AUTHORISED", "FULFILLED"])
def test_an_order_that_left_and_comes_back_from_its_cancellation_is_read_again_and_not_posted(
    engine: Engine, clock: ManualClock, called: str
) -> None:
    """Whatever Cin7 calls the order of a sale that has shipped."""
    settings = Cin7Settings(fulfilled_order_status=called)  # type: ignore[arg-type]
    with shipping(engine, clock, cin7=settings) as house:
        key, sale = house.posted()
        house.cin7.ship(sale["ID"], tracking=["N1"])
        house.pass_()
        money_fails(house, key)
        assert house.lane.review_codes(key) == {"fulfilment-begun"}
        money_comes(house, key)
        assert house.lane.states() == {key: "acknowledged"}
        assert [each["ID"] for each in house.lane.sales(key)] == [sale["ID"]]
        house.pass_()
        assert house.shown(key) == ("shipped", ["N1"])


def test_an_order_whose_sale_was_voided_has_one_sale_when_it_comes_back(
    engine: Engine, clock: ManualClock
) -> None:
    with shipping(engine, clock) as house:
        key, sale = house.posted()
        money_fails(house, key)
        assert house.lane.sales(key) == []
        money_comes(house, key)
        (again,) = house.lane.sales(key)
        assert again["ID"] != sale["ID"]
        house.clock.sleep(60)
        house.cin7.ship(again["ID"], tracking=["N2"])
        house.pass_()
        assert house.shown(key) == ("shipped", ["N2"])


def test_what_left_of_the_sale_before_is_not_told_of_the_sale_that_took_its_place(
    engine: Engine, clock: ManualClock
) -> None:
    with shipping(engine, clock) as house:
        key, sale = house.posted()
        money_fails(house, key)
        money_comes(house, key)
        house.clock.sleep(60)
        house.cin7.comment_sale(sale["ID"], "voided, and looked at by a clerk")
        house.pass_()
        assert house.shown(key) == ("not_shipped", [])


@pytest.mark.parametrize("read_before", [True, False], ids=["the list was seen", "nothing was"])
def test_what_left_while_its_cancellation_came_and_went_is_told_all_the_same(
    engine: Engine, clock: ManualClock, read_before: bool
) -> None:
    """Posting looks at the sale again and finds it in order: that is no reading of what left."""
    with shipping(engine, clock) as house:
        key, sale = house.posted()
        if read_before:
            house.pass_()
        house.cin7.ship(sale["ID"], tracking=["N1"])
        money_fails(house, key)
        money_comes(house, key)
        assert house.lane.states() == {key: "acknowledged"}
        house.pass_()
        assert house.shown(key) == ("shipped", ["N1"])
