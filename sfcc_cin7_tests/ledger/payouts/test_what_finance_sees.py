"""Reports that are cut, restated, retracted, moved or doubled, and what the books say of them."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sfcc_cin7.merchant.ledger import GatewayPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.ledger.payouts.layouts import (
    adyen,
    adyen_payout,
    adyen_row,
    paypal,
    paypal_row,
    stripe,
    stripe_payout,
    stripe_row,
)
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.project import SANDBOX_MODEL

D = Decimal
SALE = adyen_row(credit="100.00", net=("", "99.00"), fee="1.00")
WHOLE = adyen(SALE, adyen_payout("99.00"))


@pytest.fixture
def till(engine: Engine, clock: ManualClock, tmp_path: Path) -> Till:
    return Till(engine, clock, load_operating_model(SANDBOX_MODEL), tmp_path)


# Lines belong to their report


def test_a_file_cut_in_a_row_and_five_minutes_later_whole_leaves_nothing(till: Till) -> None:
    till.sold(gateway="adyen")
    till.leave("adyen", "batch_30.csv", WHOLE[: WHOLE.index(",30,")])
    assert till.pass_() == []
    assert till.inbox() == {"report:adyen/batch_30.csv": "report-unreadable"}
    till.leave("adyen", "batch_30.csv", WHOLE)
    assert till.pass_() == []
    assert (till.lines(), till.inbox()) == (1, {})


def test_a_file_cut_between_rows_is_not_final_and_leaves_nothing_once_it_is_whole(
    till: Till,
) -> None:
    till.sold(gateway="adyen")
    till.leave("adyen", "batch_30.csv", adyen(SALE))
    till.pass_()
    assert till.inbox() == {"report:adyen/batch_30.csv": "report-not-final"}
    till.leave("adyen", "batch_30.csv", WHOLE)
    assert (till.pass_(), till.inbox()) == ([], {})


def test_a_report_that_was_whole_is_not_taken_back_by_a_shorter_one(till: Till) -> None:
    till.sold(gateway="adyen")
    till.leave("adyen", "batch_30.csv", WHOLE)
    till.pass_()
    till.leave("adyen", "batch_30.csv", adyen(SALE.replace("00000001", "0000000")))
    assert till.pass_() == []
    assert till.inbox() == {"report:adyen/batch_30.csv": "report-unreadable"}
    assert till.account("bank") == D("99.00")


def test_a_restated_report_takes_back_the_line_that_it_states_no_more(till: Till) -> None:
    till.sold(gateway="adyen")
    other = adyen_row(credit="5.00", psp="PSP9", own="M9", order="99999999")
    till.leave("adyen", "batch_30.csv", adyen(SALE, other, adyen_payout("104.00")))
    assert [kind for _, kind, _ in till.pass_()] == ["missing-shop"]
    assert till.account("bank") == D("104.00")
    till.leave("adyen", "batch_30.csv", WHOLE)
    assert till.pass_() == []
    assert till.account("bank") == D("99.00")


def test_a_report_that_was_retracted_takes_all_its_lines_back(till: Till) -> None:
    other = adyen_row(credit="5.00", psp="PSP9", own="M9", order="99999999")
    path = till.leave("adyen", "batch_30.csv", adyen(other, adyen_payout("5.00")))
    assert [kind for _, kind, _ in till.pass_()] == ["missing-shop"]
    path.unlink()
    assert till.pass_() == []
    assert (till.lines(), till.account("bank")) == (0, D(0))


def test_a_report_in_another_gateways_folder_counts_once_after_it_was_moved(till: Till) -> None:
    till.sold(gateway="adyen")
    wrong = till.leave("adyen-jp", "batch_30.csv", WHOLE)
    assert [kind for _, kind, _ in till.pass_()] == ["missing-shop"]
    till.leave("adyen", "batch_30.csv", WHOLE)
    wrong.unlink()
    assert till.pass_() == []
    assert till.account("bank") == D("99.00")


def test_one_file_in_two_folders_is_booked_once_and_named(till: Till) -> None:
    till.sold(gateway="adyen")
    till.leave("adyen", "batch_30.csv", WHOLE)
    till.leave("adyen-jp", "batch_30.csv", WHOLE)
    assert till.pass_() == []
    assert till.inbox() == {"report:adyen-jp/batch_30.csv": "report-unreadable"}


def test_of_one_file_in_two_folders_the_other_counts_once_the_first_is_taken_away(
    till: Till,
) -> None:
    first = till.leave("adyen", "batch_30.csv", WHOLE)
    till.leave("adyen-jp", "batch_30.csv", WHOLE)
    till.leave("adyen", "batch_31.csv", adyen(adyen_payout("0.00", batch="31")))
    till.pass_()
    first.unlink()
    till.pass_()
    assert (till.lines(), till.inbox()) == (1, {})


def test_fees_without_a_name_of_two_days_are_both_booked(till: Till) -> None:
    policy = GatewayPolicy.model_validate(
        {
            "report": "columns",
            "methods": ["KLARNA"],
            "columns": {"kind": "type", "currency": "cur", "gross": "amount", "occurred_at": "day"},
            "kinds": {"FEE": "fee"},
        }
    )
    till.model.ledger.gateways["klarna"] = policy
    for day, amount in (("05", "-1.00"), ("06", "-2.50")):
        till.leave("klarna", f"{day}.csv", f"type,cur,amount,day\nFEE,EUR,{amount},2025-12-{day}\n")
    till.pass_()
    assert till.account("fees") == D("3.50")


def test_a_report_doubled_under_another_name_counts_once_whichever_of_them_goes(
    till: Till,
) -> None:
    till.sold(gateway="adyen")
    first = till.leave("adyen", "batch_30.csv", WHOLE)
    till.leave("adyen", "batch_30 (1).csv", WHOLE)
    assert (till.pass_(), till.lines(), till.inbox()) == ([], 1, {})
    first.unlink()
    assert (till.pass_(), till.lines(), till.inbox()) == ([], 1, {})
    assert till.account("bank") == D("99.00")


def test_a_folder_that_is_gone_takes_nothing_back_and_is_told(till: Till) -> None:
    path = till.leave("adyen", "batch_30.csv", WHOLE)
    till.sold(gateway="adyen")
    till.pass_()
    path.unlink()
    path.parent.rmdir()
    assert "nothing lies where its reports lay" in till.read().problems[0]
    assert till.lines() == 1


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("adyen/2025", "batch_30.csv"),
        ("adyn", "batch_30.csv"),
        ("adyen", "batch_30.pdf"),
        ("adyen", "batch_30.txt"),
        (".", "batch_30.csv"),
    ],
)
def test_a_file_that_lies_where_nobody_looks_is_named_until_it_is_gone(
    till: Till, folder: str, name: str
) -> None:
    path = till.leave(folder, name, WHOLE)
    [problem] = till.read().problems
    assert name in problem
    assert list(till.inbox().values()) == ["report-unreadable"]
    till.leave("adyen", "placed.csv", WHOLE)
    path.unlink()
    assert till.read().problems == []
    assert (till.lines(), till.inbox()) == (1, {})


def test_a_file_that_is_still_arriving_is_left_alone(till: Till) -> None:
    till.leave("adyen", "batch_30.csv.filepart", WHOLE[:100])
    assert till.read().problems == []


def test_a_file_that_was_refused_is_read_once_the_operating_model_explains_it(till: Till) -> None:
    till.sold(gateway="adyen")
    columns = {"currency": "Cur", "gross": "Sum", "occurred_at": "When", "kind": "What"}
    content = "Cur,Sum,When,What,Order\nGBP,100.00,2025-12-05T00:00:00Z,Sale,00000001\n"
    columns["merchant_reference"] = "Order"

    def mapped(**kinds: str) -> OperatingModel:
        policy = GatewayPolicy.model_validate(
            {"report": "columns", "methods": ["CARD"], "columns": columns, "kinds": kinds}
        )
        ledger = till.model.ledger.model_copy(update={"gateways": {"adyen": policy}})
        return till.model.model_copy(update={"ledger": ledger})

    till.model = mapped(Refund="refund")
    till.leave("adyen", "sales.csv", content)
    assert "`kinds` of the operating model" in till.read().problems[0]
    till.model = mapped(Sale="charge")
    assert till.pass_() == []
    assert till.inbox() == {"report:adyen/sales.csv": "report-not-final"}


# Matched as merchants keep references


def test_conversions_of_a_payment_are_no_charges_of_it(till: Till) -> None:
    till.sold()
    till.leave(
        "paypal",
        "STL.CSV",
        paypal(
            paypal_row("PAY1", "T0006", 10000, fee=200),
            paypal_row("CV1", "T0200", -9800, refers_to="PAY1"),
            paypal_row("CV2", "T0200", 11466, refers_to="PAY1", money="EUR"),
        ),
    )
    assert till.pass_() == []


def test_a_refund_funded_by_conversion_that_the_erp_never_credited_is_a_break(till: Till) -> None:
    key = till.sold()
    till.leave(
        "paypal",
        "STL.CSV",
        paypal(
            paypal_row("PAY1", "T0006", 10000, fee=200),
            paypal_row("RF1", "T1107", -10000, refers_to="PAY1"),
            paypal_row("CV3", "T0200", -11900, refers_to="RF1", money="EUR"),
            paypal_row("CV4", "T0200", 10000, refers_to="RF1"),
        ),
    )
    assert till.pass_() == [(key, "amount", D("100.00"))]


@pytest.mark.parametrize("reference", ["AUTH1", ""])
def test_two_captures_of_one_authorisation_are_parts_of_one_payment(
    till: Till, reference: str
) -> None:
    till.sold(reference=reference)
    captures = [
        paypal_row("CAP1", "T0006", 4000, fee=80, refers_to="AUTH1"),
        paypal_row("CAP2", "T0006", 6000, fee=120, refers_to="AUTH1"),
    ]
    till.leave("paypal", "STL.CSV", paypal(*captures))
    assert till.pass_() == []


def test_a_capture_that_is_short_is_short_by_what_is_missing(till: Till) -> None:
    key = till.sold(reference="AUTH1")
    till.leave("paypal", "STL.CSV", paypal(paypal_row("CAP1", "T0006", 9900, refers_to="AUTH1")))
    assert till.pass_() == [(key, "amount", D("1.00"))]


def test_a_short_capture_that_names_only_its_order_is_no_stranger(till: Till) -> None:
    key = till.sold(reference="of the cartridge")
    till.leave("paypal", "STL.CSV", paypal(paypal_row("CAP1", "T0006", 9900)))
    assert till.pass_() == [(key, "amount", D("1.00"))]


def test_a_refund_that_names_its_capture_only_follows_the_capture(till: Till) -> None:
    till.sold(reference="AUTH1", credited="5.00")
    rows = [
        paypal_row("CAP1", "T0006", 10000, refers_to="AUTH1"),
        paypal_row("RF1", "T1107", -500, refers_to="CAP1", order=""),
    ]
    till.leave("paypal", "STL.CSV", paypal(*rows))
    assert till.pass_() == []


@pytest.mark.parametrize("reference", ["pi_1", "ch_1"])
def test_either_of_stripes_references_may_be_the_storefronts(till: Till, reference: str) -> None:
    till.sold(gateway="stripe", reference=reference, credited="5.00")
    content = stripe(
        stripe_row("txn_1", "charge", "98.60", gross="100.00", fee="1.40"),
        stripe_row("txn_2", "refund", "-5.00"),
        stripe_payout("-93.60"),
    )
    till.leave("stripe", "payouts.csv", content)
    assert till.pass_() == []


def test_a_hold_that_was_released_leaves_nothing_open(till: Till) -> None:
    till.sold()
    rows = [
        paypal_row("PAY1", "T0006", 10000, fee=200),
        paypal_row("HOLD1", "T1110", -10000, refers_to="PAY1"),
        paypal_row("HOLD1", "T1111", 10000, refers_to="PAY1"),
    ]
    till.leave("paypal", "STL.CSV", paypal(*rows))
    assert till.pass_() == []


def test_what_was_paid_to_a_supplier_accuses_no_order(till: Till) -> None:
    rows = [paypal_row("SUP1", "T0000", -15000, fee=499, order=""), paypal_row("W", "T0400", -1)]
    till.leave("paypal", "STL.CSV", paypal(*rows))
    assert till.pass_() == []
    assert till.account("payments made") == D("150.00")


def test_a_refund_made_outside_that_the_erp_does_not_know_is_a_break(till: Till) -> None:
    key = till.sold(gateway="adyen")
    rows = [
        adyen_row("SettledExternallyWithInfo", "100.00"),
        adyen_row("RefundedExternallyWithInfo", debit="5.00", own="M2"),
    ]
    till.leave("adyen", "batch_1.csv", adyen(*rows, adyen_payout("95.00")))
    assert till.pass_() == [(key, "amount", D("5.00"))]


def test_transfers_between_balances_have_an_account_of_their_own(till: Till) -> None:
    rows = [
        adyen_row("Balancetransfer", "45000.00", psp="", own="B1", batch="50"),
        adyen_row("DepositCorrection", debit="500.00", psp="", own="D1", batch="50"),
    ]
    till.leave("adyen", "batch_50.csv", adyen(*rows, adyen_payout("44500.00", "50")))
    assert till.pass_() == []
    assert till.account("reserves and balance transfers") == D("-44500.00")
    assert till.account("rounding") == 0


def test_a_stripe_payout_that_failed_sent_nothing_to_the_bank(till: Till) -> None:
    till.sold(gateway="stripe", reference="pi_1")
    content = stripe(
        stripe_row("txn_1", "charge", "98.60", gross="100.00", fee="1.40"),
        stripe_payout("-98.60"),
        stripe_payout("98.60", "payout_reversal", "txn_pr"),
    )
    till.leave("stripe", "payouts.csv", content)
    assert till.pass_() == [("transfer:stripe:GBP:po_1", "amount", D("98.60"))]


def test_parts_of_a_cent_come_to_the_transfer_that_has_none(till: Till) -> None:
    till.model = with_report(till, "stripe", "normalised")
    till.sold(gateway="stripe", reference="r")
    content = (
        "key,kind,payment_reference,merchant_reference,currency,gross,settled_currency,fee,net,"
        "occurred_at,payout_id\n"
        "1,charge,r,,GBP,100.00,GBP,0.123456,99.876544,2025-12-05T00:00:00Z,p1\n"
        "2,payout,,,GBP,0,GBP,0,99.88,2025-12-05T00:00:00Z,p1\n"
    )
    till.leave("stripe", "a.csv", content)
    assert till.pass_() == []


def with_report(till: Till, gateway: str, report: str) -> OperatingModel:
    changed = till.model.ledger.gateways[gateway].model_copy(update={"report": report})
    gateways = {**till.model.ledger.gateways, gateway: changed}
    ledger = till.model.ledger.model_copy(update={"gateways": gateways})
    return till.model.model_copy(update={"ledger": ledger})
