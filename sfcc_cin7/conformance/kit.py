"""One run: both systems opened, each probe asked, everything it made taken back."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from sfcc_cin7.conformance.accounts import Accounts
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.journal import Journal
from sfcc_cin7.conformance.probe import CannotProbe, Probe
from sfcc_cin7.conformance.results import Result
from sfcc_cin7.conformance.sfcc.shop import Shop
from sfcc_cin7.conformance.subjects import MARKER, Subjects
from sfcc_cin7.conformance.wire import Wire
from sfcc_cin7.merchant.profile import Profile
from sfcc_cin7.values.clock import Clock

UNREADABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError)
"""What reading an answer of another form than the documented one comes to."""


@dataclass
class Kit:
    """Both systems as one run sees them."""

    erp: Erp | None
    shop: Shop | None
    journal: Journal
    read_only: bool

    def ask(self, probe: Probe, expect: Profile | None = None) -> Result:
        """What one probe saw. Sales and records that it made are gone again afterwards."""
        expected = (expect.value(probe.id) if expect else None) or probe.expected
        session: Erp | Shop | None = self.erp if probe.system == "cin7" else self.shop
        if session is None:
            return Result(probe, expected, None, "the environment does not name this system")
        if probe.writes and self.read_only:
            return Result(probe, expected, None, "it writes, and the run may only read")
        try:
            observed = probe.observe(session)
        except CannotProbe as reason:
            return Result(probe, expected, None, str(reason))
        except UNREADABLE as error:
            why = f"an answer was not of the documented form ({type(error).__name__})"
            return Result(probe, expected, None, why)
        finally:
            self._quietly(session.tidy)
        return Result(probe, expected, short(observed))

    def finish(self) -> int:
        """Take everything back; how many things are left."""
        for session in (self.erp, self.shop):
            if session is not None:
                self._quietly(session.finish)
        return len(self.journal.outstanding)

    def _quietly(self, undo: Callable[[], None]) -> None:
        """What cannot be undone now stays in the journal, for `conformance clean`."""
        try:
            undo()
        except (CannotProbe, *UNREADABLE):
            return


def short(observed: str) -> str:
    """An observation as it may stand in a file, whatever a system answered."""
    return re.sub(r"[^\w. -]", "-", observed)[:60] or "empty"


@contextmanager
def open_kit(
    accounts: Accounts,
    run: str,
    clock: Clock,
    subjects: Subjects,
    *,
    folder: Path | None = None,
    read_only: bool = False,
    calls_per_minute: int = 60,
    transport: httpx.BaseTransport | None = None,
) -> Iterator[Kit]:
    """A kit whose every trace carries the marker of the run; a production storefront is only read.

    `folder` keeps the journal; without one it is kept in memory.
    """
    marker = f"{MARKER}-{run}"
    journal = Journal(folder)
    erp_wire = Wire.to(clock, transport, read_only)
    shop_wire = Wire.to(clock, transport, read_only or accounts.production)
    erp = shop = None
    if accounts.cin7:
        erp = Erp(erp_wire, accounts.cin7, marker, journal, clock, subjects, calls_per_minute)
    if accounts.sfcc:
        shop = Shop(shop_wire, accounts.sfcc, marker, journal, clock, subjects)
    try:
        yield Kit(erp, shop, journal, read_only)
    finally:
        erp_wire.http.close()
        shop_wire.http.close()


def ask_all(kit: Kit, probes: Iterable[Probe], expect: Profile | None = None) -> Iterator[Result]:
    """The result of each probe in turn."""
    for probe in probes:
        yield kit.ask(probe, expect)
