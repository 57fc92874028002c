"""Days read and reconciled again: everything comes out as it was, nothing is posted twice."""

import gc
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import func, select, text

from sfcc_cin7.db.erp_documents import save_look
from sfcc_cin7.db.schema import call_usage, order_events, orders, postings
from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.checks import (
    nothing_missing_or_doubled,
    postings_sum_to_zero,
    totals_and_tax_agree,
)
from sfcc_cin7.ledger.passes import day
from sfcc_cin7.ledger.passes.frames import LedgerLine
from sfcc_cin7.orders.assets import sfcc_orders
from sfcc_cin7.systems.cin7.connection import Purpose
from sfcc_cin7.systems.cin7.governor import KEEP_FREE, Governor
from sfcc_cin7.systems.http.errors import OutOfBudget
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.scenario.accounts import BELIEVED, Account

CHECKS = [totals_and_tax_agree, nothing_missing_or_doubled, postings_sum_to_zero]
LAUNCHED = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


@pytest.fixture
def account() -> Account:
    """One of both: what is read again is the same orders and sales, however they were booked."""
    return BELIEVED


def backfill(books: Any, first: str, last: str) -> Any:
    """As the UI launches it: one run over a range of days, with the checks of its assets."""
    resources: dict[str, Any] = {
        "merchant": SimpleNamespace(model=lambda: books.model),
        "store": SimpleNamespace(engine=books.engine, clock=books.clock),
        "storefront": SimpleNamespace(client=books.lane.storefront),
        "erp": SimpleNamespace(client=lambda purpose: books.erp if purpose == "changes" else None),
    }
    definitions = dg.Definitions(
        assets=[sfcc_orders, order_ledger], asset_checks=CHECKS, resources=resources
    )
    with dg.instance_for_test() as instance:
        result = definitions.get_implicit_global_asset_job_def().execute_in_process(
            instance=instance, tags=dict(zip(LAUNCHED, (first, last), strict=True))
        )
        assert result.success
        return SimpleNamespace(
            checks={one.check_name: one for one in result.get_asset_check_evaluations()},
            days={
                one.partition: one.metadata
                for one in result.asset_materializations_for_node("order_ledger")
            },
        )


def kept(books: Any) -> tuple[Any, ...]:
    """What a backfill must leave as it is."""
    with books.engine.connect() as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(table))
            for table in (orders, order_events, postings)
        ]
        states = connection.execute(
            select(orders.c.order_key, orders.c.state, orders.c.sale_id, orders.c.attempts)
        )
        return (*counts, sorted(map(tuple, states)))


@pytest.fixture
def two_days(books: Any) -> Any:
    """Two orders yesterday and one today, posted and reconciled."""
    yesterday = [books.posted()[0] for _ in range(2)]
    books.clock.sleep(60)
    books.reconcile()
    books.clock.sleep(86_400)
    today = books.posted()[0]
    books.clock.sleep(60)
    books.reconcile()
    return SimpleNamespace(yesterday=yesterday, today=today, first="2026-01-01", last="2026-01-02")


def test_days_read_again_change_nothing_and_nothing_is_posted_twice(books, two_days):
    before = kept(books)
    sales = books.lane.sandbox.cin7.sales_truth()
    checks = backfill(books, two_days.first, two_days.last).checks
    assert kept(books) == before
    books.lane.run_until_quiet()
    assert books.lane.sandbox.cin7.sales_truth() == sales
    assert kept(books) == before
    for check in checks.values():
        assert check.passed
        assert check.metadata["days checked"].value == "2026-01-01 to 2026-01-02"


def test_each_day_of_a_backfill_tells_its_own_money(books, two_days):
    told = backfill(books, two_days.first, two_days.last).days
    assert {day: metadata["orders"].value for day, metadata in told.items()} == {
        two_days.first: 2,
        two_days.last: 1,
    }
    with books.engine.connect() as connection:
        query = select(orders.c.order_key, orders.c.order_total)
        charged = {row.order_key: row.order_total for row in connection.execute(query)}
    yesterday = sum(charged[key] for key in two_days.yesterday)
    assert told[two_days.first]["captured GBP"].value == float(yesterday)
    assert told[two_days.last]["captured GBP"].value == float(charged[two_days.today])
    for metadata in told.values():
        assert metadata["sales still to read"].value == 0


def test_however_long_a_backfill_is_one_day_of_it_is_in_memory(books, two_days, monkeypatch):
    lines_of, most = day.lines_of, []

    def held() -> int:
        gc.collect()
        return sum(isinstance(each, LedgerLine) for each in gc.get_objects())

    before = held()  # by whoever ran earlier in this process

    def watched(*about: Any) -> Any:
        lines = lines_of(*about)
        most.append(held() - before)
        return lines

    monkeypatch.setattr(day, "lines_of", watched)
    backfill(books, two_days.first, "2026-01-02")
    assert most == [2, 1]


def test_one_day_is_checked_again_and_says_what_it_found_of_that_day(books, two_days):
    key, _ = two_days.yesterday
    books.clock.sleep(60)
    [sale] = books.lane.sales(key)
    line = sale["Lines"][0]
    books.lane.sandbox.cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"] + 1)
    checks = backfill(books, two_days.first, two_days.first).checks
    check = checks["totals_and_tax_agree"]
    assert not check.passed
    assert check.metadata["days checked"].value == two_days.first
    assert check.metadata["open breaks of these days"].value == 1
    [row] = check.metadata["the days"].value.records
    assert (row.data["orders"], row.data["breaks"]) == (2, 1)

    books.clock.sleep(60)
    books.lane.sandbox.cin7.edit_sale(sale["ID"], sku=line["SKU"], price=line["Price"])
    checks = backfill(books, two_days.first, two_days.first).checks
    assert checks["totals_and_tax_agree"].passed


def test_the_backfill_of_a_day_reads_that_day_though_the_look_has_long_gone_on(books, two_days):
    """As if the list had shown the edit only after everybody had stopped looking for it."""
    edited = two_days.yesterday[1]
    [sale] = books.lane.sales(edited)
    books.lane.sandbox.cin7.edit_sale(
        sale["ID"], sku=sale["Lines"][0]["SKU"], price=sale["Lines"][0]["Price"] + 1
    )
    books.clock.sleep(3600)
    now = books.clock.now()
    with books.engine.begin() as connection:
        save_look(connection, "sale", now, now, far_back=True)
    books.reconcile()
    assert books.open() == []
    backfill(books, two_days.last, two_days.last)
    assert books.open() == [], "it was edited today, but is of yesterday"
    backfill(books, two_days.first, two_days.first)
    assert books.open() == [(edited, "amount")]


def test_what_no_trigger_told_of_is_found_by_the_backfill_of_its_day_and_of_no_other(
    books, two_days
):
    with books.engine.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(
            text("update sfcc_cin7.erp_sales set total = total + 1 where external_id = :key"),
            {"key": two_days.yesterday[0]},
        )
    assert backfill(books, two_days.last, two_days.last).checks["totals_and_tax_agree"].passed
    checks = backfill(books, two_days.first, two_days.first).checks
    assert not checks["totals_and_tax_agree"].passed


def test_an_entry_slipped_past_the_database_shows_on_the_day_of_its_order(books, two_days):
    with books.engine.begin() as connection:
        connection.execute(text("alter table sfcc_cin7.postings disable trigger balanced"))
        connection.execute(
            text(
                "insert into sfcc_cin7.postings (order_key, day, leg, account, currency, amount,"
                " source, posted_at)"
                " values (:key, '2026-01-01', 'erp', 'tax', 'GBP', 1, 'x', now())"
            ),
            {"key": two_days.yesterday[0]},
        )
        connection.execute(text("alter table sfcc_cin7.postings enable always trigger balanced"))
    assert backfill(books, two_days.last, two_days.last).checks["postings_sum_to_zero"].passed
    check = backfill(books, two_days.first, two_days.first).checks["postings_sum_to_zero"]
    assert not check.passed
    [row] = check.metadata["out of balance"].value.records
    assert row.data["order"] == two_days.yesterday[0]


def test_an_order_that_was_never_seen_is_received_and_then_posted_once(books, two_days):
    lost = books.lane.order()
    books.clock.sleep(60)
    backfill(books, two_days.first, two_days.last)
    assert books.lane.states()[lost] == "received"
    books.lane.run_until_quiet()
    assert len(books.lane.sales(lost)) == 1


def test_its_calls_are_of_the_last_lane_of_all(books, two_days):
    with books.engine.begin() as connection:
        connection.execute(text("delete from sfcc_cin7.call_usage"))
    backfill(books, two_days.first, two_days.last)
    with books.engine.connect() as connection:
        lanes = set(connection.scalars(select(call_usage.c.lane).distinct()))
    assert lanes == {"changes"}


def test_however_many_days_are_read_an_order_finds_a_free_call_at_once(engine, clock):
    governor = Governor(engine, clock, patience=0)

    def make(calls: int, purpose: Purpose) -> None:
        for _ in range(calls):
            with governor.call("application", purpose):
                pass

    with pytest.raises(OutOfBudget):
        make(60, "changes")
    make(KEEP_FREE["changes"], "orders")
    assert clock.now() == ManualClock().now()  # nobody waited
