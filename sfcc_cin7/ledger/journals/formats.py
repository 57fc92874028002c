"""Journal entries as the files that accounting systems import. Pure.

Xero, manual journals: https://help.xero.com/nz/ManualJournalsImport. Rows of one narration and date
are one journal; an amount is a debit where it is positive; at most 300 lines a file; journals are
in the organisation's own currency.

QuickBooks Online, journal entries: https://quickbooks.intuit.com/learn-support/en-au/help-article/
import-export-files/import-journal-entries-quickbooks-online/L4tQBwbs7_AU_en_AU. Rows of one journal
number are one entry; accounts are named as `Parent:Sub`; columns are mapped at the import, where
the order of day and month is chosen too.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from sfcc_cin7.ledger.journals.entries import Entry
from sfcc_cin7.merchant.books import BooksPolicy
from sfcc_cin7.values.money import ZERO, quantum

XERO = (
    "*Narration",
    "*Date",
    "Description",
    "*AccountCode",
    "*TaxRate",
    "*Amount",
    "TrackingName1",
    "TrackingOption1",
    "TrackingName2",
    "TrackingOption2",
)
QUICKBOOKS = (
    "Journal No",
    "Journal Date",
    "Account Name",
    "Debits",
    "Credits",
    "Description",
    "Name",
    "Currency",
)
GENERIC = (
    "number",
    "date",
    "subject",
    "narration",
    "account",
    "code",
    "debit",
    "credit",
    "currency",
)


class Rows(Protocol):
    """The rows of an entry."""

    def __call__(self, entry: Entry, policy: BooksPolicy) -> Iterator[Sequence[str]]: ...


@dataclass(frozen=True)
class Form:
    """Columns, rows, how many lines a file may have, and whether it takes one currency alone."""

    columns: Sequence[str]
    rows: Rows
    most_lines: int
    one_currency: bool = False


def _xero(entry: Entry, policy: BooksPolicy) -> Iterator[Sequence[str]]:
    said = f"{entry.number}: {entry.narration}"  # one narration is one journal
    day = _written(entry.booked_on, policy.dates or "day")
    for line in entry.lines:
        amount = _coins(line.amount, entry.currency)
        yield (said, day, line.account, line.code, policy.tax_rate or "", amount, "", "", "", "")


def _quickbooks(entry: Entry, policy: BooksPolicy) -> Iterator[Sequence[str]]:
    day = _written(entry.booked_on, policy.dates or "month")
    for line in entry.lines:
        sides = _sides(line.amount, entry.currency)
        said = f"{entry.narration}: {line.account}"
        yield (entry.number, day, line.code, *sides, said, "", entry.currency)


def _generic(entry: Entry, policy: BooksPolicy) -> Iterator[Sequence[str]]:
    del policy
    for line in entry.lines:
        sides = _sides(line.amount, entry.currency)
        about = (entry.number, entry.booked_on, entry.subject, entry.narration)
        yield (*about, line.account, line.code, *sides, entry.currency)


FORMS: Mapping[str, Form] = {
    "xero": Form(XERO, _xero, most_lines=300, one_currency=True),
    "quickbooks": Form(QUICKBOOKS, _quickbooks, most_lines=1000),
    "generic": Form(GENERIC, _generic, most_lines=1_000_000),
}
"""By the `target` of the merchant's books."""


def as_file(entries: Iterable[Entry], policy: BooksPolicy) -> str:
    """The text of one file."""
    form = FORMS[policy.target]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(form.columns)
    for entry in entries:
        writer.writerows(form.rows(entry, policy))
    return out.getvalue()


def _written(day: str, first: str) -> str:
    told = date.fromisoformat(day)
    return f"{told:%d/%m/%Y}" if first == "day" else f"{told:%m/%d/%Y}"


def _coins(amount: Decimal, currency: str) -> str:
    return f"{amount.quantize(quantum(currency)):f}"


def _sides(amount: Decimal, currency: str) -> tuple[str, str]:
    """Debit and credit, one of them empty."""
    told = _coins(abs(amount), currency)
    return (told, "") if amount > ZERO else ("", told)
