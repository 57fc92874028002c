"""The kit's own limiter: no window of 60 seconds ever holds more calls than are allowed."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sfcc_cin7.conformance.limiter import CallLimiter
from sfcc_cin7.values.clock import ManualClock


def arrivals(limit: int, pauses: list[float], lengths: list[float]) -> list[datetime]:
    """When calls arrive, as late as they can within the time that each takes."""
    clock = ManualClock()
    limiter = CallLimiter(clock, limit)
    seen = []
    for pause, length in zip(pauses, lengths, strict=True):
        clock.sleep(pause)
        with limiter.call():
            clock.sleep(length)
            seen.append(clock.now())
    return seen


@given(
    st.integers(1, 6),
    st.lists(st.tuples(st.floats(0, 30), st.floats(0, 20)), min_size=1, max_size=40),
)
def test_no_window_holds_more_than_the_limit(limit: int, calls: list[tuple[float, float]]) -> None:
    seen = arrivals(limit, [pause for pause, _ in calls], [length for _, length in calls])

    for first in seen:
        window = [other for other in seen if first <= other <= first + timedelta(seconds=60)]
        assert len(window) <= limit


def test_calls_below_the_limit_do_not_wait() -> None:
    seen = arrivals(60, [0.0] * 60, [0.0] * 60)

    assert seen[0] == seen[-1]


def test_after_a_rest_the_whole_limit_is_free() -> None:
    clock = ManualClock()
    limiter = CallLimiter(clock, 2)
    for _ in range(2):
        with limiter.call():
            pass
    limiter.rest()
    rested = clock.now()
    for _ in range(2):
        with limiter.call():
            pass

    assert clock.now() == rested
