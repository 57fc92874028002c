"""PayPal's settlement report (STL-yyyymmdd.sequence.version.CSV).

Layout: https://developer.paypal.com/docs/reports/sftp-reports/settlement-report/. Each line begins
with a row type: RH report header, FH file header, SH section header, CH column header, SB section
body, SF, SC, RF, RC, FF footers and counts. Amounts are unsigned and without a decimal point, in
hundredths of every currency (the page: "100,00 yen and $100.00 USD are both represented as 10000");
a column beside each says DR or CR. `Invoice ID` is what the storefront gave with the payment: its
order number. Event codes: https://developer.paypal.com/docs/reports/reference/tcodes/.

What the file states of itself is compared: the rows of each section (SC) and of the file (FF), and
of each currency of a section (SF) the gross and fee totals and that its balance moved by its lines;
of a report that is in this file alone, whose first file it is, its totals (RF) and rows (RC) too.
A file without its footers was cut and is refused. The report states no batch: the lines of a
section's day (SH) are one payout, and a withdrawal (T04) is a transfer that names no lines.

Not certain: which of the balances of SF (available, payable, both) the lines move, so one of them
has to fit. Authorisations (T13) move no money.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sfcc_cin7.ledger.payouts.reports.instants import instant
from sfcc_cin7.ledger.payouts.reports.lines import (
    Kind,
    Layout,
    Line,
    Report,
    Transfer,
    UnusableReport,
    currency,
)
from sfcc_cin7.ledger.payouts.reports.sheet import MOST_DIGITS, Row, delimited, fields, spelt
from sfcc_cin7.values.money import ZERO

REQUIRED = (
    "Transaction ID",
    "Invoice ID",
    "PayPal Reference ID",
    "Transaction Event Code",
    "Transaction Completion Date",
    "Transaction Debit or Credit",
    "Gross Transaction Amount",
    "Gross Transaction Currency",
    "Fee Debit or Credit",
    "Fee Amount",
    "Fee Currency",
)
STATUS = ("Transactional Status", "Transaction Status")
"""Columns of the transaction report (TRR), which lists what moved no money too."""
KINDS: dict[str, Kind] = {
    "T1105": "balance",  # release of a hold
    "T1106": "refund",  # payment reversal, initiated by PayPal
    "T1107": "refund",
    "T1108": "fee",  # fees that come back
    "T1109": "fee",
    "T1110": "chargeback",  # hold for a dispute
    "T1111": "chargeback",  # and its release
    "T1113": "refund",  # without reference to a payment
    "T1114": "payment",  # what was paid out to many comes back
    "T1115": "payment",
    "T1101": "balance",  # transfers from the bank and cards of the merchant come back
    "T1102": "balance",
    "T1104": "balance",
    "T1116": "refund",
    "T1201": "chargeback",
    "T1202": "chargeback",  # reversal of one
    "T1205": "chargeback",
    "T1207": "chargeback",
    "T1208": "chargeback",
}
GROUPS: dict[str, Kind] = {
    "T01": "fee",
    "T02": "conversion",
    "T03": "balance",
    "T05": "payment",
    "T06": "payment",
    "T07": "payment",
    "T10": "payment",
    "T15": "balance",
    "T17": "payment",
    "T18": "payment",
    "T19": "balance",
    "T20": "balance",
    "T21": "balance",
    "T22": "balance",
}
"""The group decides where the code is not named; every other is an adjustment."""
PAYMENTS, WITHDRAWALS = "T00", "T04"
NO_MONEY = ("T13", "T98")
"""Authorisations, and what is only displayed."""
CODE = re.compile(r"T\d{4}")
HUNDREDTHS = -2
NOT_THIS = (
    "There is no column header (CH): this is no settlement report (STL). An activity download, a"
    " statement or another report is not read."
)


def read(text: str, layout: Layout = Layout()) -> Report:  # noqa: B008 - it is frozen
    """The lines of every section of a report.

    Raises:
        UnusableReport: it is not such a report, was cut, or is not what its footers state.
    """
    return _File(layout).read(text)


class _Section:
    """The rows of one section, as they come."""

    def __init__(self, day: str, columns: Sequence[str]) -> None:
        self.day, self.columns = day, columns
        self.rows: list[Row] = []


class _File:
    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.lines: list[Line] = []
        self.transfers: list[Transfer] = []
        self.seen: Counter[str] = Counter()
        self.stated: set[tuple[str, ...]] = set()
        self.day = ""
        self.columns: Sequence[str] = ()
        self.section: _Section | None = None
        self.bodies = 0
        self.closed = False
        self.rows: list[Row] = []
        self.began = self.whole = False

    def read(self, text: str) -> Report:
        delimiter, text = delimited(text)
        for line, (kind, *rest) in fields(text, delimiter):
            self._take(line, kind.lstrip("\ufeff"), rest)
        if not self.columns:
            raise UnusableReport(NOT_THIS)
        if self.section is not None or not self.closed:
            raise UnusableReport(
                "It ends before its footers (SC, FF): it was cut, or is still being written."
            )
        return Report(self.lines, self.transfers)

    def _take(self, line: int, kind: str, rest: list[str]) -> None:
        if kind == "RH":
            self.day = rest[0][:10] if rest else ""
            self.began, self.rows = True, []
        elif kind == "FH":
            self.closed, self.bodies = False, 0
            self.whole = self.began and rest[:1] in (["1"], ["01"])
        elif kind == "SH":
            self.day = rest[0][:10] if rest and rest[0] else self.day
        elif kind == "CH":
            self._columns(rest)
        elif kind == "SB":
            self._body(line, rest)
        elif kind == "SF":
            self._totals(line, rest, self.section.rows if self.section else [])
        elif kind == "RF" and self.whole:
            self._totals(line, rest, self.rows)
        elif kind == "RC" and self.whole:
            self._count(line, rest, len(self.rows))
        elif self.columns and kind not in ("RF", "RC", "SC", "FF"):
            raise UnusableReport(f"Line {line} begins with {kind[:8]}, which no row of it does.")
        elif kind == "SC":
            self._count(line, rest, len(self.section.rows) if self.section else 0)
            self.section = None
        elif kind == "FF":
            self._count(line, rest, self.bodies)
            self.closed = True

    def _columns(self, names: Sequence[str]) -> None:
        self.columns = [spelt(name) for name in names]
        missing = [name for name in REQUIRED if spelt(name) not in self.columns]
        if missing:
            raise UnusableReport(f"The columns lack {', '.join(missing)}.")
        if any(spelt(name) in self.columns for name in STATUS):
            raise UnusableReport(
                "This is PayPal's transaction report (TRR), which also lists what was denied or"
                " only authorised: put the settlement report (STL) here instead."
            )
        self.section = _Section(self.day, self.columns)

    def _body(self, line: int, values: list[str]) -> None:
        if self.section is None or len(values) != len(self.columns):
            raise UnusableReport(
                f"Line {line} has {len(values)} fields, its header {len(self.columns)}: was the"
                " file cut?"
            )
        row = Row(line, dict(zip(self.columns, values, strict=True)))
        self.section.rows.append(row)
        self.rows.append(row)
        self.bodies += 1
        code = row["Transaction Event Code"]
        if not CODE.fullmatch(code):
            raise row.refuse("Transaction Event Code", "it is no code like T0006")
        if tuple(values) in self.stated:
            raise row.refuse("Transaction ID", "this row stands twice (is the file in it twice?)")
        self.stated.add(tuple(values))
        if code.startswith(NO_MONEY):
            return
        if code.startswith(WITHDRAWALS):
            self.transfers.append(_transfer(row, self.layout))
        else:
            one = _line(row, self.section.day, self.layout)
            self.seen[one.key] += 1
            again = self.seen[one.key]
            self.lines.append(_renamed(one, again) if again > 1 else one)

    def _count(self, line: int, rest: Sequence[str], found: int) -> None:
        stated = rest[0] if rest else ""
        if not stated.isdecimal():
            raise UnusableReport(f"Line {line} states no number of rows: was the file cut?")
        if int(stated) != found:
            raise UnusableReport(
                f"Line {line} states {stated} rows, but {found} are there: was the file cut?"
            )

    def _totals(self, line: int, rest: list[str], rows: Sequence[Row]) -> None:
        """What a currency's footer states of its section or report; the fields after the fees are
        pairs of CR or DR and a balance, each before and after."""
        if len(rest) < 5 or not all(field.isdecimal() for field in rest[1:5]):
            raise UnusableReport(
                f"Line {line} states no totals of a currency, as its kind of row does: was the file"
                " cut, or changed?"
            )
        money = rest[0]
        found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for row in rows:
            if row["Transaction Event Code"].startswith(NO_MONEY):
                continue
            for what, direction, of in FIGURES:
                if (row[of] or row["Gross Transaction Currency"]) == money:
                    found[what, row[direction]] += _hundredths(row, what)
        kinds = [(what, direction) for what, *_ in FIGURES for direction in ("CR", "DR")]
        for (what, direction), stated in zip(kinds, rest[1:5], strict=True):
            if found[what, direction] != Decimal(stated).scaleb(HUNDREDTHS):
                raise UnusableReport(
                    f"Line {line}: the {direction} total of {what} in {money} is not the sum of its"
                    " lines. Was the file cut?"
                )
        moved = sum(
            (amount if direction == "CR" else -amount for (_, direction), amount in found.items()),
            ZERO,
        )
        balances = _balances(rest[5:])
        changes = [
            after - before for before, after in zip(balances[::2], balances[1::2], strict=False)
        ]
        if changes and moved not in (*changes, sum(changes[:2], ZERO)):
            raise UnusableReport(
                f"Line {line}: opening balance and lines do not come to the closing balance in"
                f" {money}."
            )


FIGURES = (
    ("Gross Transaction Amount", "Transaction Debit or Credit", "Gross Transaction Currency"),
    ("Fee Amount", "Fee Debit or Credit", "Fee Currency"),
)


def _balances(fields_: Sequence[str]) -> list[Decimal]:
    found = []
    for direction, amount in zip(fields_[::2], fields_[1::2], strict=False):
        if direction not in ("CR", "DR") or not amount.isdecimal():
            break
        value = Decimal(amount).scaleb(HUNDREDTHS)
        found.append(value if direction == "CR" else -value)
    return found


def _kind(code: str, gross: Decimal) -> Kind:
    if code.startswith(PAYMENTS):
        return "charge" if gross >= 0 else "payment"
    return KINDS.get(code) or GROUPS.get(code[:3], "adjustment")


def _line(row: Row, day: str, layout: Layout) -> Line:
    code = row["Transaction Event Code"]
    if not row["Transaction ID"]:
        raise row.refuse("Transaction ID", "nothing is there")
    money = currency(row, "Gross Transaction Currency")
    if not row["Gross Transaction Amount"]:
        raise row.refuse("Gross Transaction Amount", "nothing is there")
    gross = _signed(row, "Gross Transaction Amount", "Transaction Debit or Credit")
    fee_currency = row["Fee Currency"] or money
    fee = -_signed(row, "Fee Amount", "Fee Debit or Credit")
    if fee and fee_currency != money:
        raise row.refuse("Fee Currency", "it is not the currency of the payment")
    kind = _kind(code, gross)
    own, first = row["Transaction ID"], row["PayPal Reference ID"]
    names = [own, first] if kind == "charge" else [first, own]
    reference, *others = [name for name in names if name]
    return Line(
        key=own if kind == "charge" else f"{own}/{code}",
        kind=kind,
        payment_reference=reference,
        merchant_reference=layout.order_number(row, row["Invoice ID"]),
        currency=money,
        gross=ZERO if kind == "fee" else gross,
        settled_currency=money,
        fee=fee - gross if kind == "fee" else fee,
        net=gross - fee,
        occurred_at=instant(
            row, "Transaction Completion Date", layout.time_zone, first=layout.dates
        ),
        payout_id=day,
        other_references=layout.references(row, *others),
    )


def _transfer(row: Row, layout: Layout) -> Transfer:
    """A withdrawal to the bank; one that came back is negative."""
    money = currency(row, "Gross Transaction Currency")
    sent = -_signed(row, "Gross Transaction Amount", "Transaction Debit or Credit")
    key = f"{row['Transaction ID']}/{row['Transaction Event Code']}"
    at = instant(row, "Transaction Completion Date", layout.time_zone, first=layout.dates)
    return Transfer(row["Transaction ID"], money, sent, at, key, itemised=False)


def _renamed(line: Line, again: int) -> Line:
    return replace(line, key=f"{line.key}#{again}")


def _hundredths(row: Row, column: str) -> Decimal:
    text = row[column]
    return Decimal(text).scaleb(HUNDREDTHS) if text else ZERO


def _signed(row: Row, column: str, direction: str) -> Decimal:
    text = row[column]
    if not text:
        return ZERO
    if not text.isdecimal() or row[direction] not in ("DR", "CR"):
        raise row.refuse(column, "it is no whole number with DR or CR beside it")
    if len(text) > MOST_DIGITS:
        raise row.refuse(column, "it is no amount of money")
    value = _hundredths(row, column)
    return value if row[direction] == "CR" else -value
