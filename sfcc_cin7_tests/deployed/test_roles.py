"""What each login may do in the database, tried on a server of Debian's package."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, create_engine, insert, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from sfcc_cin7.cli.main import main
from sfcc_cin7.db.database import DATABASE_URL, connect, migrate
from sfcc_cin7.db.roles import APP, ROLES, Tables, wanted
from sfcc_cin7.db.schema import order_events
from sfcc_cin7.ledger.records.events import anchor_if_due
from sfcc_cin7.ledger.records.journals import lock_exports
from sfcc_cin7.ledger.records.periods import lock_periods
from sfcc_cin7.runtime.hooks import application
from sfcc_cin7.stock import stock_hook
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.deployed.debian_server import Server
from sfcc_cin7_tests.in_process import InProcess

APPEND_ONLY = ("order_events", "postings", "event_anchors", "order_corrections", "alert_events")
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def login(server: Server) -> Iterator[Callable[[str], Engine]]:
    """An engine of a login by its name."""
    engines: list[Engine] = []

    def opened(name: str) -> Engine:
        engines.append(connect(server.url(name, f"password-of-{name}")))
        return engines[-1]

    yield opened
    for engine in engines:
        engine.dispose()


def refused(engine: Engine, statement: str) -> bool:
    """Whether the server refuses a statement for want of a privilege."""
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    except ProgrammingError as error:
        return "permission denied" in str(error.orig) or "must be owner" in str(error.orig)
    return False


CHANGES = (
    "update sfcc_cin7.{} set id = 1 where false",
    "delete from sfcc_cin7.{} where false",
    "truncate sfcc_cin7.{}",
    "alter table sfcc_cin7.{} disable trigger append_only",
    "drop table sfcc_cin7.{}",
)


def test_nobody_but_the_owner_can_change_or_empty_what_is_append_only(
    login: Callable[[str], Engine],
) -> None:
    tried = [change.format(table) for change in CHANGES for table in APPEND_ONLY]
    for role in ROLES:
        engine = login(role.removeprefix("sfcc_cin7_"))
        assert [each for each in tried if not refused(engine, each)] == [], role


def test_a_login_cannot_switch_triggers_off_for_its_session(
    login: Callable[[str], Engine],
) -> None:
    assert refused(login("app"), "set session_replication_role = replica")


def test_the_app_appends_takes_anchors_and_locks_what_it_cannot_change(
    login: Callable[[str], Engine],
) -> None:
    with login("app").begin() as connection:
        event = {"order_key": "alpenglow:uk:1", "at": NOW, "kind": "received", "detail": {}}
        connection.execute(insert(order_events).values(_complete(connection, event)))
        anchor = anchor_if_due(connection, NOW)
        lock_periods(connection)
        lock_exports(connection)
    assert anchor is not None
    assert anchor.taken_at == NOW
    assert refused(login("dagster"), "select sfcc_cin7.lock_table('order_events')")


def _complete(connection: Connection, event: dict[str, object]) -> dict[str, object]:
    """Those of an event's columns that the table has."""
    columns = {
        each["name"] for each in inspect(connection).get_columns("order_events", "sfcc_cin7")
    }
    return {name: value for name, value in event.items() if name in columns}


def test_webserver_and_daemon_cannot_read_one_order(login: Callable[[str], Engine]) -> None:
    engine = login("dagster")
    with engine.connect() as connection:
        assert connection.scalar(text("select count(*) from dagster.runs")) == 0
        ours = inspect(connection).get_table_names("sfcc_cin7")
    readable = [each for each in ours if not refused(engine, f"select from sfcc_cin7.{each}")]
    assert len(ours) > 60
    assert readable == ["alembic_version"]


def test_the_receiver_keeps_hints_and_reads_no_order(login: Callable[[str], Engine]) -> None:
    import httpx

    engine = login("hooks")
    app = application([stock_hook(engine, ManualClock(NOW))], "secret")
    with httpx.Client(transport=InProcess(app), base_url="http://hooks.example") as client:
        answer = client.post(
            "/hooks/cin7/available-stock-level-changed",
            json=[{"SKU": "TENT", "Location": "London", "Available": 3}],
            headers={"Authorization": "Bearer secret"},
        )
    assert (answer.status_code, answer.text) == (200, "OK")
    assert refused(engine, "select from sfcc_cin7.orders")
    assert refused(engine, "select from dagster.runs")


def test_the_watcher_reads_all_and_writes_only_its_book(login: Callable[[str], Engine]) -> None:
    engine = login("watch")
    for table in ("sfcc_cin7.orders", "sfcc_cin7.postings", "dagster.runs"):
        assert not refused(engine, f"select from {table}")
    assert refused(engine, "delete from sfcc_cin7.orders")
    assert refused(engine, "insert into sfcc_cin7.order_events default values")
    assert not refused(engine, "update sfcc_cin7.alerts set title = title where false")


def test_whoever_may_not_migrate_is_told_who_may(
    server: Server, login: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(login("app"))  # up to date: nothing is asked of it
    monkeypatch.setattr("sfcc_cin7.db.database.NEWEST", "9999")
    with pytest.raises(ConfigurationError, match="run `sfcc-cin7 migrate` as their owner"):
        migrate(login("app"))
    app = server.url("app", "password-of-app").render_as_string(hide_password=False)
    told = CliRunner().invoke(main, ["migrate"], env={DATABASE_URL: app})
    assert told.exit_code == 1
    assert "as their owner" in told.output


def test_a_certificate_that_does_not_fit_ends_the_connection(server: Server) -> None:
    engine = create_engine(server.url())
    with engine.connect() as connection:
        used = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"
        assert connection.scalar(text(used)) is True
    engine.dispose()
    elsewhere = create_engine(server.url().set(host="127.0.0.1"))
    with pytest.raises(OperationalError, match="certificate"):
        elsewhere.connect()
    unknown = create_engine(server.url(sslrootcert="/etc/ssl/certs/ca-certificates.crt"))
    with pytest.raises(OperationalError, match="certificate verify failed"):
        unknown.connect()
    plain = create_engine(server.url(sslmode="disable"))
    with pytest.raises(OperationalError, match="no encryption"):
        plain.connect()


def test_what_is_append_only_is_never_granted_to_be_changed() -> None:
    tables = Tables(
        frozenset({"orders", "postings", "alembic_version"}),
        frozenset({"postings"}),
        frozenset({"runs"}),
    )
    granted = wanted(tables)[APP]
    assert granted["sfcc_cin7.postings"] == "select, insert"
    assert granted["sfcc_cin7.orders"] == "select, insert, update, delete"
    assert granted["sfcc_cin7.alembic_version"] == "select"
