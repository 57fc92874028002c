"""What would become of many orders, and what to add first so that most of them are posted.

An order waits until every one of its reasons is gone, so adding a mapping releases those orders
that lack nothing else. What is added first is what releases most, counting what was added before.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.orders.translation.to_add import stated_percent, to_add

MOST_KINDS = 20_000
"""Different combinations of reasons that are told apart; what comes after is told by its codes."""
SHOWN_ORDERS = 3
SHOWN_PERCENTS = 5


@dataclass(frozen=True)
class Lack:
    """Something that keeps orders waiting: the code, and what to add if the reason names it."""

    code: str
    sentence: str = ""

    @property
    def is_named(self) -> bool:
        """Whether it says what to add."""
        return bool(self.sentence)


@dataclass(frozen=True)
class Step:
    """What to add next: how many orders that releases at once, and in how many it is lacking.

    `percents` are those of a tax that orders state, the most frequent first.
    """

    lack: Lack
    releases: int
    lacking: int
    examples: tuple[str, ...]
    percents: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What to add, for people."""
        stated = f" Orders state {', '.join(self.percents)}." if self.percents else ""
        return f"{self.lack.sentence}{stated}"


@dataclass
class Trial:
    """Counts what became of orders. It holds no order, so any number of them may be tried."""

    posted: int = 0
    waiting: int = 0
    _kinds: Counter[frozenset[Lack]] = field(default_factory=Counter)
    _examples: dict[Lack, list[str]] = field(default_factory=dict)
    _percents: dict[Lack, Counter[str]] = field(default_factory=dict)

    @property
    def tried(self) -> int:
        """All orders."""
        return self.posted + self.waiting

    def would_post(self) -> None:
        """An order that can be booked as it is."""
        self.posted += 1

    def would_wait(self, number: str, reasons: Iterable[Reason]) -> None:
        """An order that would wait for a person; `number` is kept as an example."""
        self.waiting += 1
        found = list(reasons)
        lacks = frozenset(_lack(each) for each in found)
        for lack, percent in {(_lack(each), stated_percent(each)) for each in found}:
            if percent:
                self._percents.setdefault(lack, Counter())[percent] += 1
        if lacks not in self._kinds and len(self._kinds) >= MOST_KINDS:
            lacks = frozenset(Lack(each.code) for each in lacks)
        self._kinds[lacks] += 1
        for lack in lacks:
            examples = self._examples.setdefault(lack, [])
            if len(examples) < SHOWN_ORDERS:
                examples.append(number)

    def by_code(self) -> list[tuple[str, int, str]]:
        """(code, orders that would wait for it, some of them), the most frequent first."""
        counts: Counter[str] = Counter()
        examples: dict[str, str] = {}
        for lacks, count in self._kinds.items():
            for code in {lack.code for lack in lacks}:
                counts[code] += count
        for lack, numbers in self._examples.items():
            examples.setdefault(lack.code, ", ".join(numbers))
        return [(code, count, examples[code]) for code, count in counts.most_common()]

    def steps(self, most: int) -> Iterator[Step]:
        """What to add, one after the other, at most so many things. Ends where nothing that can be
        named keeps an order."""
        left = Counter(self._kinds)
        for _ in range(most):
            releases: Counter[Lack] = Counter()
            lacking: Counter[Lack] = Counter()
            for lacks, count in left.items():
                for lack in lacks:
                    lacking[lack] += count if lack.is_named else 0
                if len(lacks) == 1:
                    releases.update(dict.fromkeys(lacks, count))
            named = [lack for lack, count in lacking.items() if count]
            if not named:
                return
            best = max(named, key=lambda lack: (releases[lack], lacking[lack], lack.sentence))
            stated = self._percents.get(best, Counter()).most_common(SHOWN_PERCENTS)
            percents = tuple(percent for percent, _ in stated)
            yield Step(best, releases[best], lacking[best], tuple(self._examples[best]), percents)
            left = _without(left, best)


def _lack(reason: Reason) -> Lack:
    return Lack(reason.code, to_add(reason))


def _without(kinds: Counter[frozenset[Lack]], lack: Lack) -> Counter[frozenset[Lack]]:
    left: Counter[frozenset[Lack]] = Counter()
    for lacks, count in kinds.items():
        if rest := lacks - {lack}:
            left[rest] += count
    return left


def together(trials: Sequence[Trial]) -> Trial:
    """Several trials as one."""
    whole = Trial()
    for trial in trials:
        whole.posted += trial.posted
        whole.waiting += trial.waiting
        whole._kinds.update(trial._kinds)
        for lack, percents in trial._percents.items():
            whole._percents.setdefault(lack, Counter()).update(percents)
        for lack, numbers in trial._examples.items():
            known = whole._examples.setdefault(lack, [])
            known += numbers[: SHOWN_ORDERS - len(known)]
    return whole
