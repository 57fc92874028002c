"""What the probes saw: held against what is believed, kept line by line, and made a profile."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from sfcc_cin7.conformance.probe import Probe
from sfcc_cin7.merchant.profile import Observation, Profile

Outcome = Literal["holds", "differs", "open"]
AccountKind = Literal["sandbox", "trial", "test", "live"]
FILE = "results.jsonl"


@dataclass(frozen=True)
class Result:
    """What one probe saw; `why` says what was missing where it saw nothing."""

    probe: Probe
    expected: str
    observed: str | None
    why: str = ""

    @property
    def outcome(self) -> Outcome:
        if self.observed is None:
            return "open"
        return "holds" if self.observed == self.expected else "differs"

    @property
    def as_claimed(self) -> bool:
        """Whether it was seen as the probe claims, whatever this account was expected to do."""
        return self.observed == self.probe.expected

    @property
    def held_against(self) -> dict[str, str]:
        """What it was compared with: the probe's claim, and the profile where that says another."""
        beliefs = {"claimed": self.probe.expected}
        if self.expected not in (self.probe.expected, self.observed):
            beliefs["expected"] = self.expected
        return beliefs

    @property
    def effect(self) -> str:
        """What the difference changes for the merchant; empty where nothing differs."""
        if self.observed is None:
            return ""
        if not self.as_claimed:
            return self.probe.effect(self.observed)
        if self.outcome == "holds":
            return ""
        return "It is what the product believes by default; it was expected to differ."

    @property
    def takes(self) -> str | None:
        """What it would take where the product cannot live with what was seen."""
        return self.probe.takes(self.observed) if self.observed is not None else None


class ResultFile:
    """Results of a run, written as they come, so that an interrupted run keeps them."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / FILE if folder else None

    def add(self, result: Result) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = {
            "probe": result.probe.id,
            "outcome": result.outcome,
            "observed": result.observed,
            "expected": result.expected,
            "why": result.why,
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def profile_of(
    results: Iterable[Result], account: AccountKind, day: date, before: Profile | None = None
) -> Profile:
    """What was observed as a profile; behaviours that stayed open keep what was seen `before`."""
    seen = dict(before.behaviours) if before else {}
    for result in results:
        if result.observed is not None:
            seen[result.probe.id] = Observation(
                value=result.observed, observed=day, probe=result.probe.id
            )
    return Profile(account=account, behaviours=dict(sorted(seen.items())))


def of_outcome(results: Sequence[Result], outcome: Outcome) -> list[Result]:
    return [result for result in results if result.outcome == outcome]
