"""A day with troubles planted among clean orders, on every leg: found, told apart, and mended."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from sfcc_cin7_sandbox.shoppers.draft import NothingToSell
from sfcc_cin7_tests.ledger.merchant_house import JP, UK, US, House, Seen
from sfcc_cin7_tests.ledger.planted_troubles import Plans, Planted


@dataclass
class Score:
    """Trouble by trouble."""

    planted: list[Planted]
    confusion: dict[tuple[str, str], int] = field(default_factory=dict)
    """(class that it is, class that it was seen as) to how many; `none` for unseen or clean."""
    found: int = 0
    wrong: list[str] = field(default_factory=list)
    accused: list[Seen] = field(default_factory=list)
    not_closed: list[Seen] = field(default_factory=list)
    disputed: list[str] = field(default_factory=list)

    @property
    def expected(self) -> int:
        return sum(len(one.expected) for one in self.planted)


def play(house: House, clean: int, say: Callable[[str], None] = lambda _: None) -> Score:
    """Plant every trouble among `clean` orders, look once, mend each, look again."""
    plans = Plans(house)
    plans.long_ago()
    house.clock.sleep(6 * 86400)
    plans.orders_with_trouble()
    number = 0
    while len(house.clean) < clean:
        number += 1
        with suppress(NothingToSell):
            house.clean.append(house.place(UK if number % 3 else (US if number % 2 else JP)))
        if number % 200 == 0:
            say(f"{number} orders placed")
    house.clock.sleep(5)
    say("posting")
    house.lane.run_until_quiet(100)
    plans.before_settling()
    house.settle()
    plans.after_settling()
    house.settle()
    house.clock.sleep(5 * 86400)
    plans.in_the_erp()
    house.clock.sleep(900)
    say("looking")
    house.pass_()
    score = Score(plans.planted)
    _judge(score, house.seen())
    say("mending")
    for trouble in plans.planted:
        trouble.mend()
    house.settle()
    plans.after_mending()
    house.clock.sleep(900)
    house.pass_()
    score.not_closed = house.seen()
    return score


def _judge(score: Score, seen: list[Seen]) -> None:
    open_breaks = {(one.subject, one.leg): one for one in seen}
    for trouble in score.planted:
        for expected in trouble.expected:
            one = open_breaks.pop((expected.subject, expected.leg), None)
            kind = one.kind if one else "none"
            pair = (expected.kind, kind)
            score.confusion[pair] = score.confusion.get(pair, 0) + 1
            if one and (one.kind, one.owner) == (expected.kind, expected.owner):
                score.found += 1
            else:
                score.wrong.append(f"{trouble.name}: {expected} seen as {one}")
    for one in open_breaks.values():
        score.accused.append(one)
        pair = ("none", one.kind)
        score.confusion[pair] = score.confusion.get(pair, 0) + 1
