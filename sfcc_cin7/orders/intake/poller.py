"""Looks for orders beside everything else, each site in a thread of its own.

A storefront that hangs must hold up neither posting nor the orders of the other sites.
"""

import logging
from datetime import timedelta
from threading import Event, Thread
from types import TracebackType
from typing import Self

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.orders.intake.receiver import Receiver
from sfcc_cin7.values.clock import Clock

PATIENCE = 2.0
"""Seconds that the end waits for the storefront to answer a last look."""
log = logging.getLogger(__name__)


class Poller:
    """Receives while it is entered. `failure` is what it could not go on after."""

    def __init__(self, receiver: Receiver, every: float, clock: Clock) -> None:
        self.failure: BaseException | None = None
        self._receiver = receiver
        self._every = every
        self._clock = clock
        self._over = Event()
        self._arrived = Event()
        self._received: dict[str, int] = {}
        # Daemons: a look that hangs after the end is left alone, it can only store orders.
        self._threads = [
            Thread(target=self._watch, args=(site,), name=f"receiving {site.id}", daemon=True)
            for site in receiver.sites
        ]

    @property
    def received(self) -> int:
        """How many new orders were received so far."""
        return sum(self._received.values())

    @property
    def looked(self) -> bool:
        """Whether every site has been looked at once."""
        return len(self._received) == len(self._threads)

    def wait_for_orders(self, seconds: float) -> None:
        """Return when a look has brought new orders, or it has failed, or the time is over."""
        self._arrived.wait(seconds)
        self._arrived.clear()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        until = self._clock.now() + timedelta(seconds=PATIENCE)
        for thread in self._threads:
            thread.join(max((until - self._clock.now()).total_seconds(), 0.01))
            if thread.is_alive():
                log.warning("%s: the storefront did not answer before the end", thread.name)

    def _watch(self, site: SitePolicy) -> None:
        try:
            while not self._over.is_set():
                new = self._receiver.poll_site(site, self._arrived.set)
                self._received[site.id] = self._received.get(site.id, 0) + new
                self._over.wait(self._every)
        except BaseException as error:
            self.failure = error
            self._arrived.set()
            if self._over.is_set():  # perhaps nobody looks at it any more
                log.error("the last look for orders failed", exc_info=error)
