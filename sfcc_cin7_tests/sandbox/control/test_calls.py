"""The call log counts what arrives, in any window of the rate limit."""

from datetime import UTC, datetime, timedelta

from sfcc_cin7_sandbox.clock import ManualClock
from sfcc_cin7_sandbox.control.calls import CallLog, system_of


def log_of(clock):
    return CallLog(clock, ["orders", "rest"], timedelta(seconds=60))


def clock():
    return ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


def most(log, key):
    return log.summary()["cin7_keys"][key]["most_in_window"]


def test_the_busiest_window_is_found_wherever_it_begins():
    time = clock()
    log = log_of(time)
    for pause in (0, 59, 1, 5, 10, 100, 1):
        time.advance(timedelta(seconds=pause))
        log.arrive("cin7", "orders")
    assert most(log, "orders") == 4
    assert log.summary()["cin7_keys"]["orders"]["arrivals"] == 7


def test_keys_are_counted_each_and_together():
    log = log_of(clock())
    for key in ("orders", "rest", "rest", "somebody's"):
        log.arrive("cin7", key)
    assert (most(log, "orders"), most(log, "rest")) == (1, 2)
    assert log.summary()["cin7_account"] == {"arrivals": 3, "most_in_window": 3}


def test_calls_without_a_key_or_to_the_shop_use_no_budget():
    log = log_of(clock())
    log.arrive("cin7", None)
    log.arrive("sfcc", "orders")
    assert log.summary()["cin7_keys"] == {}
    assert log.summary()["arrivals"] == {"cin7": 1, "sfcc": 1}


def test_paths_tell_the_systems_apart():
    assert system_of("/externalAPI/v2/Sale") == "cin7"
    assert system_of("/_control/truth") == "control"
    assert system_of("/checkout/orders/v1/organizations/x/orders") == "sfcc"
