"""One order, what its gateways settled, and the break between them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sfcc_cin7.ledger.breaks.reconcile import CapturedOrder
from sfcc_cin7.ledger.breaks.settlement import CapturedPayment, SettledLine, gateway_verdict
from sfcc_cin7.merchant.ledger import GatewayPolicy

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
POLICY = GatewayPolicy(
    report="stripe", methods=["CREDIT_CARD"], late_after_days=4, missing_after_days=10
)
ORDER = CapturedOrder(
    key="b:s:1",
    day="2026-01-01",
    site="s",
    currency="GBP",
    total=Decimal("19.95"),
    tax=Decimal("3.33"),
    state="acknowledged",
    cancelled=False,
    due_at=NOON,
)
CARD = CapturedPayment("p1", "stripe", "txn-1", "GBP", Decimal("19.95"), Decimal("0.40"), NOON)
CHARGE = SettledLine(
    payment_id="p1",
    gateway="stripe",
    kind="charge",
    currency="GBP",
    gross=Decimal("19.95"),
    settled_currency="GBP",
    fee=Decimal("0.30"),
    net=Decimal("19.65"),
    occurred_at=NOON,
    key="l1",
)
REFUND = replace(CHARGE, kind="refund", gross=Decimal("-5"), fee=Decimal(0), net=Decimal("-5"))
DISPUTE = replace(CHARGE, kind="chargeback", gross=Decimal("-19.95"), fee=Decimal(15))


def verdict(*lines, order=ORDER, payments=(CARD,), credited=0, days=0.0):
    return gateway_verdict(
        order,
        payments,
        lines,
        Decimal(credited),
        {"stripe": POLICY},
        NOON + timedelta(days=days),
    )


def kind(*lines, **about):
    found = verdict(*lines, **about).found
    return found and found.kind


def test_a_payment_that_was_settled_to_the_cent_is_no_break():
    assert kind(CHARGE) is None


def test_a_payment_may_be_settled_in_parts():
    part = replace(CHARGE, gross=Decimal("9.95"))
    assert kind(part, replace(CHARGE, gross=Decimal(10), fee=Decimal(0))) is None
    assert kind(part) == "amount"


@pytest.mark.parametrize("off", ["-0.01", "0.01"])
def test_a_cent_is_enough(off):
    line = replace(CHARGE, gross=CHARGE.gross + Decimal(off))
    found = verdict(line).found
    assert (found.kind, found.amount) == ("amount", Decimal("0.01"))


def test_a_payment_is_awaited_then_late_then_missing():
    assert verdict(days=3.9).look_again == NOON + timedelta(days=4)
    assert verdict(days=3.9).found is None
    assert kind(days=4) == "timing"
    assert verdict(days=4).look_again == NOON + timedelta(days=10)
    assert kind(days=10) == "missing-payout"


def test_nobody_waits_for_the_payment_of_a_cancelled_order_or_for_nothing():
    assert verdict(order=replace(ORDER, cancelled=True), days=99).found is None
    assert verdict(payments=[replace(CARD, amount=Decimal(0))], days=99).found is None


def test_each_tender_of_a_split_payment_is_held_against_its_own_lines():
    other = replace(CARD, id="p2", reference="txn-2")
    swapped = replace(CHARGE, gross=Decimal(1)), replace(CHARGE, payment_id="p2")
    assert kind(CHARGE, replace(CHARGE, payment_id="p2"), payments=(CARD, other)) is None
    assert kind(*swapped, payments=(CARD, other)) == "amount"


def test_a_payment_charged_twice_is_a_duplicate_until_one_is_given_back():
    again = replace(CHARGE, key="l2")
    assert kind(CHARGE, again) == "duplicate"
    back = replace(REFUND, gross=Decimal("-19.95"), net=Decimal("-19.95"))
    assert kind(CHARGE, again, back) is None


def test_another_currency_is_a_break_of_currency_whatever_the_figure():
    assert kind(replace(CHARGE, currency="EUR")) == "currency"


def test_a_fee_above_what_was_agreed_is_a_break_also_where_the_gateway_converts():
    assert kind(replace(CHARGE, fee=Decimal("0.42"), net=Decimal("19.53"))) == "fee"
    yen = replace(CARD, currency="JPY", amount=Decimal(2000), most_fee=Decimal(40))
    shown = replace(CHARGE, currency="JPY", gross=Decimal(2000), settled_currency="GBP")
    fair = replace(shown, fee=Decimal("0.20"), net=Decimal("9.80"))
    dear = replace(shown, fee=Decimal("0.25"), net=Decimal("9.75"))
    assert kind(fair, payments=(yen,)) is None
    assert kind(dear, payments=(yen,)) == "fee"


def test_a_chargeback_is_a_break_of_state_until_the_dispute_is_won():
    assert kind(CHARGE, DISPUTE) == "state"
    won = replace(DISPUTE, gross=Decimal("19.95"), fee=Decimal(0))
    assert kind(CHARGE, DISPUTE, won) is None


def test_a_dispute_that_was_lost_is_no_break_once_the_erp_credits_it_or_the_order_is_cancelled():
    assert kind(CHARGE, DISPUTE, credited="19.95", days=99) is None
    assert kind(CHARGE, DISPUTE, order=replace(ORDER, cancelled=True), days=99) is None


def test_a_dispute_takes_back_what_was_charged_twice_and_no_more():
    again = replace(CHARGE, key="l2")
    assert kind(CHARGE, again, DISPUTE) is None
    assert kind(CHARGE, again, DISPUTE, replace(DISPUTE, key="l4")) == "state"


@pytest.mark.parametrize("cancelled", [True, False])
def test_money_that_went_back_by_refund_and_by_dispute_went_back_twice(cancelled):
    back = replace(REFUND, gross=Decimal("-19.95"))
    order = replace(ORDER, cancelled=cancelled)
    found = verdict(CHARGE, back, DISPUTE, order=order, credited="19.95").found
    assert (found.kind, found.amount, found.cause) == ("state", Decimal("19.95"), "chargeback")


def test_a_dispute_that_brings_more_than_it_took_is_a_break_too():
    assert kind(CHARGE, replace(DISPUTE, gross=Decimal("19.95"))) == "state"


def test_what_the_gateway_gave_back_must_be_credited_in_the_erp():
    assert kind(CHARGE, REFUND) == "amount"
    assert kind(CHARGE, REFUND, credited=5) is None


def test_what_the_erp_credits_must_be_given_back_in_time():
    assert verdict(CHARGE, credited=5, days=1).found is None
    assert verdict(CHARGE, credited=5, days=1).look_again == NOON + timedelta(days=4)
    assert kind(CHARGE, credited=5, days=4) == "missing-payout"


def test_the_gateway_may_not_keep_the_money_of_a_cancelled_order():
    cancelled = replace(ORDER, cancelled=True)
    assert kind(CHARGE, order=cancelled, days=1) is None
    assert kind(CHARGE, order=cancelled, days=4) == "state"
    back = replace(REFUND, gross=Decimal("-19.95"))
    assert kind(CHARGE, back, order=cancelled, days=4) is None


def test_a_line_that_is_none_of_the_orders_payments_is_missing_in_the_shop():
    assert kind(CHARGE, replace(CHARGE, payment_id=None)) == "missing-shop"


def test_of_two_troubles_the_first_class_is_taken_and_both_are_told():
    found = verdict(replace(CHARGE, gross=Decimal("19.94")), DISPUTE).found
    assert found.kind == "amount"
    assert "chargeback" in found.sentence


def test_a_gateway_that_was_taken_out_of_the_operating_model_still_owes_what_it_captured():
    payment = replace(CARD, gateway="closed-last-year")
    assert verdict(payments=(payment,), days=3).found is None
    assert verdict(payments=(payment,), days=11).found.kind == "missing-payout"
