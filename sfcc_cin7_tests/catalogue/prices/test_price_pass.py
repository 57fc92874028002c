"""The price of a tier becomes the price of a book, once, and is proved by what shoppers see."""

from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7.catalogue.prices.passing import release_prices
from sfcc_cin7.db.book_prices import price_states
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7_tests.catalogue.prices.house import (
    DOLLARS,
    LIST,
    PriceHouse,
    book,
    dollars,
    fill_sku_map,
    merchant,
    price_house,
)

KIM = Author("kim", "the new list of the supplier")


@pytest.fixture
def house(engine, clock):
    with price_house(engine, clock) as found:
        yield found


def state(house: PriceHouse, sku: str, book_id: str = LIST) -> str:
    with house.engine.connect() as connection:
        return price_states(connection, [book_id], [sku])[book_id, sku]


def taken(done: Any) -> list[int]:
    return [fed.taken for fed in done.fed]


def test_each_book_asks_what_its_tier_says_and_shoppers_are_seen_to_be_asked_that(house):
    house.erp.set_product_price("TENT", 1, Decimal("21.00"))
    model = merchant(book(), dollars())
    house.prices(model)
    assert house.asked("TENT") == Decimal("21.00")
    assert (house.asked("TENT", DOLLARS), house.asked("ROPE")) == (
        Decimal("24.50"),
        Decimal("19.99"),
    )
    assert state(house, "TENT") == "proved"
    assert state(house, "NO-SUCH") == "absent"
    assert house.open() == {}


def test_only_prices_that_changed_travel(house):
    model = merchant(book(), dollars())
    first = house.prices(model)
    second = house.prices(model)
    house.erp.set_product_price("ROPE", 2, Decimal("26.00"))
    third = house.prices(model)
    assert first.fed[0].taken > 5
    assert [taken(second), taken(third)] == [[0], [1]]
    assert house.asked("ROPE", DOLLARS) == 26
    assert third.fed[0].bytes < first.fed[0].bytes


def test_the_search_index_is_rebuilt_once_for_an_import_and_not_without_one(house):
    model = merchant(book(), dollars(), index_job="rebuild-index")
    house.prices(model)
    house.prices(model)
    assert house.shop.price_books.index_rebuilds == 1


def test_a_price_that_moves_far_waits_with_both_figures_until_a_person_releases_it(house):
    model = merchant(book())
    house.prices(model)
    house.erp.set_product_price("TENT", 1, Decimal("29.99"))
    house.erp.set_product_price("ROPE", 1, Decimal("21.99"))
    house.prices(model)
    assert house.open() == {f"price:{LIST}/TENT": "price-change-large"}
    assert (house.asked("TENT"), house.asked("ROPE")) == (Decimal("19.99"), Decimal("21.99"))
    assert state(house, "TENT") == "held"

    assert release_prices(house.engine, model, LIST, ["TENT"], KIM, house.clock.now()) == 1
    house.prices(model)
    assert house.asked("TENT") == Decimal("29.99")
    assert house.open() == {}

    house.erp.set_product_price("TENT", 1, Decimal("45.00"))
    house.prices(model)
    assert state(house, "TENT") == "held", "a release is for one price"


def test_a_price_below_the_margin_floor_is_never_told_by_itself(house):
    model = merchant(book(margin_floor=Decimal("0.3")))
    house.prices(model)
    house.erp.set_product_price("TENT", 1, Decimal("16.00"))  # 13.33 net, and it costs 8.10 to buy
    house.erp.set_product_cost("TENT", Decimal("10.00"))
    house.prices(model)
    assert house.open() == {f"price:{LIST}/TENT": "price-below-floor"}
    assert house.asked("TENT") == Decimal("19.99")
    assert state(house, "TENT") == "held"


def test_a_price_that_is_put_right_in_the_erp_waits_no_longer(house):
    model = merchant(book())
    house.prices(model)
    house.erp.set_product_price("TENT", 1, Decimal("1.99"))
    house.prices(model)
    house.erp.set_product_price("TENT", 1, Decimal("20.99"))
    house.prices(model)
    assert (house.asked("TENT"), house.open()) == (Decimal("20.99"), {})


def test_nobody_releases_what_does_not_wait(house):
    model = merchant(book())
    house.prices(model)
    with pytest.raises(ActionRefused, match="Nothing"):
        release_prices(house.engine, model, LIST, [], KIM, house.clock.now())
    with pytest.raises(ActionRefused, match=LIST):
        release_prices(house.engine, model, "other", [], KIM, house.clock.now())


@pytest.mark.parametrize("unknown", ["refused", "skipped"])
def test_a_price_of_a_product_that_just_left_the_storefront_spoils_no_other(engine, clock, unknown):
    with price_house(engine, clock, unknown_priced_product=unknown) as house:
        house.shop.catalogue.withdraw("JACKET-M")
        house.prices(merchant(book()))
        house.prices(merchant(book()))
        assert state(house, "TENT") == state(house, "ROPE") == "proved"
        assert state(house, "JACKET-M") == "unproved"
        told = house.row("JACKET-M").told
        assert (told == "") == (unknown == "refused")
        expected = {f"price:{LIST}/JACKET-M": "price-refused"} if unknown == "refused" else {}
        assert house.open() == expected


def test_a_product_is_priced_as_soon_as_the_storefront_has_it(house):
    house.prices(merchant(book()))
    assert house.row("BACKROOM").told == ""
    house.shop.catalogue.add("BACKROOM", "From the back room")
    sold = {sku.id: sku.in_shop or sku.id == "BACKROOM" for sku in house.world.skus}
    fill_sku_map(house.engine, house.clock, sold)
    assert taken(house.prices(merchant(book()))) == [1]
    assert state(house, "BACKROOM") == "proved"


def test_an_import_that_is_cut_off_is_sent_again_and_nothing_is_believed_of_it(house):
    model = merchant(book())
    house.prices(model)
    house.erp.set_product_price("TENT", 1, Decimal("21.00"))
    house.faults.rates = {"sfcc.job_aborts": 1}
    done = house.prices(model)
    assert (done.fed[0].taken, done.fed[0].unknown) == (0, 1)
    assert state(house, "TENT") == "unproved"
    assert house.open() == {"prices:production": "prices-not-taken"}
    house.faults.rates = {}
    house.erp.set_product_price("TENT", 1, Decimal("19.99"))  # as it was told before
    assert taken(house.prices(model)) == [1]
    assert (house.asked("TENT"), state(house, "TENT")) == (Decimal("19.99"), "proved")
    assert house.open() == {}


def test_a_price_that_somebody_typed_into_the_storefront_is_found_and_put_right(house):
    model = merchant(book())
    house.prices(model)
    house.shop.price_books.edit(LIST, "TENT", Decimal("99.00"))
    house.prices(model)
    assert house.open() == {f"price:{LIST}/TENT": "price-drift"}
    house.prices(model)
    assert (house.asked("TENT"), house.open()) == (Decimal("19.99"), {})


def test_without_a_client_for_shoppers_prices_nothing_is_proved(engine, clock):
    with price_house(engine, clock, shopper="") as house:
        done = house.prices(merchant(book()))
        assert done.seen is not None
        assert done.seen.skipped
        assert state(house, "TENT") == "unproved"


def test_where_only_the_lowest_price_is_told_a_sale_hides_the_list_price(engine, clock):
    sale = {"id": "gbp-sale", "tier": 3, "kind": "sale", "parent": LIST}
    window = {"from": "2020-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z"}
    with price_house(engine, clock, prices_by_book=False) as house:
        house.erp.set_product_price("TENT", 3, Decimal("15.00"))
        house.prices(merchant(book(), book(**sale, **window)))
        assert state(house, "TENT", "gbp-sale") == "proved"
        assert state(house, "TENT") == "unproved"
        assert state(house, "ROPE") == "proved"
