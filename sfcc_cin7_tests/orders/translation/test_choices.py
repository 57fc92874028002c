"""What a merchant decides: bundles, options, several shipments and currency rates."""

from datetime import date
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from sfcc_cin7.merchant.currency_rates import CurrencyRates, DatedRate
from sfcc_cin7.merchant.operating_model import CurrencyRatesPolicy, TaxMapping
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.orders.translation.scope import MOST_LINES
from sfcc_cin7.orders.translation.translate import Accepted, Rejected, Translation, translate
from sfcc_cin7_tests.orders.merchants import accept, accepted, codes, policy_for, site
from sfcc_cin7_tests.orders.storefront import ADDRESS, Basket, Document, Extra, Freight, Item, order

TEXAS = D("0.0825")


def basket(*items: Item, **more: Any) -> Basket:
    return Basket("USD", "net", items or (Item("TENT", D(1), D("99.00"), TEXAS),), **more)


def lines(sale: Sale) -> dict[str, tuple[D, D, D]]:
    """Quantity, amount and tax by SKU."""
    return {line.sku: (line.quantity, line.amount, line.tax) for line in sale.lines}


# Bundles as components


def kit(bundles: int = 1, price: str = "100.00", **more: Any) -> Item:
    """Kits of a tent and two mugs."""
    parts = (("TENT", D(bundles)), ("MUG", D(2 * bundles)))
    return Item("CAMP-KIT", D(bundles), D(price), TEXAS, components=parts, **more)


def test_the_money_of_a_bundle_is_shared_out_over_its_units() -> None:
    sale = accept(basket(kit()), bundles="components").sale

    assert lines(sale) == {
        "TENT": (D(1), D("33.33"), D("2.75")),
        "MUG": (D(2), D("66.67"), D("5.50")),
    }
    assert [line.comment for line in sale.lines] == ["Part of 1 x CAMP-KIT"] * 2
    assert [charge.description for charge in sale.charges] == []


def test_the_money_of_a_bundle_is_shared_out_by_what_its_components_are_worth() -> None:
    worth = {"TENT": D("90"), "MUG": D("5")}
    sale = accept(basket(kit(2)), bundles="components", component_prices=worth).sale

    assert lines(sale) == {
        "TENT": (D(2), D("180.00"), D("14.85")),
        "MUG": (D(4), D("20.00"), D("1.65")),
    }


def test_a_component_without_a_worth_makes_every_unit_count_the_same() -> None:
    sale = accept(basket(kit()), bundles="components", component_prices={"TENT": D(90)}).sale

    assert lines(sale)["TENT"][1] == D("33.33")


def test_a_component_that_is_sold_alone_too_is_one_line() -> None:
    alone = Item("MUG", D(1), D("9.00"), TEXAS)
    sale = accept(basket(kit(), alone), bundles="components").sale

    assert lines(sale)["MUG"][:2] == (D(3), D("75.67"))
    assert sale.total == order(basket(kit(), alone))["orderTotal"]


def test_a_bundle_in_yen_keeps_whole_yen() -> None:
    parts = (("A", D(1)), ("B", D(1)), ("C", D(1)))
    item = Item("SET", D(1), D("1000"), D("0.1"), components=parts)
    sale = accept(Basket("JPY", "gross", (item,)), bundles="components").sale

    assert [line.amount for line in sale.lines] == [D(334), D(333), D(333)]
    assert [line.tax for line in sale.lines] == [D(31), D(30), D(30)]


def test_a_bonus_bundle_stays_on_the_sale_at_no_price() -> None:
    sale = accept(
        basket(kit(discount=D("100.00"), bonus=True), Item("X", D(1), D("1.00"), TEXAS)),
        bundles="components",
    ).sale

    assert lines(sale)["TENT"] == (D(1), D(0), D(0))
    assert sale.lines[0].comment == "Part of 1 x CAMP-KIT; Includes a bonus product"


def test_components_that_are_no_whole_number_for_each_bundle_need_a_person() -> None:
    item = Item("CAMP-KIT", D(2), D("100.00"), TEXAS, components=(("TENT", D(2)), ("MUG", D(3))))

    assert refused(basket(item), bundles="components") == ["bundle-quantity-unclear"]
    assert accept(basket(item)).sale.lines[0].sku == "CAMP-KIT"


def test_a_component_taxed_otherwise_elsewhere_in_the_order_needs_a_person() -> None:
    untaxed = Item("MUG", D(1), D("9.00"), D(0))

    assert refused(basket(kit(), untaxed), bundles="components") == ["tax-rules-differ"]


def test_components_count_against_the_most_lines_of_a_document() -> None:
    parts = tuple((f"PART-{at}", D(1)) for at in range(MOST_LINES + 1))
    item = Item("EVERYTHING", D(1), D("5000.00"), TEXAS, components=parts)

    assert refused(basket(item), bundles="components") == ["too-many-lines"]


def refused(of: Basket, **policy: Any) -> list[str]:
    return codes(order(of), policy_for(of, **policy))


def test_the_remark_of_a_bundle_is_never_cut_within_a_sku() -> None:
    parts = tuple((f"A-COMPONENT-WITH-A-LONG-NAME-{at:02}", D(1)) for at in range(20))
    item = Item("SET", D(1), D("50.00"), TEXAS, components=parts, bonus=True)
    comment = accept(basket(item)).sale.lines[0].comment

    assert len(comment) <= 256
    assert comment.startswith("Includes a bonus product; Bundle of 1 x A-COMPONENT-WITH-A-LONG")
    assert comment.endswith("1 x A-COMPONENT-WITH-A-LONG-NAME-03, … (16 more)")


# Options


def wrapped(price: str = "4.00", **more: Any) -> Basket:
    extras = (Extra("wrap", "gift", D(price)),)
    return basket(Item("TENT", D(2), D("99.00"), TEXAS, extras=extras), **more)


def test_an_option_as_a_sku_is_as_many_as_its_product() -> None:
    sale = accept(wrapped(), option_booking="sku", options={"wrap:gift": "WRAP-PAPER"}).sale

    assert lines(sale) == {
        "TENT": (D(2), D("198.00"), D("16.34")),
        "WRAP-PAPER": (D(2), D("8.00"), D("0.66")),
    }
    assert (sale.lines[1].comment, sale.charges) == ("For 2 x TENT", ())


def test_an_option_as_a_sku_that_nobody_mapped_is_its_own_product() -> None:
    sale = accept(wrapped(), option_booking="sku", options={}).sale

    assert [line.sku for line in sale.lines] == ["TENT", "wrap-gift"]


def test_an_option_that_costs_nothing_and_is_no_sku_is_a_remark() -> None:
    sale = accept(wrapped("0.00"), option_booking="sku", options={}).sale

    assert [(line.sku, line.comment) for line in sale.lines] == [("TENT", "With option wrap gift")]


def test_an_option_within_its_parent_says_for_how_much() -> None:
    sale = accept(wrapped(), option_booking="parent", options={}).sale

    assert lines(sale) == {"TENT": (D(2), D("206.00"), D("17.00"))}
    assert sale.lines[0].comment == "With option wrap gift for 8.00 USD"
    assert sale.charges == ()


@pytest.mark.parametrize("booking", ["charge", "sku", "parent"])
def test_however_an_option_is_booked_the_order_costs_the_same(booking: str) -> None:
    of = wrapped(order_discount=D("20.60"))
    sale = accept(of, option_booking=booking).sale

    assert (sale.total, sale.tax) == (order(of)["orderTotal"], order(of)["taxTotal"])


def test_the_option_of_a_bundle_is_shared_out_with_it() -> None:
    item = kit(extras=(Extra("wrap", "gift", D("20.00")),))
    sale = accept(basket(item), bundles="components", option_booking="parent").sale

    assert lines(sale)["TENT"][1] + lines(sale)["MUG"][1] == D("120.00")
    assert sale.lines[0].comment == "Part of 1 x CAMP-KIT; With option wrap gift for 20.00 USD"


# Several shipments


def to_two_places(*certificates: D) -> Document:
    friend = ADDRESS | {"address1": "Nyhavn 2"}
    return order(
        basket(
            Item("TENT", D(1), D("99.00"), TEXAS),
            Item("MUG", D(2), D("10.00"), TEXAS, shipment="friend"),
            shipments=("me", "friend"),
            addresses={"friend": friend},
            certificates=certificates,
        )
    )


def test_an_order_with_several_shipments_is_one_sale_or_a_persons() -> None:
    assert accepted(to_two_places(), site()).sale.total == D("128.82")
    assert codes(to_two_places(), site(several_shipments="review")) == ["several-shipments"]


def test_a_bought_certificate_is_no_parcel() -> None:
    of = basket(
        Item("TENT", D(1), D("99.00"), TEXAS, shipment="friend"),
        shipments=("me", "friend"),
        certificates=(D("50.00"),),
    )

    assert accept(of, several_shipments="review").sale.total == D("157.17")


# Currency rates


KEPT = CurrencyRatesPolicy(file=Path("rates.csv"), max_age_days=3)


def rated(*rates: tuple[str, str], **policy: Any) -> Translation:
    """The order of 1 March 2026 with these rates of the dollar."""
    dated = tuple(DatedRate(date.fromisoformat(day), D(rate)) for day, rate in rates)
    known = CurrencyRates({"USD": dated})
    parsed = parse_order(order(basket()))
    return translate(parsed, site(currency_rates=KEPT, **policy), "brand", rates=known)


def reasons(result: Translation) -> list[tuple[str, str | None, str | None]]:
    assert isinstance(result, Rejected), result
    return [(reason.code, reason.expected, reason.actual) for reason in result.reasons]


def test_a_sale_takes_the_newest_rate_on_or_before_its_day() -> None:
    result = rated(("2026-02-26", "0.74"), ("2026-03-01", "0.74123"), ("2026-03-02", "0.9"))

    assert isinstance(result, Accepted)
    assert result.sale.currency_rate == D("0.74123")


def test_a_rate_may_be_as_old_as_the_operating_model_says() -> None:
    assert isinstance(rated(("2026-02-26", "0.74")), Accepted)
    assert reasons(rated(("2026-02-25", "0.74"))) == [
        ("currency-rate-stale", "2026-03-01", "2026-02-25")
    ]


def test_without_a_rate_nothing_is_booked() -> None:
    assert reasons(rated(("2026-03-02", "0.74"))) == [("currency-rate-missing", "2026-03-01", None)]
    assert codes(order(basket()), site(currency_rates=KEPT)) == ["currency-rate-missing"]


def test_a_constant_needs_no_file() -> None:
    parsed = parse_order(order(basket()))
    known = CurrencyRates({"USD": (DatedRate(date(2026, 3, 1), D("0.9")),)})
    result = translate(parsed, site(currency_rate=D("0.74")), "brand", rates=known)

    assert isinstance(result, Accepted)
    assert result.sale.currency_rate == D("0.74")


def test_a_payments_rate_must_not_vanish_in_its_four_decimals() -> None:
    policy = {"currency_rate": D("0.00003"), "payment_accounts": {"CREDIT_CARD": "1200"}}

    assert refused(basket(), **policy) == ["payment-rate-too-small"]
    assert accept(basket(), currency_rate=D("0.00003")).sale.currency_rate == D("0.00003")


# Tax rules


def test_a_rate_is_compared_as_a_decimal_and_a_country_without_case() -> None:
    rules = [TaxMapping(country="US", state="tx", rate=D("0.08250"), rule="Texas")]
    address = ADDRESS | {"countryCode": "us"}
    of = basket(addresses={"me": address}, freight=(Freight(D("5.00"), D("0.082500")),))

    sale = accept(of, tax_rules=rules).sale

    assert {entry.tax_rule for entry in sale.entries} == {"Texas"}
    assert sale.shipping.country == "us"


def test_a_tax_that_no_mapped_rate_gives_to_the_cent_needs_a_person() -> None:
    rules = [TaxMapping(country="US", rate=D("0.0825"), rule="Texas")]
    of = basket(Item("TENT", D(1), D("99.00"), D("0.0845")))

    assert refused(of, tax_rules=rules) == ["tax-rule-unmapped"]


def test_the_only_shipment_is_where_all_goes_whatever_it_is_called() -> None:
    rules = [TaxMapping(country="CA", rate=TEXAS, rule="Canada")]
    document = order(basket())
    document["shipments"][0] |= {
        "shipmentId": "another",
        "shippingAddress": ADDRESS | {"countryCode": "CA"},
    }

    assert accepted(document, site(tax_rules=rules)).sale.lines[0].tax_rule == "Canada"
