"""Staging, replication, what is gone, calculated tiers, dated sales, and what the checks say."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from sfcc_cin7.catalogue.prices.checks import prices_agree, prices_keep_margin
from sfcc_cin7.catalogue.prices.passing import release_prices
from sfcc_cin7.inbox.action import Author
from sfcc_cin7_tests.catalogue.prices.house import LIST, PriceHouse, book, merchant, price_house

KIM = Author("kim", "sold out for good")


@pytest.fixture
def house(engine, clock):
    with price_house(engine, clock) as found:
        yield found


def said(house: PriceHouse, check: Any, model: Any, *, staging: bool = False) -> Any:
    given = {
        "merchant": SimpleNamespace(model=lambda: model),
        "store": SimpleNamespace(engine=house.engine, clock=house.clock),
        "storefront": SimpleNamespace(staging=house.sfcc_staging if staging else None),
    }
    names = ("merchant", "store") if check is prices_keep_margin else tuple(given)
    return check(**{name: given[name] for name in names})


def test_staging_is_told_in_the_same_pass_so_that_a_replication_changes_nothing(house):
    model = merchant(book())
    house.prices(model, staging=True)
    house.erp.set_product_price("TENT", 1, Decimal("21.50"))
    house.prices(model, staging=True)
    house.shop.price_books.replicate_from(house.staging.price_books)
    assert house.asked("TENT") == house.asked("TENT", on=house.staging) == Decimal("21.50")
    house.prices(model, staging=True)
    assert house.open() == {}


def test_a_replication_that_puts_old_prices_back_is_found_and_every_price_told_again(house):
    model = merchant(book())
    house.prices(model)
    for sku in ("TENT", "ROPE", "KIT"):
        house.erp.set_product_price(sku, 1, Decimal("21.50"))
    house.prices(model)
    house.shop.price_books.replicate_from(house.staging.price_books)
    house.prices(model)
    assert set(house.open().values()) == {"price-drift"}
    assert not said(house, prices_agree, model).passed
    house.prices(model)
    assert house.asked("KIT") == house.asked("TENT") == Decimal("21.50")
    assert house.open() == {}


def test_a_book_that_no_site_sells_from_is_red_and_is_not_told_for_ever(house):
    lonely = book(id="gbp-lonely")  # without a parent: Business Manager gives it to no site
    model = merchant(lonely)
    house.prices(model)
    told = [house.prices(model).fed[0].taken for _ in range(3)]
    assert "price-drift" in house.open().values()
    assert not said(house, prices_agree, model).passed
    assert told[0] > 0, "it is told again once, as after a replication"


def test_a_tier_that_was_emptied_is_not_believed_until_a_person_says_so(house):
    model = merchant(book(gone="remove"))
    house.prices(model)
    for sku in ("TENT", "ROPE", "KIT"):
        house.erp.set_product_price(sku, 1, Decimal(0))
    house.prices(model)
    assert house.open() == {f"prices:{LIST}": "prices-doubted"}
    assert house.asked("TENT") == Decimal("19.99")

    assert release_prices(house.engine, model, LIST, [], KIM, house.clock.now()) == 3
    house.prices(model)
    assert (house.asked("TENT"), house.asked("JACKET-S")) == (None, Decimal("19.99"))
    assert house.open() == {}


def test_a_price_that_is_gone_stays_in_the_book_and_somebody_is_told(house):
    model = merchant(book())
    house.prices(model)
    house.erp.set_product_price("TENT", 1, Decimal(0))
    house.prices(model)
    assert house.asked("TENT") == Decimal("19.99")
    assert house.open() == {f"prices:{LIST}": "price-gone"}
    house.erp.set_product_price("TENT", 1, Decimal("19.99"))
    house.prices(model)
    assert house.open() == {}


def test_a_tier_that_is_calculated_from_the_cost_is_noticed(house):
    model = merchant(book())
    house.erp.mark_up(1, Decimal("2.5"))
    house.erp.set_product_cost("TENT", Decimal("8.00"))
    house.prices(model)
    house.erp.set_product_cost("TENT", Decimal("8.40"))
    house.prices(model)
    assert house.open() == {f"prices:{LIST}": "prices-follow-cost"}


def test_a_sale_counts_while_it_lasts_and_a_new_window_takes_the_place_of_the_old(house):
    now = house.clock.now()
    begins, ends = now + timedelta(hours=1), now + timedelta(hours=2)
    decisions = {"id": "gbp-sale", "tier": 3, "kind": "sale", "parent": LIST}
    sale = book(**decisions, **{"from": begins, "until": ends})
    house.erp.set_product_price("TENT", 3, Decimal("15.00"))
    house.prices(merchant(book(), sale))
    assert house.asked("TENT", "gbp-sale") is None
    house.clock.sleep(3600)
    house.prices(merchant(book(), sale))
    assert house.asked("TENT", "gbp-sale") == 15
    longer = book(**decisions, **{"from": begins, "until": ends + timedelta(days=1)})
    house.prices(merchant(book(), longer))
    [table] = house.shop.price_books.by_id["gbp-sale"].tables["TENT"]
    assert table.window.end == ends + timedelta(days=1)


def test_what_was_read_back_is_green_and_what_cannot_be_read_is_not(engine, clock):
    model = merchant(book())
    with price_house(engine, clock) as house:
        house.prices(model)
        assert said(house, prices_agree, model).passed
        assert not said(house, prices_agree, model, staging=True).passed
    with price_house(engine, clock, shopper="") as house:
        house.erp.set_product_price("TENT", 1, Decimal("21.00"))
        house.prices(merchant(book(largest_change=Decimal("0.3"))))
        assert not said(house, prices_agree, merchant(book(largest_change=Decimal("0.3")))).passed


def test_a_cost_that_rises_takes_the_margin_below_the_floor_and_the_check_says_so(house):
    model = merchant(book(margin_floor=Decimal("0.3")))
    house.prices(model)
    assert said(house, prices_keep_margin, model).passed
    house.erp.set_product_cost("TENT", Decimal("13.00"))
    house.prices(model)
    assert house.open() == {f"price:{LIST}/TENT": "price-below-floor"}
    assert not said(house, prices_keep_margin, model).passed
    release_prices(house.engine, model, LIST, ["TENT"], KIM, house.clock.now())
    house.prices(model)
    assert said(house, prices_keep_margin, model).passed
    assert house.open() == {}
