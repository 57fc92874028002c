"""What a resident run does again and again: passes, each when it is due.

A pass that fails stops neither the others nor the run: it is told at once, kept for the checks
until it succeeds (`db.failing`), and tried again. What no outside system explains makes the run
fail in the end, so that somebody sees it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import dagster as dg
from sqlalchemy import Engine

from sfcc_cin7.db.failing import forget_failure, save_failure
from sfcc_cin7.db.locks import Busy
from sfcc_cin7.db.residents import Residency
from sfcc_cin7.runtime.resident import LONGEST_PASS, is_about_the_database
from sfcc_cin7.systems.http.errors import ApiError, OutOfBudget
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

TRY_AGAIN = timedelta(seconds=15)
"""How long a pass that failed is not repeated; what is no outage, four times as long."""


@dataclass(frozen=True)
class Pass:
    """`do` is done as soon as `every` has passed since it last began, if it `is_due`; at first at
    once. Both may raise."""

    name: str
    do: Callable[[], object]
    every: timedelta = timedelta(0)
    is_due: Callable[[], bool] = lambda: True


def in_passes(
    here: Residency,
    context: dg.OpExecutionContext,
    engine: Engine,
    clock: Clock,
    passes: Sequence[Pass],
    between_looks: float,
) -> None:
    """Do each pass when it is due, until the resident's time is over; look every so many seconds.

    Raises:
        Exception: of the first pass that failed for a reason that no outside system explains, at
            the end. An error about the database comes at once, for whoever waits for it (`reside`).
    """
    not_before: dict[str, datetime] = {}
    first: Exception | None = None
    well: set[str] = set()
    """Passes of which nothing else is kept, as far as we know."""

    def keep(each: Pass, error: Exception) -> None:
        if isinstance(error, Busy | OutOfBudget):  # it waits for its turn
            return
        well.discard(each.name)
        with engine.begin() as connection:
            save_failure(connection, each.name, clock.now(), _in_a_line(error))

    def forget(each: Pass) -> None:
        if each.name not in well:
            with engine.begin() as connection:
                forget_failure(connection, each.name)
            well.add(each.name)

    while not here.is_over():
        for each in passes:
            now = clock.now()
            if now < not_before.get(each.name, now):
                continue
            try:
                if each.is_due():
                    here.expect_silence(LONGEST_PASS)
                    each.do()
                    not_before[each.name] = now + each.every
                    forget(each)
            except (ApiError, ConfigurationError, Busy) as error:
                context.log.warning(f"{each.name} is tried again soon: {error!r}")
                not_before[each.name] = clock.now() + TRY_AGAIN
                keep(each, error)
            except Exception as error:
                if is_about_the_database(error):
                    raise
                context.log.error(f"{each.name} failed", exc_info=error)
                not_before[each.name] = clock.now() + 4 * TRY_AGAIN
                first = first or error
                keep(each, error)
        clock.sleep(between_looks)
    if first is not None:
        raise first


def _in_a_line(error: Exception) -> str:
    """What the other system said; of a mistake of ours its kind alone, for its text may hold
    anything."""
    told = str(error) if isinstance(error, ApiError | ConfigurationError) else type(error).__name__
    return " ".join(told.split())
