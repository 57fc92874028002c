"""Named faults, each with a rate, set over the control endpoint."""

import random
from dataclasses import dataclass, field


@dataclass
class Faults:
    """How often each named fault strikes (0 never, 1 always), its optional size and target.

    A fault is named `<system>.<what>`, e.g. `cin7.timeout_after_commit`. A fault with a target
    (a site) strikes nothing else.
    """

    seed: int = 0
    rates: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - repeatable trouble, not secrets

    def hit(self, name: str) -> bool:
        """Whether the fault strikes now."""
        rate = self.rates.get(name, 0.0)
        return rate > 0 and self._random.random() < rate

    def size(self, name: str, default: float) -> float:
        """Seconds, rows or whatever the fault counts in."""
        return self.sizes.get(name, default)

    def hit_at(self, name: str, target: str) -> bool:
        """Whether the fault strikes this target now; one without a target strikes any."""
        return self.targets.get(name, target) == target and self.hit(name)

    def clear(self) -> None:
        """All faults go off."""
        self.rates, self.sizes, self.targets = {}, {}, {}
