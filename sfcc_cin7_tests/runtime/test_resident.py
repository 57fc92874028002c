"""When a run of a lane that is always there is started, and what becomes of one that died."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster._core.definitions.sensor_definition import SensorExecutionData
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from sfcc_cin7.db.residents import Residency, Resident, present, residency
from sfcc_cin7.runtime import resident
from sfcc_cin7.runtime.arming import ARMED
from sfcc_cin7.runtime.resident import LIFE, ResidentLane, is_wanted, keep_resident, reside
from sfcc_cin7.values.clock import ManualClock

SOON = timedelta(minutes=1)
ALWAYS_TWO, ONE_AFTER_ANOTHER = ResidentLane("orders", LIFE), ResidentLane("books", SOON)
MINUTE = timedelta(minutes=1)


def somebody(
    *,
    alive: bool = True,
    left: timedelta | None = None,
    silent: timedelta = timedelta(0),
) -> Resident:
    """A run in a lane; it leads, and will for as long as is `left`, or it stands by."""
    leads = LIFE - left if left is not None else None
    return Resident(1, "a run", alive, silent, MINUTE, leads, left, 4711)


LEADER = somebody(left=10 * MINUTE)


@pytest.mark.parametrize(
    ("there", "starting", "wanted"),
    [
        pytest.param([], 0, True, id="nobody is there"),
        pytest.param([], 1, False, id="one is on its way"),
        pytest.param([LEADER], 0, True, id="nobody stands by"),
        pytest.param([LEADER, somebody()], 0, False, id="one works and one stands by"),
        pytest.param([somebody(alive=False, left=MINUTE)], 0, True, id="the leader died"),
        pytest.param(
            [somebody(alive=False, left=MINUTE), somebody()], 0, False, id="it is followed"
        ),
        pytest.param([LEADER, somebody(alive=False)], 0, True, id="who stood by died"),
        pytest.param([somebody(left=MINUTE, silent=2 * MINUTE)], 0, True, id="the leader hangs"),
    ],
)
def test_a_run_works_and_another_stands_by(
    there: list[Resident], starting: int, wanted: bool
) -> None:
    assert is_wanted(ALWAYS_TWO, there, starting) is wanted


@pytest.mark.parametrize(("left", "wanted"), [(10 * MINUTE, False), (SOON, True), (-MINUTE, True)])
def test_where_nobody_waits_the_next_run_is_started_shortly_before_the_end(
    left: timedelta, wanted: bool
) -> None:
    assert is_wanted(ONE_AFTER_ANOTHER, [somebody(left=left)], 0) is wanted


def test_a_run_between_two_long_passes_is_not_ended_for_its_age() -> None:
    lane = resident.BOOKS
    waits, leads = lane.ahead + lane.longest, LIFE + lane.longest
    assert int(lane.tags()["dagster/max_runtime"]) > (waits + leads).total_seconds()


@dg.op
def nothing() -> None:
    pass


@dg.job(executor_def=dg.in_process_executor)
def work_for_ever() -> None:
    nothing()


Tick = Callable[[], SensorExecutionData]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def tick(
    engine: Engine,
    clock: ManualClock,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> Tick:
    """One look of the sensor, armed."""
    monkeypatch.setenv(ARMED, "1")
    store, merchant = SimpleNamespace(engine=engine, clock=clock), SimpleNamespace(model=lambda: 1)
    sensor = keep_resident("keep", work_for_ever, ALWAYS_TWO, "", lambda _model, _store: None)
    resources = {"store": store, "merchant": merchant}
    defs = dg.Definitions(jobs=[work_for_ever], sensors=[sensor], resources=resources)
    return lambda: sensor.evaluate_tick(
        dg.build_sensor_context(instance, definitions=defs, resources=resources)
    )


Arrive = Callable[[str], Residency]


@pytest.fixture
def arrive(engine: Engine, clock: ManualClock) -> Iterator[Arrive]:
    with ExitStack() as stack:
        yield lambda run: stack.enter_context(residency(engine, clock, "orders", run, LIFE))


def kill(engine: Engine, run_id: str, clock: ManualClock) -> None:
    with engine.connect() as connection:
        for each in present(connection, clock, "orders"):
            if each.run_id == run_id:
                end = text("select pg_terminate_backend(:pid, 5000)")
                connection.execute(end, {"pid": each.backend_pid})


def test_nothing_is_asked_for_while_one_works_and_one_stands_by(tick: Tick, arrive: Arrive) -> None:
    arrive("first").lead()
    arrive("second")
    assert tick().skip_message == "1 run works, 1 stands by."


def test_a_lane_that_has_died_is_started_anew_at_once(
    engine: Engine, clock: ManualClock, tick: Tick, arrive: Arrive
) -> None:
    arrive("first").lead()
    kill(engine, "first", clock)
    assert len(tick().run_requests or []) == 1


def test_a_run_whose_process_ended_without_a_word_is_told_to_dagster(
    engine: Engine,
    clock: ManualClock,
    tick: Tick,
    arrive: Arrive,
    instance: dg.DagsterInstance,
) -> None:
    run = instance.create_run_for_job(work_for_ever, status=dg.DagsterRunStatus.STARTED)
    arrive(run.run_id).lead()
    arrive("second")
    kill(engine, run.run_id, clock)
    tick()  # the silence has only begun
    clock.sleep(20)
    tick()

    told = instance.get_run_by_id(run.run_id)
    assert told is not None
    assert told.status == dg.DagsterRunStatus.FAILURE
    with engine.connect() as connection:
        assert [each.run_id for each in present(connection, clock, "orders")] == ["second"]


def test_a_run_goes_on_when_the_database_was_away_for_a_moment(
    engine: Engine, clock: ManualClock
) -> None:
    worked: list[str] = []

    def work(here: Residency) -> None:
        worked.append("again" if worked else "first")
        if len(worked) == 1:
            kill(engine, "a run", clock)
            clock.sleep(5)
            here.is_over()

    reside(engine, clock, ALWAYS_TWO, "a run", work)
    assert worked == ["first", "again"]


def test_a_database_that_stays_away_ends_the_run(engine: Engine, clock: ManualClock) -> None:
    def work(_here: Residency) -> None:
        raise OperationalError("select 1", {}, Exception("the server closed the connection"))

    with pytest.raises(OperationalError):
        reside(engine, clock, ALWAYS_TWO, "a run", work)
    assert clock.now() - ManualClock().now() > resident.DATABASE_AWAY


def test_any_other_failure_ends_the_run_at_once(engine: Engine, clock: ManualClock) -> None:
    def work(_here: Residency) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        reside(engine, clock, ALWAYS_TWO, "a run", work)
