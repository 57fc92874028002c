"""What a clock that is wrong means for stock, ours or a system's (pure).

Reset dates are the storefront's instants, and what we note of orders and readings are ours. So ours
are told in the storefront's time before the two are compared. That is right whatever the difference
is; but a clock that is wrong by more than a minute is somebody's to mend.
"""

from datetime import timedelta

EXACT = timedelta(seconds=2)
"""Nobody can measure less: the guard of every comparison covers it."""
TOLERATED = timedelta(minutes=1)
BELIEVED = timedelta(hours=1)
"""A larger difference is no clock's, and nothing is shifted by it."""


def shift(ahead: timedelta | None) -> timedelta:
    """What to take off our instants, so that they are the storefront's."""
    if ahead is None or not EXACT < abs(ahead) <= BELIEVED:
        return timedelta(0)
    return ahead


def wrong_clock(system: str, ahead: timedelta | None) -> str | None:
    """What to tell a person about a clock, in a sentence; None where it is tolerated."""
    if ahead is None or abs(ahead) <= TOLERATED:
        return None
    side = "ahead of" if ahead > timedelta(0) else "behind"
    seconds = round(abs(ahead).total_seconds())
    return (
        f"Our clock is {seconds} s {side} that of {system}: set this machine's clock by a time"
        " server (NTP). Stock is dated by the other clock meanwhile."
    )
