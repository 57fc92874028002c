"""Who leads in a lane, who stands by, and what the death of either looks like to the others."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from sfcc_cin7.db.residents import (
    HAND_OVER,
    SILENT,
    Residency,
    ResidencyLost,
    Resident,
    is_led,
    present,
    residency,
)
from sfcc_cin7.values.clock import ManualClock

LIFE = timedelta(minutes=15)
Arrive = Callable[[str], Residency]


@pytest.fixture
def arrive(engine: Engine, clock: ManualClock) -> Iterator[Arrive]:
    """`arrive("a run")`: a process of the order lane, with a session of its own."""
    with ExitStack() as stack:
        yield lambda run: stack.enter_context(residency(engine, clock, "orders", run, LIFE))


def there(engine: Engine, clock: ManualClock, lane: str = "orders") -> list[Resident]:
    with engine.connect() as connection:
        return present(connection, clock, lane)


def kill(engine: Engine, resident: Resident) -> None:
    """What a killed process, or a database that restarts, does to a session."""
    with engine.connect() as connection:
        connection.execute(
            text("select pg_terminate_backend(:pid, 5000)"), {"pid": resident.backend_pid}
        )


def test_the_first_one_leads_and_the_second_stands_by(
    engine: Engine, clock: ManualClock, arrive: Arrive
) -> None:
    assert arrive("first").lead()
    assert not arrive("second").lead()
    assert [(each.run_id, each.leads) for each in there(engine, clock)] == [
        ("first", True),
        ("second", False),
    ]


def test_lanes_do_not_know_each_other(engine: Engine, clock: ManualClock, arrive: Arrive) -> None:
    arrive("first").lead()
    with residency(engine, clock, "stock", "other", LIFE) as other:
        assert other.lead()
    assert there(engine, clock, "stock") == []


def test_whoever_stands_by_leads_as_soon_as_the_leader_has_died(
    engine: Engine, clock: ManualClock, arrive: Arrive
) -> None:
    arrive("first").lead()
    second = arrive("second")
    kill(engine, there(engine, clock)[0])

    assert [each.alive for each in there(engine, clock)] == [False, True]
    with engine.connect() as connection:
        assert not is_led(connection, clock, "orders")
    assert second.lead()


def test_a_leader_that_lives_but_is_silent_is_put_out(
    engine: Engine, clock: ManualClock, arrive: Arrive
) -> None:
    first, second = arrive("first"), arrive("second")
    first.lead()
    clock.sleep(SILENT.total_seconds())
    assert not second.lead()
    clock.sleep(6)
    assert any(second.lead() for _ in range(1000))  # the session needs a moment to end
    with pytest.raises(ResidencyLost):
        first.is_over()


def test_a_leader_that_tells_that_it_is_well_stays(clock: ManualClock, arrive: Arrive) -> None:
    first, second = arrive("first"), arrive("second")
    first.lead()
    for _ in range(40):
        clock.sleep(5)
        assert not first.is_over()
        assert not second.lead()


def test_its_time_is_over_when_somebody_is_there_to_follow(
    engine: Engine, clock: ManualClock, arrive: Arrive
) -> None:
    first = arrive("first")
    first.lead()
    clock.sleep(LIFE.total_seconds())
    assert not first.is_over()

    second = arrive("second")
    assert first.is_over()
    assert second.lead()
    assert [each.leads for each in there(engine, clock)] == [False, True]


def test_nobody_leads_for_ever_even_if_nobody_follows(clock: ManualClock, arrive: Arrive) -> None:
    first = arrive("first")
    first.lead()
    clock.sleep((LIFE + HAND_OVER).total_seconds())
    assert first.is_over()


def test_whoever_leaves_is_forgotten(engine: Engine, clock: ManualClock) -> None:
    with residency(engine, clock, "orders", "first", LIFE) as first:
        first.lead()
    assert there(engine, clock) == []
    with engine.connect() as connection:
        assert not is_led(connection, clock, "orders")


def test_a_session_that_ended_is_noticed_at_the_next_beat(
    engine: Engine, clock: ManualClock, arrive: Arrive
) -> None:
    first = arrive("first")
    first.lead()
    kill(engine, there(engine, clock)[0])
    clock.sleep(5)
    with pytest.raises(ResidencyLost):
        first.is_over()
