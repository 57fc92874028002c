"""Who used how much of a call budget, and who else may have: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sfcc_cin7.systems.cin7.connection import scope_of
from sfcc_cin7.systems.cin7.governor import LIMIT
from sfcc_cin7.values.money import ZERO


class Counted(Protocol):
    """What the store tells of one lane on one budget, in some period."""

    @property
    def budget(self) -> str: ...
    @property
    def lane(self) -> str: ...
    @property
    def calls(self) -> int: ...
    @property
    def refused(self) -> int: ...


@dataclass(frozen=True)
class Share:
    """What one lane used of its budget; `percent` of the calls on that budget."""

    budget: str
    lane: str
    calls: int
    refused: int
    percent: Decimal


def shares(counted: Iterable[Counted], lanes: Sequence[str]) -> list[Share]:
    """Every lane's share, in the order of `lanes` within each budget."""
    rows = list(counted)
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.budget] = totals.get(row.budget, 0) + row.calls
    rows.sort(key=lambda row: (row.budget, lanes.index(row.lane)))
    return [
        Share(row.budget, row.lane, row.calls, row.refused, _percent(row, totals)) for row in rows
    ]


class Refusal(Protocol):
    """What the store tells of a minute in which calls were refused: see `minutes_with_refusals`."""

    @property
    def budget(self) -> str: ...
    @property
    def around(self) -> int: ...
    @property
    def beside(self) -> int: ...


def suspects(refusals: Iterable[Refusal]) -> list[str]:
    """Who may have used up a limit that none of our budgets exceeded, the likeliest first.

    Each begins as a sentence does. That the ERP counts an account's keys together explains a
    refusal of one key only if calls with another were so near that both exceeded the limit.
    """
    rows = list(refusals)
    found = []
    of_keys = [row for row in rows if scope_of(row.budget) == "key"]
    if any(row.beside and row.around > LIMIT for row in of_keys):
        found.append(
            "the ERP counts the calls of all our API applications together, although"
            " calls.limit_scope is key"
        )
    if of_keys:
        found.append("somebody else uses our API application")
    if len(of_keys) < len(rows):
        found.append("somebody else calls the account, with whatever API application")
    return found


def _percent(row: Counted, totals: dict[str, int]) -> Decimal:
    total = totals[row.budget]
    return round(Decimal(100) * row.calls / total, 1) if total else ZERO
