"""Named faults, each with a rate, set over the control endpoint."""

import random
from dataclasses import dataclass, field


@dataclass
class Faults:
    """How often each named fault strikes (0 never, 1 always), and its optional size.

    A fault is named `<system>.<what>`, e.g. `cin7.timeout_after_commit`.
    """

    seed: int = 0
    rates: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - repeatable trouble, not secrets

    def hit(self, name: str) -> bool:
        """Whether the fault strikes now."""
        rate = self.rates.get(name, 0.0)
        return rate > 0 and self._random.random() < rate

    def size(self, name: str, default: float) -> float:
        """Seconds, rows or whatever the fault counts in."""
        return self.sizes.get(name, default)
