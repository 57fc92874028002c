"""Archives with several files and workbooks with several sheets: each report is one of its own."""

import io
import zipfile
from decimal import Decimal

import openpyxl

from sfcc_cin7.ledger.bank.reading import statements_of
from sfcc_cin7.ledger.payouts.summary import summary
from sfcc_cin7.merchant.ledger import BankPolicy, GatewayPolicy
from sfcc_cin7_tests.ledger.bank.layouts import camt
from sfcc_cin7_tests.ledger.payouts.layouts import adyen, adyen_payout, adyen_row
from sfcc_cin7_tests.ledger.payouts.test_what_finance_sees import till
from sfcc_cin7_tests.ledger.payouts.till import Till

__all__ = ["till"]

ADYEN = GatewayPolicy.model_validate({"report": "adyen", "methods": ["CARD"]})


def batch(number: int, *, payout: bool = True) -> str:
    sale = adyen_row(credit="100.00", psp=f"P{number}", own=f"M{number}", order=f"{number:08}",
                     batch=str(number))  # fmt: skip
    return adyen(sale, *([adyen_payout("100.00", str(number))] if payout else []))


def archive(**files: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("__MACOSX/._one.csv", b"\0")
        for name, content in files.items():
            packed.writestr(f"{name}.csv", content)
    return out.getvalue()


def workbook(**sheets: str) -> bytes:
    book = openpyxl.Workbook()
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        for line in content.splitlines():
            sheet.append([cell or None for cell in line.split(",")])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_each_file_of_an_archive_is_a_report_and_one_that_is_cut_stays_alone(till: Till) -> None:
    for number in (1, 2, 3):
        till.sold(f"{number:08}", gateway="adyen")
    cut = batch(2).rsplit(",", 5)[0]
    till.leave("adyen", "march.zip", archive(one=batch(1), two=cut, three=batch(3, payout=False)))
    assert till.pass_() == []
    assert till.inbox() == {
        "report:adyen/march.zip/two.csv": "report-unreadable",
        "report:adyen/march.zip/three.csv": "report-not-final",
    }
    till.leave("adyen", "march.zip", archive(one=batch(1), two=batch(2), three=batch(3)))
    assert (till.pass_(), till.inbox(), till.lines()) == ([], {}, 3)
    assert till.account("bank") == Decimal(300)
    assert till.read().reports == 0


def test_what_is_in_an_archive_no_more_is_taken_back_and_a_broken_one_takes_nothing(
    till: Till,
) -> None:
    whole = archive(one=batch(1), two=batch(2))
    till.leave("adyen", "march.zip", whole)
    till.pass_()
    till.leave("adyen", "march.zip", whole[:-30])
    till.pass_()
    assert (till.lines(), till.inbox()) == (2, {"report:adyen/march.zip": "report-unreadable"})
    assert till.read().reports == 0
    till.leave("adyen", "march.zip", archive(two=batch(2)))
    till.pass_()
    assert (till.lines(), till.inbox(), till.account("bank")) == (1, {}, Decimal(100))


def test_an_archive_in_two_folders_is_booked_once(till: Till) -> None:
    whole = archive(one=batch(1), two=batch(2))
    till.leave("adyen", "march.zip", whole)
    till.leave("adyen-jp", "march.zip", whole)
    till.pass_()
    assert till.lines() == 2
    assert set(till.inbox()) == {
        "report:adyen-jp/march.zip/one.csv",
        "report:adyen-jp/march.zip/two.csv",
    }


def test_sheets_are_reports_and_a_cover_beside_them_is_passed_over() -> None:
    cover = "Prepared for,Alpenglow\nTotal,200.00"
    said = summary(workbook(Cover=cover, EUR=batch(1), GBP=batch(2)), ADYEN)
    assert said[:2] == ["Cover:", "0 lines, final. This sheet has none of the columns of the"
                        " report, and is passed over."]  # fmt: skip
    assert [each for each in said if "to the bank" in each] == [
        "to the bank: 100.00 GBP for CoWEB/1",
        "to the bank: 100.00 GBP for CoWEB/2",
    ]
    assert "It has none of the columns" in " ".join(summary(archive(a=batch(1), b=cover), ADYEN))


def test_statements_of_the_bank_may_come_together_in_an_archive() -> None:
    found = statements_of(
        archive(a=camt(number="S1"), b=camt(number="S2", account="GB11")), BankPolicy()
    )
    assert [each.number for each in found] == ["S1", "S2"]
