"""A story: a verdict in a sentence, and chapters of lines. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sfcc_cin7.handover.stories.facts import Item
from sfcc_cin7.inbox.codes import known
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.wording import Wording


@dataclass(frozen=True)
class Chapter:
    """A heading and what is told below it."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Story:
    """One thing from end to end. `verdict` says how it stands, and `chapters` how that came."""

    title: str
    verdict: str
    chapters: Sequence[Chapter]

    def text(self) -> str:
        """For a terminal."""
        parts = [f"{self.title}\n{self.verdict}"]
        for chapter in self.chapters:
            parts.append("\n".join([chapter.title, *(f"  {line}" for line in chapter.lines)]))
        return "\n\n".join(parts)


def story(title: str, verdict: str, *chapters: tuple[str, Iterable[str]]) -> Story:
    """A story without the chapters that have nothing to tell."""
    told = [Chapter(name, list(lines)) for name, lines in chapters]
    return Story(title, verdict, [each for each in told if each.lines])


def still_open(items: Sequence[Item]) -> list[Item]:
    """What nobody has settled yet."""
    return [each for each in items if each.closed_at is None]


def items_told(items: Sequence[Item], now: datetime, words: Wording) -> Iterator[str]:
    """What waits for a person, and what did: each with whose it is, what to do, and its page."""
    for item in still_open(items):
        row = known(item.code)
        number = f"break {item.number}: " if item.number else ""
        money = f", {figure(item.amount, item.currency)}" if item.amount and item.currency else ""
        age = age_in_words(now - item.opened_at)
        yield f"open for {age}: {number}{row.cause}{money} ({item.code}), {item.owner}"
        yield f"    {item.sentence}"
        yield f"    to do: {row.what_to_do}; {row.runbook}"
    for item in items:
        if item.closed_at is not None:
            since = f"{words.second(item.opened_at)} to {words.second(item.closed_at)}"
            yield f"over: {known(item.code).cause} ({since}): {item.because or 'its cause is gone'}"


def waits_told(items: Sequence[Item]) -> str:
    """A sentence of the verdict about what is open; empty where nothing is."""
    causes = sorted({known(each.code).cause for each in still_open(items)})
    return f" It needs a person: {'; '.join(causes)}." if causes else ""
