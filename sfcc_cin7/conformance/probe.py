"""A probe: one belief about an API, and the small question that settles it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

System = Literal["cin7", "sfcc"]
Certainty = Literal["documented", "observed", "assumed"]
"""Documented by the vendor, seen by others on live systems, or neither."""

S = TypeVar("S")
Observe = Callable[[S], str]


class CannotProbe(Exception):
    """The question could not be asked, so it stays open; the message says what was missing."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One behaviour.

    `expected` is what the product and the emulators believe; `observe` returns what was seen, as a
    short name that may stand in a file and never holds anything of the account's data. `calls` is
    about how many calls it makes. `writes` is empty for a probe that only reads. `changes` says
    in one sentence what a difference changes for the merchant; `by_value` says it for one answer
    in particular. `unworkable` names answers that the product cannot live with ("*": any other than
    the expected), each with what it would take.
    """

    id: str
    system: System
    claim: str
    source: str
    certainty: Certainty
    expected: str
    calls: int
    writes: str
    cleans: str
    changes: str
    by_value: Mapping[str, str] = field(default_factory=dict)
    unworkable: Mapping[str, str] = field(default_factory=dict)
    exceeds_limit: bool = False
    observe: Observe[Any]

    def effect(self, observed: str) -> str:
        """What an answer other than the expected one changes, in one sentence."""
        return self.by_value.get(observed, self.changes)

    def takes(self, observed: str) -> str | None:
        """What it would take to live with the answer; None where the product can."""
        if observed == self.expected:
            return None
        return self.unworkable.get(observed, self.unworkable.get("*"))


class ProbeBook:
    """The probes of one system, in the order in which they are run."""

    def __init__(self, system: System) -> None:
        self._system: System = system
        self._by_id: dict[str, Probe] = {}

    @property
    def probes(self) -> tuple[Probe, ...]:
        return tuple(self._by_id.values())

    def probe(
        self,
        id: str,
        *,
        claim: str,
        source: str,
        certainty: Certainty,
        expected: str,
        calls: int,
        changes: str,
        writes: str = "",
        cleans: str = "",
        by_value: Mapping[str, str] | None = None,
        unworkable: Mapping[str, str] | None = None,
        exceeds_limit: bool = False,
    ) -> Callable[[Observe[S]], Observe[S]]:
        """Decorates the function that observes; see `Probe` for the rest."""
        name = f"{self._system}.{id}"

        def declare(observe: Observe[S]) -> Observe[S]:
            if name in self._by_id:
                raise ValueError(f"There are two probes {name}.")
            self._by_id[name] = Probe(
                id=name,
                system=self._system,
                claim=claim,
                source=source,
                certainty=certainty,
                expected=expected,
                calls=calls,
                writes=writes,
                cleans=cleans,
                changes=changes,
                by_value=by_value or {},
                unworkable=unworkable or {},
                exceeds_limit=exceeds_limit,
                observe=observe,
            )
            return observe

        return declare


CIN7 = ProbeBook("cin7")
SFCC = ProbeBook("sfcc")
