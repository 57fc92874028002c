"""What an exception means for the order, or the batch of orders, that was being posted.

One ladder for both, so that a failure means the same whichever way an order is posted: a person has
to look (of a batch: each order goes alone), or it is tried again, and when.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy.exc import DataError, SQLAlchemyError

from sfcc_cin7.db.leases import LeaseLost
from sfcc_cin7.order_document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.posting.backoff import backoff
from sfcc_cin7.orders.posting.booking import NotListedYet, denied
from sfcc_cin7.orders.posting.outage import Outages
from sfcc_cin7.orders.records.work import Counter
from sfcc_cin7.systems.http.errors import (
    Ambiguous,
    ApiError,
    Conflict,
    OutOfBudget,
    Throttled,
    Unavailable,
)
from sfcc_cin7.values.problems import ConfigurationError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stop:
    """It cannot go on by itself; `reasons` (never empty) say why."""

    reasons: Sequence[Reason]


@dataclass(frozen=True)
class Later:
    """It is tried again after `delay`; `counter` is what this attempt counts as, if anything."""

    delay: timedelta
    problem: str
    counter: Counter | None = None


class Tried(Protocol):
    """What was posted, and how often its attempts ended how (this one not yet counted)."""

    @property
    def key(self) -> str: ...
    @property
    def attempts(self) -> int: ...
    @property
    def throttled(self) -> int: ...
    @property
    def unavailable(self) -> int: ...


class Failures:
    """Judges exceptions; `chance` spreads the attempts that follow (see `backoff`)."""

    def __init__(
        self,
        outages: Outages,
        most_attempts: int,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outages = outages
        self._most_attempts = most_attempts
        self._chance = chance

    def of(self, error: Exception, tried: Tried, what: str) -> Stop | Later:
        """What becomes of `what` ("order", "sale") after this exception.

        Raises:
            LeaseLost, SQLAlchemyError: the error itself, where it is nothing that was posted: who
                posts, or the database, is not there any more.
        """
        match error:
            case NeedsPerson():
                return Stop(error.reasons)
            case NotListedYet():
                return Later(error.wait, str(error))
            case Throttled() | OutOfBudget():
                return self._later(error, "throttled", tried.throttled)
            case Ambiguous() | Unavailable() | Conflict():
                return self._unanswered(error, tried)
            case ConfigurationError():  # nothing that an order could help
                return Later(backoff(tried.attempts, 0.5), str(error))
            case ApiError():
                if denied(error):
                    return self._unanswered(error, tried)
                self._outages.answered(error.system)
                return Stop([Reason("refused", str(error))])
            case DataError():  # the database is well, but cannot hold what was posted
                return _beyond_us(error, tried, what)
            case LeaseLost() | SQLAlchemyError():
                raise error
            case _:  # what we cannot handle must not stop the others
                return _beyond_us(error, tried, what)

    def _unanswered(self, error: ApiError, tried: Tried) -> Stop | Later:
        """A system did not answer. Unless it is down, what is posted has a trouble of its own.

        A conflict is an answer: somebody else was faster, so all is read anew and tried again
        (concurrent writers make Commerce Cloud's status writes fail by optimistic lock).
        """
        outage = not isinstance(error, Conflict) and self._outages.failed(error)
        if tried.unavailable + 1 >= self._most_attempts and not outage:
            sentence = f"It was tried {tried.attempts} times: {error}"
            return Stop([Reason("keeps-failing", sentence)])
        return self._later(error, "unavailable", tried.unavailable)

    def _later(self, error: ApiError, counter: Counter, so_far: int) -> Later:
        return Later(backoff(so_far + 1, self._chance()), str(error), counter)


def _beyond_us(error: Exception, tried: Tried, what: str) -> Stop:
    log.error("%s could not be handled", tried.key, exc_info=error)
    sentence = f"The {what} could not be handled ({type(error).__name__}): report this."
    return Stop([Reason("internal-error", sentence)])
