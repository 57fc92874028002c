"""Orders of every shape that the sandbox's shoppers place, booked in the sandbox's Cin7.

The storefront's arithmetic and Cin7's are the sandbox's own, so they test the translation between
them from both sides.
"""

from decimal import Decimal

import pytest

from sfcc_cin7.orders.translation.proof import backordered, mismatches
from sfcc_cin7.orders.translation.sale_documents import header, order, payment
from sfcc_cin7.orders.translation.translate import Accepted, Rejected
from sfcc_cin7_sandbox.merchant.catalogue import MISSING_TAX_RULE
from sfcc_cin7_tests.scenario.alpenglow import BOOKABLE, Merchant

ORDERS_PER_SHAPE = 12


@pytest.fixture(scope="module")
def merchant() -> Merchant:
    return Merchant()


@pytest.mark.parametrize("shape", [*BOOKABLE, None])
def test_orders_of_every_shape_are_booked_with_equal_totals(
    merchant: Merchant, shape: str | None
) -> None:
    for _ in range(ORDERS_PER_SHAPE):
        document = merchant.order(shape)
        result = merchant.translate(document)
        assert isinstance(result, Accepted), (document["siteId"], result)

        sale = result.sale
        sale_id = merchant.erp.post("/sale", header(sale))["ID"]
        answer = merchant.erp.post("/sale/order", order(sale, sale_id))
        assert mismatches(result.proof, answer) == []
        assert (answer["Total"], answer["Tax"]) == (document["orderTotal"], document["taxTotal"])
        for booked in sale.payments:
            merchant.erp.post("/sale/payment", payment(sale, booked, sale_id, sale.order_date))
        assert sum(booked.amount for booked in sale.payments) == document["orderTotal"]


def test_an_order_whose_tax_rule_the_erp_lacks_waits_with_the_name_of_the_rule(
    merchant: Merchant,
) -> None:
    result = merchant.translate(merchant.order("missing-tax-rule"))

    assert isinstance(result, Rejected)
    [reason] = result.reasons
    assert reason.code == "tax-rule-unknown"
    assert MISSING_TAX_RULE.name in reason.sentence


def test_an_oversold_line_is_a_backorder_and_no_mismatch(merchant: Merchant) -> None:
    document = merchant.order("plain")
    document["productItems"][0]["productId"] = "NOMAD-TARP-01"
    result = merchant.translate(document)
    assert isinstance(result, Accepted)
    body = order(result.sale, merchant.erp.post("/sale", header(result.sale))["ID"])
    body["Lines"][0]["Quantity"] = Decimal(10_000)  # type: ignore[index]
    body["Lines"][0]["Total"] = result.sale.lines[0].price * 10_000  # type: ignore[index]

    answer = merchant.erp.post("/sale/order", body)

    assert backordered(answer)["NOMAD-TARP-01"] > 0
