"""When the ERP can have stamped our own writes, by its own clock.

Cin7's list tells when a sale was last changed, not by whom. The answer that we proved shows all of
the sale, so a change that is not stamped later than our write needs no reading. Only the answer to
a new sale states its stamp (LastModifiedOn; Cin7 API reference, Sale), so how far the two clocks
are apart is learned from that, and later answers of the same attempt are placed by it.
"""

from datetime import datetime, timedelta

from sfcc_cin7.values.clock import Clock

SLOW = timedelta(seconds=5)
"""A call that took longer leaves too much room for somebody else's change: nothing is concluded."""
AT_ONCE = timedelta(seconds=2)
"""Nobody opens a sale, changes it and authorises it again between two calls so close together."""
RESOLUTION = timedelta(milliseconds=1)
"""Of the ERP's stamps."""


class OwnWrites:
    """The writes of one attempt to one sale, one after the other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead: timedelta | None = None
        self._sent = self._answered = clock.now()
        self.at_once = False
        """Whether the latest write followed the one before it at once."""

    def sent(self) -> None:
        """The next write is sent now."""
        self._sent = self._clock.now()
        self.at_once = self._sent - self._answered <= AT_ONCE

    def answered(self, stamp: datetime | None = None) -> datetime | None:
        """The write was answered now; the latest that the ERP can have stamped it with, or None.

        `stamp` is what the answer itself says, where it does.
        """
        self._answered = self._clock.now()
        if self._answered - self._sent > SLOW:
            return stamp
        if stamp is not None:
            # it was stamped after it was sent, so the ERP's clock is ahead by no more than this
            self._ahead = stamp - self._sent + RESOLUTION
            return stamp
        return None if self._ahead is None else self._answered + self._ahead
