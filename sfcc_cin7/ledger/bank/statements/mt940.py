"""MT940, SWIFT's customer statement, read by the library `mt-940`.

A line (`:61:`) is C or D, or the reversal of one: RC takes money away, RD brings it back. The
information to the account owner (`:86:`) says who and what for, each bank in its own way; it is
kept as one text.
"""

import io
import logging
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import mt940
from mt940.models import Transactions

from sfcc_cin7.ledger.bank.statements.statement import BankLine, Statement, checked
from sfcc_cin7.ledger.payouts.reports.lines import UnusableReport

# It logs what it cannot read, and a statement's lines are nobody's but the merchant's.
logging.getLogger("mt940").setLevel(logging.CRITICAL)
CAME, WENT = ("C", "RD"), ("D", "RC")
TOLD = (
    "customer_reference",
    "bank_reference",
    "extra_details",
    "transaction_details",
    "purpose",
    "additional_purpose",
    "end_to_end_reference",
)
OPENINGS = ("final_opening_balance", "intermediate_opening_balance")
CLOSINGS = ("final_closing_balance", "intermediate_closing_balance")


def read(text: str) -> list[Statement]:
    """The statements of a file.

    Raises:
        UnusableReport: it is no MT940, was cut, or does not add up.
    """
    try:
        found = mt940.parse_statements(io.StringIO(text))
    except (ValueError, ArithmeticError, RuntimeError, KeyError, TypeError, AttributeError):
        raise UnusableReport("It cannot be read as MT940: was it cut?") from None
    if not found:
        raise UnusableReport("It holds no statement (:20: to :62F:): was it cut?")
    return [_statement(each) for each in found]


def _statement(found: Transactions) -> Statement:
    told = found.data
    number = "/".join(
        str(told[name]) for name in ("statement_number", "sequence_number") if told.get(name)
    )
    account = str(told.get("account_identification") or "").replace(" ", "")
    opening, closing = _balance(told, OPENINGS), _balance(told, CLOSINGS)
    if not account or opening is None or closing is None:
        raise UnusableReport(
            f"Statement {number or 'without a number'}: it lacks its account (:25:) or one of its"
            " balances (:60F:, :62F:). Was it cut?"
        )
    lines = list(_lines(found, number))
    days = [line.day for line in lines]
    statement = Statement(
        account=account,
        currency=str(closing.amount.currency),
        number=number or str(told.get("transaction_reference") or ""),
        lines=lines,
        opening=_plain(opening.amount.amount),
        closing=_plain(closing.amount.amount),
        first_day=min([*days, _date(opening.date)]),
        last_day=max([*days, _date(closing.date)]),
    )
    return checked(statement)


def _lines(found: Transactions, number: str) -> Iterator[BankLine]:
    for position, each in enumerate(found, start=1):
        told = each.data
        status = str(told.get("status") or "").upper()
        amount = told.get("amount")
        day = told.get("entry_date") or told.get("date")
        if amount is None or day is None or status not in (*CAME, *WENT):
            raise UnusableReport(f"Statement {number}, line {position} (:61:) cannot be read.")
        value = abs(_plain(amount.amount))
        words = [" ".join(str(told[name]).split()) for name in TOLD if told.get(name)]
        yield BankLine(
            amount=value if status in CAME else -value,
            day=_date(day),
            reference=" ".join(dict.fromkeys(word for word in words if word != "NONREF")),
            party=str(told.get("applicant_name") or ""),
        )


def _balance(told: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((told[name] for name in names if told.get(name) is not None), None)


def _plain(amount: Decimal | None) -> Decimal:
    return Decimal(amount or 0)


def _date(day: date) -> date:
    return date(day.year, day.month, day.day)
