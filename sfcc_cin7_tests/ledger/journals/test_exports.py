"""Journals go to the books once, from the orders and payouts that the ledger holds."""

import csv
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sfcc_cin7.inbox.action import Author
from sfcc_cin7.ledger.journal_assets import shown
from sfcc_cin7.ledger.passes.journals import Exported, export_again, export_journals
from sfcc_cin7.ledger.work.signing import sign_off
from sfcc_cin7.merchant.books import BooksPolicy
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.ledger.payouts.layouts import adyen, adyen_payout, adyen_row
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.project import SANDBOX_MODEL

D = Decimal
NAMES = (
    "bank", "fees", "due from", "gateway clearing", "clearing", "rounding", "storefront revenue",
    "refunds", "refunds paid", "refunds credited", "write-offs", "disputes",
)  # fmt: skip
SOLD = adyen_row(credit="100.00", net=("", "99.00"), fee="1.00")
BACK = adyen_row("Refunded", debit="20.00", own="M2")


class Books(Till):
    """The till, and the accounting system that its journals go to."""

    def keeps(self, **policy: object) -> None:
        given = {"target": "generic", "accounts": {name: name for name in NAMES}, **policy}
        books = {"books": BooksPolicy.model_validate(given)}
        ledger = self.model.ledger.model_copy(update=books)
        self.model = self.model.model_copy(update={"ledger": ledger})

    def export(self, folder: str = "journals") -> Exported:
        return export_journals(self.engine, self.clock, self.model, self.folder / folder)

    def balances(self) -> dict[str, Decimal]:
        """What the files that were written come to, by account."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for path in sorted((self.folder / "journals").glob("*.csv")):
            for row in csv.DictReader(path.open()):
                found[row["account"]] += D(row["debit"] or "0") - D(row["credit"] or "0")
        return {account: amount for account, amount in found.items() if amount}


@pytest.fixture
def books(engine: Engine, clock: ManualClock, tmp_path: Path) -> Books:
    """An order of 100.00, settled by Adyen for 99.00; 20.00 of it were given back and credited."""
    till = Books(engine, clock, load_operating_model(SANDBOX_MODEL), tmp_path)
    till.keeps()
    till.sold(gateway="adyen", credited="20.00")
    till.leave("adyen", "batch_30.csv", adyen(SOLD, BACK, adyen_payout("79.00")))
    till.pass_()
    till.clock.sleep(2 * 86400)
    return till


def test_sales_and_payouts_go_out_once_and_come_to_what_the_bank_got(books: Books) -> None:
    told = books.export()
    assert told.left_out == {}
    held = books.balances()
    assert (held["bank"], held["fees"], held["storefront revenue"]) == (
        D("79.00"),
        D("1.00"),
        D("-100.00"),
    )
    assert "refunds paid" not in held  # what was given back is what was credited
    assert held.get("refunds", held.get("refunds credited")) == D("20.00")
    assert sum(held.values()) == 0
    again = books.export()
    assert (again.entries, again.files) == (0, [])


def test_a_report_that_is_restated_is_corrected_and_one_that_is_retracted_is_reversed(
    books: Books,
) -> None:
    books.export()
    dearer = adyen_row(credit="100.00", net=("", "98.00"), fee="2.00")
    path = books.leave("adyen", "batch_30.csv", adyen(dearer, BACK, adyen_payout("78.00")))
    books.pass_()
    assert books.export().entries == 1
    assert (books.balances()["bank"], books.balances()["fees"]) == (D("78.00"), D("2.00"))
    path.unlink()
    books.leave("adyen", "batch_31.csv", adyen(adyen_payout("0.00", batch="31")))
    books.pass_()
    assert books.export().entries == 1
    assert "bank" not in books.balances()
    assert "fees" not in books.balances()


def test_a_signed_month_gets_no_more_entries_and_what_comes_later_is_booked_after_it(
    books: Books,
) -> None:
    books.clock.sleep(40 * 86400)
    month = f"{books.clock.now() - timedelta(days=42):%Y-%m}"
    sign_off(books.engine, books.clock, books.model, month, Author("kim", "all is well"))
    [path] = books.export().files
    booked = {row["date"] for row in csv.DictReader(path.open())}
    assert min(booked) > f"{month}-99"


def test_where_cin7_itself_posts_sales_only_settlements_go_out_and_it_says_so(
    books: Books,
) -> None:
    books.keeps(sales_posted_by_erp=True)
    told = books.export()
    assert "Cin7 itself posts them" in told.notes[0]
    assert "storefront revenue" not in books.balances()
    assert books.balances()["bank"] == D("79.00")
    assert "Cin7 itself" in str(shown(told)["note"])


def test_sales_that_went_out_before_cin7_posts_them_are_not_taken_out_of_the_books(
    books: Books,
) -> None:
    books.export()
    before = books.balances()
    books.keeps(sales_posted_by_erp=True)
    told = books.export()
    assert (told.entries, books.balances()) == (0, before)
    assert any("went out before" in note for note in told.notes)
    books.keeps()  # and back again: nothing is owed to the books
    assert (books.export().entries, books.balances()) == (0, before)


def test_a_payout_whose_report_is_not_final_and_a_day_that_is_not_over_wait(books: Books) -> None:
    books.leave("adyen", "batch_32.csv", adyen(adyen_row(credit="9.00", batch="32")))
    books.sold("00000002", "50.00", gateway="adyen")
    books.pass_()
    told = books.export()
    assert told.left_out == {"a report of theirs is not final (see payouts_agree)": 1}
    assert books.balances()["storefront revenue"] == D("-100.00")
    books.clock.sleep(2 * 86400)
    books.export()
    assert books.balances()["storefront revenue"] == D("-150.00")


def test_what_went_out_of_a_payout_stays_while_its_new_day_is_not_over(books: Books) -> None:
    books.export()
    this_day = f"{books.clock.now():%Y-%m-%d}"
    later = adyen(SOLD, BACK, adyen_payout("79.00")).replace("2025-12-05", this_day)
    books.leave("adyen", "batch_30.csv", later)
    books.pass_()
    assert books.export().entries == 0
    assert books.balances()["bank"] == D("79.00")
    books.clock.sleep(2 * 86400)
    assert books.export().entries == 2
    assert books.balances()["bank"] == D("79.00")


def test_settlements_go_out_by_day_where_the_merchant_wants_that(books: Books) -> None:
    books.keeps(settlements="day")
    books.export()
    assert books.balances()["fees"] == D("1.00")


def test_xero_gets_no_journal_in_another_currency_than_its_own(books: Books) -> None:
    books.keeps(target="xero", tax_rate="Tax Exempt")
    other = books.model.model_copy(update={"base_currency": "EUR"})
    books.model = other
    told = books.export()
    assert told.entries == 0
    [why] = told.left_out
    assert "in EUR alone" in why


def test_files_that_could_not_be_written_are_written_by_the_next_export(books: Books) -> None:
    (books.folder / "blocked").write_text("a file where the folder should be")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        books.export("blocked")
    told = books.export()
    assert (told.entries, len(told.files)) == (0, 1)
    assert books.balances()["bank"] == D("79.00")
    [first] = told.files
    [again] = export_again(books.engine, books.model, 1, books.folder / "elsewhere")
    assert again.read_bytes() == first.read_bytes()
    with pytest.raises(ConfigurationError, match="no batch 9"):
        export_again(books.engine, books.model, 9, books.folder)
