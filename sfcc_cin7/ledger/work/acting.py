"""What people do about breaks; each says in a sentence what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row

from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.inbox.inbox import record
from sfcc_cin7.ledger.breaks.break_classes import Break
from sfcc_cin7.ledger.breaks.deciding import (
    CannotBeWrittenOff,
    Decision,
    over_the_limit,
    set_aside,
    write_off,
    write_off_lost,
    write_off_transfer,
)
from sfcc_cin7.ledger.records import decisions, ledger, postings
from sfcc_cin7.merchant.base_currency import BaseCurrency
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.money import ZERO, figure

GOODS = "goods"
"""The leg of goods: no account holds what is late there."""
ENDED = "the difference that it was made for is gone, or is another one now"
LEDGER = "ledger"
BANK = "bank"
TRANSFER = "transfer:"


def accept_breaks(
    engine: Engine, clock: Clock, model: OperatingModel, numbers: Sequence[int], who: Author
) -> list[str]:
    """Open breaks that may stay as they are: nothing is posted, and they are open again once their
    figures change.

    Raises:
        ActionRefused: one is not open, or is more than this person may decide about; then nothing
            was changed.
    """
    said = []
    with engine.begin() as connection:
        ledger.lock_books(connection)
        for number in numbers:
            row = _allowed(connection, clock, model, number, who)
            at = clock.now()
            decision = decisions.keep(connection, _decision(row, "accept", who, at))
            said.append(_closed(connection, row, decision, "accepted", who, at, model))
    return said


def write_breaks_off(
    engine: Engine, clock: Clock, model: OperatingModel, numbers: Sequence[int], who: Author
) -> list[str]:
    """Open breaks whose money is given up: it is posted to write-offs.

    Raises:
        ActionRefused: as `accept_breaks`, or no account holds the money; then nothing was changed.
    """
    said = []
    with engine.begin() as connection:
        ledger.lock_books(connection)
        for number in numbers:
            row = _allowed(connection, clock, model, number, who)
            if row.leg == GOODS:
                raise ActionRefused(f"{number} is about goods, not money: accept it, or mend it.")
            at = clock.now()
            try:
                debit, credit = _written_off(connection, row)
            except CannotBeWrittenOff as refused:
                raise ActionRefused(f"{number}: {refused}") from None
            decision = decisions.keep(
                connection,
                {**_decision(row, "write-off", who, at), "debit": debit, "credit": credit},
            )
            postings.correct(
                connection,
                row.order_key,
                f"{wording(model).day(at):%Y-%m-%d}",
                debit=debit,
                credit=credit,
                currency=row.currency,
                amount=row.amount,
                reason=f"written off (decision {decision}): {who.because}",
                author=who.by,
                at=at,
            )
            said.append(_closed(connection, row, decision, "written off", who, at, model))
    return said


def _written_off(connection: Connection, row: Row[Any]) -> tuple[str, str]:
    """The accounts that the write-off of a break debits and credits. Raises CannotBeWrittenOff."""
    kind = row._mapping["class"]
    held = decisions.balances(connection, row.order_key)
    if row.leg == BANK and kind != "missing-payout":
        raise CannotBeWrittenOff(
            "What the bank received, kept or states besides is not in these books: book it as the"
            " bank states it, and accept the break."
        )
    if row.leg == BANK:
        return write_off_lost(held, row.amount, row.currency)
    if row.order_key.startswith(TRANSFER):
        left = decisions.left_in_clearing(connection, row.order_key)
        return write_off_transfer(left, row.amount, row.order_key.split(":")[1], row.currency)
    return write_off(held, row.amount, row.currency)


def match_line(
    engine: Engine, clock: Clock, model: OperatingModel, number: int, order_key: str, who: Author
) -> list[str]:
    """The settlement line that an open break is about belongs to this order.

    Raises:
        ActionRefused: the break is about no such line, or there is no such order; then nothing was
            changed.
    """
    with engine.begin() as connection:
        ledger.lock_books(connection)
        row = _open(connection, number)
        if decisions.loose_line(connection, row.order_key) is None:
            raise ActionRefused(f"{number} is about no settlement line without an order.")
        if not decisions.is_order(connection, order_key):
            raise ActionRefused(f"There is no order {order_key}: name it as brand:site:number.")
        at = clock.now()
        kept = {**_decision(row, "match", who, at), "matched_to": order_key}
        decision = decisions.keep(connection, kept)
        decisions.match_by_hand(connection)
        decisions.look_at(connection, [row.order_key, order_key])
        told = wording(model).subject(order_key)
        record(connection, [order_key], "matched by hand", at, who.by, who.because, number=decision)
        return [
            f"{wording(model).subject(row.order_key)} belongs to {told} (decision {decision}): the"
            " next reconciliation compares them."
        ]


def undo(
    engine: Engine, clock: Clock, model: OperatingModel, number: int, who: Author
) -> list[str]:
    """A decision is taken back; what it posted is reversed.

    Raises:
        ActionRefused: there is no such decision, or it is undone already.
    """
    with engine.begin() as connection:
        ledger.lock_books(connection)
        row = decisions.in_force(connection, number)
        if row is None:
            raise ActionRefused(f"There is no decision {number} that is not undone.")
        at = clock.now()
        _take_back(connection, row, who, at, model)
        if row.kind == "match":
            decisions.free_line(connection, row.order_key)
        keys = [row.order_key, *([row.matched_to] if row.matched_to else [])]
        decisions.look_at(connection, keys)
        return [
            f"Decision {number} ({row.kind}) is undone: the next reconciliation looks at"
            f" {wording(model).subject(row.order_key)} again."
        ]


def keep_decided(
    connection: Connection,
    found: Sequence[Break],
    early: Sequence[Break],
    decided: Sequence[Decision],
    at: datetime,
    model: OperatingModel,
) -> list[Break]:
    """The breaks of a pass, or of a look at the bank, that nobody decided about. A decision whose
    difference is gone, or is another one, ends: what it posted is reversed."""
    left, ended = set_aside(found, early, decided)
    for one in ended:
        row = decisions.in_force(connection, one.id)
        if row is not None:
            _take_back(connection, row, Author(LEDGER, ENDED), at, model)
    return left


def _allowed(
    connection: Connection, clock: Clock, model: OperatingModel, number: int, who: Author
) -> Row[Any]:
    row = _open(connection, number)
    if row.amount is None or row.currency is None:
        raise ActionRefused(f"{number}: nobody knows how much money it is about.")
    known = {
        model.base_currency,
        *(each.currency for site in model.sites for each in site.in_each_currency),
    }
    if row.currency not in known:
        raise ActionRefused(f"{number}: the operating model has no rate of {row.currency}.")
    weight = BaseCurrency(model, clock.now().date()).weight(row.amount, row.currency)
    refused = over_the_limit(who.by, weight, model.ledger.limits, model.base_currency)
    if refused:
        raise ActionRefused(f"{number}: {refused}")
    return row


def _open(connection: Connection, number: int) -> Row[Any]:
    row = decisions.open_break(connection, number)
    if row is None:
        raise ActionRefused(f"There is no open break {number}: see `sfcc-cin7 breaks list`.")
    return row


def _decision(row: Row[Any], kind: str, who: Author, at: datetime) -> dict[str, object]:
    told = row._mapping
    return {
        "kind": kind,
        **{name: told[name] for name in ("order_key", "class", "leg", "amount", "currency")},
        "by": who.by,
        "because": who.because,
        "at": at,
    }


def _closed(
    connection: Connection,
    row: Row[Any],
    decision: int,
    done: str,
    who: Author,
    at: datetime,
    model: OperatingModel,
) -> str:
    because = f"{done} by {who.by} (decision {decision}): {who.because}"
    decisions.close_decided(connection, row.id, at, because)
    record(connection, [row.order_key], done, at, who.by, who.because, number=decision)
    subject = wording(model).subject(row.order_key)
    return f"{subject}, {figure(row.amount or ZERO, row.currency)}: {done} (decision {decision})."


def _take_back(
    connection: Connection, row: Row[Any], who: Author, at: datetime, model: OperatingModel
) -> None:
    decisions.keep(connection, {**_decision(row, "undo", who, at), "undoes": row.id})
    record(connection, [row.order_key], "undone", at, who.by, who.because, number=row.id)
    if row.kind == "write-off":
        postings.correct(
            connection,
            row.order_key,
            f"{wording(model).day(at):%Y-%m-%d}",
            debit=row.credit,
            credit=row.debit,
            currency=row.currency,
            amount=row.amount,
            reason=f"reversal of decision {row.id}: {who.because}",
            author=who.by,
            at=at,
        )
