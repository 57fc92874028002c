"""What the price of a tier comes to in a book, and which prices wait for a person."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sfcc_cin7.catalogue.prices.deciding.guarding import doubt, follows_cost
from sfcc_cin7.catalogue.prices.deciding.pricing import margin, priced, rounded
from sfcc_cin7.catalogue.prices.deciding.proof import Proof, proof
from sfcc_cin7.catalogue.prices.deciding.table import read_table, table_of
from sfcc_cin7.merchant.prices import PriceRounding, PricesPolicy
from sfcc_cin7_tests.catalogue.prices.house import book, dollars, merchant

D = Decimal
NINETY_NINE = PriceRounding(step=D(1), ending=D("0.99"))
BEGINS, ENDS = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def test_a_net_tier_gets_the_tax_of_the_region_into_a_gross_book():
    net = book(tier_prices="net", tax_rates={"Zero Rated Income": D(0)})
    assert priced(net, {1: D("16.6583")}) == table_of([(D(1), D("19.99"))])
    assert priced(net, {1: D("10.00")}, "Zero Rated Income") == table_of([(D(1), D("10.00"))])


def test_a_gross_tier_loses_its_tax_on_the_way_into_a_net_book():
    net = dollars(tier_prices="gross", tax_rate=D("0.25"))
    assert priced(net, {2: D("25.00")}) == table_of([(D(1), D("20.00"))])


@pytest.mark.parametrize(
    ("price", "rule", "becomes"),
    [
        ("18.40", NINETY_NINE, "17.99"),
        ("18.49", NINETY_NINE, "18.99"),
        ("18.60", NINETY_NINE, "18.99"),
        ("18.99", NINETY_NINE, "18.99"),
        ("18.98", PriceRounding(step=D("0.05")), "19.00"),
        ("18.98", PriceRounding(step=D("0.05"), to="down"), "18.95"),
        ("1981", PriceRounding(step=D(10), to="up"), "1990"),
        ("0.30", NINETY_NINE, "0.99"),
        ("0.30", PriceRounding(step=D(1)), "1"),
        ("18.985", None, "18.99"),
    ],
)
def test_prices_end_as_the_merchant_likes_them(price, rule, becomes):
    assert rounded(D(price), rule, "GBP") == D(becomes)


def test_yen_have_no_decimals():
    assert rounded(D("1980.4"), None, "JPY") == 1980


def test_more_costs_less_or_the_quantity_is_left_out():
    many = book(quantities={10: 4, 50: 5, 100: 6})
    tiers = {1: D("20.00"), 4: D("18.00"), 5: D("18.50"), 6: D("15.00")}
    table = priced(many, tiers)
    assert table == table_of([(D(1), D(20)), (D(10), D(18)), (D(100), D(15))])
    assert table is not None
    assert table.lowest == 15


def test_a_sale_is_dated_and_a_tier_without_a_price_is_no_price():
    sale = book(kind="sale", **{"from": BEGINS, "until": ENDS})
    table = priced(sale, {1: D("9.99")})
    assert table is not None
    assert table.window == (BEGINS, ENDS)
    assert read_table(table.text()) == table
    assert priced(sale, {2: D("9.99")}) is None
    assert priced(sale, {1: D(0)}) is None


def test_a_margin_is_one_of_net_prices_in_the_base_currency():
    assert margin(book(), D("24.00"), D("10.00"), D(1), D("0.2")) == D("0.5")
    assert margin(dollars(), D("20.00"), D("7.40"), D("0.74"), D(0)) == D("0.5")
    assert margin(book(), D("24.00"), D(0), D(1), D("0.2")) is None


def test_what_breaks_the_floor_or_moves_far_waits_with_both_figures():
    strict = book(margin_floor=D("0.3"), largest_change=D("0.2"))
    table = table_of([(D(1), D("25.00"))])
    below = doubt(strict, table, None, D("0.25"))
    assert below is not None
    assert (below.code, below.expected) == ("price-below-floor", "at least 30.0%")
    far = doubt(strict, table, D("20.00"), D("0.5"))
    assert far is not None
    assert (far.code, far.expected, far.actual) == (
        "price-change-large",
        "20 GBP",
        "25.00 GBP (+25.0%)",
    )
    assert doubt(strict, table, D("21.00"), D("0.5")) is None
    assert doubt(strict, table, None, None) is None


def test_a_tier_that_moves_with_the_cost_is_noticed_and_a_typed_one_is_not():
    assert follows_cost(D("20.00"), D("8.00"), D("22.50"), D("9.00")) is True
    assert follows_cost(D("20.00"), D("8.00"), D("19.99"), D("9.00")) is False
    assert follows_cost(D("20.00"), D("8.00"), D("22.50"), D("8.00")) is None
    assert follows_cost(None, None, D("22.50"), D("8.00")) is None


@pytest.mark.parametrize(
    ("of_book", "lowest", "tells_books", "says"),
    [
        ({D(1): D(20)}, D(15), True, Proof.PROVED),
        ({D(1): D(21)}, D(20), True, Proof.DRIFTED),
        ({}, D(20), True, Proof.DRIFTED),
        ({D(10): D(20)}, D(20), True, Proof.DRIFTED),
        ({}, D(20), False, Proof.PROVED),
        ({}, D(15), False, Proof.UNREADABLE),
        ({}, D(25), False, Proof.DRIFTED),
        ({}, None, False, Proof.DRIFTED),
    ],
)
def test_what_shoppers_see_proves_a_price_or_does_not(of_book, lowest, tells_books, says):
    assert proof(D(20), of_book, lowest, tells_books=tells_books)[0] is says


@pytest.mark.parametrize(
    "decisions",
    [
        {"kind": "sale"},
        {"from": BEGINS, "until": ENDS},
        {"kind": "sale", "from": ENDS, "until": BEGINS},
        {"tier": 11},
        {"tier_prices": "net", "tax_rate": None},
        {"margin_floor": D("0.3"), "tax_rate": None},
        {"rounding": {"step": 1, "ending": 1}},
    ],
)
def test_what_cannot_be_meant_is_refused(decisions):
    with pytest.raises(ValidationError):
        book(**decisions)


def test_a_book_is_as_its_sites_sell():
    with pytest.raises(ValidationError, match="does not sell in USD"):
        merchant(book(currency="USD"))
    with pytest.raises(ValidationError, match="gross"):
        merchant(book(prices="net"))
    with pytest.raises(ValidationError, match="twice"):
        PricesPolicy(books=[book(), book()])


@given(
    price=st.decimals(min_value="0.01", max_value=9999, places=4),
    step=st.sampled_from(["0.01", "0.05", "0.5", "1", "10"]),
    share=st.sampled_from(["0", "0.5", "0.99"]),
    to=st.sampled_from(["nearest", "up", "down"]),
)
def test_rounding_goes_to_a_price_that_there_is_and_stays_there(price, step, share, to):
    ending = (D(step) * D(share)).quantize(D("0.0001"))
    rule = PriceRounding(step=D(step), ending=ending, to=to)
    found = rounded(price, rule, "GBP")
    assert found > 0
    assert (found - rule.ending) % rule.step == 0
    assert rounded(found, rule, "GBP") == found
    assert abs(found - price) < rule.step or found == (rule.ending or rule.step)
