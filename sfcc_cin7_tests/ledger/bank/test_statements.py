"""Bank statements as they come: CAMT.053, MT940, and a table by the map of its columns."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from sfcc_cin7.ledger.bank.reading import statements_of
from sfcc_cin7.ledger.bank.statements.statement import Statement
from sfcc_cin7.ledger.payouts.reports.lines import UnusableReport
from sfcc_cin7.merchant.ledger import BankPolicy, LedgerPolicy
from sfcc_cin7_tests.ledger.bank.layouts import ACCOUNT, camt, camt_entry, mt940

D = Decimal
ANY = BankPolicy()
TABLE = BankPolicy.model_validate(
    {
        "columns": {"day": "Date", "credit": "In", "debit": "Out", "reference": "Text"},
        "account": "ACC1",
        "currency": "GBP",
    }
)
SENT = camt_entry("99.00", "2026-02-03", text="PAYOUT po_1", party="STRIPE LTD", own="B1")


def only(content: str | bytes, policy: BankPolicy = ANY) -> Statement:
    [statement] = statements_of(content.encode() if isinstance(content, str) else content, policy)
    return statement


def test_a_camt_statement_is_its_booked_entries_between_its_balances() -> None:
    rent = camt_entry("-10.50", "2026-02-04", text="rent", party="Landlord")
    back = camt_entry("10.50", "2026-02-05", text="rent came back", reversal=True)
    pending = camt_entry("7.00", "2026-02-06", status="<Sts>PDNG</Sts>")
    older = camt_entry("1.00", "2026-02-07", status="<Sts>BOOK</Sts>")
    found = only(camt(SENT, rent, back, pending, older, opening="-5.00", closing="95.00"))
    assert (found.account, found.currency, found.opening, found.closing) == (
        *(ACCOUNT, "GBP"),
        *(D("-5.00"), D("95.00")),
    )
    assert (found.first_day, found.last_day) == (date(2026, 2, 2), date(2026, 2, 28))
    assert [(line.amount, line.day.day, line.reference, line.party) for line in found.lines] == [
        (D("99.00"), 3, "PAYOUT po_1", "STRIPE LTD"),
        (D("-10.50"), 4, "rent", "Landlord"),
        (D("10.50"), 5, "rent came back", ""),
        (D("1.00"), 7, "", ""),
    ]


def test_one_entry_of_several_transactions_is_a_line_for_each() -> None:
    def part(amount: str, reference: str) -> str:
        return (
            f"<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>"
            f'<Amt Ccy="GBP">{amount}</Amt></TxDtls>'
        )

    both = part("60.00", "po_111111") + part("39.00", "po_222222")
    entry = camt_entry("99.00", "2026-02-03", details=both)
    found = only(camt(entry, closing="99.00"))
    assert [(line.amount, line.reference) for line in found.lines] == [
        (D("60.00"), "po_111111"),
        (D("39.00"), "po_222222"),
    ]
    apart = camt_entry("99.00", "2026-02-03", details=part("60.00", "x") + part("1.00", "y"))
    assert [line.amount for line in only(camt(apart, closing="99.00")).lines] == [D("99.00")]


def test_equal_lines_of_a_day_are_two_and_have_keys_of_their_own() -> None:
    found = only(camt(*2 * [camt_entry("5.00", "2026-02-03", text="same")], closing="10.00"))
    assert len({line.key for line in found.lines}) == 2


@pytest.mark.parametrize("at", range(10, 900, 37))
def test_a_camt_statement_that_was_cut_is_refused(at: int) -> None:
    whole = camt(SENT, closing="99.00")
    assert at < len(whole)
    with pytest.raises(UnusableReport):
        only(whole[:at])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (camt(SENT, closing="98.00"), "lead from 0.00 GBP to 99.00 GBP, but it states 98.00 GBP"),
        (camt(SENT, closing="99.00").replace("OPBD", "ITAV"), "lacks its opening"),
        (camt(SENT, closing="99.00").replace("BkToCstmrStmt", "BkToCstmrAcctRpt"), "camt.052"),
        (camt(SENT, closing="99.00").replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn"), "camt.054"),
        (camt(SENT, closing="99.00").replace("CRDT</CdtDbtInd><Sts", "X</CdtDbtInd><Sts"), "which"),
        (camt(SENT, closing="99.00").replace("99.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts",
                                             "NaN</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts"), "number"),
        (camt(SENT, closing="99.00").replace("2026-02-03", "soon"), "date"),
        (camt(camt_entry("1", "2026-02-03", currency="USD"), closing="1"), "is in USD"),
        ("<a/>", "no bank statement"),
        ("", "empty"),
        ("just words\n", "maps no columns"),
    ],
)  # fmt: skip
def test_what_is_no_statement_says_why(content: str, why: str) -> None:
    with pytest.raises(UnusableReport, match=why):
        only(content)


BOMB = "".join(
    f'<!ENTITY l{level} "{"".join(10 * [f"&l{level - 1};"])}">' for level in range(1, 10)
)


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        f'<!DOCTYPE d [<!ENTITY l0 "ha">{BOMB}<!ENTITY x "&l9;">]>',
        '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/d.dtd">',
        " " * 5000 + '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
    ids=["a file", "a billion laughs", "an address", "far down"],
)
def test_no_entity_of_a_statement_reads_a_file_or_grows(declared: str) -> None:
    entry = camt_entry("99.00", "2026-02-03", text="&x;")
    content = camt(entry, closing="99.00", head=f'<?xml version="1.0"?>{declared}')
    for encoded in (content.encode(), content.encode("utf-16")):
        with pytest.raises(UnusableReport):
            only(encoded)


def test_a_statement_in_an_older_encoding_is_read() -> None:
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>'
    content = camt(camt_entry("1.00", "2026-02-03", text="für"), closing="1.00", head=head)
    assert only(content.encode("iso-8859-1")).lines[0].reference == "für"
    lines = [":61:2602030203C1,00NTRFNONREF", ":86:für"]
    content = mt940(lines, closing="C260228GBP1,00")
    assert only(content.encode("iso-8859-1")).lines[0].reference == "für"


def test_an_mt940_statement_is_its_lines_between_its_balances() -> None:
    lines = [
        *(":61:2602030203C99,00NTRFpo_1//BANKREF1", ":86:STRIPE PAYMENTS UK LTD po_1"),
        *(":61:2602040204D10,50NTRFNONREF", ":86:rent"),
        *(":61:2602050205RD10,50NTRFNONREF", ":86:rent came back"),
        *(":61:2602060206RC9,00NTRFNONREF", ":86:taken back"),
    ]
    found = only(mt940(lines, closing="C260228GBP90,00"))
    assert (found.account, found.currency, found.opening, found.closing) == (
        *(ACCOUNT, "GBP"),
        *(D("0.00"), D("90.00")),
    )
    assert [(line.amount, line.day) for line in found.lines] == [
        (D("99.00"), date(2026, 2, 3)),
        (D("-10.50"), date(2026, 2, 4)),
        (D("10.50"), date(2026, 2, 5)),
        (D("-9.00"), date(2026, 2, 6)),
    ]
    assert found.lines[0].reference == "po_1 BANKREF1 STRIPE PAYMENTS UK LTD po_1"


def test_several_mt940_statements_of_one_file_are_several() -> None:
    one = mt940([":61:2602030203C1,00NTRFNONREF"], closing="C260203GBP1,00")
    two = mt940(
        [":61:2602040204C2,00NTRFNONREF"],
        opening="C260203GBP1,00",
        closing="C260204GBP3,00",
        number="00002/001",
    )
    found = statements_of((one + two).encode(), ANY)
    assert [(each.number, len(each.lines), each.closing) for each in found] == [
        ("00001/001", 1, D("1.00")),
        ("00002/001", 1, D("3.00")),
    ]


@pytest.mark.parametrize("at", [30, 60, 75, 100, 115])
def test_an_mt940_statement_that_was_cut_is_refused(at: int) -> None:
    whole = mt940([":61:2602030203C99,00NTRFpo_1", ":86:x"], closing="C260228GBP99,00")
    assert at < whole.index(":62F:") + 15
    with pytest.raises(UnusableReport):
        only(whole[:at])


def test_a_line_of_an_mt940_statement_that_cannot_be_read_is_not_passed_over() -> None:
    content = mt940([":61:nonsense", ":61:2602030203C1,00NTRFNONREF"], closing="C260228GBP1,00")
    with pytest.raises(UnusableReport):
        only(content)


def test_a_table_is_read_by_the_map_of_its_columns() -> None:
    content = "Date;In;Out;Text\n2026-02-03;99,00;;STRIPE po_1\n2026-02-04;;10,50;rent\n"
    found = only(content, TABLE)
    assert (found.account, found.currency, found.opening) == ("ACC1", "GBP", None)
    assert [(line.amount, line.day, line.reference) for line in found.lines] == [
        (D("99.00"), date(2026, 2, 3), "STRIPE po_1"),
        (D("-10.50"), date(2026, 2, 4), "rent"),
    ]


def test_a_row_of_a_table_whose_day_could_be_two_is_refused() -> None:
    with pytest.raises(UnusableReport, match=r"Line 2, column Date: the day or the month first"):
        only("Date;In;Out;Text\n03/02/2026;99,00;;x\n", TABLE)


def test_a_map_of_the_bank_has_a_day_and_an_amount_and_no_gateway_is_called_bank() -> None:
    with pytest.raises(ValidationError, match="amount or both"):
        BankPolicy.model_validate({"columns": {"day": "Date", "credit": "In"}})
    with pytest.raises(ValidationError, match="no gateway is called bank"):
        LedgerPolicy.model_validate({"gateways": {"bank": {"report": "stripe", "methods": ["X"]}}})


def test_nothing_of_a_damaged_statement_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    damaged = mt940([":61:26020x0203C99,00NTRFMRS LOVELACE"], closing="C260228GBP99,00")
    with pytest.raises(UnusableReport):
        only(damaged)
    assert "LOVELACE" not in caplog.text
