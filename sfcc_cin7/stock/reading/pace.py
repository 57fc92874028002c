"""When a reading of everything begins: as soon as its calls may follow each other closely.

A call slot comes back a minute after its call. A reading that begins while most are blocked gets
one whenever one comes back, so it lasts as long as the reading before it did, and so does the next:
once a reading was slow, every one after it is. What its first pages showed is published when
the last has come, and the list has all that time to move.
"""

from datetime import timedelta
from math import ceil

from sqlalchemy import Engine

from sfcc_cin7.db.levels import last_snapshot
from sfcc_cin7.systems.cin7.governor import KEEP_FREE
from sfcc_cin7.systems.cin7.usage import time_until_free
from sfcc_cin7.systems.cin7.wire import PAGE_SIZE
from sfcc_cin7.values.clock import Clock

CLOSELY = timedelta(seconds=5)
"""The slots that a reading needs come back within this time from its beginning."""
LONGEST_WAIT = timedelta(seconds=20)
"""Then it begins all the same: somebody else may want the calls as badly, and for long."""
BETWEEN_LOOKS = timedelta(seconds=1)


def wait_for_calls(engine: Engine, budget: str, clock: Clock) -> None:
    """Return when as many calls as the last reading has pages may follow each other closely.

    At once before the first reading, and where a window has never room for all pages.
    """
    with engine.connect() as connection:
        last = last_snapshot(connection, believed=True)
    if last is None:
        return
    slots = ceil(last.rows / PAGE_SIZE) + KEEP_FREE["stock"]
    until = clock.now() + LONGEST_WAIT
    while clock.now() < until:
        with engine.connect() as connection:
            left = time_until_free(connection, budget, slots, clock)
        if left is None or left <= CLOSELY:
            return
        clock.sleep(min(left - CLOSELY, BETWEEN_LOOKS).total_seconds())
