"""Which tax rule is taken for bonuses and options, and where an adjustment takes tax away."""

from decimal import Decimal as D

import pytest

from sfcc_cin7_tests.orders.stated import Discount, Extra, Sold, stated
from sfcc_cin7_tests.orders.translation.by_place import (
    AMERICA,
    BRITAIN,
    TEXAS,
    merchant,
    posted,
    rules_of,
    waits,
)

# What bears no money


def test_a_bonus_of_the_same_sku_joins_what_was_paid_for() -> None:
    mug = D("12.00")
    document = stated(
        Sold("MUG", mug, D("0.99"), rate=D("0.0825")),
        Sold("MUG", mug, D(0), rate=D(0), discounts=(Discount(mug),), bonus=True),
        place=TEXAS,
    )

    assert posted(document, merchant()) == {"MUG": ("TX 8.25%", D("12.00"), D("0.99"))}


def test_a_bonus_of_another_sku_takes_the_rule_of_the_order() -> None:
    document = stated(
        Sold("PEN", D(3), D(0), rate=D(0), discounts=(Discount(D(3)),), bonus=True),
        Sold("MUG", D("12.00"), D("0.99")),
        place=TEXAS,
    )

    assert rules_of(posted(document, merchant(AMERICA[1:]))) == {
        "PEN": "TX 8.25%",
        "MUG": "TX 8.25%",
    }


def test_an_order_that_costs_nothing_at_all_is_untaxed() -> None:
    document = stated(Sold("MUG", D(12), D(0), discounts=(Discount(D(12)),)), place=TEXAS)

    assert rules_of(posted(document, merchant())) == {"MUG": "US Exempt"}
    assert rules_of(posted(document, merchant(AMERICA[1:]))) == {"MUG": "TX 8.25%"}


def test_units_of_one_sku_of_which_some_are_taxed_need_a_person() -> None:
    document = stated(Sold("MUG", D(12), D("0.99")), Sold("MUG", D(12), D(0)), place=TEXAS)

    assert waits(document, merchant()) == [("tax-rules-differ", None)]


# Options


WARRANTY = Extra(D("49.00"), D(0), "warranty", "3y")


@pytest.mark.parametrize("booking", ["charge", "parent"])
def test_a_warranty_that_is_exempt_is_charged_under_the_exempt_rule(booking: str) -> None:
    document = stated(Sold("TENT", D(300), D("24.75"), extras=(WARRANTY,)), place=TEXAS)
    policy = merchant(options={"warranty:3y": "Warranty 3y"}, option_booking=booking)

    assert posted(document, policy) == {
        "TENT": ("TX 8.25%", D(300), D("24.75")),
        "Warranty 3y": ("US Exempt", D("49.00"), D(0)),
    }


@pytest.mark.parametrize("booking", ["charge", "parent"])
def test_an_option_whose_tax_its_product_bears_is_booked_with_it(booking: str) -> None:
    wrapped = Sold("TENT", D(100), D("8.66"), extras=(Extra(D("5.00"), D(0)),))
    policy = merchant(option_booking=booking)

    assert posted(stated(wrapped, place=TEXAS), policy) == {
        "TENT": ("TX 8.25%", D("105.00"), D("8.66"))
    }


@pytest.mark.parametrize("booking", ["charge", "parent"])
def test_of_several_options_those_join_whose_tax_the_product_bears(booking: str) -> None:
    extras = (Extra(D("12.00"), D(0), "engraving", "text"), WARRANTY)
    document = stated(Sold("RING", D(100), D("9.24"), extras=extras), place=TEXAS)
    options = {"engraving:text": "Engraving", "warranty:3y": "Warranty 3y"}
    policy = merchant(options=options, option_booking=booking)

    assert posted(document, policy) == {
        "RING": ("TX 8.25%", D("112.00"), D("9.24")),
        "Warranty 3y": ("US Exempt", D("49.00"), D(0)),
    }


# What takes tax away


def test_vat_taken_off_an_export_leaves_a_zero_rated_sale() -> None:
    document = stated(
        Sold("COAT", D(490), D("81.67"), rate=D("0.2"), share=D("81.67")),
        discounts=(Discount(D("81.67"), D("81.67")),),
        place=("JE", "", "JE2 3AB"),
        currency="GBP",
        taxation="gross",
    )
    policy = merchant(BRITAIN, currency="GBP", taxation="gross")

    assert posted(document, policy) == {"COAT": ("Zero Rated Income", D("408.33"), D(0))}


def test_vat_taken_off_the_line_itself_too() -> None:
    removal = (Discount(D("81.67"), D("81.67")),)
    document = stated(
        Sold("COAT", D(490), D("81.67"), rate=D("0.2"), discounts=removal),
        place=("JE", "", "JE2 3AB"),
        currency="GBP",
        taxation="gross",
    )
    policy = merchant(BRITAIN, currency="GBP", taxation="gross")

    assert posted(document, policy) == {"COAT": ("Zero Rated Income", D("408.33"), D(0))}


def test_where_a_discount_takes_some_of_the_tax_what_remains_decides() -> None:
    rules = [*BRITAIN, {"country": "JE", "rate": "0.05", "rule": "GST 5%"}]
    document = stated(  # 490.00 with 20 % becomes 428.75, which is 408.33 with 5 %
        Sold("COAT", D(490), D("81.67"), rate=D("0.2"), share=D("61.25")),
        discounts=(Discount(D("61.25"), D("61.25")),),
        place=("JE", "", "JE2 3AB"),
        currency="GBP",
        taxation="gross",
    )
    policy = merchant(rules, currency="GBP", taxation="gross")

    assert posted(document, policy) == {"COAT": ("GST 5%", D("428.75"), D("20.42"))}


def test_a_tax_that_is_stated_for_a_free_line_is_not_explained_away_on_another() -> None:
    document = stated(
        Sold("MUG", D(12), D("0.99")),
        Sold("PEN", D(12), D("0.99"), discounts=(Discount(D(12)),)),
        place=TEXAS,
    )

    assert waits(document, merchant()) == [("tax-rule-unmapped", "US/TX/taxed")]
