"""The digest of a day: what healed by itself, what was told and is over, what is open."""

from dataclasses import replace
from datetime import datetime, timedelta

from sfcc_cin7.alerts.deciding.book import Book, Letter
from sfcc_cin7.alerts.deciding.letters import LONGEST_BODY, shortened
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.values.ages import age_in_words
from sfcc_cin7.values.wording import counted


def with_digests(book: Book, at: datetime, model: OperatingModel) -> Book:
    """The book with the digest of everybody whose hour has come since their last one.

    A first look begins to count: nobody has a digest of a day that nobody watched. A day on which
    nothing happened needs no letter.
    """
    for to, policy in model.alerts.recipients.items():
        if policy.digest_at is None:
            continue
        zone = wording(model).zone
        last = book.digests.get(to)
        if last is None:
            book = replace(book, digests={**book.digests, to: at})
            continue
        day = at.astimezone(zone).date()
        due = datetime.combine(day, policy.digest_at, tzinfo=zone)
        if due > at:
            due -= timedelta(days=1)
        if last >= due:
            continue
        lines = _lines(book, to, last, at, model)
        book = replace(book, digests={**book.digests, to: at})
        if lines:
            book = _with_letter(book, to, lines, at, model)
    return book


def _lines(book: Book, to: str, since: datetime, at: datetime, model: OperatingModel) -> list[str]:
    endings = [each for each in book.endings if each.to == to and each.at > since]
    healed = [each for each in endings if not each.told]
    over = [each for each in endings if each.told]
    theirs = [
        each
        for each in book.alerts
        if each.is_open and model.alerts.recipient(each.cause.owner) == to
    ]
    lines = [
        f"Open for {age_in_words(at - each.cause.since)}: {each.cause.title}"
        f" ({counted(each.cause.things, 'thing')}, alert {each.id})"
        for each in theirs
    ]
    for each in over:
        lines.append(f"Over after {age_in_words(each.lasted, seconds=True)}: {each.title}")
    counts: dict[str, int] = {}
    for each in healed:
        counts[each.title] = counts.get(each.title, 0) + 1
    lines += [f"Healed by itself, {counted(many, 'time')}: {name}" for name, many in counts.items()]
    return lines


def _with_letter(
    book: Book, to: str, lines: list[str], at: datetime, model: OperatingModel
) -> Book:
    letter = Letter(
        id=f"digest-{book.numbered}-{to}-{at:%Y%m%d%H%M}",
        alert="",
        kind="digest",
        to=to,
        title=f"[{model.brand}] The day in {counted(len(lines), 'line')}",
        body=shortened("\n".join(lines), LONGEST_BODY),
        severity="notice",
        written_at=at,
        due_at=at,
    )
    return replace(book, letters=[*book.letters, letter])
