"""The rolling call limit."""

from collections import defaultdict, deque
from datetime import datetime, timedelta
from typing import Literal

from sfcc_cin7_sandbox.clock import Clock

LimitScope = Literal["key", "account"]
"""Whether calls are counted for each application key, or for all keys of the account."""


class CallLimiter:
    """At most `limit` calls in any `window`.

    Source: Cin7 API reference, API limits; refused calls do not count.
    """

    def __init__(self, limit: int, window: timedelta, clock: Clock, scope: LimitScope) -> None:
        self._limit = limit
        self._window = window
        self._clock = clock
        self._scope = scope
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def admit(self, key: str) -> bool:
        """Whether one more call with the key may pass now; counts it if so."""
        now = self._clock.now()
        calls = self._calls[key if self._scope == "key" else "the account"]
        while calls and now - calls[0] > self._window:
            calls.popleft()
        if len(calls) >= self._limit:
            return False
        calls.append(now)
        return True
