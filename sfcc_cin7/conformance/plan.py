"""What a run would do, before it does anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sfcc_cin7.conformance.accounts import Accounts
from sfcc_cin7.conformance.probe import Probe

SECONDS_PER_SHOP_CALL = 0.5
EXHAUSTING_SECONDS = 190
"""What meeting the call limit once takes: an idle minute before, the calls, two minutes after."""


@dataclass(frozen=True)
class Plan:
    """The probes of a run against an account."""

    accounts: Accounts
    probes: Sequence[Probe]
    marker: str
    read_only: bool
    calls_per_minute: int

    @property
    def asked(self) -> list[Probe]:
        """Those that will be asked: a run that only reads leaves out what writes."""
        return [probe for probe in self.probes if not self._left_out(probe)]

    @property
    def writing(self) -> list[Probe]:
        return [probe for probe in self.asked if probe.writes]

    @property
    def seconds(self) -> float:
        """About how long it takes: Cin7's calls at the limit, and the storefront's."""
        erp = sum(p.calls for p in self.asked if p.system == "cin7" and not p.exceeds_limit)
        shop = sum(p.calls for p in self.asked if p.system == "sfcc")
        above = max(erp - self.calls_per_minute, 0)
        exhausting = EXHAUSTING_SECONDS if any(p.exceeds_limit for p in self.asked) else 0
        return (
            above * 60 / self.calls_per_minute
            + erp * 0.3
            + shop * SECONDS_PER_SHOP_CALL
            + (exhausting)
        )

    def _left_out(self, probe: Probe) -> bool:
        protected = probe.system == "sfcc" and self.accounts.production
        return bool(probe.writes) and (self.read_only or protected)


def describe(plan: Plan) -> Iterator[str]:
    """The plan, line by line."""
    calls = {
        system: sum(probe.calls for probe in plan.asked if probe.system == system)
        for system in ("cin7", "sfcc")
    }
    yield f"Against {', '.join(dict.fromkeys(plan.accounts.addresses))}:"
    yield (
        f"  {len(plan.asked)} probes, about {calls['cin7']} calls to Cin7 and {calls['sfcc']} to"
        f" Commerce Cloud: {_duration(plan.seconds)} at {plan.calls_per_minute} Cin7 calls a"
        " minute."
    )
    left_out = len(plan.probes) - len(plan.asked)
    if left_out:
        because = "the run may only read" if plan.read_only else "the storefront is production"
        yield f"  {left_out} probes are left out, because they write and {because}."
    if any(probe.exceeds_limit for probe in plan.asked):
        yield (
            "  Cin7's call limit is met once: nobody else can call this account, with whatever key,"
            " for about two minutes."
        )
    if not plan.writing:
        yield "  Nothing is written."
        return
    yield f"  What is written carries the marker {plan.marker}:"
    for (writes, cleans), count in _grouped(plan.writing).items():
        yield f"    {writes}. {cleans} ({count} {'probe' if count == 1 else 'probes'})"


def _duration(seconds: float) -> str:
    minutes = max(round(seconds / 60), 1)
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def _grouped(probes: Sequence[Probe]) -> dict[tuple[str, str], int]:
    grouped: dict[tuple[str, str], int] = {}
    for probe in probes:
        key = (probe.writes, probe.cleans)
        grouped[key] = grouped.get(key, 0) + 1
    return grouped
