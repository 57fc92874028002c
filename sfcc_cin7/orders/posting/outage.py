"""Tells an outage from one order's own trouble, and holds the lane while a system is down.

Without it an outage would cost every waiting order an attempt and send each into a long back-off of
its own. Whether a system is down is asked of the system, by a call that has nothing to do with any
order; so an order that fails for ever cannot hold up the others.
"""

import logging
from collections.abc import Callable, Mapping

from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.systems.http.errors import ApiError, OutOfBudget, Throttled

FAILURES_BEFORE_ASKING = 3
"""In a row, by any orders."""
log = logging.getLogger(__name__)


class Outages:
    """`probes` ask each system ("cin7", "sfcc") for something small that is always there."""

    def __init__(self, circuits: Circuits, probes: Mapping[str, Callable[[], object]]) -> None:
        self._circuits = circuits
        self._probes = probes

    def admit(self) -> bool:
        """Whether orders may be taken. Asks a system that was down whether it is up again."""
        for system in self._circuits.due_probes():
            if self._answers(system):
                log.info("%s answers again", system)
                self._circuits.close(system)
        return not self.lasts()

    def lasts(self) -> bool:
        """Whether some system is known to be down."""
        return self._circuits.is_open()

    def failed(self, error: ApiError) -> bool:
        """A call was not answered, or our rights were refused; whether that is an outage."""
        failures = self._circuits.failed(error.system, str(error))
        if failures is None:
            return True
        if failures < FAILURES_BEFORE_ASKING or self._answers(error.system) is not False:
            return False
        log.warning("%s is down: no order is taken until it answers: %s", error.system, error)
        self._circuits.open(error.system)
        return True

    def answered(self, system: str) -> None:
        """A call for an order was answered."""
        self._circuits.close(system)

    def _answers(self, system: str) -> bool | None:
        """Whether the system answers; None where our own call budget left no room to ask.

        Cin7 says 503 when it is down as well as when it is called too often: a pause suits both.
        """
        probe = self._probes.get(system)
        if probe is None:
            return True
        try:
            probe()
        except OutOfBudget:
            return None
        except Throttled as error:
            return error.status != 503  # too busy, but there
        except ApiError:
            return False
        return True
