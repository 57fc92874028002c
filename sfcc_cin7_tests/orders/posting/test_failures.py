"""A failure means the same for an order that is posted alone and for a batch of them."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import DataError, OperationalError

from sfcc_cin7.db.leases import LeaseLost
from sfcc_cin7.order_document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.posting.backoff import backoff
from sfcc_cin7.orders.posting.booking import NotListedYet
from sfcc_cin7.orders.posting.failures import Failures, Later, Stop
from sfcc_cin7.orders.records.batches import BatchClaim
from sfcc_cin7.systems.http.errors import (
    Ambiguous,
    ApiError,
    Conflict,
    OutOfBudget,
    Refused,
    Throttled,
    Unavailable,
)
from sfcc_cin7.values.problems import ConfigurationError

MOST = 5
CHANCE = 0.25


@dataclass
class Posted:
    key: str = "alpenglow:alpenglow-uk:1"
    attempts: int = 3
    throttled: int = 1
    unavailable: int = 2


def said(kind: type[ApiError], status: int | None = 400) -> ApiError:
    return kind("cin7", "GET /sale", status, "no")


def judged(error: Exception, tried: Any = None, *, down: bool = False) -> tuple[Any, list[str]]:
    """What becomes of it, and the systems that are known to have answered or failed."""
    heard: list[str] = []

    def failed(error: ApiError) -> bool:
        heard.append(f"{error.system} failed")
        return down

    outages: Any = SimpleNamespace(
        failed=failed, answered=lambda system: heard.append(f"{system} answered")
    )
    failures = Failures(outages, MOST, lambda: CHANCE)
    return failures.of(error, tried or Posted(), "order"), heard


def test_what_needs_a_person_stops_with_its_reasons():
    reason = Reason("sku-unknown", "The ERP has no product X.")
    assert judged(NeedsPerson([reason])) == (Stop((reason,)), [])


def test_what_is_not_listed_yet_waits_as_long_as_that_takes_and_is_no_attempt_of_any_kind():
    wait = timedelta(seconds=42)
    later, heard = judged(NotListedYet(wait))
    assert (later.delay, later.counter, heard) == (wait, None, [])


@pytest.mark.parametrize("error", [said(Throttled, 503), said(OutOfBudget, None)])
def test_too_many_calls_are_counted_apart(error: ApiError):
    later, heard = judged(error)
    assert later == Later(backoff(2, CHANCE), str(error), "throttled")
    assert heard == []


@pytest.mark.parametrize(
    "error", [said(Ambiguous, 500), said(Unavailable, 503), said(Refused, 401), said(Refused, 403)]
)
def test_without_an_answer_or_without_our_rights_it_is_tried_again(error: ApiError):
    later, heard = judged(error)
    assert later == Later(backoff(3, CHANCE), str(error), "unavailable")
    assert heard == ["cin7 failed"]


def test_the_last_attempt_without_an_answer_is_for_a_person_unless_the_system_is_down():
    error, tried = said(Unavailable, 503), Posted(unavailable=MOST - 1)
    stop, _ = judged(error, tried)
    assert [reason.code for reason in stop.reasons] == ["keeps-failing"]
    assert "3 times" in stop.reasons[0].sentence
    later, _ = judged(error, tried, down=True)
    assert isinstance(later, Later)


def test_a_conflict_is_tried_again_and_is_no_sign_of_an_outage():
    later, heard = judged(said(Conflict, 409))
    assert (later.counter, heard) == ("unavailable", [])


def test_a_refusal_is_an_answer_and_for_a_person():
    stop, heard = judged(said(Refused))
    assert [reason.code for reason in stop.reasons] == ["refused"]
    assert heard == ["cin7 answered"]


def test_a_wrong_configuration_is_no_fault_of_the_order():
    later, _ = judged(ConfigurationError("the file of rates cannot be read"))
    assert (later.delay, later.counter) == (backoff(3, 0.5), None)


@pytest.mark.parametrize("error", [KeyError("sku"), DataError("insert", {}, Exception("NUL"))])
def test_what_we_cannot_handle_stops_it_alone_and_is_ours_to_report(error: Exception):
    stop, _ = judged(error)
    [reason] = stop.reasons
    assert reason.code == "internal-error"
    assert reason.sentence.startswith(f"The order could not be handled ({type(error).__name__})")


@pytest.mark.parametrize(
    "error", [LeaseLost("order"), OperationalError("select", {}, Exception("gone"))]
)
def test_who_lost_the_lease_or_the_database_judges_nothing(error: Exception):
    with pytest.raises(type(error)):
        judged(error)


def test_a_batch_that_is_throttled_waits_by_all_its_attempts():
    claim = BatchClaim("batch", 1, None, None, None, "alpenglow-uk", attempts=3, unavailable=0)
    later, _ = judged(said(Throttled, 503), claim)
    assert later.delay == backoff(3, CHANCE)
