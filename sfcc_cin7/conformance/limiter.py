"""The call limit of one application key, kept by one process without a database.

The same promise as the product's call governor: a call may go out only when fewer than `limit`
calls were under way or had ended within the last `window` seconds, so no window can hold more
arrivals than the limit, whatever the network does. Other users of the key are not counted: leave
the product a key of its own, or lower the limit.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sfcc_cin7.values.clock import Clock

MARGIN = timedelta(milliseconds=1)


class CallLimiter:
    """Lets one call out at a time, at most `limit` in any `window` seconds."""

    def __init__(self, clock: Clock, limit: int = 60, window: float = 60.0) -> None:
        self._clock = clock
        self._limit = limit
        self._window = timedelta(seconds=window) + MARGIN
        self._ended: deque[datetime] = deque(maxlen=limit)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Wait until a call may go out; its slot stays taken until one window after the block."""
        if len(self._ended) == self._limit:
            self._sleep_until(self._ended[0] + self._window)
        try:
            yield
        finally:
            self._ended.append(self._clock.now())

    def rest(self) -> None:
        """Wait until the whole limit is free."""
        if self._ended:
            self._sleep_until(self._ended[-1] + self._window)

    def _sleep_until(self, moment: datetime) -> None:
        left = (moment - self._clock.now()).total_seconds()
        if left > 0:
            self._clock.sleep(left)
