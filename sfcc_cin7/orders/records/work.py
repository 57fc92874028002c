"""Work that is claimed and posted: orders, or batches of them."""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import Generic, Literal, TypeVar

from sqlalchemy import Connection

from sfcc_cin7.db.leases import Lease, Leases

Counter = Literal["throttled", "unavailable", "refused"]
"""What an attempt failed of; a column of `orders` counts each."""
ClaimT = TypeVar("ClaimT", bound=Lease)


class WorkQueue(Leases, ABC, Generic[ClaimT]):
    """What is due, who works on it, and how they give it up."""

    @abstractmethod
    def has_work(self) -> bool:
        """Whether something is due now, or its lease has lapsed."""

    @abstractmethod
    def claim(
        self, owner: str, lease_seconds: float, near_promise_minutes: float = 0
    ) -> ClaimT | None:
        """What is due for `lease_seconds`; None when nothing is.

        What is near its promise comes first, the nearest before the others; then what has been due
        longest.
        """

    @abstractmethod
    def retry_later(
        self, claim: ClaimT, delay: timedelta, problem: str, counter: Counter | None = None
    ) -> datetime:
        """Put it back into the queue; returns when it is due again."""

    @abstractmethod
    def review(self, connection: Connection, claim: ClaimT, codes: str) -> None:
        """Give it up until a person has looked at what these codes say."""
