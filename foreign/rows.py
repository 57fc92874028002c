"""What is said of one call of one client."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["works", "refused as documented", "not served", "fails"]
GOOD: tuple[Outcome, ...] = ("works", "refused as documented")


@dataclass(frozen=True)
class Row:
    """One call, and how it went; `note` says why where it did not work."""

    client: str
    call: str
    outcome: Outcome
    note: str = ""


def parse(printed: str) -> list[Row]:
    """The rows that a script printed, one JSON object a line; other lines are its chatter."""
    found = []
    for line in printed.splitlines():
        if line.startswith('{"client"'):
            found.append(Row(**json.loads(line)))
    return found


def counted(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows there are of each outcome."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.outcome] = counts.get(row.outcome, 0) + 1
    return counts
