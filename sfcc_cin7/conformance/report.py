"""The report of a run, as data: what both the Markdown and the HTML page show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sfcc_cin7.conformance.results import AccountKind, Result, of_outcome

SYSTEMS = {"cin7": "Cin7 Core", "sfcc": "Commerce Cloud"}


@dataclass(frozen=True)
class Report:
    """One run."""

    run: str
    day: date
    account: AccountKind
    results: Sequence[Result]
    planned: int

    @property
    def title(self) -> str:
        return "What this account does"

    @property
    def told(self) -> str:
        """Which run it was, and what came of it."""
        return f"Run {self.run} of {self.day}, on a {self.account} account. {self.summary}"

    @property
    def interrupted(self) -> bool:
        return len(self.results) < self.planned

    @property
    def summary(self) -> str:
        """The figures in one sentence."""
        told = f"Holds: {len(self.holds)}, differs: {len(self.differs)}"
        if self.known:
            told += f", differs as expected: {len(self.known)}"
        told += f", could not be probed: {len(self.open)}"
        if self.interrupted:
            told += f"; the run ended early, after {len(self.results)} of {self.planned} probes"
        return f"{told}."

    @property
    def differs(self) -> list[Result]:
        """What the product cannot live with comes first."""
        return sorted(of_outcome(self.results, "differs"), key=lambda result: not result.takes)

    @property
    def open(self) -> list[Result]:
        return of_outcome(self.results, "open")

    @property
    def holds(self) -> list[Result]:
        return [each for each in of_outcome(self.results, "holds") if each.as_claimed]

    @property
    def held_by_system(self) -> list[tuple[str, list[Result]]]:
        """What holds of each system, by its name; a system of which nothing holds is left out."""
        held = {name: [each for each in self.holds if each.probe.system == system]
                for system, name in SYSTEMS.items()}  # fmt: skip
        return [(name, results) for name, results in held.items() if results]

    @property
    def known(self) -> list[Result]:
        """What is not as claimed, and was expected so: the profile names it."""
        return [each for each in of_outcome(self.results, "holds") if not each.as_claimed]

    @property
    def unworkable(self) -> list[Result]:
        """Everything that the product cannot live with, expected or not."""
        return [result for result in self.results if result.takes]
