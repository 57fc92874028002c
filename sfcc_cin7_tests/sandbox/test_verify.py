"""What `sandbox verify` says about two systems, seen from the outside."""

from decimal import Decimal

import pytest
import simplejson
from click.testing import CliRunner
from httpx import Client

from sfcc_cin7.sandbox.commands import sandbox as sandbox_command
from sfcc_cin7.sandbox.server import running_sandbox
from sfcc_cin7.sandbox.verify import report, verify
from sfcc_cin7_tests.sandbox.erp_clerk import book

NOW = "2026-03-01T12:00:00+00:00"
LONG_AGO = "2026-03-01T11:00:00.000Z"
JUST_NOW = "2026-03-01T11:59:50.000Z"


def order(number="00000001", *, sku="MAT-FOAM", rate="0.2", **more):
    return {
        "siteId": "alpenglow-uk",
        "orderNo": number,
        "status": "new",
        "placeDate": LONG_AGO,
        "lastModified": LONG_AGO,
        "currency": "GBP",
        "orderTotal": Decimal("59.90"),
        "taxTotal": Decimal("9.98"),
        "productItems": [
            {"productId": sku, "quantity": Decimal(1), "taxRate": Decimal(rate)},
            {"productId": sku, "quantity": Decimal(1), "taxRate": Decimal(rate)},
        ],
        "shippingItems": [{"taxRate": Decimal("0.2")}],
    } | more


def sale(number="00000001", *, sku="MAT-FOAM", quantity=2, short=0, **more):
    return {
        "OrderNumber": "SO-00001",
        "ExternalID": f"alpenglow:alpenglow-uk:{number}",
        "Status": "ORDERED",
        "OrderStatus": "AUTHORISED",
        "CustomerCurrency": "GBP",
        "Total": Decimal("59.9"),
        "Tax": Decimal("9.98"),
        "Lines": [{"SKU": sku, "Quantity": Decimal(quantity), "Short": Decimal(short)}],
    } | more


def judged(orders, sales, grace=60):
    return verify(
        {
            "brand": "alpenglow",
            "now": NOW,
            "sfcc": {"orders": orders},
            "cin7": {
                "sales": sales,
                "products": [{"SKU": "MAT-FOAM"}],
                "tax_rules": [{"TaxPercent": Decimal(20)}, {"TaxPercent": Decimal(0)}],
            },
        },
        grace,
    )


def test_an_order_booked_once_with_equal_figures_matches():
    verdict = judged([order()], [sale()])
    assert verdict.counts == {"matched": 1}
    assert verdict.clean


@pytest.mark.parametrize(
    ("mistake", "orders", "sales"),
    [
        ("lost", [order()], []),
        ("lost", [order()], [sale(Status="VOIDED", OrderStatus="VOIDED")]),
        ("incomplete", [order()], [sale(OrderStatus="NOT AVAILABLE", Lines=[])]),
        ("doubled", [order()], [sale(), sale(OrderNumber="SO-00002")]),
        ("doubled", [order(placeDate=JUST_NOW)], [sale(), sale(OrderNumber="SO-00002")]),
        ("off_by_cents", [order()], [sale(Total=Decimal("59.91"))]),
        ("off_by_cents", [order()], [sale(Tax=Decimal("9.99"))]),
        ("off_by_cents", [order()], [sale(CustomerCurrency="USD")]),
        ("wrong_quantity", [order()], [sale(quantity=1)]),
        ("wrong_quantity", [order()], [sale(sku="MAT-DOWNY")]),
        ("oversold", [order()], [sale(short=1)]),
        ("never_placed", [], [sale()]),
        ("never_placed", [], [sale(ExternalID=None)]),
        ("cancelled_but_booked", [order(status="cancelled")], [sale()]),
    ],
)
def test_each_mistake_has_its_name(mistake, orders, sales):
    verdict = judged(orders, sales)
    assert verdict.counts[mistake] == 1
    assert not verdict.clean
    assert any(line.startswith(f"  {mistake.replace('_', ' ')}") for line in report(verdict))


def test_a_young_order_may_wait():
    verdict = judged([order(placeDate=JUST_NOW)], [])
    assert verdict.counts == {"waiting": 1}
    assert verdict.clean


def test_an_order_that_was_never_placed_owes_nothing():
    assert judged([order(status="created", placeDate=None)], []).counts == {}


def test_a_cancelled_order_whose_sale_is_void_is_settled():
    cancelled = order(status="cancelled")
    assert judged([cancelled], [sale(Status="VOIDED")]).clean
    assert judged([cancelled | {"lastModified": JUST_NOW}], [sale()]).clean


@pytest.mark.parametrize(
    ("planted", "reason"),
    [
        (order(sku="GHOST-LANTERN-01"), "does not know GHOST-LANTERN-01"),
        (order(rate="0.08"), "no tax rule of 8 %"),
    ],
)
def test_planted_trouble_belongs_into_review_and_is_named(planted, reason):
    verdict = judged([planted | {"externalOrderStatus": "in review"}], [])
    assert verdict.counts == {"in_review": 1}
    assert verdict.clean
    assert reason in verdict.cases[0].detail
    assert "in review" in verdict.cases[0].detail


def test_planted_trouble_that_was_booked_all_the_same_is_compared_like_any_other():
    assert judged([order(rate="0.08")], [sale(Total=Decimal(1))]).counts == {"off_by_cents": 1}


def test_the_command_compares_a_running_sandbox():
    with running_sandbox(skus=150) as running, Client(base_url=running.url) as client:
        sfcc = running.sandbox.sfcc
        placed = [running.sandbox.shoppers.place("alpenglow-uk", "plain") for _ in range(2)]
        book(client, placed[0])

        def run(*arguments):
            result = CliRunner().invoke(
                sandbox_command, ["verify", "--url", running.url, *arguments]
            )
            return result.exit_code, simplejson.loads(result.output.splitlines()[-1])

        code, found = run("--grace", "3600")
        assert (code, found["counts"]["matched"], found["counts"]["waiting"]) == (0, 1, 1)
        code, found = run("--grace", "0")
        assert (code, found["clean"], found["counts"]["lost"]) == (1, False, 1)
        book(client, placed[1])
        running.sandbox.shoppers.place(shape="unknown-sku")
        code, found = run("--grace", "0")
        assert (code, found["counts"]["matched"], found["counts"]["in_review"]) == (0, 2, 1)
        assert "GHOST-LANTERN-01" in found["planted"][0]["detail"]
        assert len(sfcc.truth()["orders"]) == 3


def test_the_command_says_when_no_sandbox_is_there():
    result = CliRunner().invoke(sandbox_command, ["verify", "--port", "1"])
    assert result.exit_code == 1
    assert "No sandbox answers at http://127.0.0.1:1" in result.output
