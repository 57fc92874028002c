"""Brands share a database, and nothing in it but the count of calls."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, func, insert, select, text

from sfcc_cin7.db.brands import schema_of
from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.db.database import connect, migrate, up_to_date
from sfcc_cin7.db.locks import Busy, held
from sfcc_cin7.db.residents import is_led, living, residency
from sfcc_cin7.db.schema import call_budgets, call_slots, call_usage, cursors
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7.values.problems import ConfigurationError

LIFE = timedelta(minutes=15)
TAKEN = "insert into sfcc_cin7.call_slots values ('app', 1, 'orders', '2026-01-01 00:00:40+00')"


def test_each_brand_has_rows_of_its_own(engine: Engine, second_brand: Engine) -> None:
    for speaker, value in ((engine, "one"), (second_brand, "two")):
        with speaker.begin() as connection:
            move_cursor(connection, "name", value)
    with engine.connect() as one, second_brand.connect() as two:
        assert (cursor(one, "name"), cursor(two, "name")) == ("one", "two")
        raw = text("select value from sfcc_cin7.cursors")
        assert (one.scalar(raw), two.scalar(raw)) == ("one", "two")
        assert one.scalar(text("select value from sfcc_cin7_outdoor.cursors")) == "two"


def test_what_somebody_writes_of_a_schema_is_kept_as_it_was_written(second_brand: Engine) -> None:
    said = "see sfcc_cin7.orders"
    with second_brand.begin() as connection:
        move_cursor(connection, "name", said)
        connection.execute(insert(cursors), [{"name": f"{n}", "value": said} for n in range(3)])
        assert set(connection.scalars(select(cursors.c.value))) == {said}


def test_the_events_of_a_further_brand_are_as_append_only(second_brand: Engine) -> None:
    with second_brand.connect() as connection:
        for table in ("order_events", "postings"):
            query = "select count(*) from pg_trigger where tgrelid = cast(:of as regclass)"
            counts = [
                connection.scalar(text(query), {"of": f"{schema_of(brand)}.{table}"})
                for brand in ("", "outdoor")
            ]
            assert counts[0] == counts[1] > 0


def test_a_brand_that_holds_a_lock_holds_up_no_other(
    engine: Engine, second_brand: Engine, clock: ManualClock
) -> None:
    with held(engine, "stock", clock, timedelta(0)):
        with held(second_brand, "stock", clock, timedelta(0)):
            pass
        with pytest.raises(Busy), held(engine, "stock", clock, timedelta(0)):
            pass


def test_the_same_lane_of_two_brands_is_led_by_two(
    engine: Engine, second_brand: Engine, clock: ManualClock
) -> None:
    with (
        residency(engine, clock, "orders", "run 1", LIFE) as one,
        residency(second_brand, clock, "orders", "run 2", LIFE) as two,
    ):
        assert one.lead()
        with second_brand.connect() as connection:
            assert not is_led(connection, clock, "orders")
        assert two.lead()
        with residency(second_brand, clock, "orders", "run 3", LIFE) as third:
            assert not third.lead()
        for speaker in (engine, second_brand):
            with speaker.connect() as connection:
                assert is_led(connection, clock, "orders")
                assert len(living(connection)) == 1


@pytest.mark.parametrize(
    "name", ["Outdoor", "out-door", "1st", "a;drop schema sfcc_cin7", "x" * 31]
)
def test_a_name_that_no_schema_should_have_is_refused(engine: Engine, name: str) -> None:
    with pytest.raises(ConfigurationError, match="SFCC_CIN7_BRAND"):
        connect(engine.url, name)


@pytest.fixture
def former(engine: Engine) -> Iterator[Engine]:
    """A database of the version before, in which calls were made."""
    admin = create_engine(engine.url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("drop database if exists former with (force)"))
        connection.execute(text("create database former"))
    old = connect(engine.url.set(database="former"), ping=False)
    config = Config()
    config.set_main_option("script_location", "sfcc_cin7:db/migrations")
    with old.begin() as connection:
        connection.execute(text("create schema sfcc_cin7"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0017")
        connection.execute(text("insert into sfcc_cin7.call_applications values ('app')"))
        connection.execute(text(TAKEN))
    yield old
    old.dispose()
    with admin.connect() as connection:
        connection.execute(text("drop database former with (force)"))
    admin.dispose()


def test_calls_that_were_made_still_count_after_an_upgrade_and_old_processes_go_on(
    former: Engine,
) -> None:
    """They know the tables by their former names until they are replaced."""
    with former.connect() as old:
        assert old.scalar(text("select count(*) from sfcc_cin7.call_slots")) == 1
        old.rollback()
        migrate(former)
        with former.connect() as connection:
            assert up_to_date(connection)
            assert connection.scalars(select(call_slots.c.lane)).all() == ["orders"]
            assert connection.scalars(select(call_budgets.c.application)).all() == ["app"]
        old.execute(text(f"{TAKEN} on conflict (application, slot) do nothing"))
        paused = "select paused_until from sfcc_cin7.call_applications for update"
        assert old.execute(text(paused)).all() == [(None,)]
        usage = "insert into sfcc_cin7.call_usage values ('app', 'orders', now(), 1, 0)"
        also = " on conflict (application, lane, minute) do update set calls = call_usage.calls + 1"
        old.execute(text(usage))
        old.execute(text(usage + also))
        old.commit()
        assert old.scalar(select(func.sum(call_usage.c.calls))) == 2
    other = connect(former.url, "outdoor", ping=False)
    migrate(other)
    with other.connect() as connection:
        assert up_to_date(connection)
        assert connection.scalars(select(call_slots.c.lane)).all() == ["orders"]
        assert connection.scalars(select(call_budgets.c.application)).all() == []
    other.dispose()
