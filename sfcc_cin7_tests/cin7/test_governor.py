"""No application key exceeds its limit, and orders never wait for anything less."""

import multiprocessing
import random
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from sfcc_cin7.cin7.governor import KEEP_FREE, Governor
from sfcc_cin7.clock import SystemClock
from sfcc_cin7.http.errors import OutOfBudget, Throttled
from sfcc_cin7.store.database import connect
from sfcc_cin7.store.schema import call_applications, call_slots, call_usage

APP = "0123456789ab"


def one_call(governor, clock, lane="orders", seconds=0.0, application=APP):
    """Make a call that lasts so long; when it was sent."""
    with governor.call(application, lane):
        sent = clock.now()
        clock.sleep(seconds)
    return sent


def most_in_any_window(arrivals, window):
    """The greatest number of arrivals in any half-open window of so many seconds."""
    arrivals = sorted(arrivals)
    span = timedelta(seconds=window)
    return max(sum(start <= other < start + span for other in arrivals) for start in arrivals)


def test_the_sixty_first_call_waits_until_a_window_after_the_first_was_answered(engine, clock):
    governor = Governor(engine, clock, max_wait=100)
    first = one_call(governor, clock, seconds=2)
    rest = [one_call(governor, clock) for _ in range(60)]
    assert rest[-2] == first + timedelta(seconds=2)
    assert timedelta(seconds=62) <= rest[-1] - first < timedelta(seconds=62.3)


def test_no_window_holds_more_calls_than_the_limit_however_long_calls_last(engine, clock):
    rng = random.Random(5)
    governor = Governor(engine, clock, limit=6, window=10, max_wait=1000)
    sent = []
    for _ in range(80):
        sent.append(one_call(governor, clock, seconds=rng.choice([0, 0, 0.3, 4])))
        clock.sleep(rng.choice([0, 0, 0, 2, 9]))
    assert most_in_any_window(sent, 10) == 6


def test_every_lane_leaves_to_those_before_it_what_they_may_need(engine, clock):
    governor = Governor(engine, clock, max_wait=0)
    lanes = sorted(KEEP_FREE, key=KEEP_FREE.__getitem__, reverse=True)
    free = 60
    with ExitStack() as open_calls:
        for lane in lanes:
            while free > KEEP_FREE[lane]:
                open_calls.enter_context(governor.call(APP, lane))
                free -= 1
            with pytest.raises(OutOfBudget), governor.call(APP, lane):
                pass
    assert lanes[-1] == "orders"
    assert free == 0


def test_two_applications_have_two_budgets(engine, clock):
    governor = Governor(engine, clock, limit=1, max_wait=0)
    one_call(governor, clock)
    one_call(governor, clock, application="another-app")
    with pytest.raises(OutOfBudget, match="no call budget within 0 s"):
        one_call(governor, clock)


def refuse(call, seconds):
    """End an open call with a refusal that asks for so many seconds."""
    refusal = Throttled("cin7", "GET /sale", 429, "limit")
    refusal.retry_after = seconds
    assert not call.__exit__(Throttled, refusal, None)


def test_a_refusal_by_cin7_pauses_every_process_as_long_as_it_was_told(engine, clock):
    refused_at = clock.now()
    call = Governor(engine, clock).call(APP, "orders")
    call.__enter__()
    refuse(call, 31.0)
    sent = one_call(Governor(engine, clock, max_wait=100), clock)
    assert timedelta(seconds=31) <= sent - refused_at < timedelta(seconds=31.3)


def test_a_shorter_pause_does_not_end_a_longer_one(engine, clock):
    governor = Governor(engine, clock)
    calls = [governor.call(APP, "orders") for _ in range(2)]
    for call in calls:
        call.__enter__()
    refuse(calls[0], 50.0)
    refuse(calls[1], 5.0)
    with engine.connect() as connection:
        paused_until = connection.scalar(select(call_applications.c.paused_until))
    assert paused_until == clock.now() + timedelta(seconds=50)


def test_the_slot_of_a_killed_process_comes_free_by_the_safety_net(engine, clock):
    governor = Governor(engine, clock, limit=1, max_call_seconds=30, max_wait=1000)
    never_ends = governor.call(APP, "orders")
    never_ends.__enter__()
    killed_at = clock.now()
    sent = one_call(Governor(engine, clock, limit=1, max_wait=1000), clock)
    assert timedelta(seconds=90) <= sent - killed_at < timedelta(seconds=90.3)


def test_a_call_that_outlived_its_safety_net_leaves_the_slot_to_the_next_owner(engine, clock):
    governor = Governor(engine, clock, limit=1, window=10, max_call_seconds=30, max_wait=1000)
    with governor.call(APP, "orders"):
        clock.sleep(41)
        next_call = governor.call(APP, "orders")
        next_call.__enter__()
        held_until = clock.now() + timedelta(seconds=40)
    with engine.connect() as connection:
        assert connection.scalar(select(call_slots.c.free_at)) == held_until


def test_an_answer_is_not_lost_when_the_database_goes_away_during_the_call(engine, clock):
    governor = Governor(engine, clock)
    with governor.call(APP, "orders"), engine.begin() as connection:
        connection.execute(text("alter table sfcc_cin7.call_slots rename to away"))
        answer = "the answer"
    assert answer == "the answer"
    with engine.begin() as connection:
        connection.execute(text("alter table sfcc_cin7.away rename to call_slots"))


def test_use_is_counted_by_lane_and_minute(engine, clock):
    governor = Governor(engine, clock)
    for _ in range(3):
        one_call(governor, clock, "stock")
    clock.sleep(60)
    with pytest.raises(Throttled), governor.call(APP, "stock"):
        raise Throttled("cin7", "GET /sale", 429, "limit")
    with engine.connect() as connection:
        rows = connection.execute(select(call_usage).order_by(call_usage.c.minute)).all()
    assert [tuple(row) for row in rows] == [
        (APP, "stock", datetime(2026, 1, 1, 0, 0, tzinfo=UTC), 3, 0),
        (APP, "stock", datetime(2026, 1, 1, 0, 1, tzinfo=UTC), 1, 1),
    ]


WINDOW, LIMIT = 0.6, 5


def _burst(url, seconds, arrivals):
    """One process of many: calls as fast as it may, for so long."""
    clock = SystemClock()
    governor = Governor(connect(url), clock, limit=LIMIT, window=WINDOW)
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        with governor.call(APP, "orders"):
            arrivals.append(time.monotonic())


def test_processes_that_share_a_key_stay_below_the_limit_together(engine, database_url):
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        arrivals = manager.list()
        url = database_url.render_as_string(hide_password=False)
        workers = [context.Process(target=_burst, args=(url, 1.5, arrivals)) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
            assert worker.exitcode == 0
        times = sorted(arrivals)
    assert len(times) > 2 * LIMIT  # they did use what they may
    windows_of_one_more = [
        later - first for first, later in zip(times, times[LIMIT:], strict=False)
    ]
    assert min(windows_of_one_more) > WINDOW
