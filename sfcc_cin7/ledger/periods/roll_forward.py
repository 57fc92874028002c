"""Roll forward what each gateway owes: opening + lines - transfers = closing. Pure.

The books' side is its clearing account by the day of each posting, so a closed month stays as it
is. It is held against what the reports state now; what lies between both has a name, or is
unexplained.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sfcc_cin7.values.money import ZERO

LATE = "posted in a later month, because this one was closed"
BY_HAND = "corrected by a person"
IN_PARTS = "parts of a coin that a transfer does not have"


@dataclass(frozen=True, kw_only=True)
class Booked:
    """A clearing account in a month. `sent` is positive where money went to the bank; `late` is
    what is posted after the month for its days or earlier ones; `in_parts` is what left clearing
    for rounding of its days and earlier ones."""

    gateway: str
    currency: str
    opening: Decimal = ZERO
    lines: Decimal = ZERO
    sent: Decimal = ZERO
    corrected: Decimal = ZERO
    closing: Decimal = ZERO
    corrected_until: Decimal = ZERO
    late: Decimal = ZERO
    in_parts: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What reports state of the same month by the days of their movements, and how many of its
    transfers arrived at the bank."""

    gateway: str
    currency: str
    lines: Decimal = ZERO
    sent: Decimal = ZERO
    closing: Decimal = ZERO
    transfers: int = 0
    arrived: int = 0
    on_the_way: Decimal = ZERO


@dataclass(frozen=True)
class RollForward:
    """One gateway and currency of one month. `named` are the differences between the books' closing
    and what the reports come to, `unexplained` what is left of it."""

    month: str
    gateway: str
    currency: str
    opening: Decimal
    lines: Decimal
    sent: Decimal
    corrected: Decimal
    closing: Decimal
    stated: Decimal
    named: Mapping[str, Decimal]
    unexplained: Decimal
    transfers: int = 0
    arrived: int = 0
    on_the_way: Decimal = field(default=ZERO)


def roll_forward(
    month: str, booked: Sequence[Booked], stated: Sequence[Stated]
) -> list[RollForward]:
    """Each gateway and currency that moved, or owes something."""
    books = {(one.gateway, one.currency): one for one in booked}
    reports = {(one.gateway, one.currency): one for one in stated}
    found = []
    for gateway, currency in sorted(books.keys() | reports.keys()):
        key = (gateway, currency)
        ours = books.get(key) or Booked(gateway=gateway, currency=currency)
        theirs = reports.get(key) or Stated(gateway=gateway, currency=currency)
        named = {
            LATE: -ours.late,
            BY_HAND: ours.corrected_until,
            IN_PARTS: ours.in_parts,
        }
        found.append(
            RollForward(
                month=month,
                gateway=gateway,
                currency=currency,
                opening=ours.opening,
                lines=ours.lines,
                sent=ours.sent,
                corrected=ours.corrected,
                closing=ours.closing,
                stated=theirs.closing,
                named={name: amount for name, amount in named.items() if amount},
                unexplained=ours.closing - theirs.closing - sum(named.values(), ZERO),
                transfers=theirs.transfers,
                arrived=theirs.arrived,
                on_the_way=theirs.on_the_way,
            )
        )
    return found
