"""Which line of the bank is which transfer of a gateway: by reference, by amount, by date.

Nothing is guessed. A line is a transfer if both are of one currency and amount and

1. the line names the transfer's payout or key, within three months; or
2. it names the gateway, and comes within the days that a transfer takes; of several that fit
   equally, the first goes with the first; or
3. it names no other gateway, comes within those days, and neither has another that fits.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

EARLY = timedelta(days=2)
"""A bank may book before the day that a gateway states, which is of another zone."""
NAMED = timedelta(days=92)
"""A line that names a transfer may come so much earlier or later."""
SHORTEST = 6
"""A shorter name of a payout (a batch's number, say) stands in too many texts by chance."""


@dataclass(frozen=True)
class Sent:
    """A transfer as the gateway states it, negative where it came back; `key` is all that tells it
    from others."""

    gateway: str
    payout_id: str
    key: str
    currency: str
    amount: Decimal
    day: date


@dataclass(frozen=True)
class Arrived:
    """A line of the bank, positive where it came in; `text` is its reference and party."""

    account: str
    key: str
    currency: str
    amount: Decimal
    day: date
    text: str


@dataclass(frozen=True)
class Matched:
    """Pairs, and pairs that name each other but differ in amount."""

    pairs: Sequence[tuple[Sent, Arrived]] = ()
    differing: Sequence[tuple[Sent, Arrived]] = field(default_factory=tuple)


def matched(
    transfers: Sequence[Sent],
    lines: Sequence[Arrived],
    bank_names: Mapping[str, Sequence[str]],
    longest: timedelta,
) -> Matched:
    """Each transfer with its line, each at most once.

    `bank_names` is how the bank calls each gateway; `longest` is how long a transfer may take.
    """
    names = {gateway: [*also, gateway] for gateway, also in bank_names.items()}
    open_ = _Open(transfers, lines)
    differing: list[tuple[Sent, Arrived]] = []
    for sent in open_.transfers():
        said = [each for each in open_.near(sent) if _names(open_.joined[each], sent)]
        equal = [each for each in said if each.amount == sent.amount]
        if equal:
            open_.pair(sent, _nearest(sent, equal))
        elif len(said) == 1:
            differing.append((sent, said[0]))
    for by_name in (True, False):
        for sent, line in list(_in_time(open_, names, longest, by_name=by_name)):
            open_.pair(sent, line)
    apart = [(sent, line) for sent, line in differing if open_.has(sent, line)]
    return Matched(open_.pairs, apart)


class _Open:
    """What has no partner yet."""

    def __init__(self, transfers: Sequence[Sent], lines: Sequence[Arrived]) -> None:
        self.pairs: list[tuple[Sent, Arrived]] = []
        self._sent = dict.fromkeys(sorted(transfers, key=_in_order))
        self._lines: dict[str, dict[Arrived, None]] = defaultdict(dict)
        for line in sorted(lines, key=lambda one: (one.day, one.key)):
            self._lines[line.currency][line] = None
        self._by_day = {currency: list(found) for currency, found in self._lines.items()}
        self.joined = {line: _joined(line.text) for line in lines}

    def transfers(self) -> list[Sent]:
        return list(self._sent)

    def lines(self, currency: str) -> list[Arrived]:
        return list(self._lines[currency])

    def near(self, sent: Sent) -> list[Arrived]:
        """Lines of the transfer's currency that could name it."""
        lines = self._by_day.get(sent.currency, [])
        first = bisect_left(lines, sent.day - NAMED, key=lambda line: line.day)
        last = bisect_right(lines, sent.day + NAMED, key=lambda line: line.day)
        free = self._lines[sent.currency]
        return [line for line in lines[first:last] if line in free]

    def has(self, sent: Sent, line: Arrived) -> bool:
        return sent in self._sent and line in self._lines[line.currency]

    def pair(self, sent: Sent, line: Arrived) -> None:
        if self.has(sent, line):
            self.pairs.append((sent, line))
            del self._sent[sent], self._lines[line.currency][line]


def _in_time(
    open_: _Open, names: Mapping[str, Sequence[str]], longest: timedelta, *, by_name: bool
) -> Iterator[tuple[Sent, Arrived]]:
    fits: dict[Sent, list[Arrived]] = {}
    by_amount: dict[tuple[str, Decimal], list[Arrived]] = defaultdict(list)
    transfers = open_.transfers()
    for currency in {sent.currency for sent in transfers}:
        for line in open_.lines(currency):
            by_amount[currency, line.amount].append(line)
    for sent in transfers:
        fits[sent] = [
            line
            for line in by_amount[sent.currency, sent.amount]
            if -EARLY <= line.day - sent.day <= longest and _says(line, sent, names, by_name)
        ]
    wanted: dict[Arrived, list[Sent]] = defaultdict(list)
    for sent, lines in fits.items():
        for line in lines:
            wanted[line].append(sent)
    if by_name:  # equal ones of one gateway: the first with the first
        taken: set[Arrived] = set()
        for sent, lines in fits.items():
            free = next((line for line in lines if line not in taken), None)
            if free is not None:
                taken.add(free)
                yield sent, free
        return
    for sent, lines in fits.items():
        if len(lines) == 1 and len(wanted[lines[0]]) == 1:
            yield sent, lines[0]


def _says(line: Arrived, sent: Sent, names: Mapping[str, Sequence[str]], by_name: bool) -> bool:
    said = gateways_in(line.text, names)
    return sent.gateway in said if by_name else not said


def gateways_in(text: str, names: Mapping[str, Sequence[str]]) -> set[str]:
    """The gateways that a bank's text names; of names that hold each other, the longest counts."""
    said = f" {_plain(text)} "
    found: dict[str, int] = {}
    for gateway, spellings in names.items():
        lengths = [len(_plain(each)) for each in spellings if f" {_plain(each)} " in said]
        if lengths:
            found[gateway] = max(lengths)
    most = max(found.values(), default=0)
    return {gateway for gateway, length in found.items() if length == most}


def _names(said: str, sent: Sent) -> bool:
    for name in (sent.payout_id, sent.key):
        wanted = _joined(name)
        if len(wanted) >= SHORTEST and wanted in said:
            return True
    return False


def _nearest(sent: Sent, lines: Sequence[Arrived]) -> Arrived:
    return min(lines, key=lambda line: (abs(line.day - sent.day), line.day, line.key))


def _in_order(sent: Sent) -> tuple[object, ...]:
    return (sent.day, sent.gateway, sent.payout_id, sent.key, sent.amount)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _joined(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
