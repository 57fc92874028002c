"""Duties, second currencies, percents that a clerk names, and mappings that cannot be meant."""

from decimal import Decimal as D
from typing import Any

import pytest
from pydantic import ValidationError

from sfcc_cin7.merchant.tax_rules import TaxMapping
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.order_document.tax_choice import duties
from sfcc_cin7.orders.translation.corrections import Correction, corrected, misfit
from sfcc_cin7.orders.translation.translate import Accepted, Rejected, translate
from sfcc_cin7_tests.orders.merchants import CHARGES
from sfcc_cin7_tests.orders.stated import Discount, Sent, Sold, stated
from sfcc_cin7_tests.orders.translation.by_place import (
    AMERICA,
    BRITAIN,
    TEXAS,
    merchant,
    posted,
    rules_of,
    waits,
)

# Duties

FLOW = stated(Sold("COAT", D(180), D(0), rate=D(0)), freight=(Sent(D(15), D("52.40"), rate=D(0)),))


def test_duties_that_are_stated_as_tax_of_the_freight_are_a_charge_of_their_own() -> None:
    policy = merchant(charges=CHARGES.model_copy(update={"duties": "Duties"}))

    assert posted(FLOW, policy) == {
        "COAT": ("US Exempt", D(180), D(0)),
        "Shipping": ("US Exempt", D(15), D(0)),
        "Duties": ("US Exempt", D("52.40"), D(0)),
    }


def test_without_a_charge_for_duties_they_wait() -> None:
    assert waits(FLOW, merchant()) == [("tax-not-attributable", None)]


def test_and_the_desk_reads_where_to_name_a_charge_for_them() -> None:
    result = translate(parse_order(FLOW), merchant(), "brand")

    assert isinstance(result, Rejected)
    assert "charges.duties" in result.reasons[0].sentence


def test_duties_on_an_export_that_the_vat_was_taken_off_are_duties() -> None:
    document = stated(
        Sold("COAT", D(490), D("81.67"), rate=D("0.2"), share=D("81.67")),
        discounts=(Discount(D("81.67"), D("81.67")),),
        freight=(Sent(D("40.00"), D("25.00"), rate=D(0)),),
        place=("JE", "", "JE2 3AB"),
        currency="GBP",
        taxation="gross",
    )
    charges = CHARGES.model_copy(update={"duties": "Duties"})
    policy = merchant(BRITAIN, currency="GBP", taxation="gross", charges=charges)

    assert posted(document, policy) == {
        "COAT": ("Zero Rated Income", D("408.33"), D(0)),
        "Shipping": ("Zero Rated Income", D("15.00"), D(0)),
        "Duties": ("Zero Rated Income", D("25.00"), D(0)),
    }


@pytest.mark.parametrize(
    "correction",
    [
        Correction("tax-rule", "US/NY/taxed", "TX 8.25%"),
        Correction("country", "me", "DE"),
        Correction("tax-rule", "untaxed", "US Exempt"),
    ],
)
def test_what_is_duty_the_operating_model_says_and_no_correction_of_one_order(
    correction: Correction,
) -> None:
    """The books know the operating model, and take off the same."""
    document = stated(Sold("COAT", D(180), D(0)), freight=(Sent(D("30.00"), D("12.40")),))
    rules = [*AMERICA, {"country": "DE", "kind": "carrier", "rule": "DE"}]
    rules += [{"country": "DE", "kind": "untaxed", "rule": "DE 0"}]
    policy = merchant(rules, charges=CHARGES.model_copy(update={"duties": "Duties"}))
    order = parse_order(document)
    what = corrected(order, policy, [correction])
    result = translate(what.order, what.site, "brand", duty=what.duty)

    assert isinstance(result, Accepted), result
    assert (result.sale.total, result.sale.tax) == (order.total, D(0))
    assert sum(duties(order, policy)) == D("12.40")


def test_tax_of_the_freight_that_a_rule_holds_is_no_duty() -> None:
    policy = merchant(charges=CHARGES.model_copy(update={"duties": "Duties"}))
    document = stated(Sold("BREAD", D(5), D(0)), freight=(Sent(D(15), D("1.24")),), place=TEXAS)

    assert rules_of(posted(document, policy)) == {"BREAD": "US Exempt", "Shipping": "TX 8.25%"}


# Other currencies of the site


def test_an_order_in_the_sites_second_currency_is_booked_to_that_currencys_customer() -> None:
    policy = merchant(
        [{"country": "FR", "rate": "0.2", "rule": "TVA 20"}],
        currency="GBP",
        taxation="gross",
        currencies={"EUR": {"customer": "Shop Web EUR", "currency_rate": D("0.86")}},
    )
    document = stated(
        Sold("BAG", D(50), D("8.33"), rate=D("0.2")),
        place=("FR", "", "75001"),
        currency="EUR",
        taxation="gross",
    )
    result = translate(parse_order(document), policy, "brand")

    assert isinstance(result, Accepted)
    assert (result.sale.customer, result.sale.currency) == ("Shop Web EUR", "EUR")
    assert result.sale.currency_rate == D("0.86")
    assert result.sale.lines[0].tax_rule == "TVA 20"


def test_a_currency_may_have_tax_rules_and_accounts_of_its_own() -> None:
    euros = {
        "customer": "Shop Web EUR",
        "currency_rate": D("0.86"),
        "payment_accounts": {"CREDIT_CARD": "1202"},
        "tax_rules": [{"country": "FR", "rate": "0.2", "rule": "TVA 20 (EUR)"}],
    }
    policy = merchant(
        [{"country": "FR", "rate": "0.2", "rule": "TVA 20"}],
        payment_accounts={"CREDIT_CARD": "1200"},
        currencies={"EUR": euros},
    )

    assert policy.in_currency("EUR").payment_accounts == {"CREDIT_CARD": "1202"}
    assert [each.rule for each in policy.in_currency("EUR").tax_rules] == ["TVA 20 (EUR)"]
    assert policy.in_currency("USD") is policy
    assert [each.currency for each in policy.in_each_currency] == ["USD", "EUR"]


# What the review desk can say of one order


@pytest.mark.parametrize(
    ("name", "rule"), [("8.875", "NY"), ("US/NY/8.875", "NY"), ("US/taxed", "Any US tax")]
)
def test_a_clerk_names_the_percent_that_the_rule_has_and_not_the_one_that_is_written(
    name: str, rule: str
) -> None:
    rate = D("0.08872643324355521")
    order = parse_order(stated(Sold("BOOT-9", D("129.95"), D("11.53"), rate=rate)))
    correction = Correction("tax-rule", name, rule)
    assert misfit(order, correction) is None

    what = corrected(order, merchant(AMERICA[:1]), [correction])
    result = translate(what.order, what.site, "brand")

    assert isinstance(result, Accepted)
    assert [line.tax_rule for line in result.sale.lines] == [rule]


def test_a_percent_that_explains_nothing_of_the_order_cannot_be_corrected_to() -> None:
    order = parse_order(stated(Sold("BOOT-9", D("129.95"), D("11.53"))))

    assert misfit(order, Correction("tax-rule", "US/NY/7.25", "NY")) == (
        "Nothing in the order is taxed at 7.25 %."
    )


# What cannot be meant


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"country": "US"}, "say which tax the rule holds"),
        ({"country": "US", "kind": "explains"}, "needs its `rate`"),
        ({"country": "US", "kind": "carrier", "rate": "0.2"}, "has no rate"),
        ({"country": "elsewhere", "state": "NY", "kind": "carrier"}, "no state and no postcode"),
    ],
)
def test_a_mapping_that_says_too_little_or_too_much_is_refused(
    rule: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        TaxMapping(**rule, rule="Some Rule")


def test_a_class_of_goods_that_nobody_named_is_refused() -> None:
    rule = {"country": "US", "kind": "untaxed", "goods": "food", "rule": "Zero"}
    with pytest.raises(ValidationError, match="no class of goods 'food'"):
        merchant([rule])


def test_one_question_has_one_answer() -> None:
    twice = [{"country": "US", "kind": "carrier", "rule": rule} for rule in ("One", "Other")]
    with pytest.raises(ValidationError, match="US has two rules for what is carrier"):
        merchant(twice)
