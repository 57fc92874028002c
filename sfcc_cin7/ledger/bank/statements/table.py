"""A bank's CSV by the map of its columns (`ledger.bank.columns`).

It states no balances, so nothing shows that it was cut between two rows: what is missing shows as
a transfer that did not arrive.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sfcc_cin7.ledger.bank.statements.statement import BankLine, Statement, checked
from sfcc_cin7.ledger.payouts.reports.instants import instant
from sfcc_cin7.ledger.payouts.reports.lines import UnusableReport
from sfcc_cin7.ledger.payouts.reports.sheet import Row, table
from sfcc_cin7.merchant.ledger import BankPolicy

FIGURES = ("amount", "credit", "debit")


def read(text: str, policy: BankPolicy) -> list[Statement]:
    """The lines of a file, by account and currency.

    Raises:
        UnusableReport: there is no map, a column is missing, or a row cannot be read.
    """
    columns: Mapping[str, str] = {str(name): header for name, header in policy.columns.items()}
    if not columns:
        raise UnusableReport(
            "It is neither CAMT.053 nor MT940, and the operating model maps no columns"
            " (ledger.bank.columns)."
        )
    found: dict[tuple[str, str], list[BankLine]] = {}
    figures = [columns[name] for name in FIGURES if name in columns]
    for row in table(text, sorted(set(columns.values())), figures):
        account = _of(row, columns, "account") or policy.account
        money = (_of(row, columns, "currency") or policy.currency or "").upper()
        if not account or len(money) != 3:
            raise row.refuse(
                columns.get("account") or columns["day"], "no account, or no currency of it"
            )
        line = BankLine(
            amount=_amount(row, columns),
            day=_day(row, columns["day"]),
            reference=_of(row, columns, "reference"),
            party=_of(row, columns, "party"),
        )
        found.setdefault((account.replace(" ", ""), money), []).append(line)
    return [
        checked(Statement(account, money, "", lines)) for (account, money), lines in found.items()
    ]


def _amount(row: Row, columns: Mapping[str, str]) -> Decimal:
    if "amount" in columns:
        return row.amount(columns["amount"])
    return abs(row.amount(columns["credit"])) - abs(row.amount(columns["debit"]))


def _day(row: Row, column: str) -> date:
    return instant(row, column).date()


def _of(row: Row, columns: Mapping[str, str], field: str) -> str:
    return row[columns[field]] if field in columns else ""
