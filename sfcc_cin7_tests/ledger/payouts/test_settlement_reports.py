# ruff: noqa: E501 - rows of CSV files are kept whole
"""Settlement reports of the three gateways and of any other, down to the same lines."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sfcc_cin7.ledger.payouts.reports import READERS
from sfcc_cin7.ledger.payouts.reports.lines import UnusableReport

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)

STRIPE = (
    "automatic_payout_id,automatic_payout_effective_at_utc,balance_transaction_id,created_utc,"
    "currency,gross,fee,net,reporting_category,customer_facing_amount,customer_facing_currency,"
    "payment_intent_id,payment_metadata[order_no]\n"
)
ADYEN = (
    "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date"
    ",TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),"
    "Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),"
    "Scheme Fees (NC),Interchange (NC),Batch Number\n"
)
PAYPAL = (
    '"RH","2026/01/05 12:00:00 +0000","A","ACCOUNT","009"\n"FH","01"\n"SH","","","ACCOUNT",""\n'
    '"CH","Transaction ID","Invoice ID","PayPal Reference ID","PayPal Reference ID Type",'
    '"Transaction Event Code","Transaction Initiation Date","Transaction Completion Date",'
    '"Transaction Debit or Credit","Gross Transaction Amount","Gross Transaction Currency",'
    '"Fee Debit or Credit","Fee Amount","Fee Currency"\n'
)


def stripe(*rows):
    return READERS["stripe"](STRIPE + "\n".join(rows))


def adyen(*rows):
    return READERS["adyen"](ADYEN + "\n".join(rows))


def paypal(*rows):
    count = len(rows)
    return READERS["paypal"](
        PAYPAL + "\n".join(rows) + f'\n"SC",{count}\n"RC",{count}\n"FF",{count}\n'
    )


def test_stripe_states_the_shoppers_amount_beside_what_it_credits():
    report = stripe(
        "po_1,2026-01-06 00:00:00,txn_1,2026-01-05 12:00:00,gbp,52.10,0.78,51.32,charge,10000,jpy,"
        "pi_1,00000007"
    )
    [line] = report.lines
    assert (line.kind, line.currency, line.gross) == ("charge", "JPY", Decimal(10000))
    assert (line.settled_currency, line.fee, line.net) == (
        "GBP",
        Decimal("0.78"),
        Decimal("51.32"),
    )
    assert (line.payment_reference, line.merchant_reference) == ("pi_1", "00000007")
    assert line.occurred_at == NOON


def test_stripes_payout_line_is_what_was_sent_to_the_bank():
    report = stripe(
        "po_1,2026-01-06 00:00:00,txn_2,2026-01-06 00:00:00,gbp,-51.32,0,-51.32,payout,,,,"
    )
    assert report.lines == []
    [transfer] = report.transfers
    assert (transfer.payout_id, transfer.amount, transfer.currency) == (
        "po_1",
        Decimal("51.32"),
        "GBP",
    )


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("refund", "refund"),
        ("refund_failure", "refund"),
        ("dispute", "chargeback"),
        ("dispute_reversal", "chargeback"),
        ("fee", "fee"),
        ("something_new", "adjustment"),
    ],
)
def test_stripes_categories_are_kinds_and_an_unknown_one_is_an_adjustment(category, kind):
    [line] = stripe(
        f"po_1,2026-01-06 00:00:00,txn_1,2026-01-05 12:00:00,gbp,-5.00,0.00,-5.00,{category},,,pi_1,"
    ).lines
    assert line.kind == kind
    assert line.net == Decimal("-5.00")
    if kind == "fee":
        assert (line.gross, line.fee) == (0, Decimal("5.00"))


def test_adyen_states_debits_and_credits_in_two_columns_and_fees_in_four():
    report = adyen(
        "A,M,PSP1,00000007,visa,2026-01-05 12:00:00,UTC,Settled,MOD1,GBP,,100.00,1,GBP,,98.55,,0.50,"
        "0.35,0.60,3",
        "A,M,PSP1,00000007,visa,2026-01-05 13:00:00,CET,Refunded,MOD2,GBP,40.00,,1,GBP,40.10,,0.10,,,,3",
        "A,M,,,,2026-01-06 00:00:00,UTC,MerchantPayout,TX1,,,,,GBP,58.45,,,,,,3",
    )
    sold, back = report.lines
    assert (sold.gross, sold.fee, sold.net) == tuple(map(Decimal, ("100.00", "1.45", "98.55")))
    assert (back.kind, back.gross, back.net) == ("refund", Decimal("-40.00"), Decimal("-40.10"))
    assert back.occurred_at == NOON
    assert report.transfers[0].amount == sold.net + back.net


@pytest.mark.parametrize(
    ("wall_clock", "zone"),
    [
        ("2026-01-05 12:00:00", "GMT"),
        ("2026-01-05 21:00:00", "JST"),
        ("2026-01-05 14:00:00", "EET"),
        ("2026-01-05 23:00:00", "Australia/Sydney"),
        ("2026-01-05 14:00:00", "CEST"),
        ("2026-01-05 04:00:00", "PST"),
    ],
)
def test_adyens_times_are_of_the_zone_that_the_row_names(wall_clock, zone):
    row = f"A,M,PSP1,7,visa,{wall_clock},{zone},Settled,MOD1,GBP,,1.00,1,GBP,,1.00,,,,,3"
    assert adyen(row).lines[0].occurred_at == NOON


@pytest.mark.parametrize("zone", ["of our moon", "/etc/passwd", "LMT"])
def test_a_zone_that_nobody_knows_is_refused_with_its_line_and_column(zone):
    row = f"A,M,PSP1,7,visa,2026-01-05 12:00:00,{zone},Settled,MOD1,GBP,,1.00,1,GBP,,1.00,,,,,3"
    with pytest.raises(UnusableReport, match="Line 2, column TimeZone"):
        adyen(row)


def test_equal_rows_of_adyen_are_different_lines():
    row = "A,M,PSP1,7,visa,2026-01-05 12:00:00,UTC,Settled,MOD1,GBP,,1.00,1,GBP,,1.00,,,,,3"
    assert len({line.key for line in adyen(row, row).lines}) == 2


def test_paypal_states_minor_units_without_sign_and_refers_refunds_to_their_payment():
    sold, back, yen = paypal(
        '"SB","T1","00000007","","","T0006","2026/01/05 13:00:00 +0100","2026/01/05 13:00:00 +0100",'
        '"CR","10000","USD","DR","290","USD"',
        '"SB","T2","00000007","T1","TXN","T1107","2026/01/05 12:00:00 +0000",'
        '"2026/01/05 12:00:00 +0000","DR","2500","USD","","",""',
        '"SB","T3","00000008","","","T0006","2026/01/05 12:00:00 +0000","2026/01/05 12:00:00 +0000",'
        '"CR","5000","JPY","DR","145","JPY"',
        '"SB","T4","","","","T0400","2026/01/05 12:00:00 +0000","2026/01/05 12:00:00 +0000",'
        '"DR","9999","USD","","",""',
    ).lines
    assert (sold.gross, sold.fee, sold.net) == (Decimal(100), Decimal("2.9"), Decimal("97.1"))
    assert sold.occurred_at == NOON
    assert (back.kind, back.payment_reference, back.gross) == ("refund", "T1", Decimal(-25))
    assert (yen.gross, yen.fee) == (Decimal(50), Decimal("1.45"))


NORMALISED = (
    "key,kind,payment_reference,merchant_reference,currency,gross,settled_currency,fee,net,"
    "occurred_at,payout_id\n"
)


def test_any_other_gateway_is_read_in_the_normalised_form():
    report = READERS["normalised"](
        NORMALISED
        + "1,charge,ref,00000007,GBP,10.00,GBP,0.20,9.80,2026-01-05T12:00:00Z,p1\n"
        + "2,payout,,,GBP,0,GBP,0,9.80,2026-01-06T00:00:00Z,p1\n"
    )
    assert report.lines[0].net + report.lines[0].fee == report.lines[0].gross
    assert report.transfers[0].amount == Decimal("9.80")


@pytest.mark.parametrize(
    "row",
    [
        "1,charge,ref,7,GBP,10.00,GBP,0.20,9.79,2026-01-05T12:00:00Z,p1",
        "1,sale,ref,7,GBP,10.00,GBP,0.20,9.80,2026-01-05T12:00:00Z,p1",
        "1,charge,ref,7,pounds,10.00,GBP,0.20,9.80,2026-01-05T12:00:00Z,p1",
        "1,charge,ref,7,GBP,ten,GBP,0.20,9.80,2026-01-05T12:00:00Z,p1",
        '1,charge,ref,7,GBP,"1,000.00",GBP,0,1000,2026-01-05T12:00:00Z,p1',
        ",charge,ref,7,GBP,10.00,GBP,0.20,9.80,2026-01-05T12:00:00Z,p1",
        "1,charge,ref,7,GBP,10.00,GBP,0.20,9.80,yesterday,p1",
        "1,charge,ref,7,GBP,10.00,GBP,0.20,9.80,2026-01-05T12:00:00Z,p1,more",
    ],
)
def test_a_normalised_file_that_breaks_a_rule_is_refused_as_a_whole(row):
    with pytest.raises(UnusableReport):
        READERS["normalised"](NORMALISED + row)


@pytest.mark.parametrize("form", list(READERS))
def test_something_else_is_no_report(form):
    with pytest.raises(UnusableReport):
        READERS[form]("<html>not found</html>")


def test_an_amount_that_is_no_number_names_its_column_and_not_its_content():
    with pytest.raises(UnusableReport, match="fee") as caught:
        stripe(
            "po_1,2026-01-06 00:00:00,txn_1,2026-01-05 12:00:00,gbp,1,secret,1,charge,,,pi_1,00000007"
        )
    assert "secret" not in str(caught.value)
