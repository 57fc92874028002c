"""How long an order waits before its next attempt."""

from datetime import timedelta

FIRST = timedelta(seconds=10)
LONGEST = timedelta(minutes=15)


def backoff(failures: int, chance: float) -> timedelta:
    """The wait after so many failures (from 1): exponential, with full jitter, up to 15 minutes.

    `chance` is a random number from 0 to 1. Half of the first wait is always kept, because what was
    just written is not listed at once.
    """
    longest = FIRST
    for _ in range(1, failures):
        longest = min(2 * longest, LONGEST)
    return FIRST / 2 + chance * (longest - FIRST / 2)
