"""Troubles of every class, planted among clean orders: each is found, told apart and mended."""

import pytest
from sqlalchemy import select

from sfcc_cin7.db.schema import order_legs
from sfcc_cin7.ledger.breaks.break_classes import CLASSES
from sfcc_cin7.ledger.passes import books
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.emptying import empty_every_table
from sfcc_cin7_tests.ledger.merchant_house import house
from sfcc_cin7_tests.ledger.planted_breaks import Score, play

CLEAN = 60


@pytest.fixture(scope="module")
def score(migrated, tmp_path_factory) -> Score:
    with migrated.begin() as connection:
        empty_every_table(connection)
    with house(migrated, ManualClock(), tmp_path_factory.mktemp("payouts")) as merchant:
        played = play(merchant, CLEAN)
        played.disputed = _disputed(merchant)
        return played


def _disputed(merchant) -> list[str]:
    """Orders that the database calls agreed, and of which the pure functions say otherwise."""
    with merchant.engine.connect() as connection:
        agreed = connection.scalars(select(order_legs.c.order_key).where(order_legs.c.agrees))
        now = merchant.clock.now()
        verdicts = books._verdicts(connection, merchant.model, list(agreed), now)
        return [key for key, verdict in verdicts if verdict.found or verdict.look_again]


def test_there_are_at_least_twenty_five_troubles_of_every_class(score):
    assert len({trouble.name for trouble in score.planted}) >= 25
    expected = [one for trouble in score.planted for one in trouble.expected]
    assert {one.kind for one in expected if one.leg != "goods"} == set(CLASSES)
    assert {one.leg for one in expected} == {"erp", "gateway", "goods"}


def test_every_trouble_is_found_in_one_pass_with_its_class_and_owner(score):
    assert score.wrong == []
    assert score.found == score.expected


def test_no_clean_order_is_accused(score):
    assert score.accused == []


def test_each_break_closes_itself_when_its_cause_is_mended(score):
    assert score.not_closed == []


def test_what_the_database_calls_agreed_is_no_break_to_the_pure_functions_either(score):
    assert score.disputed == []
