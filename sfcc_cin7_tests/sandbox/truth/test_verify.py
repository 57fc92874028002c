"""What `sandbox verify` says about two systems, seen from the outside."""

from decimal import Decimal

import pytest
import simplejson
from click.testing import CliRunner
from httpx import Client

from sfcc_cin7_sandbox.control.commands import sandbox as sandbox_command
from sfcc_cin7_sandbox.control.server import running_sandbox
from sfcc_cin7_sandbox.truth.verify import Share, report, verify
from sfcc_cin7_tests.sandbox.erp_clerk import book

NOW = "2026-03-01T12:00:00+00:00"
LONG_AGO = "2026-03-01T11:00:00.000Z"
JUST_NOW = "2026-03-01T11:59:50.000Z"


LINE = {"taxBasis": Decimal("29.95"), "shipmentId": "me"}
RATES = [Decimal("0.2"), Decimal("0.08"), Decimal(0)]
RULES = [{"Name": "VAT", "TaxPercent": Decimal(20)}, {"Name": "None", "TaxPercent": Decimal(0)}]


def order(number="00000001", *, sku="MAT-FOAM", tax="4.99", rate="0.2", **more):
    line = LINE | {"productId": sku, "quantity": Decimal(1)}
    line |= {"tax": Decimal(tax), "taxRate": Decimal(rate)}
    return {
        "siteId": "alpenglow-uk",
        "orderNo": number,
        "status": "new",
        "placeDate": LONG_AGO,
        "lastModified": LONG_AGO,
        "currency": "GBP",
        "taxation": "gross",
        "orderTotal": Decimal("59.90"),
        "taxTotal": Decimal("9.98"),
        "productItems": [line, line],
        "shippingItems": [LINE | {"tax": Decimal(0), "taxBasis": Decimal(0), "taxRate": 0}],
    } | more


def booked(sku="MAT-FOAM", quantity=2, short=0, tax="9.98", total="59.90", rule="VAT"):
    figures = {"Quantity": Decimal(quantity), "Short": Decimal(short)}
    figures |= {"Tax": Decimal(tax), "Total": Decimal(total)}
    return {"SKU": sku, "TaxRule": rule} | figures


def sale(number="00000001", *, sku="MAT-FOAM", quantity=2, short=0, **more):
    return {
        "OrderNumber": "SO-00001",
        "ExternalID": f"alpenglow:alpenglow-uk:{number}",
        "Status": "ORDERED",
        "OrderStatus": "AUTHORISED",
        "CustomerCurrency": "GBP",
        "Total": Decimal("59.9"),
        "Tax": Decimal("9.98"),
        "Lines": [booked(sku, quantity, short)],
        "AdditionalCharges": [],
    } | more


def judged(orders, sales, grace=60, **claims):
    return verify(
        {
            "brand": "alpenglow",
            "now": NOW,
            "sfcc": {
                "orders": orders,
                "sites": [{"id": "alpenglow-uk", "rates": {"*": RATES}}],
            },
            "cin7": {
                "sales": sales,
                "products": [{"SKU": "MAT-FOAM"}],
                "tax_rules": RULES,
            },
        },
        grace,
        **claims,
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
        (order(tax="2.22"), "no tax rule of 8 %"),
    ],
)
def test_planted_trouble_belongs_into_review_and_is_named(planted, reason):
    verdict = judged([planted | {"externalOrderStatus": "in review"}], [])
    assert verdict.counts == {"in_review": 1}
    assert verdict.clean
    assert reason in verdict.cases[0].detail
    assert "in review" in verdict.cases[0].detail


def test_planted_trouble_that_was_booked_all_the_same_is_compared_like_any_other():
    found = judged([order(tax="2.22")], [sale(Total=Decimal(1))]).counts
    assert found == {"off_by_cents": 1, "wrong_tax_rule": 1}


# Which tax it is


@pytest.mark.parametrize("written", ["0.2", "0", "0.19973311", "0.08"])
def test_what_is_written_beside_a_tax_excuses_nothing(written):
    """A tax service's effective rate is no rate that the ERP lacks a rule for."""
    assert judged([order(rate=written)], [sale()]).clean
    assert judged([order(rate=written)], []).counts == {"lost": 1}


def test_goods_that_bear_no_tax_need_a_rule_that_takes_none():
    exempt = order(tax="0", taxTotal=Decimal(0))
    free = {"Tax": Decimal(0), "Lines": [booked(tax="0", rule="None")]}
    assert judged([exempt], [sale(**free)]).clean
    taxed = free | {"Lines": [booked(tax="0", rule="VAT")]}
    assert judged([exempt], [sale(**taxed)]).counts == {"wrong_tax_rule": 1}


@pytest.mark.parametrize("rule", ["None", "JP 8 %"])
def test_tax_under_a_rule_that_takes_none_or_that_of_another_place_is_a_mistake(rule):
    verdict = judged([order()], [sale(Lines=[booked(rule=rule)])])
    assert verdict.counts == {"wrong_tax_rule": 1}
    assert f"is under {rule}" in verdict.cases[0].detail


def test_a_rounding_charge_bears_no_tax_whatever_its_rule():
    charge = {"Description": "Rounding", "TaxRule": "VAT", "Tax": Decimal(0), "Total": Decimal(1)}
    assert judged([order()], [sale(AdditionalCharges=[charge])]).clean
    freight = charge | {"Description": "Shipping"}
    assert not judged([order()], [sale(AdditionalCharges=[freight])]).clean


def test_duty_within_the_tax_of_the_freight_is_no_tax_in_the_erp():
    freight = LINE | {"tax": Decimal(40), "taxBasis": Decimal(5), "c_importDuties": Decimal(40)}
    charged = {"orderTotal": Decimal("99.90"), "taxTotal": Decimal("49.98")}
    with_duty = order(shippingItems=[freight], **charged)
    assert judged([with_duty], [sale(Total=Decimal("99.90"))]).clean
    taxed = sale(Total=Decimal("99.90"), Tax=Decimal("49.98"))
    assert judged([with_duty], [taxed]).counts == {"off_by_cents": 1}


# What people do after the posting

EDITED = "2026-03-01T11:30:00.000Z"
KEY = "alpenglow:alpenglow-uk:00000001"


def test_an_order_edited_after_its_posting_is_a_finding_of_its_own():
    edited = order(orderTotal=Decimal("29.95"), taxTotal=Decimal("4.99"), edited=EDITED)
    posted = sale(Created="2026-03-01T11:01:00.000Z")
    verdict = judged([edited], [posted])
    assert verdict.counts == {"edited_after_posting": 1}
    assert verdict.clean
    assert "29.95" in verdict.cases[0].detail
    assert any("edited after posting: " in line for line in report(verdict))
    assert judged([edited], [posted], reported={KEY}).clean
    assert judged([edited], [posted], reported=()).counts == {"edited_unreported": 1}
    assert judged([edited | {"edited": JUST_NOW}], [posted], reported=()).clean


def test_an_order_edited_before_its_posting_is_compared_like_any_other():
    edited = order(orderTotal=Decimal("29.95"), edited=EDITED)
    posted = sale(Created="2026-03-01T11:31:00.000Z")
    assert judged([edited], [posted]).counts == {"off_by_cents": 1}


def test_an_edit_of_the_address_alone_still_matches():
    assert judged([order(edited=EDITED)], [sale(Created=LONG_AGO)]).counts == {"matched": 1}


def test_a_cancelled_order_may_keep_its_sale_when_a_person_knows():
    cancelled = order(status="cancelled")
    verdict = judged([cancelled], [sale()], reported={KEY})
    assert (verdict.counts, verdict.clean) == ({"cancelled_reported": 1}, True)
    assert not judged([cancelled], [sale()], reported={"another"}).clean


def test_a_planted_order_belongs_into_review_whatever_it_says():
    nothing = {"siteId": "alpenglow-uk", "orderNo": "R1", "planted": True}
    assert judged([nothing], []).counts == {"in_review": 1}
    assert judged([nothing | {"status": 5, "productItems": [None]}], []).clean
    assert judged([nothing | {"status": "cancelled"}], []).counts == {}


def test_a_planted_order_that_was_booked_is_compared_as_far_as_it_can_be_read():
    nothing = {"siteId": "alpenglow-uk", "orderNo": "00000001", "planted": True}
    assert judged([nothing], [sale()]).counts == {"planted_booked": 1}
    assert judged([nothing | {"productItems": [None]}], [sale()]).counts == {"planted_booked": 1}
    assert judged([order(planted=True)], [sale()]).counts == {"matched": 1}
    assert judged([order(planted=True)], [sale(Tax=Decimal(1))]).counts == {"off_by_cents": 1}


# One sale for several orders

TOGETHER = "alpenglow:alpenglow-uk:consolidated:2026-03-01"


def share(total="59.90", tax="9.98", quantity=2, sku="MAT-FOAM"):
    return Share(TOGETHER, Decimal(total), Decimal(tax), {sku: Decimal(quantity)})


def consolidated(**more):
    lines = [booked(quantity=4, tax="19.96", total="119.80")]
    both = {"Total": Decimal("119.80"), "Tax": Decimal("19.96"), "Lines": lines}
    return sale() | {"ExternalID": TOGETHER} | both | more


def key(number):
    return f"alpenglow:alpenglow-uk:{number:08d}"


TWO = [order("00000001"), order("00000002")]
SHARES = {key(1): share(), key(2): share()}


def test_two_orders_that_share_a_sale_match_both():
    verdict = judged(TWO, [consolidated()], shares=SHARES)
    assert (verdict.counts, verdict.clean) == ({"matched": 2}, True)
    assert judged(TWO, [consolidated()]).counts == {"lost": 2, "never_placed": 1}


@pytest.mark.parametrize(
    ("mistake", "orders", "sales", "shares"),
    [
        # a share that is not what its order says, though the sum is right
        (
            "off_by_cents",
            TWO,
            [consolidated()],
            {key(1): share("59.91"), key(2): share("59.89")},
        ),
        # shares that are right, but do not add up to the sale
        ("off_by_cents", TWO, [consolidated(Total=Decimal("119.81"))], SHARES),
        ("off_by_cents", TWO, [consolidated(CustomerCurrency="USD")], SHARES),
        ("wrong_quantity", TWO, [consolidated()], {key(1): share(quantity=1), key(2): share()}),
        # an order that is in no sale, and one in two
        ("lost", [*TWO, order("00000003")], [consolidated()], SHARES),
        ("doubled", TWO, [consolidated(), sale()], SHARES),
        ("doubled", TWO, [consolidated(), consolidated(OrderNumber="SO-2")], SHARES),
        ("lost", TWO, [], SHARES),
        ("incomplete", TWO, [consolidated(OrderStatus="DRAFT")], SHARES),
        ("never_placed", TWO, [consolidated()], SHARES | {key(9): share("0", "0", 0)}),
        ("cancelled_but_booked", [TWO[0], TWO[1] | {"status": "cancelled"}], [consolidated()],
         SHARES),
    ],
)  # fmt: skip
def test_each_mistake_of_a_shared_sale_has_its_name(mistake, orders, sales, shares):
    verdict = judged(orders, sales, shares=shares)
    assert verdict.counts[mistake] >= 1
    assert not verdict.clean


def test_a_sale_that_nobody_shares_in_is_nobodys():
    assert judged([], [consolidated()], shares={}).counts == {"never_placed": 1}


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


def test_the_command_is_told_which_orders_share_a_sale():
    with running_sandbox(skus=150) as running, Client(base_url=running.url) as client:
        placed = running.sandbox.shoppers.place("alpenglow-uk", "plain")
        book(client, placed | {"orderNo": "together"})
        told = {
            "sale": "alpenglow:alpenglow-uk:together",
            "total": placed["orderTotal"],
            "tax": placed["taxTotal"],
            "quantities": {row["productId"]: row["quantity"] for row in placed["productItems"]},
        }
        claims = {"shares": {f"alpenglow:alpenglow-uk:{placed['orderNo']}": told}}

        def counts(*arguments, text=None):
            options = ["verify", "--url", running.url, "--grace", "0", *arguments]
            result = CliRunner().invoke(sandbox_command, options, input=text)
            return simplejson.loads(result.output.splitlines()[-1])["counts"]

        alone = counts()
        assert (alone["lost"], alone["never_placed"]) == (1, 1)
        shared = counts("--claims", "-", text=simplejson.dumps(claims))
        assert (shared["matched"], sum(shared.values())) == (1, 1)


@pytest.mark.parametrize("text", ["", "[]", '{"shares": {"a": {"sale": "b"}}}', '{"shares": 1}'])
def test_claims_that_cannot_be_read_are_a_mistake(text):
    result = CliRunner().invoke(sandbox_command, ["verify", "--claims", "-"], input=text)
    assert (result.exit_code, "sfcc-cin7 claims" in result.output) == (1, True)


def test_the_command_says_when_no_sandbox_is_there():
    result = CliRunner().invoke(sandbox_command, ["verify", "--port", "1"])
    assert result.exit_code == 1
    assert "No sandbox answers at http://127.0.0.1:1" in result.output
