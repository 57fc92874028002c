"""What was seen that is not well, one piece each, before anybody asks for its cause.

Times are aware UTC, money is in the base currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7.merchant.alerts import Severity
from sfcc_cin7.values.money import ZERO

EVERYTHING = "*"
"""In `Seen.unseen`: nothing was seen but what is told. After other letters, the star stands for
whatever begins with them."""
HEALS_BY_ITSELF = timedelta(seconds=20)
"""What heals within this is not told, but in the digest."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One thing that is not well.

    `source` is what was looked at (`sign:database`, `inbox`, `checks`), `code` a row of
    `inbox.codes`, `about` what it is of where one cause is told from another by that (a lane, a
    list, a SKU, a tax rule). `subject` is what suffers from it: an order's key, or the thing
    itself. `told_after` is how long it has to last before anybody is told.
    """

    source: str
    code: str
    title: str
    subject: str
    owner: str
    runbook: str
    advice: str
    about: str = ""
    sentence: str = ""
    since: datetime | None = None
    money: Decimal = ZERO
    severity: Severity = "notice"
    told_after: timedelta = HEALS_BY_ITSELF


@dataclass(frozen=True)
class Seen:
    """Everything that is not well at an instant, and the sources that could not be looked at: of
    those nothing is known, neither that something is wrong nor that it is over."""

    at: datetime
    evidence: Sequence[Evidence]
    unseen: frozenset[str] = field(default_factory=frozenset)

    def saw(self, source: str) -> bool:
        """Whether a source was looked at."""
        return not any(
            source.startswith(each[:-1]) if each.endswith(EVERYTHING) else source == each
            for each in self.unseen
        )
