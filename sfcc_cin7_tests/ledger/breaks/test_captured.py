"""The storefront's leg of an order: tax, gift certificates, and who settles the payments."""

from decimal import Decimal as D
from typing import Any

import pytest

from sfcc_cin7.ledger.breaks.captured import Captured, captured
from sfcc_cin7.merchant.ledger import GatewayPolicy, LedgerPolicy
from sfcc_cin7.order_document.impersonal import impersonal
from sfcc_cin7.values import decimal_json
from sfcc_cin7_tests.orders.storefront import Basket, Document, Item, order

STRIPE = GatewayPolicy(
    report="stripe",
    methods=["CREDIT_CARD"],
    most_fee_share=D("0.02"),
    most_fee_fixed=D("0.30"),
)
POLICY = LedgerPolicy(gateways={"stripe": STRIPE})
TENT = Item("TENT", D(1), D("24.00"), D("0.2"))


def bought(*certificates: str, spent: str = "0", taxation: Any = "gross") -> Document:
    amounts = tuple(map(D, certificates))
    basket = Basket("GBP", taxation, (TENT,), certificates=amounts, paid_by_certificate=D(spent))
    return order(basket)


def leg(document: Document, **changes: Any) -> Captured:
    text = decimal_json.dumps(document | changes)
    return captured(text, "shop", "GBP", document["orderTotal"], POLICY)


@pytest.mark.parametrize("taxation", ["net", "gross"])
def test_a_certificate_that_was_bought_is_owed_and_one_that_was_spent_is_owed_no_more(
    taxation: Any,
) -> None:
    document = bought("50.00", "20.00", spent="10.00", taxation=taxation)

    for each in (document, impersonal(document)):
        assert (leg(each).certificates_sold, leg(each).certificates_spent) == (D(70), D(10))


def test_a_payment_is_its_gateways_with_the_fee_that_was_agreed_on() -> None:
    [card] = leg(bought()).payments

    assert (card.id, card.gateway, card.reference) == ("pi-1", "stripe", "t-1")
    assert (card.amount, card.most_fee) == (D(24), D("0.79"))


def test_the_only_payment_that_states_no_amount_is_what_certificates_left_to_pay() -> None:
    document = bought(spent="10.00")
    document["paymentInstruments"][1]["paymentTransaction"] = {"transactionId": "t-1"}

    certificate, card = leg(document).payments
    assert (certificate.gateway, certificate.amount) == (None, D(10))
    assert (card.amount, card.most_fee) == (D(14), D("0.59"))


def test_an_amount_in_another_currency_says_nothing_of_the_orders_pruned_or_not() -> None:
    document = bought(spent="10.00")
    euros = {"amount": D("16.10"), "c_currency": "EUR", "transactionId": "t-1"}
    document["paymentInstruments"][1]["paymentTransaction"] = euros

    for each in (document, impersonal(document)):
        assert [payment.amount for payment in leg(each).payments] == [D(10), D(14)]


def test_payments_without_an_id_or_with_the_same_one_can_be_told_apart() -> None:
    document = bought()
    [card] = document["paymentInstruments"]
    unnamed = {**card, "paymentInstrumentId": None}
    document["paymentInstruments"] = [card, card, unnamed, unnamed]

    ids = [payment.id for payment in leg(document).payments]
    assert len(set(ids)) == 4


@pytest.mark.parametrize("text", ["{", "[]", "5", "{}"])
def test_a_document_that_cannot_be_read_has_no_figures(text: str) -> None:
    assert captured(text, "shop", "GBP", D(24), POLICY) == Captured(None, D(0), D(0), D(0), ())


def test_what_can_be_read_counts_whether_or_not_the_order_can_be_booked() -> None:
    document = bought("50.00")

    spoilt = leg(document, billingAddress="?", productItems=5, placeDate=None, currency=[])
    assert spoilt == leg(document)
    assert leg(document, taxTotal=None).tax is None
    assert leg(document, taxTotal={}).payments == leg(document).payments
