"""Which journal entries are still to be made: what the ledger holds, less what went out. Pure.

An entry is about one subject, one day and one currency, and sums to zero. What was exported stays
as it is: where the ledger holds something else now, the difference is an entry of its own, which is
a reversal where nothing is left.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sfcc_cin7.values.money import ZERO, quantum, round_half_up

ROUNDING = "rounding"
SALES, DAY, PAYOUT = "sales", "day", "payout"
"""What a subject begins with: sales and write-offs of a day, settlements of a day, or a payout."""


@dataclass(frozen=True)
class Sum:
    """What an account got of a subject on a day (`YYYY-MM-DD`); debits positive."""

    subject: str
    day: str
    currency: str
    account: str
    amount: Decimal


@dataclass(frozen=True)
class JournalLine:
    """An account of the ledger, its code in the books, and an amount; debits positive."""

    account: str
    code: str
    amount: Decimal


@dataclass(frozen=True)
class Entry:
    """One journal entry about a `day`, booked on that or a later one; `number` is given when it is
    kept."""

    subject: str
    day: str
    booked_on: str
    currency: str
    narration: str
    lines: Sequence[JournalLine]
    number: str = ""


@dataclass(frozen=True)
class LeftOut:
    """What is not exported, and why, in a sentence."""

    subject: str
    why: str


Key = tuple[str, str, str]
"""Subject, day and currency."""


def outstanding(
    wanted: Iterable[Sum],
    exported: Iterable[Sum],
    accounts: Mapping[str, str],
    *,
    untouched: Collection[str] = (),
    only_currency: str | None = None,
    open_from: str = "",
) -> tuple[list[Entry], list[LeftOut]]:
    """The entries that are still to be made, in order of their days, and what cannot be made.

    `accounts` are the codes of the books; `untouched` are subjects of which the ledger does not
    know enough now; `only_currency` is the one in which the books take journals; what is of a day
    before `open_from` is booked on that day.
    """
    target, there = _in_coins(wanted), _by_key(exported)
    entries, left_out = [], []
    for key in sorted(target.keys() | there.keys(), key=lambda one: (one[1], one[0], one[2])):
        subject, day, currency = key
        if subject in untouched:
            continue
        moved = _difference(target.get(key, {}), there.get(key, {}))
        if not moved:
            continue
        if only_currency not in (None, currency):
            why = f"the books take journals in {only_currency} alone, and it is in {currency}"
            left_out.append(LeftOut(subject, why))
            continue
        codes = {account: code_of(account, accounts) for account in moved}
        unknown = sorted(account for account, code in codes.items() if code is None)
        if unknown:
            why = f"`ledger.books.accounts` has no code of {', '.join(unknown)}"
            left_out.append(LeftOut(subject, why))
            continue
        lines = [
            JournalLine(account, codes[account] or "", amount)
            for account, amount in sorted(moved.items())
        ]
        said = narration(subject, day, currency, again=key in there)
        entries.append(Entry(subject, day, max(day, open_from), currency, said, lines))
    return entries, left_out


def code_of(account: str, accounts: Mapping[str, str]) -> str | None:
    """The code of an account: its own, or that of the longest name which it begins with."""
    if account in accounts:
        return accounts[account]
    families = [name for name in accounts if account.startswith(f"{name} ")]
    return accounts[max(families, key=len)] if families else None


def narration(subject: str, day: str, currency: str, *, again: bool) -> str:
    """What an entry is called."""
    kind, _, rest = subject.partition(":")
    gateway, _, payout = rest.partition(":")
    named = {
        SALES: f"Sales of {day}",
        DAY: f"Settlements of {day}",
        PAYOUT: f"Payout {payout} of {gateway}",
    }
    return f"{named[kind]} ({currency}){', correction' if again else ''}"


def _by_key(sums: Iterable[Sum]) -> dict[Key, dict[str, Decimal]]:
    found: dict[Key, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in sums:
        found[one.subject, one.day, one.currency][one.account] += one.amount
    return found


def _in_coins(sums: Iterable[Sum]) -> dict[Key, dict[str, Decimal]]:
    """Books know whole coins: what an entry's parts of a coin come to is rounding."""
    found = _by_key(sums)
    for (_, _, currency), accounts in found.items():
        step = quantum(currency)
        for account, amount in accounts.items():
            accounts[account] = round_half_up(amount, step)
        accounts[ROUNDING] = accounts.get(ROUNDING, ZERO) - sum(accounts.values(), ZERO)
    return found


def _difference(target: Mapping[str, Decimal], there: Mapping[str, Decimal]) -> dict[str, Decimal]:
    moved = {
        account: target.get(account, ZERO) - there.get(account, ZERO)
        for account in target.keys() | there.keys()
    }
    return {account: amount for account, amount in moved.items() if amount}


def in_pieces(entries: Sequence[Entry], most_lines: int) -> Iterator[list[Entry]]:
    """Entries in groups of no more lines than a file may have; no entry is split."""
    piece: list[Entry] = []
    size = 0
    for entry in entries:
        if piece and size + len(entry.lines) > most_lines:
            yield piece
            piece, size = [], 0
        piece.append(entry)
        size += len(entry.lines)
    if piece:
        yield piece
