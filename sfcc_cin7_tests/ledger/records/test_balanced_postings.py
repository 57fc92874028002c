"""The books balance at every moment, whoever writes them: the database refuses anything else."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from sfcc_cin7.db.schema import SCHEMA, postings
from sfcc_cin7.ledger.records import postings as store

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def entry(account, amount, **other):
    common = {
        "order_key": "b:s:1",
        "day": "2026-01-01",
        "leg": "erp",
        "currency": "GBP",
        "source": "sale SO-1",
        "posted_at": NOON,
    }
    return {**common, "account": account, "amount": Decimal(amount), **other}


BALANCED = [entry("ERP receivable", "12"), entry("ERP revenue", "-10"), entry("tax", "-2")]


def post(engine, *entries):
    with engine.begin() as connection:
        connection.execute(insert(postings).values(list(entries)))


def test_entries_that_sum_to_zero_are_taken(engine):
    post(engine, *BALANCED)


@pytest.mark.parametrize(
    "entries",
    [
        [entry("ERP receivable", "12")],
        [entry("ERP receivable", "12"), entry("ERP revenue", "-11.9999")],
        [entry("ERP receivable", "12"), entry("ERP revenue", "-12", currency="USD")],
        [entry("ERP receivable", "12"), entry("ERP revenue", "-12", order_key="b:s:2")],
        [entry("ERP receivable", "12"), entry("ERP revenue", "-12", leg="storefront")],
    ],
    ids=["half", "short", "two currencies", "two orders", "two legs"],
)
def test_what_does_not_sum_to_zero_for_an_order_leg_and_currency_is_refused(engine, entries):
    with pytest.raises(DBAPIError, match="do not sum to zero"):
        post(engine, *entries)
    with engine.connect() as connection:
        assert store.posting_count(connection) == 0


def test_raw_sql_and_copy_are_refused_as_well(engine):
    row = "('b:s:1', '2026-01-01', 'erp', 'tax', 'GBP', 1, 'x', now())"
    columns = "(order_key, day, leg, account, currency, amount, source, posted_at)"
    with pytest.raises(DBAPIError, match="do not sum to zero"), engine.begin() as connection:
        connection.execute(text(f"insert into {SCHEMA}.postings {columns} values {row}"))
    raw = engine.raw_connection()
    try:
        line = "b:s:1\t2026-01-01\terp\ttax\tGBP\t1\tx\t2026-01-01\n"
        with pytest.raises(Exception, match="do not sum to zero"):
            raw.cursor().copy_expert(
                f"copy {SCHEMA}.postings {columns} from stdin", io.StringIO(line)
            )
    finally:
        raw.close()


def test_an_unbalanced_statement_cannot_be_put_right_later_in_its_transaction(engine):
    with engine.begin() as connection:
        connection.execute(text("set constraints all deferred"))
        half = insert(postings).values([BALANCED[0]])
        with pytest.raises(DBAPIError, match="do not sum to zero"):
            connection.execute(half)
        connection.rollback()


def test_a_posting_is_never_changed_or_taken_away(engine):
    post(engine, *BALANCED)
    for statement in (
        update(postings).values(amount=0),
        text(f"delete from {SCHEMA}.postings"),
    ):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(statement)


def test_a_correction_by_a_person_is_a_posting_with_reason_and_author(engine):
    with engine.begin() as connection:
        store.correct(
            connection,
            "b:s:1",
            "2026-01-01",
            debit="rounding",
            credit="gateway clearing",
            currency="GBP",
            amount=Decimal("0.01"),
            reason="written off",
            author="ann",
            at=NOON,
        )
        rows = connection.execute(select(postings)).all()
        assert store.unbalanced(connection) == []
    assert {(row.leg, row.reason, row.author) for row in rows} == {
        ("correction", "written off", "ann")
    }


@pytest.mark.parametrize("missing", [{"reason": " "}, {"author": ""}, {"amount": Decimal(0)}])
def test_a_correction_without_a_reason_or_an_author_is_none(engine, missing):
    given = {"reason": "written off", "author": "ann", "amount": Decimal("0.01")} | missing
    with engine.begin() as connection, pytest.raises(ValueError, match="reason"):
        store.correct(
            connection,
            "b:s:1",
            "2026-01-01",
            debit="rounding",
            credit="bank",
            currency="GBP",
            at=NOON,
            **given,
        )
