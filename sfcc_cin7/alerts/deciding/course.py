"""The course of alerts: what was seen last changes the book, and the book says what is to be told.

A cause opens once, when it has lasted; it is told again when it has doubled or got more severe; it
goes on to the next person when nobody acknowledges it; it closes once, when every source that it
was seen in has been looked at and does not show it any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sfcc_cin7.alerts.deciding.book import Alert, Book, Ending, alert_id
from sfcc_cin7.alerts.deciding.causes import Cause, group
from sfcc_cin7.alerts.deciding.digests import with_digests
from sfcc_cin7.alerts.deciding.evidence import Seen
from sfcc_cin7.alerts.deciding.letters import write
from sfcc_cin7.merchant.alerts import SEVERITIES, RecipientPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel

CALM = timedelta(seconds=20)
"""How long a cause has to be gone before its alert closes."""
OFTEN, WITHIN = 3, timedelta(minutes=10)
"""What comes so often within this is one alert, that closes when it has stayed away as long."""
AFTERMATH = timedelta(minutes=5)
"""What another cause has brought about may last so much longer than that one: nobody is told."""
GROWS_EVERY = timedelta(minutes=15)
"""An alert that grows is told again no sooner than this after it was told last."""


@dataclass(frozen=True)
class _Step:
    """One look, and what it is judged by."""

    seen: Seen
    model: OperatingModel

    @property
    def at(self) -> datetime:
        return self.seen.at

    def recipient(self, alert: Alert) -> str | None:
        return self.model.alerts.recipient(alert.cause.owner)

    def nobody_knows(self, alert: Alert) -> bool:
        """Whether nobody who was told is a recipient any more, while somebody is: the merchant has
        decided that since it opened."""
        recipients = self.model.alerts.recipients
        is_known = alert.acknowledged_at is not None or any(to in recipients for to in alert.told)
        return not is_known and self.recipient(alert) is not None

    def escalates_at(self, to: str | None, cause: Cause) -> datetime | None:
        """When it goes on from somebody; None: never."""
        policy = self._policy(to)
        if policy is None or policy.next is None or cause.severity == "notice":
            return None
        return self.at + timedelta(minutes=policy.acknowledge_minutes)

    def next_after(self, to: str) -> str | None:
        policy = self._policy(to)
        return policy.next if policy else None

    def _policy(self, to: str | None) -> RecipientPolicy | None:
        return self.model.alerts.recipients.get(to) if to else None


def advance(book: Book, seen: Seen, model: OperatingModel) -> Book:
    """The book after a look. Raises nothing; the same look twice changes nothing more."""
    step = _Step(seen, model)
    grouped = group(seen.evidence, seen.at, model.review, [each.cause.key for each in book.alerts])
    causes = {cause.key: cause for cause in grouped.causes}
    explained = dict.fromkeys(grouped.explained, seen.at)
    remembered = {**book.explained, **explained}
    recipients = model.alerts.recipients
    book = replace(
        book,
        letters=[each for each in book.letters if each.to in recipients],
        explained={key: at for key, at in remembered.items() if seen.at - at <= WITHIN},
        endings=[each for each in book.endings if _is_remembered(each, seen.at, model)],
    )
    book = _with_new(book, causes, step)
    for alert in book.alerts:
        cause = causes.get(alert.cause.key)
        if cause is not None:
            cause = replace(cause, since=min(cause.since, alert.cause.since))
            book = _goes_on(book, replace(alert, cause=cause, absent_since=None), step)
        elif (root := grouped.explained.get(alert.cause.key)) is not None:
            book = _is_part_of(book, alert, causes[root], step)
        elif all(seen.saw(source) for source in alert.cause.sources):
            book = _is_absent(book, alert, step)
        elif alert.is_open:
            book = _escalated(book, alert, step)
    return with_digests(book, seen.at, model)


def _is_remembered(ending: Ending, at: datetime, model: OperatingModel) -> bool:
    """As long as it may come again, and until its digest."""
    recipient = model.alerts.recipients.get(ending.to)
    waits = recipient is not None and recipient.digest_at is not None
    return at - ending.at <= (timedelta(days=2) if waits else WITHIN)


def _with_new(book: Book, causes: Mapping[str, Cause], step: _Step) -> Book:
    known = {each.cause.key for each in book.alerts}
    for key, cause in causes.items():
        if key in known:
            continue
        again = sum(each.key == key and step.at - each.at <= WITHIN for each in book.endings)
        comes_and_goes = again >= OFTEN - 1
        tell_at = step.at + cause.told_after
        if comes_and_goes:
            tell_at = step.at
        elif key in book.explained:
            tell_at = max(tell_at, book.explained[key] + AFTERMATH)
        alert = Alert(
            id=alert_id(key, step.at),
            cause=cause,
            seen_at=step.at,
            tell_at=tell_at,
            comes_and_goes=comes_and_goes,
        )
        book = replace(book, alerts=[*book.alerts, alert])
    return book


def _goes_on(book: Book, alert: Alert, step: _Step) -> Book:
    if not alert.is_open:
        is_due = step.at >= alert.tell_at
        return _opened(book, alert, step) if is_due else _with(book, alert)
    if step.nobody_knows(alert):
        return _told_anew(book, alert, step)
    doubled = alert.cause.things >= 2 * max(alert.told_things, 1)
    worse = SEVERITIES.index(alert.cause.severity) > SEVERITIES.index(alert.told_severity)
    rested = alert.told_at is None or step.at - alert.told_at >= GROWS_EVERY
    if worse or (doubled and rested):
        book = book.noted(alert.id, step.at, "grew", alert.cause.severity)
        alert = _as_told(alert, step.at)
        if alert.escalates_at is None and alert.acknowledged_at is None and alert.told:
            alert = replace(alert, escalates_at=step.escalates_at(alert.told[-1], alert.cause))
        for to in alert.told:
            book = write(book, alert, "grew", to, step.at, step.model)
    return _escalated(book, alert, step)


def _opened(book: Book, alert: Alert, step: _Step) -> Book:
    book = book.noted(alert.id, step.at, "opened", alert.cause.key)
    return _told_anew(book, replace(alert, opened_at=step.at), step)


def _told_anew(book: Book, alert: Alert, step: _Step) -> Book:
    """Told to its recipient, if there is one, as to somebody who knows nothing of it."""
    to = step.recipient(alert)
    alert = replace(
        _as_told(alert, step.at),
        told=(to,) if to else (),
        escalates_at=step.escalates_at(to, alert.cause),
    )
    book = _with(book, alert)
    return write(book, alert, "opened", to, step.at, step.model) if to else book


def _as_told(alert: Alert, at: datetime) -> Alert:
    worst = max(alert.told_severity, alert.cause.severity, key=SEVERITIES.index)
    return replace(alert, told_at=at, told_severity=worst, told_things=alert.cause.things)


def _escalated(book: Book, alert: Alert, step: _Step) -> Book:
    """On to the next person, once each, while nobody has acknowledged."""
    if alert.acknowledged_at or alert.escalates_at is None or step.at < alert.escalates_at:
        return _with(book, alert)
    to = step.next_after(alert.told[-1]) if alert.told else None
    if to is None or to in alert.told:
        return _with(book, replace(alert, escalates_at=None))
    alert = replace(alert, told=(*alert.told, to), escalates_at=step.escalates_at(to, alert.cause))
    book = _with(book.noted(alert.id, step.at, "escalated", to), alert)
    return write(book, alert, "escalated", to, step.at, step.model)


def _is_absent(book: Book, alert: Alert, step: _Step) -> Book:
    if alert.absent_since is None:
        alert = replace(alert, absent_since=step.at)
    assert alert.absent_since is not None  # noqa: S101 - for the type
    calm = WITHIN if alert.comes_and_goes else CALM
    if not alert.is_open:
        return _ended(book, alert, step, told=False)
    if step.at - alert.absent_since < calm:
        return _with(book, alert)
    return _ended(book, alert, step, told=True)


def _is_part_of(book: Book, alert: Alert, root: Cause, step: _Step) -> Book:
    """Another cause explains it: that one is told, this one ends."""
    if not alert.is_open:
        return _without(book, alert)
    return _ended(book, alert, step, told=True, because=f"It is part of this: {root.title}.")


def _ended(
    book: Book, alert: Alert, step: _Step, *, told: bool, because: str = "It is over."
) -> Book:
    ending = Ending(
        key=alert.cause.key,
        title=alert.cause.title,
        to=step.recipient(alert) or "",
        at=step.at,
        lasted=(alert.absent_since or step.at) - alert.seen_at,
        told=told,
    )
    ended = [*book.ended, replace(alert, closed_at=step.at)] if told else book.ended
    book = _without(replace(book, endings=[*book.endings, ending], ended=ended), alert)
    book = book.noted(alert.id, step.at, "closed" if told else "healed", because)
    for to in alert.told:
        book = write(book, alert, "closed", to, step.at, step.model, because)
    return book


def _with(book: Book, alert: Alert) -> Book:
    return replace(book, alerts=[alert if each.id == alert.id else each for each in book.alerts])


def _without(book: Book, alert: Alert) -> Book:
    return replace(book, alerts=[each for each in book.alerts if each.id != alert.id])
