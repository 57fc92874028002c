"""Passes of a run that is always there: when each is done, and what a failing one leaves alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from sfcc_cin7.db.failing import failing
from sfcc_cin7.db.residents import SILENT, present, residency
from sfcc_cin7.runtime.passes import Pass, in_passes
from sfcc_cin7.runtime.resident import LONGEST_PASS
from sfcc_cin7.systems.http.errors import OutOfBudget, Refused, Unavailable
from sfcc_cin7.values.clock import ManualClock

LIFE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
Work = Callable[..., None]


@pytest.fixture
def work(engine: Engine, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Work:
    """A resident's whole life, with these passes."""
    monkeypatch.setattr("sfcc_cin7.db.residents.HAND_OVER", timedelta(0))

    def live(*passes: Pass) -> None:
        with residency(engine, clock, "books", "a run", LIFE) as here:
            here.lead()
            in_passes(here, dg.build_op_context(), engine, clock, passes, between_looks=1)

    return live


class Done:
    """Counts how often a pass was done; it may fail."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.times = 0
        self._fails = fails

    def __call__(self) -> None:
        self.times += 1
        if self._fails is not None:
            raise self._fails


def test_each_pass_is_done_in_its_own_rhythm_from_the_beginning_on(work: Work) -> None:
    often, seldom, never = Done(), Done(), Done()
    work(
        Pass("often", often, every=MINUTE),
        Pass("seldom", seldom, every=3 * MINUTE),
        Pass("never", never, is_due=lambda: False),
    )
    assert (often.times, seldom.times, never.times) == (5, 2, 0)


def test_an_outage_is_tried_again_soon_and_is_no_failure_of_the_run(work: Work) -> None:
    down, well = Done(fails=Unavailable("cin7", "GET sale", 503, "down")), Done()
    work(Pass("down", down, every=MINUTE), Pass("well", well, every=MINUTE))
    assert (down.times, well.times) == (20, 5)


def failing_passes(engine: Engine, clock: ManualClock) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        found = failing(connection)
    assert all(each.since <= clock.now() for each in found)
    return [(each.name, each.problem) for each in found]


def test_what_fails_is_told_with_its_reason_until_it_succeeds(
    engine: Engine, clock: ManualClock, work: Work
) -> None:
    began = clock.now()
    refused = Refused("cin7", "GET /product", 403, "the key is not known")
    work(Pass("Reading", Done(fails=refused), every=MINUTE), Pass("Writing", Done(), every=MINUTE))
    told = ("Reading", "cin7 GET /product (403): the key is not known")
    assert failing_passes(engine, clock) == [told]
    with engine.connect() as connection:
        assert failing(connection)[0].since == began, "since the first of its failures"
    work(Pass("Reading", Done(), every=MINUTE))
    assert failing_passes(engine, clock) == []


def test_waiting_for_calls_is_no_failure(engine: Engine, clock: ManualClock, work: Work) -> None:
    work(
        Pass(
            "Reading",
            Done(fails=OutOfBudget("cin7", "GET /product", None, "no call in time")),
            every=MINUTE,
        )
    )
    assert failing_passes(engine, clock) == []


def test_a_mistake_of_ours_stops_no_other_pass_but_fails_the_run_in_the_end(work: Work) -> None:
    broken, well = Done(fails=ZeroDivisionError("ours")), Done()
    with pytest.raises(ZeroDivisionError, match="ours"):
        work(Pass("broken", broken, every=MINUTE), Pass("well", well, every=MINUTE))
    assert (broken.times, well.times) == (5, 5)


def test_the_database_is_left_to_whoever_waits_for_it(work: Work) -> None:
    gone = Done(fails=OperationalError("select 1", {}, Exception("closed")))
    with pytest.raises(OperationalError):
        work(Pass("gone", gone))
    assert gone.times == 1


def test_a_pass_that_takes_minutes_is_no_silence_and_one_without_end_is(
    engine: Engine, clock: ManualClock, work: Work
) -> None:
    silences: list[timedelta] = []

    def longwinded() -> None:
        for minutes in (5, 6):
            clock.sleep(minutes * 60)
            with engine.connect() as connection:
                silences.extend(each.silent_for for each in present(connection, clock, "books"))

    work(Pass("longwinded", longwinded))
    assert silences == [5 * MINUTE - LONGEST_PASS, 11 * MINUTE - LONGEST_PASS]
    assert silences[0] <= SILENT


def test_a_decision_that_cannot_be_read_is_tried_again(work: Work) -> None:
    from sfcc_cin7.values.problems import ConfigurationError

    answers: list[Any] = [ConfigurationError("sites is missing"), True]

    def is_due() -> bool:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    done = Done()
    work(Pass("decided", done, every=LIFE, is_due=is_due))
    assert done.times == 1
