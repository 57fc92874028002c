"""People who do in each round what their rates say for the time since the last one."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import timedelta

from sfcc_cin7_sandbox.clock import Clock

PAUSE = 15.0
"""Seconds between two rounds."""


@dataclass(frozen=True)
class Rates:
    """How busy somebody is; at a rate of 0 nothing happens. Raises ValueError below 0."""

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 0:
                raise ValueError(f"{field.name} must not be below 0.")


class Rounds:
    """`done` counts what was done, by the name of the work."""

    def __init__(self, clock: Clock, works: Iterable[str]) -> None:
        self.done = dict.fromkeys(works, 0)
        self._owed = dict.fromkeys(self.done, 0.0)
        self._clock = clock
        self._last_round = clock.now()

    async def run(self) -> None:
        """Work for ever."""
        while True:
            await asyncio.sleep(PAUSE)
            self.round()

    def round(self) -> None:
        """One look at everything that is due by now."""
        raise NotImplementedError

    def _since_last(self) -> timedelta:
        """How long the last round is ago, which this one is from now on."""
        now, before = self._clock.now(), self._last_round
        self._last_round = now
        return now - before

    def _due(self, work: str, more: float) -> int:
        """Whole jobs due; work that nobody could do is not caught up later."""
        self._owed[work] += more
        jobs = int(self._owed[work])
        self._owed[work] -= jobs
        return jobs
