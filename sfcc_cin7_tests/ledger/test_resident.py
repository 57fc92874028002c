"""The run that is always there and keeps the books."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from sfcc_cin7.db.locks import held
from sfcc_cin7.definitions import defs
from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.resident import keep_books
from sfcc_cin7.runtime import resident
from sfcc_cin7.runtime.partitions import todays
from sfcc_cin7.runtime.resources import Payouts
from sfcc_cin7.runtime.settings import PAYOUTS
from sfcc_cin7.systems.cin7.changes import READER
from sfcc_cin7_tests.ledger.bookkeeping import Books

LIFE = timedelta(minutes=5, seconds=30)


def resources(books: Books) -> dict[str, Any]:
    return {
        "merchant": SimpleNamespace(model=lambda: books.model),
        "store": SimpleNamespace(engine=books.engine, clock=books.clock),
        "erp": SimpleNamespace(client=lambda _purpose: books.erp),
        "reports": Payouts(),
    }


class Life:
    """The whole life of the resident run, and what it told."""

    def __init__(self, books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resident, "LIFE", LIFE)
        monkeypatch.setattr("sfcc_cin7.db.residents.HAND_OVER", timedelta(0))
        with dg.instance_for_test() as instance:
            result = keep_books.execute_in_process(resources=resources(books), instance=instance)
        self.told: list[dg.AssetMaterialization] = [
            event.step_materialization_data.materialization
            for event in result.get_asset_materialization_events()
        ]
        self.said: dict[str, list[bool]] = {}
        self.hidden: set[str] = set()
        """Assets that are told of last without a check of theirs, which hides its verdict."""
        checked = {key.asset_key for check in defs.asset_checks or () for key in check.check_keys}
        for event in result.all_events:
            if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION and (
                event.asset_key in checked
            ):
                self.hidden.add(event.asset_key.to_user_string())
            if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
                one = event.asset_check_evaluation_data
                self.said.setdefault(one.check_name, []).append(one.passed)
                self.hidden.discard(one.asset_key.to_user_string())

    def of(self, asset: str) -> list[str | None]:
        """The days for which an asset was told, one after the other."""
        return [one.partition for one in self.told if one.asset_key == dg.AssetKey(asset)]


def test_today_is_reconciled_every_two_minutes_and_margins_are_weighed_every_five(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.clock.sleep(2 * 3600)
    today = f"{books.clock.now():%Y-%m-%d}"
    key, _ = books.posted()
    life = Life(books, monkeypatch)

    assert life.of("order_ledger") == [today] * 3
    assert life.of("books") == [None] * 3
    assert life.of("gross_margin") == [None] * 2
    assert life.of("payouts") == []
    assert [line.order_key for line in books.lines()] == [key]
    assert {name: len(said) for name, said in life.said.items()} == {
        "totals_and_tax_agree": 3,
        "nothing_missing_or_doubled": 3,
        "postings_sum_to_zero": 3,
        "events_are_untampered": 3,
        "books_agree": 3,
        "tax_rules_agree": 3,
        "goods_agree": 3,
        "margins_plausible": 2,
    }
    assert all(life.said["totals_and_tax_agree"])


def test_payouts_are_read_where_the_environment_says_where_reports_lie(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PAYOUTS, "/reports")
    life = Life(books, monkeypatch)
    assert life.of("payouts") == [None] * 2
    assert len(life.said["payouts_agree"]) == 3, "with each reconciliation, which matches them"
    assert life.hidden == set(), "whatever tells of payouts tells what their check says"


def test_in_the_first_hour_of_a_day_yesterday_is_reconciled_too() -> None:
    assert todays(datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) == ["2026-03-02"]
    assert todays(datetime(2026, 3, 2, 0, 58, tzinfo=UTC)) == ["2026-03-01", "2026-03-02"]


def test_by_hand_the_books_are_left_alone_while_the_sales_are_read(books: Books) -> None:
    with held(books.engine, READER, books.clock), dg.instance_for_test() as instance:
        began = books.clock.now()
        with pytest.raises(dg.Failure, match="try again in a minute"):
            dg.materialize(
                [order_ledger],
                resources=resources(books),
                instance=instance,
                partition_key=f"{began:%Y-%m-%d}",
            )
    assert books.clock.now() - began == timedelta(minutes=1)
