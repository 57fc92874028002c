"""Letters: what they say, within what every channel takes, and when they may be sent.

No letter holds what a shopper is called or where they live: evidence is told by what it is about
(orders by their numbers) and by sentences of our own.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sfcc_cin7.alerts.deciding.book import Alert, Book, Kind, Letter, dedup_key
from sfcc_cin7.merchant.alerts import SEVERITIES, QuietHours, RecipientPolicy
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.money import figure
from sfcc_cin7.values.wording import Wording, counted

LONGEST_TITLE, LONGEST_BODY = 120, 850
"""Teams takes 1000 characters of both together, PagerDuty 1024."""
LONGEST_SENTENCE = 200
RUNBOOKS = "sfcc_cin7/runbooks"
TAKE_ON = "Take it on: "
"""How the last line begins of a letter that asks somebody to."""
PREFIX = {"opened": "", "grew": "Grew: ", "escalated": "Nobody has taken it: ", "closed": "Over: "}


def write(
    book: Book,
    alert: Alert,
    kind: Kind,
    to: str,
    at: datetime,
    model: OperatingModel,
    because: str = "",
) -> Book:
    """The book with a letter to somebody.

    What is milder than somebody wants to be told at once is not written. One whose opening was not
    sent yet, because of quiet hours, needs no second letter: neither is sent when it is over.
    """
    policy = model.alerts.recipients.get(to)
    if policy is None:  # the merchant has decided otherwise meanwhile
        return book
    its = [each for each in book.letters if each.alert == alert.id and each.to == to]
    held = [each for each in its if each.kind in ("opened", "escalated") and each.due_at > at]
    held = [each for each in held if not each.tries]
    if kind == "closed" and held:
        left = [each for each in book.letters if each not in its]
        return replace(book, letters=left).noted(alert.id, at, "not told", to)
    severity = alert.told_severity
    if SEVERITIES.index(severity) < SEVERITIES.index(policy.at_once):
        return book
    due = at if severity == "critical" else allowed_at(policy, at, wording(model))
    if kind == "grew" and held:  # told for the first time as it is now
        if severity == "critical":
            raised = [replace(each, due_at=at) if each in held else each for each in book.letters]
            return replace(book, letters=raised)
        return book
    letter = Letter(
        id=f"{alert.id}-{book.numbered}-{kind}-{to}",
        alert=alert.id,
        kind=kind,
        to=to,
        title=title(alert, kind, model),
        body=body(alert, kind, at, model, because),
        severity=severity,
        written_at=at,
        due_at=due,
        dedup=dedup_key(model.brand, alert.cause.key),
        resolves=kind == "closed",
    )
    return replace(book, letters=[*book.letters, letter])


def allowed_at(policy: RecipientPolicy, at: datetime, words: Wording) -> datetime:
    """The next instant outside of somebody's quiet hours."""
    return at if policy.quiet is None else _after(policy.quiet, at, words)


def _after(quiet: QuietHours, at: datetime, words: Wording) -> datetime:
    there = at.astimezone(words.zone)
    now = there.time().replace(tzinfo=None)
    over_midnight = quiet.begin > quiet.end
    is_quiet = (
        (now >= quiet.begin or now < quiet.end)
        if over_midnight
        else (quiet.begin <= now < quiet.end)
    )
    if not is_quiet:
        return at
    day = there.date() + timedelta(days=over_midnight and now >= quiet.begin)
    ends = datetime.combine(day, quiet.end, tzinfo=words.zone).astimezone(at.tzinfo)
    return max(ends, at)  # where clocks are put back, an hour comes twice


def title(alert: Alert, kind: Kind, model: OperatingModel) -> str:
    """Severity, what it is, and how much of it."""
    cause = alert.cause
    many = f" ({cause.things:,})" if cause.things > 1 else ""
    mark = "" if kind == "closed" else f"{alert.told_severity.upper()} "
    told = f"{mark}{PREFIX[kind]}{_named(alert)}{many}"
    return shortened(f"[{model.brand}] {told}", LONGEST_TITLE)


def with_link(letter: Letter, link: str) -> Letter:
    """The letter as it leaves: who is asked to take an alert on can do so by a link. What is too
    long for every channel is cut before it."""
    text, _, last = letter.body.rpartition("\n")
    if not last.startswith(TAKE_ON):
        return letter
    last = f"{TAKE_ON}{link}"
    return replace(letter, body=f"{shortened(text, LONGEST_BODY - len(last) - 1)}\n{last}")


def _named(alert: Alert) -> str:
    cause = alert.cause
    often = ", again and again" if alert.comes_and_goes else ""
    return f"{cause.title}{often}"


def body(alert: Alert, kind: Kind, at: datetime, model: OperatingModel, because: str = "") -> str:
    """Cause, effect, money at risk, since when, what was answered, what to do, page, owner."""
    cause, words = alert.cause, wording(model)
    lasted = age_in_words(max(at - cause.since, timedelta(0)), seconds=True)
    if kind == "closed":
        began = words.second(cause.since)
        lines = [because, f"Since: {began}, it lasted {lasted}.", f"Alert {alert.id} is closed."]
        return shortened("\n".join(lines), LONGEST_BODY)
    lines = [
        f"Effect: {cause.effect}",
        f"At risk: {figure(cause.money, model.base_currency)}" if cause.money else "",
        f"Since: {words.second(cause.since)} ({lasted})",
        f"Concerns: {subjects(alert, words)}",
        f"Seen: {shortened(cause.tried, LONGEST_SENTENCE)}" if cause.tried else "",
        f"To do: {cause.advice}" if cause.advice else "",
        f"Page: {cause.runbook}" if cause.runbook else "",
        f"Owner: {cause.owner or 'nobody'}",
    ]
    lines = [line for line in lines if line]
    taken = f"Taken on by {alert.acknowledged_by}." if alert.acknowledged_by else ""
    last = taken or f"{TAKE_ON}sfcc-cin7 alerts ack {alert.id}"
    # the last line is how to stop it: what is too long is cut before it
    return f"{shortened(chr(10).join(lines), LONGEST_BODY - len(last) - 1)}\n{last}"


def subjects(alert: Alert, words: Wording) -> str:
    """The first few, as people know them, and how many more."""
    named = [words.subject(each) for each in alert.cause.subjects]
    more = alert.cause.things - len(named)
    return ", ".join(named) + (f" and {counted(more, 'other')}" if more > 0 else "")


def shortened(text: str, most: int) -> str:
    """The text in at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
