"""What is told of one thing, and of everything together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sfcc_cin7.alerts.deciding.evidence import Evidence

Number = Decimal | int


class Verdict(StrEnum):
    """Of two, the one that stands later here outweighs the other: what nobody could look at may
    hide a failure, so it counts for more than a warning, and for less than a failure that is
    certain."""

    OK = "ok"
    WARNING = "warning"
    NOT_KNOWN = "not known"
    FAILING = "failing"


_WEIGHT = {verdict: weight for weight, verdict in enumerate(Verdict)}


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The one that outweighs the others; of nothing nothing is known."""
    return max(verdicts, key=_WEIGHT.__getitem__, default=Verdict.NOT_KNOWN)


@dataclass(frozen=True)
class Measure:
    """A figure in base units (seconds; instants as seconds since 1970). `name` is one of
    `measures.MEANINGS`; `of` says what it is of, where there are several."""

    name: str
    value: Number
    of: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sign:
    """One thing that was looked at.

    `since` is from when on it is not well, None where it is well or nobody can tell. `as_of` is the
    instant up to which this speaks; beyond it nothing was seen. `advice` is what to do, and empty
    where nothing is to be done.
    """

    name: str
    verdict: Verdict
    sentence: str
    owner: str
    runbook: str
    since: datetime | None = None
    as_of: datetime | None = None
    advice: str = ""
    measures: Sequence[Measure] = ()


@dataclass(frozen=True)
class State:
    """How everything is at an instant (aware UTC, the database's clock where it answers).

    `evidence` is what is not well and no sign tells one by one, by where it was read; what could
    not be read is missing.
    """

    at: datetime
    signs: Sequence[Sign]
    evidence: Mapping[str, Sequence[Evidence]] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """The worst of all signs."""
        return worst([sign.verdict for sign in self.signs])

    def document(self) -> dict[str, Any]:
        """The same as JSON has it; instants as ISO 8601."""
        return {
            "verdict": str(self.verdict),
            "at": self.at.isoformat(),
            "signs": [_document(sign) for sign in self.signs],
        }


def _document(sign: Sign) -> dict[str, Any]:
    return {
        "name": sign.name,
        "verdict": str(sign.verdict),
        "sentence": sign.sentence,
        "since": sign.since.isoformat() if sign.since else None,
        "as_of": sign.as_of.isoformat() if sign.as_of else None,
        "owner": sign.owner,
        "advice": sign.advice,
        "runbook": sign.runbook,
        "measures": [
            {"name": each.name, "of": dict(each.of), "value": each.value} for each in sign.measures
        ],
    }
