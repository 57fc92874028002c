"""Which probes matter first: by what a difference costs, then by how likely one is.

A merchant with little time asks the first of them (`conformance run --first`, `--minutes`).
"""

from collections.abc import Callable, Sequence

from sfcc_cin7.conformance.probe import Certainty, Probe

LIKELY: dict[Certainty, int] = {"assumed": 2, "observed": 1, "documented": 0}
"""How likely it is that an account differs."""
NO_EFFECT = "Nothing"
"""How the sentences begin that say that a difference changes nothing."""


def cost(probe: Probe) -> int:
    """What a difference costs: 4 where the product could live with none, 3 with some answers not,
    2 where it changes something, 1 where some answers do, 0 where none does."""
    if "*" in probe.unworkable:
        return 4
    if probe.unworkable:
        return 3
    if not probe.changes.startswith(NO_EFFECT):
        return 2
    return int(any(not told.startswith(NO_EFFECT) for told in probe.by_value.values()))


def ranked(probes: Sequence[Probe]) -> list[Probe]:
    """What costs most first; of those that cost the same the likeliest to differ, then the one of
    the fewest calls."""
    return sorted(
        probes, key=lambda probe: (-cost(probe), -LIKELY[probe.certainty], probe.calls, probe.id)
    )


def foremost(
    probes: Sequence[Probe],
    first: int | None,
    minutes: float | None,
    seconds: Callable[[Sequence[Probe]], float],
) -> list[Probe]:
    """The probes to ask, in the sequence in which they are given: the `first` of the ranked, as
    many as take no more than so many `minutes`; None: without that bound. `seconds` says how long
    some of them take."""
    kept: list[Probe] = []
    for probe in ranked(probes)[:first]:
        if minutes is None or seconds([*kept, probe]) <= minutes * 60:
            kept.append(probe)
    return [probe for probe in probes if probe in kept]
