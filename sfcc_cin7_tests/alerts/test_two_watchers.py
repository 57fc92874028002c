"""Two watchers look at one house, and people are told once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sfcc_cin7.alerts.records.only_sender import PATIENCE, OnlySender
from sfcc_cin7_tests.alerts.house import DESK, NOON
from sfcc_cin7_tests.alerts.test_teller import AWAY, LANE, Watchers


@pytest.fixture
def pair(engine: Engine, tmp_path: Path) -> Iterator[tuple[Watchers, Watchers]]:
    """On two machines: each has a spool of its own."""
    both = Watchers(engine, tmp_path / "one"), Watchers(engine, tmp_path / "two")
    yield both
    for each in both:
        each.teller.stop()


def together(pair: tuple[Watchers, Watchers], *found: object, seconds: int = 60) -> None:
    for _ in range(seconds // 5):
        for each in pair:
            each.turns(*found, seconds=5)  # type: ignore[arg-type]


def test_one_of_two_tells(pair: tuple[Watchers, Watchers]) -> None:
    first, second = pair
    together(pair, LANE)
    assert (first.kinds(), second.kinds()) == ([("opened", DESK)], [])


def test_the_other_goes_on_where_the_first_one_died_and_tells_nothing_twice(
    pair: tuple[Watchers, Watchers],
) -> None:
    first, second = pair
    together(pair, LANE)
    first.teller.stop()
    second.turns(LANE, seconds=60)
    assert second.kinds() == []
    second.turns()
    assert second.kinds() == [("closed", DESK)]


def test_while_the_database_is_away_the_one_who_told_goes_on_and_the_other_is_quiet(
    pair: tuple[Watchers, Watchers], engine: Engine
) -> None:
    first, second = pair
    together(pair, LANE)
    first.engine = second.engine = None
    together(pair, AWAY)
    assert (first.kinds()[1:], second.kinds()) == ([("opened", DESK)], [])
    first.engine = second.engine = engine
    together(pair, LANE)
    assert (first.kinds()[2:], second.kinds()) == ([("closed", DESK)], [])


def test_a_session_that_was_cut_is_no_reason_to_change_who_tells(
    pair: tuple[Watchers, Watchers],
) -> None:
    first, second = pair
    together(pair, LANE)
    first.teller.stop()
    together(pair, LANE)
    together(pair)
    assert (first.kinds(), second.kinds()) == ([("opened", DESK), ("closed", DESK)], [])


def test_a_claim_is_gone_with_its_session(engine: Engine) -> None:
    one, other = OnlySender(), OnlySender()
    assert one.is_us(engine, NOON)
    assert not other.is_us(engine, NOON)
    one.release()
    assert not other.is_us(engine, NOON), "who had it comes back first"
    assert other.is_us(engine, NOON + PATIENCE)
    other.release()
