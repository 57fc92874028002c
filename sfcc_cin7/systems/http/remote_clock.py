"""How far our clock is ahead of a system's, by what its answers say (RFC 9110, 6.6.1: Date).

A date is cut to the second and an answer takes its time, so that a single one shows too much by up
to a second and the way here. The least of the last few is within a second of the truth.
"""

from collections import deque
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx

from sfcc_cin7.values.clock import Clock

ANSWERS = 20


class RemoteClock:
    """The clock of one system, as far as it shows it. It may be shared by threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: deque[timedelta] = deque(maxlen=ANSWERS)

    def observe(self, response: httpx.Response) -> None:
        """Take note of an answer; one that says no date is passed over."""
        try:
            said = parsedate_to_datetime(response.headers.get("date", ""))
            self._seen.append(self._clock.now() - said)
        except (TypeError, ValueError):  # no date, or one without a zone
            return

    @property
    def ahead(self) -> timedelta | None:
        """Our clock less the system's; None where no answer has told."""
        return min(tuple(self._seen), default=None)
