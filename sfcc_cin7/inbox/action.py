"""What every action of a person has in common: who does it and why, and being refused."""

from dataclasses import dataclass
from typing import Self

LONGEST = 500


class ActionRefused(Exception):
    """Nothing was changed; the message says in a sentence what to do instead."""


@dataclass(frozen=True)
class Author:
    """Who acts, and why; both end up in the order's events."""

    by: str
    because: str

    @classmethod
    def of(cls, by: str, because: str, *, reason_needed: bool = True) -> Self:
        """Raises ActionRefused where a name, or a reason that is needed, is missing or too long."""
        by, because = by.strip(), because.strip()
        if not by:
            raise ActionRefused("Say who you are: `by` (--by) is your name or e-mail address.")
        if reason_needed and not because:
            raise ActionRefused("Say why: `because` (--because) is kept with what you do.")
        if max(len(by), len(because)) > LONGEST:
            raise ActionRefused(f"`by` and `because` hold at most {LONGEST} characters.")
        return cls(by, because)
