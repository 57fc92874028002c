"""Money: how fine a currency is, and shares that add up."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfcc_cin7.values.money import (
    is_known,
    minor_units,
    quantum,
    round_half_up,
    share_out,
    tax_step,
)

CENT = D("0.01")


@pytest.mark.parametrize(
    ("currency", "smallest"),
    [
        ("USD", "0.01"),
        ("JPY", "1"),
        ("KWD", "0.001"),
        ("KRW", "0.01"),
        ("HUF", "1"),
        ("TWD", "1"),
        ("VND", "0.1"),
        ("ISK", "0.01"),
    ],
)
def test_a_currency_is_as_fine_as_the_storefront_counts_it(currency: str, smallest: str) -> None:
    assert quantum(currency) == D(smallest)


@pytest.mark.parametrize(
    ("currency", "step"), [("KRW", "1"), ("ISK", "1"), ("VND", "1"), ("HUF", "1"), ("USD", "0.01")]
)
def test_a_tax_service_rounds_to_the_currencys_own_smallest_amount(
    currency: str, step: str
) -> None:
    assert tax_step(currency) == D(step)


def test_only_what_shoppers_pay_in_is_a_currency() -> None:
    assert all(map(is_known, ("USD", "JPY", "KWD", "VND", "MGA", "XAF")))
    assert not any(map(is_known, ("XXX", "ZZZ", "XTS", "XAU", "usd", "", "BTC", "USD ")))


def test_an_amount_in_smallest_units_is_a_whole_number() -> None:
    assert minor_units(D("12.30"), "USD") == 1230
    assert minor_units(D(1980), "JPY") == 1980
    assert minor_units(D("-0.125"), "KWD") == -125


@pytest.mark.parametrize(("amount", "currency"), [("1.005", "USD"), ("0.5", "JPY")])
def test_an_amount_finer_than_its_currency_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="more decimals than the currency"):
        minor_units(D(amount), currency)


def test_halves_are_rounded_up() -> None:
    assert round_half_up(D("2.475"), CENT) == D("2.48")
    assert round_half_up(D("12.5"), D(1)) == D(13)


def test_what_rounding_leaves_over_goes_to_the_largest_remainder() -> None:
    assert share_out(D("0.83"), [D("54.00"), D("31.00")], CENT) == [D("0.53"), D("0.30")]


def test_equal_remainders_are_served_in_sequence() -> None:
    thirds = share_out(D("0.02"), [D(1), D(1), D(1)], CENT)

    assert thirds == [D("0.01"), D("0.01"), D(0)]


def test_weights_of_zero_share_equally() -> None:
    assert share_out(D("0.02"), [D(0), D(0)], CENT) == [CENT, CENT]


@pytest.mark.parametrize("weights", [[], [D(1), D(-1)]])
def test_sharing_out_needs_weights(weights: list[D]) -> None:
    with pytest.raises(ValueError, match="weights"):
        share_out(D(1), weights, CENT)


def test_a_total_finer_than_the_step_cannot_be_shared_out() -> None:
    with pytest.raises(ValueError, match="multiple"):
        share_out(D("0.005"), [D(1)], CENT)


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.decimals(0, 10**6, places=4), min_size=1, max_size=30),
)
def test_shares_add_up_and_stay_within_a_step_of_their_proportion(
    units: int, weights: list[D]
) -> None:
    total = units * CENT
    shares = share_out(total, weights, CENT)

    assert sum(shares) == total
    if whole := sum(weights):
        for share, weight in zip(shares, weights, strict=True):
            assert abs(share - total * weight / whole) < CENT + D("1e-12")
            assert weight or not share
