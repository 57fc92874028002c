import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, insert, text, update
from sqlalchemy.exc import DBAPIError

from sfcc_cin7.db.database import (
    DAGSTER_SCHEMA,
    NEWEST,
    VERSIONS,
    connect,
    migrate,
    normalise,
    up_to_date,
)
from sfcc_cin7.db.schema import CALLS_SCHEMA, SCHEMA, metadata, order_events
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.emptying import GUARDED


def test_migrations_lead_to_exactly_the_tables_that_the_code_uses(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: (
                    kind != "schema" or name in (SCHEMA, CALLS_SCHEMA)
                ),
                "version_table_schema": SCHEMA,
            },
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)


def test_the_newest_migration_is_the_one_that_a_database_is_asked_for() -> None:
    config = Config()
    config.set_main_option("script_location", "sfcc_cin7:db/migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST]


@pytest.mark.parametrize("lost", [f"table {VERSIONS}", f"schema {DAGSTER_SCHEMA} cascade"])
def test_a_database_that_only_seems_up_to_date_is_not_believed(engine: Engine, lost: str) -> None:
    """One connection rolls back what it lost, and what was done about it."""
    with engine.connect() as connection:
        connection.execute(text(f"drop {lost}"))
        assert not up_to_date(connection)
        connection.rollback()
        assert up_to_date(connection)


def test_the_database_itself_refuses_to_change_or_delete_an_event(
    engine: Engine, clock: ManualClock
) -> None:
    event = {"order_key": "b:s:1", "at": clock.now(), "kind": "received", "detail": {}}
    with engine.begin() as connection:
        connection.execute(insert(order_events), event)
    for statement in (
        update(order_events).values(kind="forged"),
        text(f"delete from {SCHEMA}.order_events"),
    ):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(statement)


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("session", ["origin", "replica"])
def test_the_database_refuses_to_empty_what_is_append_only_even_in_a_replicas_session(
    engine: Engine, table: str, session: str
) -> None:
    """`session_replication_role` is what a superuser would lull triggers to sleep with."""
    with engine.connect() as connection:
        connection.execute(text(f"set local session_replication_role = {session}"))
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(f"truncate {SCHEMA}.{table} cascade"))


def test_events_and_postings_refuse_to_be_deleted_in_a_replicas_session_too(
    engine: Engine,
) -> None:
    for table in ("order_events", "postings", "event_anchors"):
        with engine.connect() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            with pytest.raises(DBAPIError, match="append-only"):
                connection.execute(text(f"delete from {SCHEMA}.{table}"))


def test_emptying_the_orders_does_not_take_their_corrections_along(engine: Engine) -> None:
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(f"truncate {SCHEMA}.orders cascade"))


def test_an_unreachable_database_is_one_sentence_without_the_password() -> None:
    engine = connect(normalise("postgresql://me:hunter2@127.0.0.1:1/nowhere"))
    with pytest.raises(ConfigurationError, match="SFCC_CIN7_DATABASE_URL") as caught:
        migrate(engine)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://h/db", "not a url"])
def test_an_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="SFCC_CIN7_DATABASE_URL"):
        normalise(url)
