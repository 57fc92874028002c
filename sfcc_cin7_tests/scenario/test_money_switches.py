"""The product's own bodies under every combination of what a Cin7 account may do with money.

What `Total` of a line means, how tax is rounded and when prepayments are taken are switches of the
account; the operating model says the first and the last, and nothing has to say the second. Every
shape of order is booked under each combination, and all documents come to the storefront's cent.
"""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from sfcc_cin7.orders.translation.proof import mismatches
from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.orders.translation.sale_documents import header, order, payment
from sfcc_cin7.orders.translation.translate import Accepted
from sfcc_cin7_tests.scenario.alpenglow import BOOKABLE, Document, Merchant

LINE_TOTALS = ("net", "with-tax")
TAX_METHODS = ("Row Total", "Total")
PREPAYMENTS = ("before-authorisation", "after-authorisation")
Combination = tuple[str, str, str]
COMBINATIONS: list[Combination] = list(product(LINE_TOTALS, TAX_METHODS, PREPAYMENTS))
ORDERS_PER_SHAPE = 6


def merchant_of(combination: Combination, **decisions: Any) -> Merchant:
    """A merchant whose operating model fits the account, but for the decisions given."""
    line_total, tax_method, prepayment = combination
    return Merchant(
        {"line_total": line_total, "prepayment": prepayment} | decisions,
        line_total=line_total,
        tax_calculation_method=tax_method,
        prepayment=prepayment,
    )


def book(merchant: Merchant, document: Document, sale: Sale) -> tuple[Document, Document]:
    """The answer to the sale's order and the sale as it is then; paid when the model says."""

    def pay() -> None:
        for booked in sale.payments:
            merchant.erp.post("/sale/payment", payment(sale, booked, sale_id, sale.order_date))

    first = merchant.policies[document["siteId"]].prepayment == "before-authorisation"
    sale_id = merchant.erp.post("/sale", header(sale))["ID"]
    if first:
        pay()
    answer = merchant.erp.post("/sale/order", order(sale, sale_id))
    if not first:
        pay()
    return answer, merchant.erp.get("/sale", ID=sale_id)


@pytest.fixture(scope="module", params=COMBINATIONS, ids=", ".join)
def merchant(request: pytest.FixtureRequest) -> Merchant:
    return merchant_of(request.param)


@pytest.mark.parametrize("shape", BOOKABLE)
def test_totals_tax_and_payments_are_the_storefronts(merchant: Merchant, shape: str) -> None:
    for _ in range(ORDERS_PER_SHAPE):
        document = merchant.order(shape)
        result = merchant.translate(document)
        assert isinstance(result, Accepted), (document["siteId"], result)

        answer, sale = book(merchant, document, result.sale)

        total, tax = document["orderTotal"], document["taxTotal"]
        assert mismatches(result.proof, answer) == []
        assert mismatches(result.proof, sale["Order"]) == []
        assert (answer["Total"], answer["Tax"], answer["TotalBeforeTax"]) == (
            total, tax, total - tax,
        )  # fmt: skip
        assert sale["Order"]["Total"] == total
        rows = answer["Lines"] + answer["AdditionalCharges"]
        assert sum(row["Tax"] for row in rows) == tax
        stated_without_tax = document["taxation"] == "net" and result.sale.totals_with_tax is False
        assert sum(row["Total"] for row in rows) == (total - tax if stated_without_tax else total)
        booked = merchant.erp.get("/sale/payment", SaleID=sale["ID"])
        assert sum((row["Amount"] for row in booked), Decimal(0)) == total
        assert len(booked) == len(result.sale.payments) > 0


def refusals(merchant: Merchant) -> int:
    """How many orders of a few shapes the ERP refuses to take as they are sent."""
    refused = 0
    for shape in BOOKABLE:
        document = merchant.order(shape)
        result = merchant.translate(document)
        assert isinstance(result, Accepted)
        try:
            book(merchant, document, result.sale)
        except AssertionError:
            refused += 1
    return refused


@pytest.mark.parametrize("combination", COMBINATIONS, ids=", ".join)
def test_a_model_that_does_not_fit_the_account_books_nothing_wrong(
    combination: Combination,
) -> None:
    """The account tells the readings apart, so the figures above prove something."""
    line_total, _, prepayment = combination
    [other_total] = set(LINE_TOTALS) - {line_total}
    [other_time] = set(PREPAYMENTS) - {prepayment}

    assert refusals(merchant_of(combination, line_total=other_total)) > 0
    assert refusals(merchant_of(combination, prepayment=other_time)) == len(BOOKABLE)
