"""What is kept of alerts: those that are open, what is to be told, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from sfcc_cin7.alerts.deciding.causes import Cause
from sfcc_cin7.merchant.alerts import Severity

Kind = Literal["opened", "grew", "escalated", "closed", "digest"]


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One cause from its first evidence to its end.

    `opened_at` is when it was decided to tell of it; before that it may heal by itself. `told`
    are those who were sent the opening, `rung` the first of them that has not been gone beyond.
    """

    id: str
    cause: Cause
    seen_at: datetime
    tell_at: datetime
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    absent_since: datetime | None = None
    comes_and_goes: bool = False
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    told: tuple[str, ...] = ()
    escalates_at: datetime | None = None
    told_at: datetime | None = None
    told_severity: Severity = "notice"
    told_things: int = 0

    @property
    def is_open(self) -> bool:
        """Whether people are to know of it."""
        return self.opened_at is not None


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Something to be told to somebody; sent when `sent_at` is set. Letters of one alert to one
    recipient are sent in the sequence of the book. `dedup` joins those of one cause at a service
    that can (PagerDuty), and `resolves` ends them there."""

    id: str
    alert: str
    kind: Kind
    to: str
    title: str
    body: str
    severity: Severity
    written_at: datetime
    due_at: datetime
    dedup: str = ""
    resolves: bool = False
    tries: int = 0


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to an alert, for its history; `number` counts them all."""

    number: int
    alert: str
    at: datetime
    kind: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """A cause that is gone: healed by itself (`told` is False), or an alert that closed."""

    key: str
    title: str
    to: str
    at: datetime
    lasted: timedelta
    told: bool


@dataclass(frozen=True)
class Failing:
    """A channel that took nothing, since when, and what was answered last (without its address)."""

    since: datetime
    problem: str


@dataclass(frozen=True, kw_only=True)
class Book:
    """Everything that has to outlive the process that tells.

    `letters` are still to be sent. `events`, and alerts that have `ended`, are still to be stored.
    `endings` are those of the last minutes, and those that a digest has still to tell (`digests`:
    when each recipient had one).
    `explained` is when a cause was last part of another one. `failing` are the channels that took
    nothing when they were last tried. `revision` counts what was saved since
    the book was `born`.
    """

    alerts: Sequence[Alert] = ()
    ended: Sequence[Alert] = ()
    letters: Sequence[Letter] = ()
    events: Sequence[Event] = ()
    endings: Sequence[Ending] = ()
    digests: dict[str, datetime] = field(default_factory=dict)
    explained: dict[str, datetime] = field(default_factory=dict)
    failing: dict[str, Failing] = field(default_factory=dict)
    numbered: int = 0
    revision: int = 0
    born: datetime | None = None

    def noted(self, alert: str, at: datetime, kind: str, detail: str = "") -> "Book":
        """With one more event."""
        event = Event(number=self.numbered + 1, alert=alert, at=at, kind=kind, detail=detail)
        return replace(self, events=[*self.events, event], numbered=self.numbered + 1)

    def without_letter(self, letter_id: str, at: datetime, channel: str) -> "Book":
        """A letter was taken by a channel."""
        sent = next((each for each in self.letters if each.id == letter_id), None)
        if sent is None:
            return self
        left = [each for each in self.letters if each.id != letter_id]
        note = f"{sent.kind} to {sent.to} over {channel}"
        book = replace(self, letters=left)
        return book.noted(sent.alert, at, "sent", note) if sent.alert else book

    def tried(self, letter_id: str, again_at: datetime) -> "Book":
        """No channel took a letter: it is tried again."""
        letters = [
            replace(each, tries=each.tries + 1, due_at=again_at) if each.id == letter_id else each
            for each in self.letters
        ]
        return replace(self, letters=letters)

    def channel(self, name: str, at: datetime, problem: str | None) -> "Book":
        """What a channel did when it was tried; `problem` is None where it took a letter."""
        failing = dict(self.failing)
        before = failing.pop(name, None)
        if problem is not None:
            failing[name] = Failing(before.since if before else at, problem)
        return replace(self, failing=failing) if failing != self.failing else self

    def acknowledged(self, alert_id: str, by: str, at: datetime) -> "Book":
        """Somebody has taken an alert on: it goes on to nobody any more."""
        known = next((each for each in self.alerts if each.id == alert_id), None)
        if known is None or known.acknowledged_at is not None:
            return self
        taken = replace(known, acknowledged_at=at, acknowledged_by=by)
        return replace(self, alerts=[taken if each is known else each for each in self.alerts])


def merged(ours: Book, theirs: Book) -> Book:
    """One book of the two of spool and database.

    Of one book that was saved in two places the later one counts. Two books there are where a
    watcher had to begin without its spool and without the database: the elder one counts, with what
    only the younger one has.
    """
    if theirs.born is None:
        return ours
    if ours.born is None or (ours.born == theirs.born and ours.revision < theirs.revision):
        return theirs
    if ours.born == theirs.born:
        return ours
    elder, younger = (ours, theirs) if ours.born < theirs.born else (theirs, ours)
    known = {each.cause.key for each in elder.alerts}
    more = [each for each in younger.alerts if each.cause.key not in known]
    ids = {each.id for each in more} | {""}
    return replace(
        elder,
        alerts=[*elder.alerts, *more],
        ended=[*elder.ended, *younger.ended],
        letters=[*elder.letters, *(each for each in younger.letters if each.alert in ids)],
        events=[*elder.events, *younger.events],
        failing={**elder.failing, **younger.failing},
        numbered=max(elder.numbered, younger.numbered),
        revision=max(elder.revision, younger.revision),
    )


def alert_id(key: str, seen_at: datetime) -> str:
    """Short enough to be typed."""
    return sha256(f"{key} {seen_at.isoformat()}".encode()).hexdigest()[:8]


def dedup_key(brand: str, key: str) -> str:
    """The same for every alert of one cause, whatever was lost meanwhile: at most 255 characters
    (PagerDuty, Events API v2)."""
    return f"sfcc-cin7-{brand}-{sha256(key.encode()).hexdigest()[:24]}"
