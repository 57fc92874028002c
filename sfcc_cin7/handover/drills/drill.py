"""What a drill is: how its trouble is planted and mended, and how the product shows it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sfcc_cin7.alerts import Seen
from sfcc_cin7.alerts.deciding.evidence import Evidence

PLACED, BOOKED = "place an order", "wait until it is booked"
"""Steps that are no single request: an order like any other, and its sale in the ERP."""


@dataclass(frozen=True)
class Step:
    """One request to the sandbox's control endpoints, or one of the steps above. `{name}` in a text
    of `body` is what an earlier step kept; `keep` says what this one keeps, by its path in the
    answer (`orders.0.orderNo`)."""

    call: str
    body: Mapping[str, object] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True)
class Drill:
    """The drill of a code of the register.

    `names` is what the evidence names, from what the steps kept. `mend` is what somebody at either
    system does when asked; without it the cure is at the desk, or the product's own. `by_hand` says
    what to do at this machine, for what no outside system can cause. `also` are codes that the same
    trouble may be shown by.
    """

    code: str
    plant: Sequence[Step] = ()
    mend: Sequence[Step] = ()
    names: str = ""
    by_hand: str = ""
    also: frozenset[str] = frozenset()
    checks: Sequence[str] = ()


def shows(drill: Drill, subject: str, seen: Seen) -> list[Evidence]:
    """The pieces of evidence by which the product shows what was planted on a subject."""
    codes = {drill.code} | drill.also
    return [each for each in seen.evidence if each.code in codes and _names(each, subject)]


def is_over(drill: Drill, subject: str, sources: frozenset[str], seen: Seen) -> bool:
    """Whether everything that showed it was looked at again, and shows it no more."""
    return not shows(drill, subject, seen) and all(map(seen.saw, sources))


def _names(piece: Evidence, subject: str) -> bool:
    said = " ".join((piece.subject, piece.about, piece.sentence))
    return subject.lower() in said.lower()
