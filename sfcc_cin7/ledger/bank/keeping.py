"""Keep what a file of the bank states: its balances, and each line once, whoever else states it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from sfcc_cin7.ledger.bank.deciding.differences import Held
from sfcc_cin7.ledger.bank.deciding.places import apart_from, places
from sfcc_cin7.ledger.bank.statements.statement import BankLine, Statement
from sfcc_cin7.ledger.records import bank


def keep_statements(connection: Connection, row: dict[str, object], found: list[Statement]) -> None:
    """What a file states, in the place of what it stated. What that says of other files is found
    out by reading them again: those that may state what it does no more, and those of its days."""
    name = str(row["name"])
    changed = bank.save_statement(
        connection, row, [each for one in found for each in _balance_rows(name, one)]
    )
    if row["problem"] is not None:
        return  # what it stated before stays until it can be read, or is gone
    kept: set[tuple[str, str]] = set()
    beside: set[str] = set()
    for statement in found:
        around = _around(connection, statement)
        lines = _line_rows(name, _placed(connection, name, statement, around))
        bank.save_lines(connection, lines)
        kept |= {(str(line["account"]), str(line["line_key"])) for line in lines}
        beside |= {each.statement for each in around}
    if bank.forget_lines(connection, name, kept):
        bank.read_again(connection, bank.known_statements(connection).keys() - {name})
    elif changed:
        bank.read_again(connection, beside - {name})


def _around(connection: Connection, statement: Statement) -> list[Row[Any]]:
    """The balances that are kept of the statement's account and days."""
    if statement.first_day is None or statement.last_day is None:
        return []
    days = (statement.first_day.isoformat(), statement.last_day.isoformat())
    return bank.stated_beside(connection, statement.account, statement.currency, *days)


def _placed(
    connection: Connection, name: str, statement: Statement, around: Sequence[Row[Any]]
) -> Statement:
    """The statement whose lines have the places that they have among all that is kept."""
    others = [held(row) for row in around]
    ours = next(
        (row for row in around if (row.statement, row.number) == (name, statement.number)), None
    )
    apart = apart_from(held(ours), others) if ours else set()
    own: dict[str, set[int]] = defaultdict(set)
    taken: dict[str, set[int]] = defaultdict(set)
    for row in bank.lines_of_days(
        connection, statement.account, {line.day.isoformat() for line in statement.lines}
    ):
        alike, _, place = row.line_key.rpartition("/")
        if row.number in apart:
            taken[alike].add(int(place))
        elif (row.statement, row.number) == (name, statement.number):
            own[alike].add(int(place))
    equal: dict[str, list[BankLine]] = defaultdict(list)
    for line in statement.lines:
        equal[line.key.rpartition("/")[0]].append(line)
    lines = [
        replace(line, key=f"{alike}/{place}")
        for alike, group in equal.items()
        for line, place in zip(group, places(len(group), own[alike], taken[alike]), strict=True)
    ]
    return replace(statement, lines=lines)


def _balance_rows(name: str, statement: Statement) -> list[dict[str, object]]:
    if None in (statement.opening, statement.closing, statement.first_day, statement.last_day):
        return []
    return [
        {
            "statement": name,
            "account": statement.account,
            "number": statement.number,
            "currency": statement.currency,
            "opening": statement.opening,
            "closing": statement.closing,
            "first_day": str(statement.first_day),
            "last_day": str(statement.last_day),
        }
    ]


def _line_rows(name: str, statement: Statement) -> list[dict[str, object]]:
    return [
        {
            "account": statement.account,
            "line_key": line.key,
            "statement": name,
            "number": statement.number,
            "currency": statement.currency,
            "amount": line.amount,
            "day": line.day.isoformat(),
            "reference": line.reference,
            "party": line.party,
        }
        for line in statement.lines
    ]


def held(row: Row[Any]) -> Held:
    """A row of `bank_balances`, as a value."""
    days = (date.fromisoformat(row.first_day), date.fromisoformat(row.last_day))
    return Held(row.account, row.currency, row.number, row.opening, row.closing, *days)
