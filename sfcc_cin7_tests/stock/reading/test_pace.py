"""A reading of everything begins when its calls may follow each other, and never waits for long."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from sfcc_cin7.db.levels import record_snapshot
from sfcc_cin7.stock.reading.pace import CLOSELY, LONGEST_WAIT, wait_for_calls
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.values.clock import ManualClock

OURS = "an-application"
PAGES = 50


def read_before(engine: Engine, clock: ManualClock, rows: int = PAGES * 1000) -> None:
    with engine.begin() as connection:
        at = clock.now()
        record_snapshot(
            connection, started_at=at, finished_at=at, rows=rows, total=rows, believed=True, calls=1
        )


def read_pages(engine: Engine, clock: ManualClock, over: timedelta) -> None:
    """The calls of a reading that took that long."""
    governor = Governor(engine, clock)
    for _ in range(PAGES):
        with governor.call(OURS, "stock"):
            clock.sleep(over.total_seconds() / PAGES)


def waited(engine: Engine, clock: ManualClock) -> timedelta:
    before = clock.now()
    wait_for_calls(engine, OURS, clock)
    return clock.now() - before


def test_the_first_reading_begins_at_once(engine: Engine, clock: ManualClock):
    read_pages(engine, clock, timedelta(seconds=40))
    assert waited(engine, clock) == timedelta(0)


def test_a_reading_begins_at_once_when_nobody_called(engine: Engine, clock: ManualClock):
    read_before(engine, clock)
    assert waited(engine, clock) == timedelta(0)
    read_pages(engine, clock, timedelta(seconds=40))
    clock.sleep(60)
    assert waited(engine, clock) == timedelta(0)


def test_a_reading_that_was_slow_makes_the_next_one_no_slower_than_it_must_be(
    engine: Engine, clock: ManualClock
):
    read_before(engine, clock)
    read_pages(engine, clock, timedelta(seconds=12))
    began = clock.now()
    clock.sleep(45)
    assert timedelta(0) < waited(engine, clock) < LONGEST_WAIT
    began = clock.now()
    read_pages(engine, clock, timedelta(0))
    assert clock.now() - began <= CLOSELY + timedelta(seconds=1)


def test_however_busy_the_others_are_it_begins_in_the_end(engine: Engine, clock: ManualClock):
    read_before(engine, clock)
    read_pages(engine, clock, timedelta(0))
    assert waited(engine, clock) == LONGEST_WAIT


@pytest.mark.parametrize("pages", [53, 200])
def test_more_pages_than_a_window_has_room_for_are_not_waited_for(
    engine: Engine, clock: ManualClock, pages: int
):
    read_before(engine, clock, pages * 1000)
    read_pages(engine, clock, timedelta(0))
    assert waited(engine, clock) == timedelta(0)
