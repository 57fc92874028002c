"""The rolling call limit of each API application."""

from collections import defaultdict, deque
from datetime import datetime, timedelta

from sfcc_cin7_sandbox.clock import Clock


class CallLimiter:
    """At most `limit` calls in any `window` for one application key.

    Source: Cin7 API reference, API limits; refused calls do not count.
    """

    def __init__(self, limit: int, window: timedelta, clock: Clock) -> None:
        self._limit = limit
        self._window = window
        self._clock = clock
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def admit(self, key: str) -> bool:
        """Whether one more call may pass now; counts it if so."""
        now = self._clock.now()
        calls = self._calls[key]
        while calls and now - calls[0] > self._window:
            calls.popleft()
        if len(calls) >= self._limit:
            return False
        calls.append(now)
        return True
