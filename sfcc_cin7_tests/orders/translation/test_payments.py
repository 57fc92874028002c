"""Amounts of payments that only the gateway knows are booked where the rest determines them."""

from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.translate import Rejected, translate
from sfcc_cin7_tests.orders.merchants import accepted, site
from sfcc_cin7_tests.orders.storefront import Document, Item, order
from sfcc_cin7_tests.orders.translating import basket

ACCOUNTS = {"CREDIT_CARD": "1200", "PAYPAL": "1250", "GIFT_CERTIFICATE": "1210"}
SITE = site(payment_accounts=ACCOUNTS)
TOTAL = D("89.89")


def paid(*instruments: tuple[str, Any]) -> Document:
    """An order of 89.89 paid by these: a method, and its amount or its whole transaction."""
    document = order(basket(Item("X", D(1), TOTAL, D(0))))
    document["paymentInstruments"] = [
        {"paymentInstrumentId": f"pi-{at}", "paymentMethodId": method}
        | ({} if known is None else {"paymentTransaction": transaction(known)})
        for at, (method, known) in enumerate(instruments)
    ]
    return document


def transaction(known: Any) -> Document:
    return known if isinstance(known, dict) else {"amount": D(known), "transactionId": "t"}


def booked(*instruments: tuple[str, Any]) -> list[tuple[str, D]]:
    sale = accepted(paid(*instruments), SITE).sale
    return [(payment.account, payment.amount) for payment in sale.payments]


@pytest.mark.parametrize("known", [None, {}, {"amount": None, "transactionId": "t"}, "0"])
def test_a_shopper_whose_only_payment_states_no_amount_paid_the_order(known: Any) -> None:
    assert booked(("CREDIT_CARD", known)) == [("1200", TOTAL)]


@pytest.mark.parametrize("known", [None, "0", {"amount": D("33"), "currency": "EUR"}])
def test_a_payment_without_an_amount_is_what_a_gift_certificate_leaves(known: Any) -> None:
    assert booked(("GIFT_CERTIFICATE", "20.00"), ("PAYPAL", known)) == [
        ("1210", D("20.00")),
        ("1250", D("69.89")),
    ]


def test_a_payment_in_another_currency_is_what_it_paid_of_the_order() -> None:
    assert booked(("PAYPAL", {"amount": D("82.10"), "c_currency": "EUR"})) == [("1250", TOTAL)]
    assert booked(("PAYPAL", {"amount": TOTAL, "currency": "USD"})) == [("1250", TOTAL)]


def test_a_payment_without_an_amount_beside_one_that_paid_all_is_none() -> None:
    everything = ("GIFT_CERTIFICATE", "89.89")

    assert booked(everything, ("CREDIT_CARD", None)) == [("1210", TOTAL)]
    assert booked(everything, ("CREDIT_CARD", None), ("PAYPAL", None)) == [("1210", TOTAL)]
    assert booked(everything, ("UNHEARD_OF", "0")) == [("1210", TOTAL)]


def refused(*instruments: tuple[str, Any]) -> list[tuple[str, str | None, str | None]]:
    result = translate(parse_order(paid(*instruments)), SITE, "brand")
    assert isinstance(result, Rejected)
    return [(each.code, each.expected, each.actual) for each in result.reasons]


def test_two_payments_without_amounts_need_a_person_who_is_told_what_they_come_to() -> None:
    certificate = ("GIFT_CERTIFICATE", "20.00")

    assert refused(certificate, ("CREDIT_CARD", None), ("PAYPAL", {})) == [
        ("payment-amount-missing", "69.89", None)
    ]
    assert refused(certificate, ("CREDIT_CARD", "0"), ("PAYPAL", "0")) == [
        ("payment-amount-missing", "69.89", None)
    ]


@pytest.mark.parametrize(
    "instruments",
    [
        [("CREDIT_CARD", "89.88")],
        [("CREDIT_CARD", "89.90")],
        [("CREDIT_CARD", "100.00"), ("PAYPAL", None)],
        [],
    ],
)
def test_payments_that_leave_something_open_or_exceed_the_total_need_a_person(
    instruments: list[tuple[str, Any]],
) -> None:
    assert [code for code, _, _ in refused(*instruments)] == ["payments-mismatch"]


def test_an_unheard_of_method_is_told_by_name_whether_or_not_it_states_its_amount() -> None:
    assert refused(("KLARNA", None)) == [("payment-method-unmapped", None, None)]
    assert refused(("", None)) == [("payment-method-unmapped", None, None)]
