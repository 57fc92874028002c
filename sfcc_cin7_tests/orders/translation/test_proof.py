"""What Cin7 answers is compared with what the sale has to be."""

from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7.orders.translation.proof import ExpectedCharge, ExpectedLine, backordered, mismatches
from sfcc_cin7.orders.translation.sale_documents import order as sale_order
from sfcc_cin7_tests.orders.merchants import accept
from sfcc_cin7_tests.orders.storefront import Basket, Extra, Freight, Item

TEXAS = D("0.0825")
BASKET = Basket(
    "USD",
    "net",
    (Item("A", D(3), D("20.00"), TEXAS), Item("B", D(1), D("15.50"), TEXAS)),
    (Freight(D("5.00"), TEXAS), Freight(D("3.00"), TEXAS)),
)
BOOKED = accept(BASKET)


def answer() -> dict[str, Any]:
    """What Cin7 answers when it holds the sale."""
    return sale_order(BOOKED.sale, "sale-1")


def test_a_proof_holds_every_figure_in_smallest_units() -> None:
    proof = BOOKED.proof

    assert proof.lines == {
        "A": ExpectedLine(D(3), 6000, 495),
        "B": ExpectedLine(D(1), 1550, 128),
    }
    assert proof.charges == {"Shipping": ExpectedCharge(800, 66)}
    assert (proof.total_before_tax, proof.tax, proof.total) == (8350, 689, 9039)


def test_an_answer_that_holds_everything_is_proved() -> None:
    assert mismatches(BOOKED.proof, answer()) == []


def test_charges_that_the_erp_combined_are_proved_all_the_same() -> None:
    combined = answer()
    combined["AdditionalCharges"] = [
        {"Description": "Shipping", "Total": D("8.00"), "Tax": D("0.66")}
    ]

    assert mismatches(BOOKED.proof, combined) == []


def test_other_spellings_of_a_number_are_the_same_figure() -> None:
    spelled = answer() | {"Total": "90.390", "Tax": D("6.8900")}
    spelled["Lines"][0]["Total"] = 60

    assert mismatches(BOOKED.proof, spelled) == []


def test_the_erps_own_spelling_of_a_sku_is_the_same_sku() -> None:
    spelled = answer()
    spelled["Lines"][0]["SKU"] = "a"
    spelled["AdditionalCharges"][0]["Description"] = "SHIPPING"

    assert mismatches(BOOKED.proof, spelled) == []


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "order-not-authorised": lambda order: order.update(Status="DRAFT"),
    "erp-line-count-mismatch": lambda order: order["Lines"].pop(),
    "erp-line-missing": lambda order: order["Lines"][0].update(SKU="C"),
    "erp-quantity-mismatch": lambda order: order["Lines"][0].update(Quantity=D(2)),
    "erp-total-mismatch": lambda order: order["Lines"][0].update(Total=D("59.99")),
    "erp-tax-mismatch": lambda order: order["Lines"][1].update(Tax=D("1.27")),
    "erp-charge-unexpected": lambda order: order["AdditionalCharges"].append(
        {"Description": "Handling", "Total": D(0), "Tax": D(0)}
    ),
    "erp-total-before-tax-mismatch": lambda order: order.update(TotalBeforeTax=None),
}


@pytest.mark.parametrize("code", CHANGES)
def test_an_answer_that_differs_is_a_reason_of_its_own(code: str) -> None:
    changed = answer()
    CHANGES[code](changed)

    assert code in [reason.code for reason in mismatches(BOOKED.proof, changed)]


def test_a_figure_finer_than_the_currency_is_no_proof() -> None:
    [reason] = mismatches(BOOKED.proof, answer() | {"Total": D("90.3899")})

    assert (reason.code, reason.expected, reason.actual) == (
        "erp-total-mismatch",
        "90.39",
        "90.3899",
    )


def test_a_missing_charge_is_noticed() -> None:
    codes = [
        reason.code for reason in mismatches(BOOKED.proof, answer() | {"AdditionalCharges": None})
    ]

    assert codes == ["erp-total-mismatch", "erp-tax-mismatch"]


def test_an_answer_that_is_something_else_entirely_proves_nothing() -> None:
    assert mismatches(BOOKED.proof, {"Lines": "none", "Total": "n/a"})


def test_a_backorder_is_reported_apart_from_the_proof() -> None:
    short = answer()
    short["Lines"][0]["BackorderQuantity"] = D(2)
    short["Lines"][1]["BackorderQuantity"] = 0

    assert mismatches(BOOKED.proof, short) == []
    assert backordered(short) == {"A": D(2)}


@pytest.mark.parametrize("total", ["60.0", "60.00", "60.000", "60.0000", 60, D("6E+1")])
def test_a_line_total_of_any_number_of_decimals_is_compared_by_value(total: object) -> None:
    spelled = answer()
    spelled["Lines"][0]["Total"] = total

    assert mismatches(BOOKED.proof, spelled) == []


@pytest.mark.parametrize("total", ["59.9999", "60.0001", "60.001", "60.01", "NaN", "1E400", None])
def test_a_line_total_that_is_off_in_the_last_of_four_decimals_is_another(total: object) -> None:
    spelled = answer()
    spelled["Lines"][0]["Total"] = total

    assert [reason.code for reason in mismatches(BOOKED.proof, spelled)] == ["erp-total-mismatch"]


def test_a_charge_total_is_compared_by_value_too() -> None:
    spelled = answer()
    spelled["AdditionalCharges"][0]["Total"] = "5.0000"
    assert mismatches(BOOKED.proof, spelled) == []

    spelled["AdditionalCharges"][0]["Total"] = "5.0001"
    assert [reason.code for reason in mismatches(BOOKED.proof, spelled)] == ["erp-total-mismatch"]


def test_charges_that_are_mapped_in_two_spellings_are_one_service() -> None:
    extras = (Extra("wrap", "gift", D("2.00")), Extra("engraving", "text", D("3.00")))
    of = Basket("USD", "net", (Item("A", D(1), D("20.00"), TEXAS, extras=extras),))
    options = {"wrap:gift": "Extras", "engraving:text": "EXTRAS"}
    booked = accept(of, options=options)

    assert booked.proof.charges == {"Extras": ExpectedCharge(500, 42)}
    assert mismatches(booked.proof, sale_order(booked.sale, "sale-1")) == []
