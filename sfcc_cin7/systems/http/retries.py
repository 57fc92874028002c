"""Reads may be repeated. A write that may have happened is not: its caller has to look it up."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from sfcc_cin7.systems.http.errors import OutOfBudget, Throttled, Unavailable

T = TypeVar("T")
ATTEMPTS = 4
LONGEST_WAIT = 60.0
_backoff = wait_random_exponential(multiplier=0.5, max=8)


def read(attempt: Callable[[], T], sleep: Callable[[float], None], attempts: int = ATTEMPTS) -> T:
    """Try a read a few times: back-off with jitter, or as long as the other system asked for.

    Whoever has other work to do meanwhile asks for one attempt and comes back later.

    Raises:
        ApiError: the last failure; at once for anything but `Unavailable` and `Throttled`.
    """
    return _repeated(attempt, sleep, attempts)


def unprocessed(
    attempt: Callable[[], T], sleep: Callable[[float], None], attempts: int = ATTEMPTS
) -> T:
    """Try a write again as long as it was throttled or certainly never processed.

    Raises:
        ApiError: the last failure; at once for anything else, above all `Ambiguous`.
    """
    return _repeated(attempt, sleep, attempts)


def _repeated(attempt: Callable[[], T], sleep: Callable[[float], None], attempts: int) -> T:
    retrying = Retrying(
        retry=retry_if_exception(_worth_repeating),
        stop=stop_after_attempt(attempts),
        wait=_wait,
        sleep=sleep,
        reraise=True,
    )
    return retrying(attempt)


def _worth_repeating(error: BaseException) -> bool:
    return isinstance(error, Unavailable | Throttled) and not isinstance(error, OutOfBudget)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Throttled) and error.retry_after is not None:
        return min(error.retry_after, LONGEST_WAIT)
    return _backoff(state)
