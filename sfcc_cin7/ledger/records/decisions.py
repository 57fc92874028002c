"""Decisions about breaks, append-only, and the breaks that they are about."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, Row, exists, func, insert, select, text, update
from sqlalchemy.orm import aliased

from sfcc_cin7.db.schema import (
    break_decisions,
    breaks,
    orders,
    payout_lines,
    payouts,
    postings,
)
from sfcc_cin7.ledger.breaks.deciding import Balance, Decision

_later = aliased(break_decisions)
IN_FORCE = ~exists().where(_later.c.undoes == break_decisions.c.id)
NOT_UNDONE = "not exists (select from sfcc_cin7.break_decisions u where u.undoes = d.id)"

MATCH_BY_HAND = f"""
update sfcc_cin7.payout_lines l set order_key = d.matched_to, payment_id = (
    select min(p.payment_id) from sfcc_cin7.captured_payments p
    where p.order_key = d.matched_to and p.gateway = l.gateway having count(*) = 1)
from sfcc_cin7.break_decisions d
where d.kind = 'match' and l.order_key is null
and d.order_key = concat_ws(':', 'payout', l.gateway, l.line_key) and {NOT_UNDONE}
"""  # noqa: S608 - our own words
"""A line that its gateway states anew is a new one, and is given to the same order again."""


def decided_in_scope(connection: Connection) -> list[Decision]:
    """What was accepted or written off, and not undone, of what is in scope (see `legs`)."""
    query = text(
        "select d.* from sfcc_cin7.break_decisions d join scope using (order_key)"  # noqa: S608
        f" where d.kind in ('accept', 'write-off') and d.leg <> 'bank' and {NOT_UNDONE}"
    )
    return [decision_of(row) for row in connection.execute(query)]


def decided_of_bank(connection: Connection) -> list[Decision]:
    """What was accepted or written off of the bank's differences, and not undone."""
    query = select(break_decisions).where(
        break_decisions.c.leg == "bank", break_decisions.c.kind != "undo", IN_FORCE
    )
    return [decision_of(row) for row in connection.execute(query)]


def left_in_clearing(connection: Connection, subject: str) -> Decimal:
    """What the lines of a payout come to, less what was sent of it: of `transfer:gateway:...`."""
    _, gateway, currency, payout_id = subject.split(":", 3)
    lines = select(func.coalesce(func.sum(payout_lines.c.net), 0)).where(
        payout_lines.c.gateway == gateway,
        payout_lines.c.settled_currency == currency,
        payout_lines.c.payout_id == payout_id,
    )
    sent = select(func.coalesce(func.sum(payouts.c.amount), 0)).where(
        payouts.c.gateway == gateway,
        payouts.c.currency == currency,
        payouts.c.payout_id == payout_id,
        payouts.c.itemised,
    )
    return Decimal(connection.scalar(lines) or 0) - Decimal(connection.scalar(sent) or 0)


def decision_of(row: Row[Any]) -> Decision:
    """A row of `break_decisions`, as a value."""
    told = row._mapping
    return Decision(
        id=told["id"],
        kind=told["kind"],
        key=(told["order_key"], told["class"], told["leg"]),
        amount=told["amount"],
        currency=told["currency"],
        debit=told["debit"],
        credit=told["credit"],
    )


def match_by_hand(connection: Connection) -> int:
    """Give lines the orders that persons gave them; how many got one."""
    return connection.execute(text(MATCH_BY_HAND)).rowcount


def keep(connection: Connection, decision: Mapping[str, object]) -> int:
    """Append a decision (columns of `break_decisions`); its number."""
    statement = insert(break_decisions).values(dict(decision)).returning(break_decisions.c.id)
    return int(connection.execute(statement).scalar_one())


def in_force(connection: Connection, number: int) -> Row[Any] | None:
    """A decision by its number, if it is not undone."""
    query = select(break_decisions).where(
        break_decisions.c.id == number, break_decisions.c.kind != "undo", IN_FORCE
    )
    return connection.execute(query).one_or_none()


def all_in_force(connection: Connection) -> list[Row[Any]]:
    """Decisions that are not undone, the newest first."""
    query = select(break_decisions).where(break_decisions.c.kind != "undo", IN_FORCE)
    return list(connection.execute(query.order_by(break_decisions.c.id.desc())))


def open_break(connection: Connection, number: int) -> Row[Any] | None:
    """An open break by its number, held until the transaction ends."""
    query = select(breaks).where(breaks.c.id == number, breaks.c.closed_at.is_(None))
    return connection.execute(query.with_for_update()).one_or_none()


def close_decided(connection: Connection, number: int, at: datetime, because: str) -> None:
    """Close a break because a person decided about it."""
    connection.execute(
        update(breaks).where(breaks.c.id == number).values(closed_at=at, closed_because=because)
    )


def look_at(connection: Connection, keys: Collection[str]) -> None:
    """The next pass looks at these."""
    connection.execute(
        text(
            "insert into sfcc_cin7.order_changes (order_key) select unnest(cast(:keys as text[]))"
        ),
        {"keys": list(keys)},
    )


def balances(connection: Connection, order_key: str) -> list[Balance]:
    """What each account holds of an order, or of a line without one."""
    total = func.sum(postings.c.amount)
    query = (
        select(postings.c.account, postings.c.currency, total.label("amount"))
        .where(postings.c.order_key == order_key)
        .group_by(postings.c.account, postings.c.currency)
        .having(total != 0)
        .order_by(postings.c.account)
    )
    return [Balance(row.account, row.currency, row.amount) for row in connection.execute(query)]


def loose_line(connection: Connection, subject: str) -> Row[Any] | None:
    """The settlement line without an order that a break is about; None: there is none."""
    _, gateway, key = [*subject.split(":", 2), "", ""][:3]
    query = select(payout_lines).where(
        payout_lines.c.gateway == gateway,
        payout_lines.c.line_key == key,
        payout_lines.c.order_key.is_(None),
    )
    return connection.execute(query).one_or_none()


def free_line(connection: Connection, subject: str) -> None:
    """A line that a person gave to an order belongs to none any more."""
    _, gateway, key = subject.split(":", 2)
    connection.execute(
        update(payout_lines)
        .where(payout_lines.c.gateway == gateway, payout_lines.c.line_key == key)
        .values(order_key=None, payment_id=None)
    )


def is_order(connection: Connection, order_key: str) -> bool:
    """Whether we have this order."""
    query = select(orders.c.order_key).where(orders.c.order_key == order_key)
    return connection.scalar(query) is not None


def breaks_between(
    connection: Connection, state: Literal["open", "closed", "all"], first: str, last: str
) -> list[Row[Any]]:
    """Breaks of these days (`YYYY-MM-DD`, both included), the oldest first."""
    query = select(breaks, breaks.c["class"].label("kind")).where(breaks.c.day.between(first, last))
    if state != "all":
        is_open = breaks.c.closed_at.is_(None)
        query = query.where(is_open if state == "open" else ~is_open)
    return list(connection.execute(query.order_by(breaks.c.opened_at, breaks.c.id)))
