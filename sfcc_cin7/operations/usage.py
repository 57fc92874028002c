"""Who used how much of a call budget: pure sums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sfcc_cin7.values.money import ZERO


class Counted(Protocol):
    """What the store tells of one lane on one application, in some period."""

    @property
    def application(self) -> str: ...
    @property
    def lane(self) -> str: ...
    @property
    def calls(self) -> int: ...
    @property
    def refused(self) -> int: ...


@dataclass(frozen=True)
class Share:
    """What one lane used of its application; `percent` of the application's own calls."""

    application: str
    lane: str
    calls: int
    refused: int
    percent: Decimal


def shares(counted: Iterable[Counted], lanes: Sequence[str]) -> list[Share]:
    """Every lane's share, in the order of `lanes` within each application."""
    rows = list(counted)
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.application] = totals.get(row.application, 0) + row.calls
    rows.sort(key=lambda row: (row.application, lanes.index(row.lane)))
    return [
        Share(row.application, row.lane, row.calls, row.refused, _percent(row, totals))
        for row in rows
    ]


def _percent(row: Counted, totals: dict[str, int]) -> Decimal:
    total = totals[row.application]
    return round(Decimal(100) * row.calls / total, 1) if total else ZERO
