"""Double entry: what is posted, and how it is corrected."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sfcc_cin7.ledger.postings import balances, corrections

CENTS = st.integers(-10_000_00, 10_000_00).map(lambda cents: Decimal(cents).scaleb(-2))
LEGS = st.tuples(st.sampled_from(["GBP", "JPY"]), CENTS, CENTS)


def entries(held, wanted):
    return list(corrections("b:s:1", "2026-01-01", "erp", held, wanted, "sale SO-1"))


def test_an_order_is_owed_earned_and_taxed():
    assert balances("storefront", "GBP", Decimal("12.00"), Decimal("2.00")) == {
        ("GBP", "storefront receivable"): Decimal("12.00"),
        ("GBP", "revenue"): Decimal("-10.00"),
        ("GBP", "tax"): Decimal("-2.00"),
    }


def test_a_leg_that_did_not_change_is_not_posted_again():
    leg = balances("erp", "GBP", Decimal("12.00"), Decimal("2.00"))
    assert entries(leg, leg) == []
    assert entries({key: amount + Decimal("0.0000") for key, amount in leg.items()}, leg) == []


@given(before=LEGS, after=LEGS)
def test_every_correction_sums_to_zero_and_leads_to_the_new_leg(before, after):
    old, new = balances("erp", *before), balances("erp", *after)
    posted = entries(old, new)
    for currency in {entry.currency for entry in posted}:
        assert sum(entry.amount for entry in posted if entry.currency == currency) == 0
    result = dict(old)
    for entry in posted:
        key = (entry.currency, entry.account)
        result[key] = result.get(key, Decimal(0)) + entry.amount
    assert {key: amount for key, amount in result.items() if amount} == new
