"""The go/no-go report as values: what was found, how bad, whose it is, and what changed since."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sfcc_cin7.merchant.operating_model import Owners
from sfcc_cin7.runtime.templates import rendered

Severity = Literal["stops", "costs", "note"]
"""`stops`: nothing goes live with it. `costs`: what is concerned waits, or is offered wrongly,
until it is mended. `note`: a person should know."""
Verdict = Literal["go", "go with conditions", "no-go"]
PACKAGE = "sfcc_cin7.preflight"
RANKS: Mapping[Severity, int] = {"stops": 0, "costs": 1, "note": 2}
ENGINEER = "engineer"
"""Who sees to access and settings: the operating model names owners of business only."""


@dataclass(frozen=True)
class Problem:
    """One thing to mend.

    `sentence` has no figure that moves from day to day, so that the same problem is known again;
    such figures, and examples, are in `extent`. `cure` is a setting or a change.
    """

    area: str
    sentence: str
    severity: Severity
    owner: str
    cure: str
    extent: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What the same problem has in every report."""
        return self.area, self.sentence


@dataclass(frozen=True)
class Facts:
    """What there is on one side, as a table."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Seen:
    """A problem of this report, and since when reports tell of it."""

    problem: Problem
    since: str


@dataclass(frozen=True)
class Report:
    """The whole: problems worst first, those that are gone since the last report, and the facts.

    `left_out` are sentences on what was not looked at.
    """

    brand: str
    written_at: datetime
    seen: Sequence[Seen]
    gone: Sequence[str]
    facts: Sequence[Facts]
    left_out: Sequence[str]
    last_at: str = ""

    @property
    def verdict(self) -> Verdict:
        """No-go while anything stops; with conditions while anything costs."""
        worst = min((RANKS[each.problem.severity] for each in self.seen), default=2)
        return ("no-go", "go with conditions", "go")[worst]

    @property
    def new(self) -> Sequence[Seen]:
        """What the last report did not tell; nothing where there was none."""
        now = self.written_at.isoformat()
        return [each for each in self.seen if each.since == now] if self.last_at else []


def reported(
    brand: str,
    written_at: datetime,
    problems: Iterable[Problem],
    looked: Collection[str],
    facts: Sequence[Facts],
    left_out: Sequence[str],
    last: Mapping[str, Any] | None,
) -> Report:
    """The report, compared with `last`, which `as_json` made; None for the first.

    `looked` are the areas that could be looked at. What the last report told of another area is
    still told: nobody has seen that it is gone.
    """
    told = {(row["area"], row["sentence"]): row for row in (last or {"rows": ()})["rows"]}
    before = {key: row["since"] for key, row in told.items()}
    found = {each.key: each for each in problems}
    for (area, _), row in told.items():
        if area not in looked:
            kept = Problem(**{name: row[name] for name in row if name != "since"})
            found.setdefault(kept.key, kept)
    ranked = sorted(found.values(), key=lambda each: RANKS[each.severity])
    now = written_at.isoformat()
    return Report(
        brand,
        written_at,
        [Seen(each, before.get(each.key, now)) for each in ranked],
        [f"{area}: {sentence}" for area, sentence in before if (area, sentence) not in found],
        facts,
        left_out,
        last["written_at"] if last else "",
    )


def as_json(report: Report) -> dict[str, Any]:
    """What the next report is compared with."""
    return {
        "written_at": report.written_at.isoformat(),
        "verdict": report.verdict,
        "rows": [
            {
                "area": each.problem.area,
                "sentence": each.problem.sentence,
                "severity": each.problem.severity,
                "owner": each.problem.owner,
                "cure": each.problem.cure,
                "extent": each.problem.extent,
                "since": each.since,
            }
            for each in report.seen
        ],
    }


def as_html(report: Report) -> str:
    """One file that loads nothing from anywhere."""
    return rendered(PACKAGE, "preflight.html.jinja", report=report)


def as_markdown(report: Report) -> str:
    """The same for the Dagster UI, or a ticket."""
    return rendered(PACKAGE, "preflight.md.jinja", report=report)


def owner_of(area: str, owners: Owners) -> str:
    """Who is asked about an area of the report."""
    return {
        "stock": owners.stock,
        "inventory lists": owners.stock,
        "locations in Cin7 Core": owners.stock,
        "SKUs": owners.catalogue,
        "orders": owners.orders,
        "customers in Cin7 Core": owners.finance,
        "tax rules": owners.finance,
        "charges": owners.finance,
        "payments": owners.finance,
    }.get(area, ENGINEER)
