"""One order, its sales, and the breaks between them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sfcc_cin7.ledger.breaks.reconcile import CapturedOrder, ErpSale, erp_verdict, without_order
from sfcc_cin7.values.money import figure

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ORDER = CapturedOrder(
    key="brand:shop:1",
    day="2026-01-01",
    site="shop",
    currency="GBP",
    total=Decimal("19.95"),
    tax=Decimal("3.33"),
    state="acknowledged",
    cancelled=False,
    due_at=NOON,
    sale_id="id-1",
)
SALE = ErpSale(
    id="id-1",
    number="SO-1",
    status="ORDERED",
    order_status="AUTHORISED",
    currency="GBP",
    total=Decimal("19.9500"),
    tax=Decimal("3.3300"),
    updated=NOON,
)
SECOND = replace(SALE, id="id-2", number="SO-2")


def found(order, sales, at=NOON):
    return erp_verdict(order, sales, at).found


def kinds(order=ORDER, *sales, at=NOON):
    one = found(order, sales, at)
    return [one.kind] if one else []


def test_legs_that_agree_to_the_cent_make_no_break():
    assert kinds(ORDER, SALE) == []


@pytest.mark.parametrize(
    ("sale", "expected"),
    [
        (replace(SALE, total=Decimal("19.96")), ["amount"]),
        (replace(SALE, tax=Decimal("3.32")), ["tax"]),
        (replace(SALE, total=Decimal("0"), tax=Decimal("0")), ["amount"]),
        (replace(SALE, currency="USD"), ["currency"]),
        (replace(SALE, order_status="DRAFT"), ["state"]),
        (replace(SALE, status="VOIDED"), ["missing-erp"]),
        (replace(SALE, order_status="FULFILLED", status="COMPLETED"), []),
    ],
)
def test_a_sale_that_is_not_the_order_is_a_break(sale, expected):
    assert kinds(ORDER, sale) == expected


def test_a_break_names_both_figures_and_the_money_at_risk():
    one = found(ORDER, [replace(SALE, total=Decimal("20.95"))])
    assert one.sentence == "The shopper was charged 19.95 GBP, but SO-1 holds 20.95 GBP."
    assert (one.amount, one.currency) == (Decimal(1), "GBP")


PROVED = replace(ORDER, proved=(Decimal("19.95"), Decimal("3.33")))


@pytest.mark.parametrize(
    ("order", "sales", "cause"),
    [
        (PROVED, [replace(SALE, total=Decimal("20.95"))], "edited in the ERP"),
        (PROVED, [replace(SALE, tax=Decimal("3.00"))], "edited in the ERP"),
        (replace(PROVED, total=Decimal("9.95")), [SALE], "edited in the storefront"),
        (PROVED, [replace(SALE, status="VOIDED")], "voided in the ERP"),
        (PROVED, [replace(SALE, order_status="DRAFT")], "reopened in the ERP"),
        (PROVED, [SALE, SECOND], "typed again in the ERP"),
        (PROVED, [], "gone from the ERP"),
        (ORDER, [replace(SALE, total=Decimal("20.95"))], None),
    ],
)
def test_what_somebody_did_by_hand_is_named(order, sales, cause):
    one = found(order, sales)
    assert one.cause == cause


def test_a_wrong_total_with_a_wrong_tax_is_one_break_that_tells_both():
    one = found(ORDER, [replace(SALE, total=Decimal("20.95"), tax=Decimal("4.00"))])
    assert one.kind == "amount"
    assert "20.95 GBP" in one.sentence
    assert "4.00 GBP" in one.sentence


def test_an_acknowledged_order_without_a_sale_is_missing_at_once():
    assert kinds(ORDER) == ["missing-erp"]


def test_an_order_on_its_way_is_missing_only_after_its_time_of_grace():
    for state in ("received", "posting"):
        waiting = replace(ORDER, state=state, sale_id=None)
        moment = timedelta(seconds=1)
        assert kinds(waiting, at=NOON - moment) == []
        assert erp_verdict(waiting, [], NOON - moment).look_again == NOON
        assert kinds(waiting, at=NOON) == ["missing-erp"]


def test_an_order_in_review_is_nobodys_break():
    assert kinds(replace(ORDER, state="in_review"), at=NOON + timedelta(days=9)) == []


def test_two_sales_of_one_order_are_a_duplicate_and_voiding_one_mends_it():
    one = found(ORDER, [SALE, SECOND])
    assert (one.kind, one.amount) == ("duplicate", Decimal("19.95"))
    assert kinds(ORDER, SALE, replace(SECOND, status="VOIDED")) == []


def test_the_figures_compared_are_those_of_the_sale_that_was_posted():
    other = replace(SECOND, id="id-0", total=Decimal(1))
    assert kinds(ORDER, other, SALE) == ["duplicate"]


def test_an_order_cancelled_in_the_shop_must_not_stand_in_the_erp():
    cancelled = replace(ORDER, cancelled=True)
    assert kinds(cancelled, SALE) == ["state"]
    assert kinds(cancelled, replace(SALE, status="VOIDED")) == []
    assert kinds(cancelled) == []


def test_a_sale_that_shipped_before_its_order_was_cancelled_is_settled_by_a_credit_of_all_of_it():
    cancelled = replace(ORDER, cancelled=True)
    half = replace(SALE, credited=SALE.total / 2)
    assert found(cancelled, [replace(SALE, credited=SALE.total)]) is None
    assert found(cancelled, [half]).amount == SALE.total / 2
    assert kinds(cancelled, replace(SALE, total=Decimal(0), tax=Decimal(0))) == ["state"]


def test_without_a_tax_figure_the_total_is_still_compared():
    assert kinds(replace(ORDER, tax=None), replace(SALE, tax=Decimal(0))) == []


def test_a_sale_that_names_no_order_is_missing_in_the_shop():
    one = without_order("brand:shop:9", [SALE])
    assert (one.kind, one.order_key, one.day) == ("missing-shop", "brand:shop:9", "2026-01-01")


def test_figures_are_shown_in_the_decimals_of_their_currency():
    assert figure(Decimal("1234.5000"), "GBP") == "1,234.50 GBP"
    assert figure(Decimal("1900.0000"), "JPY") == "1,900 JPY"
    assert figure(Decimal("1.0050"), "GBP") == "1.005 GBP"
