"""What the shop sells as a product and the ERP keeps as a service becomes a charge, to the cent."""

from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.translate import Accepted, translate
from sfcc_cin7_tests.orders.merchants import policy_for
from sfcc_cin7_tests.orders.storefront import Basket, Extra, Item, order
from sfcc_cin7_tests.orders.translating import TEXAS, basket

SERVICES = {
    "EXTEND-24M": "Warranty, 24 months",
    "DONATION": "Donation",
    "E-GIFT": "Gift card",
    "wrap-gift": "Gift wrapping",
}
BOOT = Item("BOOT-9", D(1), D("100.00"), TEXAS)


def booked(of: Basket, **policy: Any) -> Accepted:
    """The order as it is booked; it must hold what the shopper paid."""
    document = order(of)
    result = translate(parse_order(document), policy_for(of, **policy), "brand", services=SERVICES)
    assert isinstance(result, Accepted), result
    assert (result.sale.total, result.sale.tax) == (document["orderTotal"], document["taxTotal"])
    return result


def charges(accepted: Accepted) -> list[tuple[str, D, D, str, str]]:
    return [
        (each.description, each.amount, each.tax, each.tax_rule, each.comment)
        for each in accepted.sale.charges
    ]


def test_an_untaxed_warranty_beside_a_taxed_boot_is_a_charge_of_its_own() -> None:
    accepted = booked(basket(BOOT, Item("EXTEND-24M", D(1), D("29.00"), D(0))))

    assert [line.sku for line in accepted.sale.lines] == ["BOOT-9"]
    assert charges(accepted) == [
        ("Warranty, 24 months", D("29.00"), D(0), "Rule 0", "1 x EXTEND-24M")
    ]
    proved = accepted.proof.charges["Warranty, 24 months"]
    assert (proved.total, proved.tax) == (2900, 0)


def test_two_gift_cards_of_other_values_are_one_charge_and_a_discount_stays_with_them() -> None:
    accepted = booked(
        basket(
            BOOT,
            Item("E-GIFT", D(2), D("25.00"), D(0)),
            Item("E-GIFT", D(1), D("50.00"), D(0), discount=D("5.00")),
            order_discount=D("14.50"),
        )
    )
    [charge] = charges(accepted)

    assert charge[1:] == (D("87.94"), D(0), "Rule 0", "3 x E-GIFT")


def test_one_service_under_two_tax_rules_is_two_charges() -> None:
    accepted = booked(
        basket(
            Item("EXTEND-24M", D(1), D("29.00"), TEXAS), Item("EXTEND-24M", D(1), D("29.00"), D(0))
        )
    )

    assert [(tax, rule) for _, _, tax, rule, _ in charges(accepted)] == [
        (D("2.39"), "Rule 0.0825"),
        (D(0), "Rule 0"),
    ]
    assert accepted.proof.charges["Warranty, 24 months"].total == 5800


@pytest.mark.parametrize("taxation", ["net", "gross"])
def test_a_price_that_no_unit_price_hits_is_exact_as_a_charge(taxation: Any) -> None:
    donations = Item("DONATION", D(3), D("1.00"), D("0.2"), discount=D("0.01"))

    accepted = booked(Basket("USD", taxation, (BOOT, donations)))

    assert [charge[0] for charge in charges(accepted)] == ["Donation"]
    assert charges(accepted)[0][1] == D("2.99")


def test_a_donation_alone_is_a_sale_without_lines() -> None:
    accepted = booked(basket(Item("DONATION", D(1), D("10.00"), D(0))))

    assert (accepted.sale.lines, len(accepted.sale.charges)) == ((), 1)


def test_a_service_in_a_bundle_and_as_an_option_is_a_charge_too() -> None:
    kit = Item("KIT", D(1), D("60.00"), TEXAS, components=(("BOOT-9", D(1)), ("EXTEND-24M", D(1))))
    wrapped = Item("TENT", D(1), D("99.00"), TEXAS, extras=(Extra("wrap", "gift", D("4.00")),))

    accepted = booked(basket(kit, wrapped), bundles="components", option_booking="sku", options={})

    assert [line.sku for line in accepted.sale.lines] == ["BOOT-9", "TENT"]
    assert {each[0]: each[4] for each in charges(accepted)} == {
        "Warranty, 24 months": "1 x EXTEND-24M; Part of 1 x KIT",
        "Gift wrapping": "1 x wrap-gift; For 1 x TENT",
    }


def test_a_warranty_given_on_top_joins_the_one_that_was_paid() -> None:
    accepted = booked(
        basket(
            BOOT,
            Item("EXTEND-24M", D(1), D("29.00"), D(0)),
            Item("EXTEND-24M", D(1), D("29.00"), TEXAS, discount=D("29.00"), bonus=True),
        )
    )
    [charge] = charges(accepted)

    assert charge[1:3] == (D("29.00"), D(0))
    assert charge[4] == "2 x EXTEND-24M; Includes a bonus product"
