"""Statements of banks in the forms in which they come, each brought into the same lines. Pure."""

from sfcc_cin7.ledger.bank.statements import camt, mt940, table
from sfcc_cin7.ledger.bank.statements.statement import Statement
from sfcc_cin7.ledger.payouts.reports.lines import UnusableReport
from sfcc_cin7.merchant.ledger import BankPolicy

MARKS = ("\ufeff", " ", "\r", "\n", "\t")


def understood(text: str, policy: BankPolicy) -> list[Statement]:
    """What a file says, by its content: CAMT.053, MT940, or a table by the map of its columns.

    Raises:
        UnusableReport: it cannot be read; the message says where and why.
    """
    start = text.lstrip("".join(MARKS))
    if start.startswith("<"):
        return camt.read(_without_declaration(start).encode())
    if ":20:" in start[:2000] and ":25" in start:
        return mt940.read(start)
    if not start:
        raise UnusableReport("The file is empty: it is still to be written, or was cut.")
    return table.read(text, policy)


def _without_declaration(text: str) -> str:
    """XML without its first words, which may name an encoding that it has no more."""
    if text.startswith("<?xml"):
        return text.partition("?>")[2]
    return text
