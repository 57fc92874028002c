"""Which tax rule holds what a tax service stated, by place and by whether tax was charged."""

from decimal import Decimal as D
from typing import Any

import pytest
from pydantic import ValidationError

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.merchant.tax_rules import TaxMapping
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.order_document.tax_choice import duties
from sfcc_cin7.orders.translation.corrections import Correction, corrected, misfit
from sfcc_cin7.orders.translation.proof import mismatches
from sfcc_cin7.orders.translation.sale_documents import order as sale_order
from sfcc_cin7.orders.translation.translate import Accepted, Rejected, translate
from sfcc_cin7_tests.orders.merchants import CHARGES, site
from sfcc_cin7_tests.orders.stated import ABSENT, Discount, Extra, Sent, Sold, stated
from sfcc_cin7_tests.orders.storefront import Document

AMERICA = [
    {"country": "US", "rate": "0", "rule": "US Exempt"},
    {"country": "US", "state": "NY", "rate": "0.08875", "rule": "NY 8.875%"},
    {"country": "US", "state": "TX", "rate": "0.0825", "rule": "TX 8.25%"},
]
BRITAIN = [
    {"country": country, "rate": rate, "rule": rule}
    for country in ("GB", "JE")
    for rate, rule in (("0.2", "20% (VAT on Income)"), ("0", "Zero Rated Income"))
]
TEXAS = ("US", "TX", "73301")


def merchant(rules: list[Any] = AMERICA, **changes: Any) -> SitePolicy:
    return site(tax_rules=[TaxMapping(**rule) for rule in rules], **changes)


def posted(document: Document, policy: SitePolicy) -> dict[str, tuple[str, D, D]]:
    """Rule, amount and tax of each line and charge of the sale, which has to prove itself."""
    result = translate(parse_order(document), policy, "brand")
    assert isinstance(result, Accepted), result
    assert mismatches(result.proof, sale_order(result.sale, "sale-1")) == []
    assert result.sale.total == document["orderTotal"]
    booked = {line.sku: (line.tax_rule, line.amount, line.tax) for line in result.sale.lines}
    for charge in result.sale.charges:
        assert charge.description not in booked
        booked[charge.description] = (charge.tax_rule, charge.amount, charge.tax)
    return booked


def waits(document: Document, policy: SitePolicy) -> list[tuple[str, str | None]]:
    """Code and wanted mapping of the reasons why an order waits."""
    result = translate(parse_order(document), policy, "brand")
    assert isinstance(result, Rejected), result
    return [(each.code, each.expected) for each in result.reasons]


def rules_of(booked: dict[str, tuple[str, D, D]]) -> dict[str, str]:
    return {name: rule for name, (rule, _, _) in booked.items()}


# What tax services state as a rate decides nothing


def test_a_rate_that_is_the_rounded_tax_by_the_price_finds_the_rule_of_the_state() -> None:
    document = stated(
        Sold("BOOT-9", D("129.95"), D("11.53"), rate=D("0.08872643324355521")),
        Sold("SOCK", D("7.99"), D("2.13"), D(3), rate=D("0.08886107634543179")),
        freight=(Sent(D("9.95"), D("0.88"), rate=D("0.08844221105527639")),),
    )

    booked = posted(document, merchant())

    assert set(rules_of(booked).values()) == {"NY 8.875%"}
    assert booked["SOCK"] == ("NY 8.875%", D("23.97"), D("2.13"))


@pytest.mark.parametrize("rate", [D(0), ABSENT, None, "", "0.0825", "n/a", D("-1"), D("0.5"), True])
def test_a_shopper_in_texas_who_paid_tax_is_booked_to_texas_whatever_rate_is_written(
    rate: Any,
) -> None:
    document = stated(
        Sold("COAT", D(180), D("14.85"), rate=rate),
        freight=(Sent(D(15), D("1.24"), rate=rate),),
        place=TEXAS,
    )

    assert set(rules_of(posted(document, merchant())).values()) == {"TX 8.25%"}


def test_an_exempt_shopper_whose_rate_was_kept_is_booked_as_exempt() -> None:
    document = stated(Sold("COAT", D(180), D(0), rate=D("0.0825")), place=TEXAS)

    assert rules_of(posted(document, merchant())) == {"COAT": "US Exempt"}


def test_tax_never_goes_under_an_untaxed_rule() -> None:
    document = stated(Sold("COAT", D(180), D("15.98"), rate=D(0)), place=("US", "WA", "98101"))

    assert waits(document, merchant()) == [("tax-rule-unmapped", "US/WA/taxed")]


def test_what_is_untaxed_never_goes_under_a_taxed_rule() -> None:
    document = stated(Sold("COAT", D(180), D(0), rate=D("0.0825")), place=TEXAS)

    assert waits(document, merchant(AMERICA[1:])) == [("tax-rule-unmapped", "US/TX/untaxed")]


def test_gst_and_pst_on_one_line_are_the_rule_of_both() -> None:
    rules = [
        {"country": "CA", "rate": "0.12", "rule": "GST+PST"},
        {"country": "CA", "rate": "0", "rule": "Exempt"},
    ]
    parts = ((D("0.05"), D("5.00")), (D("0.07"), D("7.00")))
    document = stated(
        Sold("X", D(100), D("12.00"), rate=D(0), tax_items=parts),
        place=("CA", "BC", "V5K0A1"),
        currency="CAD",
    )

    assert rules_of(posted(document, merchant(rules, currency="CAD"))) == {"X": "GST+PST"}


def test_four_authorities_that_each_round_up_are_still_the_rule_of_all() -> None:
    rules = [{"country": "US", "rate": "0.0825", "rule": "All four"}]
    rates = (D("0.0625"), D("0.01"), D("0.005"), D("0.005"))
    parts = tuple(zip(rates, (D("0.06"), D("0.02"), D("0.01"), D("0.01")), strict=True))
    document = stated(Sold("PIN", D("1.00"), D("0.10"), tax_items=parts))

    assert rules_of(posted(document, merchant(rules))) == {"PIN": "All four"}
    without = stated(Sold("PIN", D("1.00"), D("0.10")))
    assert waits(without, merchant(rules)) == [("tax-rule-unmapped", "US/NY/taxed")]


# No tolerance grows


@pytest.mark.parametrize(("tax", "explained"), [("88.75", True), ("88.76", True), ("88.77", False)])
def test_a_cent_is_forgiven_however_large_the_line(tax: str, explained: bool) -> None:
    document = stated(Sold("TENT", D("10.00"), D(tax), D(100)))

    if explained:
        assert rules_of(posted(document, merchant())) == {"TENT": "NY 8.875%"}
    else:
        assert waits(document, merchant()) == [("tax-rule-unmapped", "US/NY/taxed")]


def test_tax_that_was_rounded_for_each_of_many_units_is_right_for_one() -> None:
    by_unit = stated(Sold("SOCK", D("7.99"), D("0.71") * 144, D(144)))
    wrong_by_unit = stated(Sold("SOCK", D("7.99"), D("0.72") * 144, D(144)))

    assert rules_of(posted(by_unit, merchant())) == {"SOCK": "NY 8.875%"}
    assert waits(wrong_by_unit, merchant()) == [("tax-rule-unmapped", "US/NY/taxed")]


def test_tax_rounded_once_for_the_order_may_leave_its_rest_on_the_last_line() -> None:
    goods = [Sold(f"PIN-{at}", D("0.50"), D("0.04"), rate=D("0.08875")) for at in range(9)]
    last = Sold("PIN-9", D("0.50"), D("0.08"), rate=D("0.08875"))  # 5.00 at 8.875 % is 0.44

    assert set(rules_of(posted(stated(*goods, last), merchant())).values()) == {"NY 8.875%"}


def test_and_so_it_may_on_the_freight() -> None:
    rate = D("0.08875")
    goods = [Sold(f"PIN-{at}", D("0.50"), D("0.04"), rate=rate) for at in range(9)]
    freight = Sent(D("4.95"), D("0.48"), rate=rate)  # 9.45 at 8.875 % is 0.84

    assert set(rules_of(posted(stated(*goods, freight=(freight,)), merchant())).values()) == {
        "NY 8.875%"
    }


@pytest.mark.parametrize(
    ("rate", "called"),
    [
        (D("0.065"), "6.5 %"),
        (D("0.065000000000000002"), "6.5 %"),
        (D("0.06498271"), "what is taxed"),
        (ABSENT, "what is taxed"),
    ],
)
def test_what_is_missing_is_called_the_same_for_every_order_that_lacks_it(
    rate: Any, called: str
) -> None:
    document = stated(Sold("COAT", D(180), D("11.70"), rate=rate), place=("US", "WA", "98101"))
    result = translate(parse_order(document), merchant(), "brand")

    assert isinstance(result, Rejected)
    assert (
        result.reasons[0].sentence == f"The operating model maps no tax rule to {called} in US/WA."
    )


# Several rules that could hold it


def test_of_several_rules_the_one_that_explains_the_tax_is_taken() -> None:
    rules = [
        {"country": "DE", "rate": "0.19", "rule": "USt 19 %"},
        {"country": "DE", "rate": "0.07", "rule": "USt 7 %"},
    ]
    document = stated(
        Sold("MUG", D("11.90"), D("1.90")),
        Sold("TEA", D("10.70"), D("0.70")),
        place=("DE", "", "10115"),
        currency="EUR",
        taxation="gross",
    )
    policy = merchant(rules, currency="EUR", taxation="gross")

    assert rules_of(posted(document, policy)) == {"MUG": "USt 19 %", "TEA": "USt 7 %"}


def test_a_tiny_tax_that_several_rates_explain_takes_the_one_that_is_stated() -> None:
    rules = [
        {"country": "US", "rate": rate, "rule": f"Rule {rate}"} for rate in ("0.08", "0.07", "0.05")
    ]
    pin = stated(Sold("PIN", D("0.20"), D("0.01"), rate=D("0.070000000000000007")))

    assert rules_of(posted(pin, merchant(rules))) == {"PIN": "Rule 0.07"}


@pytest.mark.parametrize("rate", [D(0), D("0.05"), D("0.15"), ABSENT])
def test_or_the_one_that_its_authorities_rates_come_to(rate: Any) -> None:
    rules = [
        {"country": "CA", "rate": "0.15", "rule": "HST 15%"},
        {"country": "CA", "rate": "0.14975", "rule": "GST+QST"},
    ]
    items = ((D("0.05"), D("0.50")), (D("0.09975"), D("1.00")))
    pen = Sold("PEN", D("10.00"), D("1.50"), rate=rate, tax_items=items)
    document = stated(pen, place=("CA", "QC", "H2X 1Y4"), currency="CAD")

    assert rules_of(posted(document, merchant(rules, currency="CAD"))) == {"PEN": "GST+QST"}


def test_a_mapped_percent_that_does_not_give_the_tax_is_not_called_missing() -> None:
    document = stated(Sold("COAT", D(100), D("10.73"), rate=D("0.0825")), place=TEXAS)
    result = translate(parse_order(document), merchant(), "brand")

    assert isinstance(result, Rejected)
    assert result.reasons[0].sentence == (
        "The operating model maps no tax rule to tax that is not the stated 8.25 % in US/TX."
    )


def test_tax_in_whole_won_is_explained_although_the_storefront_counts_hundredths() -> None:
    document = stated(
        Sold("MASK", D(33000), D(3000), rate=D("0.1")),
        freight=(Sent(D(3000), D(273), rate=D("0.1")),),
        place=("KR", "", "04524"),
        currency="KRW",
        taxation="gross",
    )
    rules = [{"country": "KR", "rate": "0.1", "rule": "KR 10 %"}]
    policy = merchant(rules, currency="KRW", taxation="gross")

    assert set(rules_of(posted(document, policy)).values()) == {"KR 10 %"}


def test_and_without_a_rate_the_one_that_the_rest_of_the_order_is_taxed_at() -> None:
    rules = [
        {"country": "US", "rate": rate, "rule": f"Rule {rate}"} for rate in ("0.08", "0.07", "0.05")
    ]
    document = stated(Sold("COAT", D(180), D("9.00")), Sold("PIN", D("0.20"), D("0.02")))

    assert rules_of(posted(document, merchant(rules)))["PIN"] == "Rule 0.05"


def test_the_narrowest_place_comes_first() -> None:
    rules = [
        {"country": "elsewhere", "kind": "carrier", "rule": "World"},
        {"country": "US", "kind": "carrier", "rule": "America"},
        {"country": "US", "state": "NY", "kind": "carrier", "rule": "New York"},
        {"country": "US", "state": "NY", "postcode": "100", "kind": "carrier", "rule": "Manhattan"},
    ]
    found = {
        place: rules_of(posted(stated(Sold("X", D(10), D("0.83")), place=place), merchant(rules)))
        for place in (("us", "ny", "100 01"), ("US", "US-NY", "12207"), TEXAS, ("BR", "", "01310"))
    }

    assert [each["X"] for each in found.values()] == ["Manhattan", "New York", "America", "World"]


ABROAD = [
    *AMERICA,
    {"country": "GB", "rate": "0.2", "rule": "UK VAT 20%"},
    {"country": "elsewhere", "kind": "carrier", "rule": "Foreign Tax"},
    {"country": "elsewhere", "kind": "untaxed", "rule": "Export"},
]


@pytest.mark.parametrize("tax", ["8.25", "0"])
@pytest.mark.parametrize("country", ["USA", "United States", "U.S."])
def test_a_country_that_is_no_code_is_not_taken_for_one_elsewhere(country: str, tax: str) -> None:
    document = stated(Sold("COAT", D(100), D(tax)), place=(country, "TX", "73301"))
    taxed = "taxed" if D(tax) else "untaxed"

    assert waits(document, merchant(ABROAD)) == [
        ("tax-rule-unmapped", f"{country.upper()}/TX/{taxed}")
    ]

    order = parse_order(document)
    what = corrected(order, merchant(ABROAD), [Correction("country", "", "US")])
    assert isinstance(translate(what.order, what.site, "brand"), Accepted)


@pytest.mark.parametrize("country", ["UK", "uk", "GB"])
def test_the_united_kingdom_is_one_place_whichever_code_a_storefront_writes(country: str) -> None:
    document = stated(Sold("COAT", D(100), D(20)), place=(country, "", "SW1A 1AA"))

    for written in ("GB", "UK"):
        rules = [rule | {"country": rule["country"].replace("GB", written)} for rule in ABROAD]
        assert rules_of(posted(document, merchant(rules))) == {"COAT": "UK VAT 20%"}


def test_a_carrier_holds_what_no_rate_explains_and_what_is_explained_stays_explained() -> None:
    rules = [*AMERICA, {"country": "US", "state": "NY", "kind": "carrier", "rule": "NY any"}]
    document = stated(
        Sold("COAT", D(180), D("15.98")),
        Sold("SHIRT", D(100), D("4.50")),
        Sold("BREAD", D(5), D(0)),
    )

    assert rules_of(posted(document, merchant(rules))) == {
        "COAT": "NY 8.875%",
        "SHIRT": "NY any",
        "BREAD": "US Exempt",
    }


def test_classes_of_goods_have_rules_of_their_own() -> None:
    rules = [
        {"country": "GB", "kind": "untaxed", "rule": "Exempt"},
        {"country": "GB", "kind": "untaxed", "goods": "food", "rule": "Zero Rated"},
        {"country": "GB", "kind": "untaxed", "goods": "freight", "rule": "Zero Rated Freight"},
    ]
    document = stated(
        Sold("TEA-GREEN", D(5), D(0)),
        Sold("COURSE", D(90), D(0)),
        freight=(Sent(D(3), D(0)),),
        place=("GB", "", "E1 6AN"),
    )
    policy = merchant(rules, goods_classes={"food": ["TEA-*"]})

    assert rules_of(posted(document, policy)) == {
        "TEA-GREEN": "Zero Rated",
        "COURSE": "Exempt",
        "Shipping": "Zero Rated Freight",
    }


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
