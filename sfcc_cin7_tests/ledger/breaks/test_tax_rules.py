"""Finance sees where a tax rule does not hold what it is taken to hold."""

from decimal import Decimal as D
from typing import Any

from sfcc_cin7.ledger.breaks.captured import captured
from sfcc_cin7.ledger.breaks.tax_rules import MonthOfTax, carried, carrying_sites, wrong_rules
from sfcc_cin7.merchant.ledger import LedgerPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.values import decimal_json
from sfcc_cin7_tests.orders.merchants import CHARGES, site
from sfcc_cin7_tests.orders.stated import Sent, Sold, stated
from sfcc_cin7_tests.project import PROJECT

MODEL = load_operating_model(PROJECT / "config" / "us-tax-service.yaml")
AS_MAPPED = {each.rule: each.own_rate * 100 for each in MODEL.sites[0].tax_rules}


def month(place: str | None, stated: str, booked: str) -> MonthOfTax:
    return MonthOfTax("harborline-us", place, "2026-03", "USD", 3, D(stated), D(booked))


def test_rules_with_the_percent_that_the_model_says_agree() -> None:
    assert list(wrong_rules(MODEL, AS_MAPPED)) == []


def test_a_rule_whose_percent_somebody_changed_is_told() -> None:
    changed = AS_MAPPED | {"NJ Sales Tax 6.625%": D(7), "US Exempt": D("8.25")}

    assert [each.sentence for each in wrong_rules(MODEL, changed)] == [
        "'NJ Sales Tax 6.625%' is 7 % in the ERP, but what is booked under it for US/NJ was charged"
        " 6.625 %.",
        "'US Exempt' is 8.25 % in the ERP, but what is booked under it for US was charged 0 %.",
    ]


def test_a_carrier_may_have_any_percent() -> None:
    carrier = next(each.rule for each in MODEL.sites[0].tax_rules if each.kind == "carrier")
    assert list(wrong_rules(MODEL, AS_MAPPED | {carrier: D("7.25")})) == []


def test_a_rule_that_the_erp_does_not_have_is_told_before_an_order_needs_it() -> None:
    [missing] = wrong_rules(MODEL, {k: v for k, v in AS_MAPPED.items() if k != "US Exempt"})
    assert missing.sentence == (
        "The ERP has no tax rule 'US Exempt' in use for sales: no order of US that needs it can be"
        " booked."
    )


def test_only_where_carriers_hold_tax_are_places_compared() -> None:
    assert carrying_sites(MODEL) == ["harborline-us"]
    here, abroad, unknown = month("US/WA", "5", "5"), month("FR", "5", "5"), month(None, "1", "1")

    assert carried(MODEL, [here, abroad, unknown]) == [here, unknown]


def test_a_difference_is_told_with_both_sums() -> None:
    assert month("US/WA", "14.54", "14.53").sentence == (
        "Shoppers were charged 14.54 USD of tax, but the ERP holds 14.53 USD."
    )


def test_a_rule_that_is_mapped_for_two_currencies_is_told_once() -> None:
    euros = {"EUR": {"customer": "Shop EUR", "currency_rate": D("0.9")}}
    rules: list[Any] = [{"country": "FR", "rate": "0.2", "rule": "TVA"}]
    shop = site(tax_rules=rules, currencies=euros)
    model = OperatingModel(brand="brand", base_currency="USD", sites=[shop])

    assert len(list(wrong_rules(model, {"TVA": D("19.6")}))) == 1


def test_duties_that_have_a_charge_are_no_tax_of_the_storefronts_leg_either() -> None:
    document = stated(Sold("COAT", D(180), D(0)), freight=(Sent(D(15), D("52.40")),))
    text, total = decimal_json.dumps(document), document["orderTotal"]
    charges = CHARGES.model_copy(update={"duties": "Duties"})

    apart, inside = (
        captured(text, "shop", "USD", total, LedgerPolicy(), shop)
        for shop in (site(charges=charges), site())
    )

    assert (apart.tax, inside.tax) == (D(0), D("52.40"))
    assert apart.place == "US/NY"


def test_what_was_booked_as_duty_stays_duty_whatever_the_operating_model_says_since() -> None:
    document = stated(Sold("COAT", D(180), D(0)), freight=(Sent(D(15), D("52.40")),))
    text, total = decimal_json.dumps(document), document["orderTotal"]
    mapped = site(charges=CHARGES.model_copy(update={"duties": "Duties"}))

    booked_apart = captured(text, "shop", "USD", total, LedgerPolicy(), site(), D("52.40"))
    booked_as_tax = captured(text, "shop", "USD", total, LedgerPolicy(), mapped, D(0))

    assert (booked_apart.tax, booked_apart.duty) == (D(0), D("52.40"))
    assert (booked_as_tax.tax, booked_as_tax.duty) == (D("52.40"), D(0))
