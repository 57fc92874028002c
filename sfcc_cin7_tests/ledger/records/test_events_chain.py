"""The chain of events: what somebody with all rights on the database changes, shows."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from sfcc_cin7.db.schema import SCHEMA, order_events
from sfcc_cin7.ledger.records.events import (
    anchor_if_due,
    broken_events,
    latest_anchor,
    verify_chain,
)
from sfcc_cin7_tests.emptying import triggers_off


@pytest.fixture
def told(engine, clock):
    """Ten events of two orders, and an anchor over them."""
    with engine.begin() as connection:
        for number in range(10):
            clock.sleep(90)
            key = f"b:s:{number % 2}"
            event = {"order_key": key, "at": clock.now(), "kind": "step", "detail": {"n": number}}
            connection.execute(insert(order_events), event)
        anchor_if_due(connection, clock.now())
    return engine


def behind_its_back(engine, statement):
    """As somebody does who may switch triggers off."""
    with engine.begin() as connection, triggers_off(connection, "order_events"):
        connection.execute(text(statement))


def verdict(engine):
    with engine.connect() as connection:
        return verify_chain(connection)


def test_a_history_that_nobody_touched_holds(told):
    assert verdict(told) == []


def test_several_events_in_one_statement_are_chained_too(told, clock):
    rows = [{"order_key": "b:s:1", "at": clock.now(), "kind": k, "detail": {}} for k in "abc"]
    with told.begin() as connection:
        connection.execute(insert(order_events).values(rows))
        distinct = connection.scalar(
            text(f"select count(distinct previous_hash) from {SCHEMA}.order_events where id > 10")
        )
    assert distinct == 3
    assert verdict(told) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update {events} set detail = '{{\"n\": 99}}' where id = 3",
        "update {events} set at = at - interval '1 hour' where id = 3",
        "update {events} set order_key = 'b:s:9' where id = 3",
        "delete from {events} where id = 3",
        "delete from {events} where id = 10",
        "delete from {events}",
    ],
)
def test_a_change_or_a_deletion_shows(told, statement):
    behind_its_back(told, statement.format(events=f"{SCHEMA}.order_events"))
    assert verdict(told) != []


def test_rewriting_an_event_with_a_right_hash_breaks_the_next_one(told):
    behind_its_back(
        told,
        f"update {SCHEMA}.order_events e set kind = 'forged' where id = 3",
    )
    behind_its_back(
        told,
        f"update {SCHEMA}.order_events e set hash = {SCHEMA}.event_hash(e) where id = 3",
    )
    with told.connect() as connection:
        [broken] = broken_events(connection)
    assert (broken.id, broken.problem) == (5, "the event before it is gone or was changed")


def test_rewriting_the_last_event_of_an_order_shows_in_the_anchor(told):
    events = f"{SCHEMA}.order_events"
    behind_its_back(told, f"update {events} e set kind = 'forged' where id = 10")
    behind_its_back(told, f"update {events} e set hash = {SCHEMA}.event_hash(e) where id = 10")
    [sentence] = verdict(told)
    assert "anchor" in sentence


def test_an_anchor_is_taken_once_a_day_and_covers_only_what_is_new(told, clock):
    with told.begin() as connection:
        first = latest_anchor(connection)
        assert anchor_if_due(connection, clock.now() + timedelta(hours=23)) == first
        event = {"order_key": "b:s:1", "at": clock.now(), "kind": "late", "detail": {}}
        connection.execute(insert(order_events), event)
        second = anchor_if_due(connection, clock.now() + timedelta(hours=24))
    assert first is not None
    assert second is not None
    assert (second.events, second.last_event) == (1, 11)
    assert second.digest != first.digest
    assert verdict(told) == []
