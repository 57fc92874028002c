"""Files of gateways as finance really finds them: read rightly, or refused in a sentence."""

import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest

from sfcc_cin7.ledger.payouts.reports.lines import Report, UnusableReport
from sfcc_cin7.ledger.payouts.understanding import understood
from sfcc_cin7.merchant.ledger import GatewayPolicy
from sfcc_cin7_tests.ledger.payouts import layouts
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

D = Decimal
ONE_SALE = adyen(adyen_row(credit="100.00", net=("", "99.00"), fee="1.00"), adyen_payout("99.00"))


def read(form: str, content: str | bytes, **policy: object) -> Report:
    stated = content.encode() if isinstance(content, str) else content
    return understood(
        stated, GatewayPolicy.model_validate({"report": form, "methods": ["CARD"], **policy})
    )


def refusal(form: str, content: str | bytes, **policy: object) -> str:
    with pytest.raises(UnusableReport) as caught:
        read(form, content, **policy)
    return str(caught.value)


# Cut, in a row and between rows


def test_an_adyen_file_that_was_cut_in_a_row_is_refused_and_names_the_row() -> None:
    cut = adyen(adyen_row(credit="100.00")).rsplit(",", 5)[0]
    assert "Line 2 has fewer fields" in refusal("adyen", cut)


def test_an_adyen_batch_without_its_payout_row_is_not_complete_yet() -> None:
    report = read("adyen", adyen(adyen_row(credit="100.00")))
    assert report.standing == "incomplete"
    assert "CoWEB/30 (GBP)" in report.note
    assert read("adyen", ONE_SALE).standing == "final"


def test_an_adyen_batch_whose_balance_was_carried_over_needs_no_payout() -> None:
    carried = adyen_row("Balancetransfer", debit="100.00", psp="", own="B1")
    assert read("adyen", adyen(adyen_row(credit="100.00"), carried)).standing == "final"


def test_a_stripe_file_that_was_cut_between_rows_is_not_complete_yet() -> None:
    sold = stripe_row("txn_1", "charge", "98.60", gross="100.00", fee="1.40")
    assert read("stripe", stripe(sold)).standing == "incomplete"
    assert read("stripe", stripe(sold, stripe_payout("-98.60"))).standing == "final"


def test_a_paypal_file_that_was_cut_between_rows_is_refused() -> None:
    whole = paypal(paypal_row("PAY1", "T0006", 10000, fee=200))
    cut = whole[: whole.index('"SC"')]
    assert "ends before its footers" in refusal("paypal", cut)


def test_a_paypal_file_with_fewer_rows_than_it_counts_is_refused() -> None:
    assert "states 2 rows, but 1" in refusal(
        "paypal", paypal(paypal_row("PAY1", "T0006", 10000), count=2)
    )


@pytest.mark.parametrize(
    ("figures", "problem"),
    [
        ('10000,0,0,200,"CR",500,"CR",10300,"CR",0,"CR",0', None),
        ('12000,0,0,200,"CR",500,"CR",10300,"CR",0,"CR",0', "CR total of Gross"),
        ('10000,0,0,300,"CR",500,"CR",10300,"CR",0,"CR",0', "DR total of Fee"),
        ('10000,0,0,200,"CR",500,"CR",10800,"CR",0,"CR",0', "opening balance"),
        ('10000,0,0,200,"CR",500,"CR",500,"CR",0,"CR",9800', None),
    ],
)
def test_paypals_totals_and_balances_are_held_against_the_lines(
    figures: str, problem: str | None
) -> None:
    row = paypal_row("PAY1", "T0006", 10000, fee=200)
    content = paypal(row, footer=f'"SF","GBP",{figures},1\n')
    if problem is None:
        assert read("paypal", content).standing == "final"
    else:
        assert problem in refusal("paypal", content)


def test_a_normalised_file_that_states_no_payout_is_provisional() -> None:
    head = (
        "key,kind,payment_reference,merchant_reference,currency,gross,settled_currency,fee,net,"
        "occurred_at,payout_id\n"
    )
    content = head + "1,charge,r,7,BRL,170,USD,0.057909,25.352491,2025-12-20T00:35:09Z,642926\n"
    report = read("normalised", content)
    assert (report.lines[0].net, report.standing) == (D("25.352491"), "provisional")


@pytest.mark.parametrize("form", ["adyen", "stripe"])
def test_a_file_that_was_cut_after_its_header_is_not_final(form: str) -> None:
    assert read(form, {"adyen": adyen, "stripe": stripe}[form]()).standing == "provisional"


def test_two_downloads_pasted_together_are_refused() -> None:
    row = stripe_row("txn_1", "charge", "98.60")
    assert "txn_1" in refusal("stripe", stripe(row, row))


# Packed, encoded and spelt in other ways


def zipped(content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("report.csv", content)
    return out.getvalue()


def spreadsheet(content: str) -> bytes:
    """The table begins at column B, row 2; dates are dates and figures are numbers."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for at, row in enumerate(content.splitlines(), start=2):
        for column, cell in enumerate(row.split(","), start=2):
            value: str | float | datetime | None = cell or None
            if cell.startswith("2025-"):
                value = datetime.fromisoformat(cell)
            elif cell.replace(".", "").isdecimal() and "." in cell:
                value = float(cell)
            sheet.cell(at, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


DISGUISES: dict[str, Callable[[str], str | bytes]] = {
    "byte-order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "semicolons": lambda text: text.replace(",", ";"),
    "semicolons and decimal commas": lambda text: text.replace(",", ";").replace(".", ","),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "a line for Excel": lambda text: "sep=;\n" + text.replace(",", ";"),
    "a title first": lambda text: "Settlement details\nCompany,Co\n\n" + text,
    "dates as a spreadsheet counts them": lambda text: text.replace(
        "2025-12-05 08:00:00", "45996.333333333"
    ),
    "bars": lambda text: text.replace(",", "|"),
    "tabs": lambda text: text.replace(",", "\t"),
    "two empty lines first": lambda text: "\n\n" + text,
    "two blanks in a header": lambda text: text.replace("Merchant Account", "Merchant  Account"),
    "thousands": lambda text: text.replace("100.00", '"1,100.00"').replace("99.00", '"1,099.00"'),
    "zip": zipped,
    "gzip": lambda text: gzip.compress(text.encode()),
    "spreadsheet": spreadsheet,
}


@pytest.mark.parametrize("disguise", list(DISGUISES))
def test_the_same_batch_is_read_however_it_comes(disguise: str) -> None:
    report = read("adyen", DISGUISES[disguise](ONE_SALE))
    [line] = report.lines
    more = 1000 if disguise == "thousands" else 0
    assert (line.gross, line.fee, line.net) == (D(100 + more), D(1), D(99 + more))
    assert report.standing == "final"
    assert f"{line.occurred_at:%H:%M}" == "07:00"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped(ONE_SALE)[:-40], "broken"),
        (gzip.compress(ONE_SALE.encode())[:-20], "broken"),
        (b"", "empty"),
        (ONE_SALE.replace("CoWEB", "Caf\u00e9").encode("latin-1"), "UTF-8"),
    ],
    ids=["cut archive", "cut gzip", "empty", "latin"],
)
def test_what_cannot_be_unpacked_or_decoded_says_so(content: bytes, said: str) -> None:
    assert said in refusal("adyen", content)


@pytest.mark.parametrize(
    ("cell", "with_", "said"),
    [
        ("100.00", '"1,525"', "Line 2, column Gross Credit (GC): thousands or a fraction"),
        ("100.00", "a lot", "Line 2, column Gross Credit (GC): it is not a number"),
        ("2025-12-05 08:00:00", "05/12/2025", "Line 2, column Creation Date: the day or the month"),
        ("CET", "LMT", "Line 2, column TimeZone: its time zone is unknown"),
        ("GBP", "pounds", "Line 2, column Net Currency: it is no currency"),
    ],
)
def test_a_message_names_row_and_column(cell: str, with_: str, said: str) -> None:
    content = ONE_SALE.replace(cell, with_)
    assert said in refusal("adyen", content)


@pytest.mark.parametrize(
    ("zone", "utc"),
    [("CDT", "13:00"), ("JST", "23:00"), ("Asia/Kolkata", "02:30"), ("NZDT", "19:00")],
)
def test_zones_of_spreadsheets_and_accounts_are_known(zone: str, utc: str) -> None:
    [line] = read("adyen", adyen(adyen_row(credit="1.00", zone=zone))).lines
    assert f"{line.occurred_at:%H:%M}" == utc


# What rows mean


def test_paypal_writes_yen_in_hundredths_too() -> None:
    [line] = read("paypal", paypal(paypal_row("P", "T0006", 325000, fee=13000, money="JPY"))).lines
    assert (line.gross, line.fee) == (D(3250), D(130))


def test_a_payment_to_a_supplier_is_none_of_a_shopper_and_a_withdrawal_is_a_transfer() -> None:
    report = read(
        "paypal",
        paypal(paypal_row("SUP1", "T0000", -15000, fee=499), paypal_row("WD1", "T0400", -100000)),
    )
    [line] = report.lines
    assert (line.kind, line.net) == ("payment", D("-154.99"))
    [sent] = report.transfers
    assert (sent.amount, sent.itemised) == (D(1000), False)


def test_a_hold_and_its_release_under_one_id_are_two_lines() -> None:
    report = read(
        "paypal",
        paypal(
            paypal_row("HOLD1", "T1110", -10000, refers_to="PAY1"),
            paypal_row("HOLD1", "T1111", 10000, refers_to="PAY1"),
        ),
    )
    assert len({line.key for line in report.lines}) == 2
    assert sum(line.net for line in report.lines) == 0


def test_the_day_of_a_paypal_payout_is_that_of_its_section() -> None:
    assert read("paypal", paypal(paypal_row("P", "T0006", 1))).lines[0].payout_id == "2025/12/05"


@pytest.mark.parametrize(
    ("code", "amount", "kind"),
    [
        ("T0200", -9800, "conversion"),
        ("T0106", -1500, "fee"),
        ("T1109", 20, "fee"),
        ("T2103", -5000, "balance"),
        ("T1501", -5000, "balance"),
        ("T0700", -5000, "payment"),
        ("T1116", -5000, "refund"),
        ("T1208", 5000, "chargeback"),
        ("T1200", 5000, "adjustment"),
    ],
)
def test_paypals_codes_say_what_moved(code: str, amount: int, kind: str) -> None:
    [line] = read("paypal", paypal(paypal_row("X", code, amount))).lines
    assert line.kind == kind


def test_paypals_times_may_name_their_zone_by_its_abbreviation() -> None:
    content = paypal(paypal_row("P", "T0006", 1)).replace("-0800", "PST")
    [line] = read("paypal", content).lines
    assert f"{line.occurred_at:%H:%M}" == "16:57"


def test_an_authorisation_moves_no_money() -> None:
    assert read("paypal", paypal(paypal_row("AUTH", "T1300", 5000))).lines == []


def test_paypals_transaction_report_is_told_from_its_settlement_report() -> None:
    content = paypal(paypal_row("P", "T0006", 1)).replace(
        layouts.PAYPAL_COLUMNS, layouts.PAYPAL_COLUMNS + ',"Transactional Status"'
    )
    assert "TRR" in refusal("paypal", content)
    assert "activity download" in refusal("paypal", '"Date","Time","Name"\n"1","2","3"\n')


def test_what_adyen_was_told_of_from_outside_is_of_the_same_kind() -> None:
    report = read(
        "adyen",
        adyen(
            adyen_row("SettledExternallyWithInfo", "100.00"),
            adyen_row("RefundedExternallyWithInfo", debit="5.00", own="M2"),
            adyen_row("ChargebackExternally", debit="7.00", own="M3"),
        ),
    )
    assert [line.kind for line in report.lines] == ["charge", "refund", "chargeback"]


def test_rows_of_the_account_itself_are_movements_of_its_balance() -> None:
    [line] = read("adyen", adyen(adyen_row("Balancetransfer", "45000.00", psp="", own="B1"))).lines
    assert (line.kind, line.gross, line.net) == ("balance", D(45000), D(45000))


def test_a_stripe_payout_that_failed_sent_nothing() -> None:
    report = read(
        "stripe",
        stripe(stripe_payout("-98.60"), stripe_payout("98.60", "payout_reversal", "txn_r")),
    )
    assert sum(one.amount for one in report.transfers) == 0
    assert len({one.key for one in report.transfers}) == 2


def test_manual_payouts_of_stripe_are_transfers_of_their_own() -> None:
    report = read(
        "stripe",
        stripe(
            stripe_row("txn_1", "charge", "98.60", payout=""),
            stripe_row("txn_p", "payout", "-50.00", payout="", references=("po_a", "", "")),
            stripe_row("txn_q", "payout", "-40.00", payout="", references=("po_b", "", "")),
        ),
    )
    assert [(one.payout_id, one.itemised) for one in report.transfers] == [
        ("po_a", False),
        ("po_b", False),
    ]
    assert report.standing == "provisional"


def test_a_stripe_run_with_times_of_its_own_zone_is_read_in_that_zone() -> None:
    content = (
        "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created,currency,"
        "gross,fee,net,reporting_category,payment_intent_id,charge_id\n"
        "po_1,2025-12-06 00:00:00,txn_1,2025-12-05 09:00:00,gbp,100.00,1.40,98.60,charge,"
        "pi_1,ch_1\n"
    )
    [line] = read("stripe", content, time_zone="Europe/Berlin").lines
    assert f"{line.occurred_at:%H:%M}" == "08:00"
    assert (line.payment_reference, line.other_references) == ("pi_1", ("ch_1",))


def test_the_export_of_stripes_dashboard_is_read_and_its_description_names_the_order() -> None:
    content = (
        "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description,"
        "Customer Facing Amount,Customer Facing Currency,Transfer,Transfer Date (UTC)\n"
        "txn_a,charge,ch_a,30.00,1.17,28.83,usd,2025-04-23 21:56,2025-04-30 00:00,Order 00000007,"
        "30.00,usd,po_a,2025-05-01 00:00\n"
    )
    [line] = read(
        "stripe", content, order_columns=["Description"], order_pattern=r"Order (\d+)"
    ).lines
    assert (line.merchant_reference, line.payment_reference) == ("00000007", "ch_a")
    assert (line.net, line.payout_id) == (D("28.83"), "po_a")


def test_the_order_number_is_read_where_the_merchant_keeps_it() -> None:
    content = adyen(adyen_row(credit="1.00", order="basket-9", metadata="W-00000001"))
    [line] = read("adyen", content, order_columns=["Metadata"]).lines
    assert line.merchant_reference == "W-00000001"


# Any other gateway by its columns

MAP = {
    "key": "ID",
    "kind": "Art",
    "merchant_reference": "Bestellung",
    "currency": "W\u00e4hrung",
    "gross": "Betrag",
    "fee": "Geb\u00fchr",
    "occurred_at": "Datum",
    "payout_id": "Auszahlung",
}
KINDS = {"Verkauf": "charge", "Erstattung": "refund", "Auszahlung": "payout", "Info": "ignore"}
GERMAN = (
    "ID;Art;Bestellung;W\u00e4hrung;Betrag;Geb\u00fchr;Datum;Auszahlung\n"
    "1;Verkauf;00000007;EUR;1.525,00;25,00;2025-12-05 12:00:00;A1\n"
    "2;Erstattung;00000007;EUR;-25,00;;2025-12-05 13:00:00;A1\n"
    "3;Info;;;;;;\n"
    "4;Auszahlung;;EUR;-1.475,00;;2025-12-06 00:00:00;A1\n"
)


def test_any_other_csv_is_read_by_the_map_of_its_columns() -> None:
    report = read("columns", GERMAN, columns=MAP, kinds=KINDS, time_zone="Europe/Berlin")
    sold, back = report.lines
    assert (sold.kind, sold.gross, sold.fee, sold.net) == ("charge", D(1525), D(25), D(1500))
    assert (back.kind, back.net) == ("refund", D(-25))
    assert report.transfers[0].amount == 1475
    assert report.standing == "final"
    assert f"{sold.occurred_at:%H:%M}" == "11:00"


def test_a_kind_that_the_map_does_not_name_is_refused_and_not_guessed() -> None:
    content = GERMAN.replace("Erstattung", "Storno")
    assert "Line 3, column Art" in refusal("columns", content, columns=MAP, kinds=KINDS)
