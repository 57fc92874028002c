"""Journals (Cin7 API reference, Journal): entries between two accounts that somebody types in.

They move no stock. A draft can be changed, a completed one only be voided.
"""

from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.pages import Call, single
from sfcc_cin7_sandbox.cin7.stock_documents.book import Office
from sfcc_cin7_sandbox.cin7.values import (
    Body,
    cents,
    midnight,
    number,
    parse_guid,
    require,
    required_moment,
    rows,
    text,
)
from sfcc_cin7_sandbox.shelf import Document

_REQUIRED = ("Status", "Currency", "CurrencyConversionRate", "EffectiveDate")
_SHOWN = ("TaskID", "JournalNumber", "Status", "Currency", "CurrencyConversionRate")
_MORE = ("EffectiveDate", "Narration", "Notes", "Lines")


class Journals:
    """What is written in the ledger by hand. BaseAmount is Amount times the conversion rate, to the
    cent."""

    def __init__(self, office: Office) -> None:
        self._books, self._base_currency = office.shelves.books, office.base_currency
        self._lock_date = office.settings.lock_date
        self._book = office.book("journal", "JR")

    def get(self, call: Call) -> Document:
        """GET /journal, the oldest first; Search looks in number and narration."""
        search, wanted = (call.query.text("Search") or "").casefold(), call.query.guid("TaskID")

        def asked(row: Document) -> bool:
            found = (row["JournalNumber"], row["Narration"] or "")
            fits = any(search in each.casefold() for each in found)
            return fits and wanted in (None, row["TaskID"])

        return self._book.page(call, "Journals", _shown, filters={"Status": "Status"}, also=asked)

    def post(self, call: Call) -> Document:
        """POST /journal."""
        content = self._read(call.body)

        def made(key: str, number_: str) -> Document:
            return {"TaskID": key, "JournalNumber": number_} | content

        return single("Journals", _shown(self._book.open(made)))

    def put(self, call: Call) -> Document:
        """PUT /journal: a draft is written anew, and completed perhaps."""
        require(call.body, "TaskID")
        journal = self._book.find(parse_guid(call.body["TaskID"], "TaskID"))
        if journal["Status"] != "DRAFT":
            raise Refusal(f"Journal cannot be changed in status {journal['Status']}")
        return single("Journals", _shown(self._save(journal | self._read(call.body))))

    def delete(self, call: Call) -> Document:
        """DELETE /journal?ID&Void: void it; without Void a completed one is a draft again."""
        journal = self._book.find(call.query.required_guid("ID"))
        if journal["Status"] == "VOIDED":
            raise Refusal("Journal is voided")
        if call.query.boolean("Void"):
            journal |= {"Status": "VOIDED", "Lines": []}
        else:
            journal |= {"Status": "DRAFT"}
        return single("Journals", _shown(self._save(journal)))

    def _save(self, journal: Document) -> Document:
        return self._book.save(journal["TaskID"], journal)

    def _read(self, body: Body) -> Document:
        require(body, *_REQUIRED)
        if body["Status"] not in ("DRAFT", "COMPLETED"):
            raise Refusal("Attribute Status must be DRAFT or COMPLETED.")
        currency, rate = text(body, "Currency", 3) or "", number(body, "CurrencyConversionRate", 5)
        if len(currency) != 3 or not currency.isalpha():
            raise Refusal(f"Currency '{currency}' was not found")
        if rate <= 0 or (currency == self._base_currency and rate != 1):
            raise Refusal("Attribute CurrencyConversionRate is out of range.")
        effective = required_moment(body, "EffectiveDate")
        if self._lock_date is not None and effective.date() <= self._lock_date:
            raise Refusal(f"EffectiveDate is not after the lock date {self._lock_date}")
        lines = [self._line(row, rate) for row in rows(body, "Lines")]
        if body["Status"] == "COMPLETED" and not lines:
            raise Refusal("Journal cannot be completed without lines")
        return {
            "Status": body["Status"],
            "Currency": currency.upper(),
            "CurrencyConversionRate": rate,
            "EffectiveDate": midnight(effective),
            "Narration": text(body, "Narration", 1024),
            "Notes": text(body, "Notes", 1024),
            "Lines": lines,
        }

    def _line(self, body: Body, rate: Decimal) -> Document:
        require(body, "Debit", "Credit")
        debit, credit = (
            str(self._books.account(str(text(body, side, 50)))["Code"])
            for side in ("Debit", "Credit")
        )
        if debit == credit:
            raise Refusal("Debit and Credit must be different accounts")
        amount, base = number(body, "Amount", 2), number(body, "BaseAmount", 2)
        if amount <= 0:
            raise Refusal("Attribute Amount is out of range.")
        if base != cents(amount * rate):
            raise Refusal(f"BaseAmount {base} does not match Amount and rate")
        reference = text(body, "Reference", 256)
        named = {"Debit": debit, "Credit": credit, "Reference": reference}
        return named | {"Amount": amount, "BaseAmount": base}


def _shown(journal: Document) -> Document:
    return {name: journal[name] for name in (*_SHOWN, *_MORE)} | {"Attachments": []}
