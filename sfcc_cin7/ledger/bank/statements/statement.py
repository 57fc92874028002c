"""What every bank statement comes down to: lines of an account between two balances."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sfcc_cin7.ledger.payouts.reports.lines import UnusableReport
from sfcc_cin7.values.money import ZERO, figure


@dataclass(frozen=True)
class BankLine:
    """One entry that the bank booked, positive where money came in; `reference` is all that it says
    of what it was for, `party` whom it came from or went to. `key` tells it from the statement's
    other lines, in whatever file of the same form it is stated; no word of the bank's is in it."""

    amount: Decimal
    day: date
    reference: str = ""
    party: str = ""
    key: str = ""


@dataclass(frozen=True)
class Statement:
    """The lines of an account between two balances; a table without balances has none of either.
    `number` is the bank's own."""

    account: str
    currency: str
    number: str
    lines: Sequence[BankLine]
    opening: Decimal | None = None
    closing: Decimal | None = None
    first_day: date | None = None
    last_day: date | None = None


def checked(statement: Statement, bank_references: Sequence[str] = ()) -> Statement:
    """The statement with a key for each line, made of what the line says of itself (with the bank's
    own reference of it, where there are such) and its place among equal ones of its day. The words
    are in it as a digest, because keys are kept longer than words.

    Raises:
        UnusableReport: its lines do not lead from its opening to its closing balance.
    """
    if statement.opening is not None and statement.closing is not None:
        led_to = statement.opening + sum((line.amount for line in statement.lines), ZERO)
        if led_to != statement.closing:
            raise UnusableReport(
                f"Statement {statement.number}: its lines lead from"
                f" {figure(statement.opening, statement.currency)} to"
                f" {figure(led_to, statement.currency)}, but it states"
                f" {figure(statement.closing, statement.currency)}. Was it cut?"
            )
    own = [*bank_references, *[""] * (len(statement.lines) - len(bank_references))]
    return replace(statement, lines=list(_with_keys(statement, own)))


def _with_keys(statement: Statement, own: Sequence[str]) -> Iterable[BankLine]:
    seen: Counter[str] = Counter()
    for line, reference in zip(statement.lines, own, strict=True):
        words = (reference or line.reference[:200]).encode(errors="replace")
        digest = hashlib.sha256(words).hexdigest()[:16]
        names = (line.day.isoformat(), format(line.amount, "f"), statement.currency, digest)
        alike = "/".join(names)
        seen[alike] += 1
        yield replace(line, key=f"{alike}/{seen[alike]}")
