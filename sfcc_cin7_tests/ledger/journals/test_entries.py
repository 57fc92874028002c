"""Which journal entries are still to be made, and how files state them; no database is asked."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sfcc_cin7.ledger.journals.entries import (
    Entry,
    JournalLine,
    Sum,
    code_of,
    in_pieces,
    outstanding,
)
from sfcc_cin7.ledger.journals.formats import as_file
from sfcc_cin7.merchant.books import BooksPolicy

D = Decimal
ACCOUNTS = {"bank": "090", "fees": "404", "due from": "610", "rounding": "860"}
PO = "payout:stripe:po_1"
PAYOUT = {"bank": "98.60", "fees": "1.40", "due from stripe": "-100"}


def sums(amounts: dict[str, str], subject: str = PO, day: str = "2026-03-02") -> list[Sum]:
    return [Sum(subject, day, "GBP", account, D(amount)) for account, amount in amounts.items()]


def of(entry: Entry) -> list[Sum]:
    """What is exported once an entry went out."""
    about = entry.subject, entry.day, entry.currency
    return [Sum(*about, line.account, line.amount) for line in entry.lines]


def test_a_payout_goes_out_once_under_the_codes_of_the_books() -> None:
    [entry], [] = outstanding(sums(PAYOUT), [], ACCOUNTS)
    assert entry.narration == "Payout po_1 of stripe (GBP)"
    assert {line.code: line.amount for line in entry.lines} == {
        "090": D("98.60"),
        "404": D("1.40"),
        "610": D("-100.00"),
    }
    assert outstanding(sums(PAYOUT), of(entry), ACCOUNTS) == ([], [])


def test_what_changed_after_it_went_out_follows_as_a_correction_and_what_is_gone_is_reversed() -> (
    None
):
    [entry], _ = outstanding(sums(PAYOUT), [], ACCOUNTS)
    restated = {**PAYOUT, "fees": "2.40", "bank": "97.60"}
    [correction], _ = outstanding(sums(restated), of(entry), ACCOUNTS)
    assert correction.narration.endswith("correction")
    assert {line.account: line.amount for line in correction.lines} == {
        "bank": D("-1.00"),
        "fees": D("1.00"),
    }
    [reversal], _ = outstanding([], of(entry), ACCOUNTS)
    assert [line.amount for line in reversal.lines] == [-line.amount for line in entry.lines]


def test_what_comes_for_a_day_that_is_signed_is_booked_once_on_the_first_that_is_not() -> None:
    [entry], _ = outstanding(sums(PAYOUT), [], ACCOUNTS, open_from="2026-04-01")
    assert (entry.day, entry.booked_on) == ("2026-03-02", "2026-04-01")
    assert outstanding(sums(PAYOUT), of(entry), ACCOUNTS, open_from="2026-04-01") == ([], [])


def test_a_payout_of_which_a_report_is_not_final_is_left_as_it_is() -> None:
    [entry], _ = outstanding(sums(PAYOUT), [], ACCOUNTS)
    assert outstanding([], of(entry), ACCOUNTS, untouched={PO}) == ([], [])


def test_an_account_without_a_code_and_a_currency_that_the_books_refuse_leave_the_entry_out() -> (
    None
):
    lacking = {"bank": "090", "due from": "610"}
    assert outstanding(sums(PAYOUT), [], lacking)[1][0].why.endswith("has no code of fees")
    [], [left] = outstanding(sums(PAYOUT), [], ACCOUNTS, only_currency="EUR")
    assert left.why == "the books take journals in EUR alone, and it is in GBP"


def test_parts_of_a_coin_are_rounding() -> None:
    parts = {"bank": "98.60", "fees": "1.3964", "due from stripe": "-99.9964"}
    [entry], _ = outstanding(sums(parts), [], ACCOUNTS)
    assert {line.account: line.amount for line in entry.lines} == {
        "bank": D("98.60"),
        "fees": D("1.40"),
        "due from stripe": D("-100.00"),
    }


@pytest.mark.parametrize(
    ("account", "code"),
    [("due from stripe", "610"), ("due from", "610"), ("due fromage", None), ("bank", "090")],
)
def test_the_beginning_of_a_name_stands_for_all_its_accounts(
    account: str, code: str | None
) -> None:
    assert code_of(account, ACCOUNTS) == code
    assert code_of("due from stripe", {**ACCOUNTS, "due from stripe": "611"}) == "611"


amounts = st.decimals("-1000", "1000", places=4)
states = st.lists(
    st.dictionaries(st.sampled_from(["bank", "fees", "due from a", "due from b"]), amounts),
    min_size=1,
    max_size=6,
)


@given(states)
def test_whatever_the_ledger_says_one_day_after_the_other_the_books_hold_the_last(
    days: list[dict[str, Decimal]],
) -> None:
    """Every entry sums to zero, and all together are what the ledger holds, in whole coins."""
    there: list[Sum] = []
    for stated in days:
        balanced = {**stated, "rounding": -sum(stated.values(), D(0))}
        wanted = [Sum(PO, "2026-03-02", "GBP", name, amount) for name, amount in balanced.items()]
        for entry in outstanding(wanted, there, ACCOUNTS)[0]:
            assert sum(line.amount for line in entry.lines) == 0
            there += of(entry)
        assert outstanding(wanted, there, ACCOUNTS) == ([], [])
    for account, amount in days[-1].items():
        held = sum((one.amount for one in there if one.account == account), D(0))
        assert abs(held - amount) <= D("0.005")


# Files

ENTRY = Entry(
    PO,
    "2026-03-01",
    "2026-03-02",
    "GBP",
    "Payout po_1 of stripe (GBP)",
    [JournalLine("bank", "090", D("98.6")), JournalLine("due from stripe", "610", D("-98.6"))],
    "SFCC-7",
)


def rows(**policy: object) -> list[dict[str, str]]:
    given = BooksPolicy.model_validate({"accounts": ACCOUNTS, **policy})
    return list(csv.DictReader(io.StringIO(as_file([ENTRY], given))))


def test_xero_gets_signed_amounts_under_one_narration_and_the_day_first() -> None:
    debit, credit = rows(target="xero", tax_rate="Tax Exempt")
    assert debit == {
        "*Narration": "SFCC-7: Payout po_1 of stripe (GBP)",
        "*Date": "02/03/2026",
        "Description": "bank",
        "*AccountCode": "090",
        "*TaxRate": "Tax Exempt",
        "*Amount": "98.60",
        "TrackingName1": "",
        "TrackingOption1": "",
        "TrackingName2": "",
        "TrackingOption2": "",
    }
    assert credit["*Amount"] == "-98.60"
    with pytest.raises(ValidationError, match="tax_rate"):
        rows(target="xero")


def test_quickbooks_gets_debits_and_credits_under_one_number_and_the_month_first() -> None:
    debit, credit = rows(target="quickbooks")
    assert (debit["Journal No"], debit["Journal Date"]) == ("SFCC-7", "03/02/2026")
    assert (debit["Account Name"], debit["Debits"], debit["Credits"]) == ("090", "98.60", "")
    assert (credit["Debits"], credit["Credits"], credit["Currency"]) == ("", "98.60", "GBP")
    assert rows(target="quickbooks", dates="day")[0]["Journal Date"] == "02/03/2026"


def test_any_other_gets_every_figure_in_a_plain_form() -> None:
    debit, _ = rows(target="generic")
    assert debit["date"] == "2026-03-02"
    assert (debit["account"], debit["code"], debit["debit"]) == ("bank", "090", "98.60")


def test_no_file_has_more_lines_than_the_books_take_and_no_entry_is_split() -> None:
    assert [len(piece) for piece in in_pieces([ENTRY] * 7, 5)] == [2, 2, 2, 1]
