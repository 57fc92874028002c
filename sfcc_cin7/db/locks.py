"""Locks that are held longer than a transaction: while one process works, no other does the same.

A lock belongs to a session of its own, so it is gone with the process, however that ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Engine, func, select

from sfcc_cin7.db.brands import lock_name
from sfcc_cin7.values.clock import Clock

BETWEEN_TRIES = 0.5
"""Seconds between two tries of somebody whose patience ends."""


class Busy(Exception):
    """Somebody else holds the lock, and has kept it for as long as there was patience."""


@contextmanager
def held(
    engine: Engine, name: str, clock: Clock, patience: timedelta | None = None
) -> Iterator[None]:
    """While it is entered nobody else holds the brand's lock `name`; it waits for whoever does.

    Raises:
        Busy: `patience` has ended; None waits for ever.
    """
    key = func.hashtext(lock_name(engine, name))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if patience is None:
            connection.execute(select(func.pg_advisory_lock(key)))
        else:
            until = clock.now() + patience
            while not connection.scalar(select(func.pg_try_advisory_lock(key))):
                if clock.now() >= until:
                    raise Busy(name)
                clock.sleep(BETWEEN_TRIES)
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(key)))
