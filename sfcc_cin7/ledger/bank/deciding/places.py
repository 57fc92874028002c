"""Which place a line has among the equal ones of its day, whatever file states it. Pure.

Two files may state one line (a day's and a month's), and two lines of a day may be equal. Balances
tell: where a statement begins with what another ended with, both are real. Where balances do not
tell, a line counts once: one too few shows as a transfer that did not arrive, one too many would
stand for a transfer that did not.
"""

from collections.abc import Sequence, Set
from itertools import count, islice

from sfcc_cin7.ledger.bank.deciding.differences import Held


def apart_from(one: Held, others: Sequence[Held]) -> set[str]:
    """Numbers of the statements that lead to this one, or follow it: none of them holds a line of
    it. A statement has its number from the bank, and one that moved nothing leads nowhere."""
    return {
        each.number for forward in (True, False) for each in _reached(one, others, forward=forward)
    }


def _reached(one: Held, others: Sequence[Held], *, forward: bool) -> list[Held]:
    reached = [one]
    for at in reached:  # grows while it is walked
        reached += [
            each
            for each in others
            if each not in reached and (_leads(at, each) if forward else _leads(each, at))
        ]
    return reached[1:]


def _leads(before: Held, after: Held) -> bool:
    """Whether one statement begins with what the other ended with, on its last day or later. The
    same statement, fetched again under another number, begins with what it began with."""
    return (
        (before.account, before.currency) == (after.account, after.currency)
        and "" not in (before.number, after.number)
        and before.number != after.number
        and before.closing == after.opening
        and before.opening != before.closing
        and after.opening != after.closing
        and before.last_day <= after.first_day
    )


def places(lines: int, own: Set[int], taken: Set[int]) -> list[int]:
    """The places of so many equal lines of one statement: its `own` that it had before, and the
    first ones that are not `taken` by a statement apart from it."""
    kept = sorted(own - taken)[:lines]
    free = (place for place in count(1) if place not in taken and place not in kept)
    return sorted([*kept, *islice(free, lines - len(kept))])
