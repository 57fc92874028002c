"""A check is green as far as it has looked, and no further."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sfcc_cin7.values.horizon import Limits, Sight, horizon, usual_age

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMITS = Limits(late=timedelta(minutes=10), blind=timedelta(minutes=60))
ages = st.none() | st.floats(0, 200).map(lambda minutes: NOON - timedelta(minutes=minutes))


def sales(minutes: float | None, **more: object) -> Sight:
    upto = None if minutes is None else NOON - timedelta(minutes=minutes)
    return Sight("sale", "sales", upto, timedelta(minutes=4), **more)  # type: ignore[arg-type]


def test_who_has_seen_everything_lately_speaks_up_to_the_source_that_is_oldest() -> None:
    found = horizon([sales(3), sales(5)], NOON, LIMITS)
    assert found.clear
    assert found.upto == NOON - timedelta(minutes=5)


def test_one_unread_sale_is_a_warning_with_its_figure_and_an_error_after_an_hour() -> None:
    since = NOON - timedelta(minutes=59)
    found = horizon([sales(3, unread=1, since=since), sales(3)], NOON, LIMITS)
    assert (found.clear, found.blind, found.unread) == (False, False, 1)
    assert found.told == ("1 sale not read yet, the first for 59 min.",)
    later = horizon([sales(3, unread=2, since=since)], NOON + timedelta(minutes=2), LIMITS)
    assert later.blind
    assert later.told == ("2 sales not read yet, the first for 1 h 1 min.",)


def test_a_source_that_is_older_than_usual_is_a_warning_and_then_an_error() -> None:
    assert horizon([sales(14)], NOON, LIMITS).clear
    found = horizon([sales(15)], NOON, LIMITS)
    assert (found.told, found.blind) == (("Of sales nothing is known of the last 15 min.",), False)
    assert horizon([sales(65)], NOON, LIMITS).blind


def test_a_reading_that_takes_long_is_late_when_the_next_does_not_end_and_not_before() -> None:
    lasts = timedelta(minutes=24)
    usual = usual_age(timedelta(minutes=1), lasts)
    rows = Sight("row", "rows", NOON, usual)
    ended, next_ended = NOON + lasts, NOON + lasts + timedelta(minutes=1) + lasts
    assert horizon([rows], ended, LIMITS).clear
    assert horizon([rows], next_ended, LIMITS).clear
    assert not horizon([rows], next_ended + timedelta(minutes=11), LIMITS).clear


def test_of_what_was_never_looked_at_nothing_is_said() -> None:
    found = horizon([sales(1), sales(None)], NOON, LIMITS)
    assert found.upto is None
    assert found.told == ("Nothing is known yet of sales.",)


@given(st.lists(st.tuples(ages, st.integers(0, 3)), min_size=1))
def test_whoever_sees_clearly_has_looked_at_every_source(seen) -> None:
    sights = [
        Sight("sale", "sales", upto, unread=unread, since=upto if unread else None)
        for upto, unread in seen
    ]
    found = horizon(sights, NOON, LIMITS)
    if found.clear:
        assert found.unread == 0
        assert all(s.upto is not None and NOON - s.upto <= LIMITS.late for s in sights)
        assert found.upto == min(s.upto for s in sights if s.upto)
    assert not (found.blind and found.clear)
