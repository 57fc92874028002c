"""Which tax rule holds what a tax service stated, by place and by whether tax was charged."""

from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.corrections import Correction, corrected
from sfcc_cin7.orders.translation.translate import Accepted, Rejected, translate
from sfcc_cin7_tests.orders.stated import ABSENT, Sent, Sold, stated
from sfcc_cin7_tests.orders.translation.by_place import (
    AMERICA,
    TEXAS,
    merchant,
    posted,
    rules_of,
    waits,
)

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
