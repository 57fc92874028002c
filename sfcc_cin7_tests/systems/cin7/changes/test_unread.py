"""Which rows of the ERP's list tell of a change that nobody has read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sfcc_cin7.systems.cin7.changes.unread import is_news
from sfcc_cin7.systems.cin7.kinds import Listed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)


@dataclass(frozen=True)
class Known:
    updated: datetime | None = NOON
    fingerprint: str = "as it was"
    known_until: datetime | None = NOON


def row(updated: datetime | None, fingerprint: str = "otherwise") -> Listed:
    return Listed("1", "SO-1", "brand:shop:1", updated, fingerprint)


def test_a_sale_that_nobody_knows_is_news() -> None:
    assert is_news(None, row(NOON))


def test_a_row_that_is_as_it_was_is_none_however_often_it_is_listed() -> None:
    assert not is_news(Known(), row(NOON, "as it was"))
    assert not is_news(Known(known_until=None), row(NOON, "as it was"))


def test_a_later_stamp_is_news_because_a_row_does_not_show_the_total() -> None:
    assert is_news(Known(), row(LATER))


def test_what_our_own_answer_showed_is_none_though_the_list_shows_it_for_the_first_time() -> None:
    posted = Known(updated=None, fingerprint="", known_until=LATER)
    assert not is_news(posted, row(NOON))
    assert not is_news(posted, row(LATER))
    assert is_news(posted, row(LATER + timedelta(milliseconds=1)))


def test_a_row_that_differs_under_the_same_stamp_is_news() -> None:
    assert is_news(Known(known_until=LATER), row(NOON))


def test_where_no_stamp_says_when_the_row_itself_decides() -> None:
    assert is_news(Known(updated=None), row(None))
    assert not is_news(Known(updated=None), row(None, "as it was"))
    assert is_news(Known(known_until=None), row(NOON))
