"""PayPal's settlement report (STL-yyyymmdd.sequence.version.CSV).

Layout: https://developer.paypal.com/docs/reports/sftp-reports/settlement-report/. Each line begins
with a row type: RH report header, FH file header, SH section header, CH column header, SB section
body, SF, SC, RF, RC, FF footers and counts. Amounts are unsigned and without a decimal point, in
the smallest unit of their currency; a column beside each says DR or CR. `Invoice ID` is what the
storefront gave with the payment: its order number. Event codes: https://developer.paypal.com/docs/
reports/reference/tcodes/ (T00 payments, T11 reversals and refunds, T12 adjustments and disputes,
T01 fees, T04 withdrawals to the bank).

Not certain: what the smallest unit of a currency with other than two decimals is (the page says
"100,00 yen ... 10000"): ISO 4217 is taken, so JPY has none. PayPal converts by pairs of lines
(T0200) of their own, which are read as adjustments of the balance. The report states no batch: a
day's lines are one payout, and a withdrawal by hand (T04) is a movement that need not equal it, so
no transfer is stated and none is checked.
"""

import csv
import io
from collections.abc import Mapping
from decimal import Decimal

from sfcc_cin7.ledger.payouts.reports.lines import (
    Kind,
    Line,
    Report,
    UnusableReport,
    currency,
    instant,
)
from sfcc_cin7.values.money import ZERO, digits

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
KINDS: dict[str, Kind] = {
    "T1106": "refund",  # payment reversal, initiated by PayPal
    "T1107": "refund",
    "T1201": "chargeback",
    "T1202": "chargeback",  # reversal of one
    "T1110": "chargeback",  # hold for a dispute
    "T1111": "chargeback",  # and its release
    "T0106": "fee",  # chargeback processing fee
}
WITHDRAWALS = "T04"
FORMAT = "%Y/%m/%d %H:%M:%S %z"


def read(text: str) -> Report:
    """The lines of every section of a report.

    Raises:
        UnusableReport: it is not such a report.
    """
    columns: list[str] = []
    lines: list[Line] = []
    day = ""
    for fields in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        if not fields:
            continue
        kind, *rest = fields
        if kind == "RH":
            day = rest[0][:10] if rest else ""
        elif kind == "CH":
            columns = rest
            missing = [name for name in REQUIRED if name not in columns]
            if missing:
                raise UnusableReport(f"The columns lack {', '.join(missing)}.")
        elif kind == "SB":
            if len(rest) != len(columns):
                raise UnusableReport("A line of the body has not as many fields as columns.")
            row = dict(zip(columns, (field.strip() for field in rest), strict=True))
            if not row["Transaction Event Code"].startswith(WITHDRAWALS):
                lines.append(_line(row, day))
    if not columns:
        raise UnusableReport("There is no column header (CH): this is no settlement report.")
    return Report(lines, [])


def _line(row: Mapping[str, str], day: str) -> Line:
    code = row["Transaction Event Code"]
    money = currency(row, "Gross Transaction Currency")
    gross = _signed(row, "Gross Transaction Amount", "Transaction Debit or Credit", money)
    fee_currency = row["Fee Currency"] or money
    fee = -_signed(row, "Fee Amount", "Fee Debit or Credit", fee_currency)
    if fee and fee_currency != money:
        raise UnusableReport("A fee is in another currency than its payment.")
    kind: Kind = "charge" if code.startswith("T00") else KINDS.get(code, "adjustment")
    first = row["PayPal Reference ID"] if kind != "charge" else ""
    return Line(
        key=row["Transaction ID"],
        kind=kind,
        payment_reference=first or row["Transaction ID"],
        merchant_reference=row["Invoice ID"],
        currency=money,
        gross=ZERO if kind == "fee" else gross,
        settled_currency=money,
        fee=fee - gross if kind == "fee" else fee,
        net=gross - fee,
        occurred_at=instant(row, "Transaction Completion Date", FORMAT),
        payout_id=day,
    )


def _signed(row: Mapping[str, str], column: str, direction: str, money: str) -> Decimal:
    text = row[column]
    if not text:
        return ZERO
    if not text.isdecimal() or row[direction] not in ("DR", "CR"):
        raise UnusableReport(f"{column} is no whole number with DR or CR beside it in a row.")
    value = Decimal(text).scaleb(-digits(money))
    return value if row[direction] == "CR" else -value
