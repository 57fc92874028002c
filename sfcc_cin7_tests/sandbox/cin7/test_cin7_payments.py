"""Prepayments of web orders."""

from decimal import Decimal

import pytest

from sfcc_cin7_tests.sandbox.cin7_company import Company, line


@pytest.fixture
def company() -> Company:
    return Company()


def payment(sale, **changes):
    return {
        "TaskID": sale["ID"],
        "Type": "Prepayment",
        "Reference": "PSP-1",
        "Amount": Decimal("12.50"),
        "DatePaid": "2026-03-02T09:00:00",
        "Account": "1200",
        "CurrencyRate": 1,
    } | changes


def test_a_sale_may_be_paid_by_several_instruments(company):
    sale = company.new_sale()
    company.authorise(sale, line())

    card = company.post("/sale/payment", payment(sale))
    gift = company.post("/sale/payment", payment(sale, Account="1210", Amount=Decimal("7.50")))

    assert card["SaleOrderNumber"] == "SO-00001"
    assert (card["Type"], card["Amount"]) == ("Prepayment", Decimal("12.50"))
    assert company.get("/sale/payment", SaleID=sale["ID"]) == [card, gift]
    shown = company.get("/sale", ID=sale["ID"])
    assert shown["CombinedPaymentStatus"] == "PREPAID"
    assert [row["Amount"] for row in shown["Quote"]["Prepayments"]] == [
        Decimal("12.50"),
        Decimal("7.50"),
    ]
    assert company.get("/saleList")["SaleList"][0]["CombinedPaymentTotal"] == 20


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Account": "9999"}, "Account with specified ID not found"),
        ({"Account": "200"}, "Account 200 cannot be used for payments"),
        ({"Amount": Decimal("1.005")}, "Attribute Amount may have 2 decimal places at most."),
        ({"Amount": 0}, "Amount must be greater than 0"),
        ({"DatePaid": None}, "Required attribute DatePaid is not provided."),
        ({"CurrencyRate": None}, "Required attribute CurrencyRate is not provided."),
        ({"Type": "PAYMENT"}, "Payment requires an authorised invoice"),
        ({"Type": "Refund"}, "Refund requires an authorised credit note"),
        ({"Type": "Gift"}, "Attribute Type must be PREPAYMENT, PAYMENT or REFUND."),
    ],
)
def test_a_wrong_payment_is_refused(company, changes, sentence):
    sale = company.new_sale()

    body = payment(sale, **changes)
    assert company.refusal("POST", "/sale/payment", body=body) == (400, sentence)
    assert company.get("/sale/payment", SaleID=sale["ID"]) == []


@pytest.mark.parametrize(
    ("timing", "before", "after"),
    [
        ("either", 200, 200),
        ("before-authorisation", 200, 400),
        ("after-authorisation", 400, 200),
    ],
)
def test_accounts_differ_in_when_a_prepayment_is_taken(timing, before, after):
    company = Company(prepayment=timing)
    sale = company.new_sale()

    first = company.call("POST", "/sale/payment", body=payment(sale)).status_code
    company.authorise(sale, line())
    second = company.call("POST", "/sale/payment", body=payment(sale)).status_code

    assert (first, second) == (before, after)


def test_a_prepayment_can_be_deleted_but_not_changed(company):
    sale = company.new_sale()
    made = company.post("/sale/payment", payment(sale))

    body = payment(sale, ID=made["ID"])
    assert company.refusal("PUT", "/sale/payment", body=body)[1] == "Prepayment cannot be changed"
    assert company.delete("/sale/payment", ID=made["ID"]) == {"Success": True}
    assert company.get("/sale/payment", SaleID=sale["ID"]) == []
    assert company.refusal("DELETE", "/sale/payment", ID=made["ID"])[0] == 404


def test_a_voided_or_unquoted_sale_takes_no_prepayment(company):
    voided, unquoted = company.new_sale(), company.new_sale(SkipQuote=False)
    company.delete("/sale", ID=voided["ID"], Void="true")

    for sale in (voided, unquoted):
        assert company.refusal("POST", "/sale/payment", body=payment(sale))[0] == 400
