"""Up to which instant somebody speaks who has looked, and what they have not looked at. Pure.

A check that says "all is well" says it of what it knows. So it states how far each of its sources
was looked at, and what of them is known to be unread; beyond that it is not green.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sfcc_cin7.values.ages import age_in_words


@dataclass(frozen=True)
class Sight:
    """How far one source was looked at.

    `one` and `many` name what is in it ("sale in the ERP", "sales in the ERP"). Every change until
    `upto` was seen, but of the `unread` ones, the first of which waits since `since` to be
    `not_yet` (read, compared, matched); None: nothing was looked at yet. `usual` is how old `upto`
    is in good health, because the source is read in a rhythm or shows changes late.
    """

    one: str
    many: str
    upto: datetime | None
    usual: timedelta = timedelta(0)
    unread: int = 0
    since: datetime | None = None
    not_yet: str = "read"


def usual_age(pause: timedelta, lasts: timedelta) -> timedelta:
    """How old a reading may be, in good health, that lasts so long and is begun again after a
    pause: it is as old as it lasts when it ends, and by as much older when the next one ends."""
    return pause + 2 * lasts


@dataclass(frozen=True)
class Limits:
    """A source that is older than usual by more than `late` is a warning; one that is older by more
    than `blind`, or has something unread for so long, an error."""

    late: timedelta
    blind: timedelta


@dataclass(frozen=True)
class Horizon:
    """What all sources together allow to say. `upto` None: nothing yet. `told` is a sentence for
    each source that was not seen as it should be; `blind`: one of them for too long."""

    upto: datetime | None
    unread: int
    oldest: timedelta | None
    told: tuple[str, ...]
    blind: bool

    @property
    def clear(self) -> bool:
        """Whether everything was looked at."""
        return not self.told


def horizon(sights: Sequence[Sight], now: datetime, limits: Limits) -> Horizon:
    """How far somebody sees at an instant who depends on all of these sources."""
    told: list[str] = []
    blind = False
    for sight in sights:
        if sight.unread:
            age = now - sight.since if sight.since else None
            told.append(_unread(sight, age))
            blind |= age is not None and age > limits.blind
        if sight.upto is None:
            told.append(f"Nothing is known yet of {sight.many}.")
        elif (behind := now - sight.upto - sight.usual) > limits.late:
            age = now - sight.upto
            told.append(f"Of {sight.many} nothing is known of the last {age_in_words(age)}.")
            blind |= behind > limits.blind
    waits = [now - sight.since for sight in sights if sight.unread and sight.since]
    instants = [sight.upto for sight in sights]
    known = [upto for upto in instants if upto is not None]
    return Horizon(
        upto=min(known) if known and len(known) == len(instants) else None,
        unread=sum(sight.unread for sight in sights),
        oldest=max(waits, default=None),
        told=tuple(told),
        blind=blind,
    )


def _unread(sight: Sight, age: timedelta | None) -> str:
    names = f"{sight.unread} {sight.one if sight.unread == 1 else sight.many}"
    waits = "" if age is None else f", the first for {age_in_words(age, seconds=True)}"
    return f"{names} not {sight.not_yet} yet{waits}."
