"""What was read, before anybody judges it. Times are aware UTC, money is in the base currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.alerts.deciding.evidence import Evidence


@dataclass(frozen=True)
class Unknown:
    """Something that could not be looked at, and why, in a sentence."""

    why: str


@dataclass(frozen=True)
class Heartbeat:
    """The last sign of life of one of the daemons in Dagster's daemon process; `errors` are the
    looks that failed in the five minutes before."""

    daemon: str
    at: datetime
    errors: int


@dataclass(frozen=True)
class RunQueue:
    """Runs that wait to be started, since when the first does, and those that run."""

    queued: int
    oldest: datetime | None
    running: int


@dataclass(frozen=True)
class LaneHeartbeat:
    """The last sign of life of a lane's live run; one that does not lead yet waits to take over."""

    lane: str
    since: datetime
    beat_at: datetime
    leads_since: datetime | None


@dataclass(frozen=True)
class Waiting:
    """Orders that could be posted, and since when the first of them could."""

    orders: int
    oldest: datetime | None


@dataclass(frozen=True)
class Outage:
    """An outside system that does not answer."""

    system: str
    since: datetime
    problem: str


@dataclass(frozen=True)
class Reading:
    """The last reading of all stock; `last_believed` is when the last believed one began."""

    began: datetime
    rows: int
    believed: bool
    reason: str | None
    last_believed: datetime | None


@dataclass(frozen=True)
class Publication:
    """The last whole pass over an inventory list that succeeded, and by when the next has to."""

    list_id: str
    began: datetime | None
    due_by: datetime | None


@dataclass(frozen=True)
class CallBudget:
    """An application key (its hash): calls allowed in a minute, used in the last one, and refused
    in the last minutes; none may be made before `paused_until`."""

    application: str
    calls: int
    used: int
    refused: int
    paused_until: datetime | None


@dataclass(frozen=True)
class Successes:
    """When each routine last succeeded (by its asset; None: never), when that was looked
    at, the latest first, and when for the first time."""

    last: Mapping[str, datetime | None]
    looks: Sequence[datetime]
    installed: datetime | None


@dataclass(frozen=True)
class ForPeople:
    """What waits for a person; `warned` and `alarmed` by the rule of the review desk."""

    items: int
    money: Decimal
    oldest: datetime | None
    owner: str | None
    warned: bool
    alarmed: bool
    evidence: Sequence[Evidence] = ()


@dataclass(frozen=True)
class FailedCheck:
    """A check of Dagster whose last verdict is no success; `warns` where that is only a warning."""

    name: str
    asset: str
    since: datetime
    warns: bool


@dataclass(frozen=True)
class InVain:
    """What a lane tries again and again without success, since when, and what it was told."""

    name: str
    since: datetime
    problem: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that was read at an instant.

    `looked` is when the last look of any sensor or schedule began that failed at nothing.
    """

    at: datetime
    heartbeats: Sequence[Heartbeat] | Unknown
    looked: datetime | Unknown | None
    runs: RunQueue | Unknown
    residents: Sequence[LaneHeartbeat] | Unknown
    successes: Successes | Unknown
    waiting: Waiting | Unknown
    outages: Sequence[Outage] | Unknown
    reading: Reading | Unknown | None
    publications: Sequence[Publication] | Unknown
    budgets: Sequence[CallBudget] | Unknown
    people: ForPeople | Unknown
    checks: Sequence[FailedCheck] | Unknown = ()
    in_vain: Sequence[InVain] | Unknown = ()
