"""What may be decided about a break, and what a write-off posts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sfcc_cin7.ledger.accounts import (
    BANK,
    CLEARING,
    DISPUTES,
    DUE_FROM,
    REFUNDS_CREDITED,
    REFUNDS_PAID,
    WRITE_OFFS,
)
from sfcc_cin7.ledger.breaks.break_classes import Break
from sfcc_cin7.values.money import ZERO, figure

OPEN_ACCOUNTS = ("gateway clearing", DUE_FROM, REFUNDS_PAID, DISPUTES)
"""Accounts that should come to nothing once all legs of an order are there, by how they begin.
`gateway clearing` is how `due from` was called once. What is in `clearing` of a gateway is not of
them: all that it settled of an order is there, and leaves it with a transfer, which is of no order.
"""
PARTS = Decimal("0.0001")
"""What amounts of the books are kept to."""

Key = tuple[str, str, str]
"""What a break is about, its class and its leg."""


class CannotBeWrittenOff(Exception):
    """The sentence says what to do instead."""


@dataclass(frozen=True)
class Decision:
    """A difference that a person accepted or wrote off: just this amount in just this currency.

    `debit` and `credit` are the accounts of a write-off.
    """

    id: int
    kind: Literal["accept", "write-off"]
    key: Key
    amount: Decimal | None
    currency: str | None
    debit: str | None = None
    credit: str | None = None

    def is_about(self, found: Break) -> bool:
        """Whether this break is the very difference that was decided about."""
        return (
            self.key == (found.order_key, found.kind, found.leg)
            and self.currency == found.currency
            and self.amount == found.amount.quantize(PARTS)
        )


@dataclass(frozen=True)
class Balance:
    """What an account holds of an order, in a currency; debits positive."""

    account: str
    currency: str
    amount: Decimal


def write_off(balances: Sequence[Balance], amount: Decimal, currency: str) -> tuple[str, str]:
    """The accounts that a write-off of this amount debits and credits.

    It closes what an account still holds of the order: an account that holds just this much, else
    one that holds more.

    Raises:
        CannotBeWrittenOff: no account holds so much of it.
    """
    holding = [
        one
        for one in _uncredited(balances, currency)
        if one.account.startswith(OPEN_ACCOUNTS) and abs(one.amount) >= amount > ZERO
    ]
    if not holding:
        raise CannotBeWrittenOff(
            f"No account still holds {figure(amount, currency)} of it, so nothing can be written"
            " off: accept it, if it may stay as it is."
        )
    chosen = min(holding, key=lambda one: (abs(one.amount), one.account))
    if chosen.amount > 0:
        return WRITE_OFFS, chosen.account
    return chosen.account, WRITE_OFFS


def write_off_transfer(
    left: Decimal, amount: Decimal, gateway: str, currency: str
) -> tuple[str, str]:
    """The accounts that a write-off of a transfer debits and credits which is not what its lines
    come to: `left` of them stayed in clearing, or too much was sent where it is negative.

    Raises:
        CannotBeWrittenOff: it is another amount by now.
    """
    if abs(left).quantize(PARTS) != amount:
        raise CannotBeWrittenOff(
            f"Clearing does not hold {figure(amount, currency)} of it any more: wait for the next"
            " reconciliation."
        )
    clearing = f"{CLEARING} {gateway}"
    return (WRITE_OFFS, clearing) if left > 0 else (clearing, WRITE_OFFS)


def write_off_lost(balances: Sequence[Balance], amount: Decimal, currency: str) -> tuple[str, str]:
    """The accounts that a write-off of a transfer debits and credits which never arrived.

    Raises:
        CannotBeWrittenOff: the books' bank account does not hold it.
    """
    held = {one.account: one.amount for one in balances if one.currency == currency}.get(BANK, ZERO)
    if abs(held) < amount or not amount:
        raise CannotBeWrittenOff(
            f"The bank account of the books does not hold {figure(amount, currency)} of it: accept"
            " it, if it may stay as it is."
        )
    return (WRITE_OFFS, BANK) if held > 0 else (BANK, WRITE_OFFS)


def _uncredited(balances: Sequence[Balance], currency: str) -> list[Balance]:
    """Balances of a currency, less of what went back to the shopper what the ERP credited: both
    legs have accounts of their own for it, and only what they differ by is open."""
    left = {one.account: one.amount for one in balances if one.currency == currency}
    credited = left.pop(REFUNDS_CREDITED, ZERO)
    for account in (REFUNDS_PAID, DISPUTES):
        taken = min(credited, max(left.get(account, ZERO), ZERO))
        left[account] = left.get(account, ZERO) - taken
        credited -= taken
    left[REFUNDS_PAID] -= credited
    return [Balance(account, currency, amount) for account, amount in left.items()]


def over_the_limit(
    person: str, weight: Decimal, limits: Mapping[str, Decimal], base_currency: str
) -> str | None:
    """Why this person may not decide about a break of this weight (base currency); None: may."""
    limit = limits.get(person)
    if limit is None:
        named = ", ".join(sorted(limits)) or "nobody yet"
        return (
            f"{person} has no limit in the operating model (`ledger.limits`), so may decide about"
            f" no break. Who may: {named}."
        )
    if weight > limit:
        return (
            f"{figure(weight, base_currency)} is more than the {figure(limit, base_currency)} that"
            f" {person} may decide about."
        )
    return None


def set_aside(
    found: Sequence[Break], early: Sequence[Break], decided: Sequence[Decision]
) -> tuple[list[Break], list[Decision]]:
    """The breaks that nobody has decided about, and the decisions whose difference is gone.

    `early` are differences that are no breaks yet: a decision about one still stands.
    """
    stand = {one.id for one in decided for each in (*found, *early) if one.is_about(each)}
    open_ = [each for each in found if not any(one.is_about(each) for one in decided)]
    return open_, [one for one in decided if one.id not in stand]
