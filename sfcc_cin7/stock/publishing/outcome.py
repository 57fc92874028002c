"""What a pass of publishing did, list by list."""

from dataclasses import dataclass, field

from sfcc_cin7.stock.deciding.plan import Push


@dataclass
class ListOutcome:
    """What one pass did to one inventory list. `moved` are the pushes that succeeded."""

    list_id: str
    skus: int = 0
    held: int = 0
    """Rises that wait for a second reading, and corrections that wait for their reset date."""
    drifts: int = 0
    drifts_waiting: int = 0
    """Known drifts that are looked at, and put right, in the passes that follow."""
    refused: int = 0
    failed: int = 0
    read_back: int = 0
    left_to_read_back: int = 0
    """Records that were due and are read back in the passes that follow."""
    unknown: list[str] = field(default_factory=list)
    """SKUs whose stock nobody knows: what was published of them stays."""
    moved: list[Push] = field(default_factory=list)
    problem: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What one pass did; `reason` says why nothing was published."""

    lists: list[ListOutcome]
    reason: str | None = None
