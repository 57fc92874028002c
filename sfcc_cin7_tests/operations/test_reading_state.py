"""The state is read from the database alone: planted troubles are told, whether Dagster runs or
not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text, update

from sfcc_cin7.db.database import connect_to_look, normalise
from sfcc_cin7.db.levels import record_snapshot
from sfcc_cin7.db.residents import residency
from sfcc_cin7.db.schema import SCHEMA, cursors, residents, review_items
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.operations import Lookout, Sign, State, Verdict
from sfcc_cin7.operations.lane_checks import installed, last_success, looks
from sfcc_cin7.operations.records import reading
from sfcc_cin7.operations.records.reading import read_facts
from sfcc_cin7.operations.routines import routines
from sfcc_cin7.operations.state.facts import RunQueue, Successes
from sfcc_cin7.orders.records.circuit import Circuits
from sfcc_cin7.orders.records.queue import OrderQueue
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.http.errors import Throttled
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.operations.dagster_storage import (
    beats,
    dagster_storage,
    enqueued,
    forget_dagster,
    materialized,
    observed,
    run_in,
)
from sfcc_cin7_tests.orders.records.test_order_queue import order
from sfcc_cin7_tests.project import SANDBOX_MODEL

MODEL = load_operating_model(SANDBOX_MODEL)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROUTINES = routines(MODEL, payouts=False)
DAEMONS = ("SENSOR", "SCHEDULER", "QUEUED_RUN_COORDINATOR")
OK, WARNING, NOT_KNOWN, FAILING = Verdict


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


class House:
    """A merchant's database, looked at from outside at a simulated time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = ManualClock(NOW)
        self._lookout = Lookout(lambda: engine.url, lambda: MODEL, self.clock, payouts=False)

    def state(self) -> State:
        return self._lookout.look()

    def sign(self, name: str) -> Sign:
        (found,) = [each for each in self.state().signs if each.name == name]
        return found

    def facts(self) -> Any:
        with self.engine.connect() as connection:
            return read_facts(
                connection, MODEL, self.clock, payouts=False, within=timedelta(seconds=60)
            )

    def close(self) -> None:
        self._lookout.close()


@pytest.fixture
def house(engine: Engine) -> Iterator[House]:
    forget_dagster(engine)
    house = House(engine)
    yield house
    house.close()


@pytest.fixture
def instance(engine: Engine, tmp_path: Path) -> Iterator[Any]:
    with dagster_storage(engine, tmp_path) as found:
        yield found


@pytest.fixture
def busy_house(instance: Any, engine: Engine) -> Iterator[House]:
    """A house in which Dagster has run."""
    house = House(engine)
    yield house
    house.close()


def test_where_dagster_never_ran_its_part_is_not_known_and_the_rest_is_told(house: House):
    state = house.state()
    unknown = {each.name for each in state.signs if each.sentence == "Dagster has never run here."}
    assert unknown == {
        "Dagster's daemon",
        "sensors",
        "run queue",
        "checks",
        *(each.name for each in ROUTINES),
    }
    assert house.sign("orders waiting").verdict is OK
    assert state.at == NOW


def test_tables_that_are_not_those_of_this_dagster_make_nothing_well(house: House):
    with house.engine.begin() as connection:
        for table in ("daemon_heartbeats", "event_logs", "instigators", "job_ticks", "runs"):
            connection.execute(text(f"create table dagster.{table} (something integer)"))
    for name in ("Dagster's daemon", "run queue", "reconciling"):
        assert house.sign(name).verdict is NOT_KNOWN
        assert house.sign(name).sentence == "This could not be read (ProgrammingError)."
    assert house.sign("for a person").verdict is OK
    forget_dagster(house.engine)


def test_a_daemon_that_is_stale_is_told_beside_those_that_are_alive(
    instance: Any, busy_house: House
):
    for daemon in DAEMONS:
        beats(instance, daemon, ago(20))
    assert busy_house.sign("Dagster's daemon").verdict is OK
    beats(instance, "SENSOR", ago(100))
    found = busy_house.sign("Dagster's daemon")
    assert (found.verdict, found.since) == (FAILING, ago(100))
    assert found.sentence == "No sign of life for 100 s of what is there for sensors."
    beats(instance, "SENSOR", ago(5), errors=2)
    assert busy_house.sign("Dagster's daemon").verdict is WARNING


def test_looks_that_fail_are_none_although_the_daemon_is_alive(instance: Any, busy_house: House):
    for daemon in DAEMONS:
        beats(instance, daemon, ago(1))
    ticked(instance, "new_orders", "SKIPPED", ago(130).timestamp())
    ticked(instance, "new_orders", "FAILURE", ago(5).timestamp())
    assert busy_house.sign("Dagster's daemon").verdict is OK
    found = busy_house.sign("sensors")
    assert (found.verdict, found.since) == (FAILING, ago(130))


@contextmanager
def server_lives_in(engine: Engine, zone: str) -> Iterator[None]:
    """Sessions that say nothing about it, as Dagster's do, are in this time zone."""
    name = engine.url.database
    with engine.begin() as connection:
        connection.execute(text(f"alter database {name} set timezone to '{zone}'"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"alter database {name} reset timezone"))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_what_is_read_of_dagster_is_what_dagster_itself_answers(
    instance: Any, busy_house: House, zone: str
):
    with server_lives_in(busy_house.engine, zone):
        materialized(instance, "cin7_calls", ago(700))
        materialized(instance, "cin7_calls", ago(400))
        materialized(instance, "order_ledger", ago(300))
        materialized(instance, "sfcc_inventory", ago(900))
        observed(instance, "sfcc_inventory", ago(10))  # a hint was followed: no whole pass
        ticked(instance, "new_orders", "SKIPPED", ago(60).timestamp())
        for failure in range(3):
            ticked(instance, "new_orders", "FAILURE", ago(50 - failure).timestamp())
        beats(instance, "SENSOR", ago(7))
        facts = busy_house.facts()
    read: Successes = facts.successes
    assert read.last == {each.by: last_success(instance, each) for each in ROUTINES}
    assert read.last["sfcc_inventory"] == ago(900)
    assert list(read.looks) == looks(instance) == [ago(400), ago(700)]
    assert read.installed == installed(instance) == ago(700)
    assert [(each.daemon, each.at) for each in facts.heartbeats] == [("SENSOR", ago(7))]


def test_runs_that_wait_are_counted_since_they_were_asked_for(instance: Any, busy_house: House):
    for status in ("STARTED", "STARTING", "SUCCESS"):
        run_in(instance, status)
    assert busy_house.facts().runs == RunQueue(0, None, 2)
    for waits in (1000, 30):
        enqueued(instance, run_in(instance, "NOT_STARTED"), ago(waits))
    assert busy_house.facts().runs == RunQueue(2, ago(1000), 2)
    assert busy_house.sign("run queue").verdict is WARNING


def test_orders_that_wait_too_long_are_told_with_their_age(house: House):
    queue = OrderQueue(house.engine, house.clock)
    queue.receive([order(house.clock, 1)])
    assert house.sign("orders waiting").verdict is OK
    house.clock.sleep(MODEL.posting.stalled_after_seconds + 1)
    found = house.sign("orders waiting")
    assert found.verdict is FAILING
    assert found.sentence.startswith("1 wait, the first for 2 min")
    assert found.since == house.clock.now() - timedelta(seconds=1)


def test_a_system_that_is_down_is_told_with_its_cause(house: House):
    circuits = Circuits(house.engine, house.clock)
    circuits.failed("cin7", "cin7 POST /sale: no connection")
    circuits.open("cin7")
    house.clock.sleep(30)
    found = house.sign("outside systems")
    assert (found.verdict, found.since) == (WARNING, NOW)
    assert found.sentence == "cin7 does not answer (cin7 POST /sale: no connection)."


def test_a_reading_that_is_not_believed_is_told_with_its_reason(house: House):
    assert house.sign("stock reading").verdict is NOT_KNOWN
    read(house, ago(300), believed=True)
    read(house, ago(30), believed=False)
    found = house.sign("stock reading")
    assert (found.verdict, found.since, found.as_of) == (FAILING, ago(300), ago(30))
    assert "It shrank." in found.sentence


def read(house: House, began: datetime, *, believed: bool) -> None:
    with house.engine.begin() as connection:
        record_snapshot(
            connection,
            started_at=began,
            finished_at=began + timedelta(seconds=5),
            rows=10,
            total=10,
            believed=believed,
            reason=None if believed else "It shrank.",
        )


def test_a_list_that_was_not_published_is_told_by_name(house: House):
    assert house.sign("list inventory-uk").verdict is NOT_KNOWN
    read(house, ago(3600), believed=True)
    assert house.sign("list inventory-uk").verdict is FAILING
    with house.engine.begin() as connection:
        passed = {"name": "stock.pass:inventory-uk", "value": ago(60).isoformat()}
        connection.execute(insert(cursors).values(passed))
    assert house.sign("list inventory-uk").verdict is OK
    assert house.sign("list inventory-us").verdict is FAILING


def test_calls_are_counted_against_the_limit_and_refusals_are_told(house: House):
    governor = Governor(house.engine, house.clock, patience=0)
    for _ in range(3):
        with governor.call("0123456789ab", "orders"):
            pass
    found = house.sign("calls to Cin7")
    assert (found.verdict, found.sentence) == (OK, "In the last minute: 3 of 60.")
    with pytest.raises(Throttled), governor.call("0123456789ab", "stock"):
        raise Throttled("cin7", "GET /me", 429, "You have reached 60 calls per 60 seconds")
    assert house.sign("calls to Cin7").verdict is FAILING
    house.clock.sleep(16 * 60)
    assert house.sign("calls to Cin7").sentence == "In the last minute: 0 of 60."


def test_what_waits_for_a_person_is_counted_with_its_age(house: House):
    with house.engine.begin() as connection:
        item = {"code": "sku-unknown", "sentence": "No such SKU.", "owner": "team:merchandising"}
        for hours in (1, 5):
            opened = {"subject": f"sku:{hours}", "opened_at": ago(hours * 3600)}
            connection.execute(insert(review_items).values({**item, **opened}))
    found = house.sign("for a person")
    assert (found.verdict, found.owner, found.since) == (
        WARNING,
        "team:merchandising",
        ago(5 * 3600),
    )
    assert found.sentence.startswith("2 things wait, 0.00")


def test_a_lane_is_led_by_a_run_whose_session_lives(house: House):
    assert "Nobody works in this lane." in house.sign("live run: orders").sentence
    with residency(house.engine, house.clock, "orders", "a run", timedelta(minutes=15)) as run:
        run.lead()
        assert house.sign("live run: orders").verdict is OK
        with house.engine.begin() as connection:
            connection.execute(update(residents).values(beat_at=ago(30)))
        found = house.sign("live run: orders")
        assert (found.verdict, found.since) == (WARNING, ago(30))


def test_a_run_whose_session_has_ended_leads_nothing(house: House):
    dead = {"run_id": "r", "lane": "orders", "host": "h", "pid": 1, "backend_pid": 1}
    times = {"since": ago(200), "beat_at": ago(1), "leads_since": ago(100)}
    with house.engine.begin() as connection:
        connection.execute(insert(residents).values({**dead, **times}))
    assert "Nobody works in this lane." in house.sign("live run: orders").sentence


def test_a_part_that_cannot_be_read_hides_no_other(house: House):
    with house.engine.begin() as connection:
        connection.execute(text(f"alter table {SCHEMA}.circuits rename to away"))
    try:
        state = {each.name: each.verdict for each in house.state().signs}
    finally:
        with house.engine.begin() as connection:
            connection.execute(text(f"alter table {SCHEMA}.away rename to circuits"))
    assert (state["outside systems"], state["orders waiting"]) == (NOT_KNOWN, OK)


def test_a_table_that_is_locked_is_not_waited_for(house: House):
    with house.engine.begin() as connection:
        connection.execute(text(f"lock table {SCHEMA}.circuits in access exclusive mode"))
        state = {each.name: each.sentence for each in house.state().signs}
    assert state["outside systems"] == "This could not be read (OperationalError)."
    assert state["orders waiting"] == "None waits."


def test_what_is_not_reached_in_time_is_not_known(house: House, monkeypatch: pytest.MonkeyPatch):
    def slow(_: object) -> list[Any]:
        house.clock.sleep(100)
        return []

    monkeypatch.setattr(reading, "open_circuits", slow)
    facts = house.facts()
    assert facts.outages == []
    assert facts.budgets == facts.people == reading.TOO_SLOW


def test_whoever_looks_can_change_nothing(engine: Engine):
    looking = connect_to_look(engine.url, timedelta(seconds=1))
    with looking.connect() as connection, pytest.raises(Exception, match="read-only transaction"):
        connection.execute(insert(cursors).values(name="x", value="y"))
    looking.dispose()


def test_a_database_that_does_not_answer_is_one_sentence_without_its_password():
    nowhere = normalise("postgresql://me:secret@127.0.0.1:1/nowhere")
    lookout = Lookout(lambda: nowhere, lambda: MODEL, ManualClock(NOW), payouts=False)
    state = lookout.look()
    lookout.close()
    (only,) = state.signs
    assert (only.name, only.verdict) == ("database", NOT_KNOWN)
    assert "secret" not in only.sentence
    assert "Connection refused" in only.sentence


def test_decisions_that_cannot_be_read_make_nothing_well(engine: Engine):
    def unreadable() -> Any:
        raise ConfigurationError("merchant.yaml: sites: Field required")

    lookout = Lookout(lambda: engine.url, unreadable, ManualClock(NOW), payouts=False)
    (only,) = lookout.look().signs
    assert (only.name, only.verdict) == ("operating model", NOT_KNOWN)
    assert only.sentence == "merchant.yaml: sites: Field required"


def test_a_connection_that_was_cut_is_made_anew(house: House):
    assert house.sign("orders waiting").verdict is OK
    with house.engine.connect() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    assert house.sign("orders waiting").verdict is OK


def ticked(instance: Any, sensor: str, status: str, at: float) -> None:
    """A tick as the daemon leaves it."""
    from dagster._core.definitions.run_request import InstigatorType
    from dagster._core.remote_origin import (
        InProcessCodeLocationOrigin,
        RemoteInstigatorOrigin,
        RemoteRepositoryOrigin,
    )
    from dagster._core.scheduler.instigation import (
        InstigatorState,
        InstigatorStatus,
        TickData,
        TickStatus,
    )
    from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
    from dagster_shared.error import SerializableErrorInfo

    where = InProcessCodeLocationOrigin(LoadableTargetOrigin(module_name="sfcc_cin7.definitions"))
    origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(where, "__repository__"), sensor)
    state = InstigatorState(origin, InstigatorType.SENSOR, InstigatorStatus.DECLARED_IN_CODE)
    if instance.get_instigator_state(state.instigator_origin_id, state.selector_id) is None:
        instance.add_instigator_state(state)
    instance.create_tick(
        TickData(
            instigator_origin_id=state.instigator_origin_id,
            instigator_name=sensor,
            instigator_type=InstigatorType.SENSOR,
            status=TickStatus[status],
            timestamp=at,
            selector_id=state.selector_id,
            error=SerializableErrorInfo("no answer", [], None) if status == "FAILURE" else None,
        )
    )
