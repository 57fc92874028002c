"""What one record has left to sell, whatever resets and orders cross each other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfcc_cin7_sandbox.sfcc.inventory import (
    ENDLESS,
    InventoryRecord,
    ResetDateRefused,
    check_reset_date,
)

NINE = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)
MODES = pytest.mark.parametrize("on_order", [False, True], ids=["OFF", "ON"])


def at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def record(allocation: int, **settings: object) -> InventoryRecord:
    return replace(InventoryRecord(Decimal(allocation), NINE), **settings)  # type: ignore[arg-type]


def taken(before: InventoryRecord, order: str, quantity: int, minutes: int, on: bool):
    return before.take(order, Decimal(quantity), at(minutes), on_order=on)


def figures(r: InventoryRecord) -> tuple[Decimal | int, Decimal | int, Decimal | int]:
    return r.turnover, r.quantity_on_order, r.ats


# The examples that Salesforce Help works through, backorder allocation 10


def test_the_published_example_with_on_order_inventory() -> None:
    r = record(20, handling="backorder", backorder_allocation=Decimal(10))
    assert figures(r) == (0, 0, 30)
    r = taken(r, "first", 5, 1, on=True)
    assert figures(r) == (0, 5, 25)
    r = r.export("first", at(2))
    assert figures(r) == (5, 0, 25)
    r = taken(r, "second", 2, 3, on=True)
    assert figures(r) == (5, 2, 23)
    r = r.reset(Decimal(11), at(4))
    assert figures(r) == (0, 2, 19)
    r = r.export("second", at(5))
    assert figures(r) == (2, 0, 19)
    assert r.stock_level == 9


def test_the_published_example_without_on_order_inventory() -> None:
    r = record(20, handling="backorder", backorder_allocation=Decimal(10))
    r = taken(r, "first", 5, 1, on=False)
    assert figures(r) == (5, 0, 25)
    r = taken(r, "second", 2, 2, on=False)
    assert figures(r) == (7, 0, 23)
    r = r.export("first", at(3)).export("second", at(3))
    assert figures(r) == (7, 0, 23)
    r = r.reset(Decimal(11), at(4))
    assert figures(r) == (0, 0, 21)
    assert r.stock_level == 11


def test_the_published_example_of_an_import_that_arrives_late() -> None:
    r = record(20, handling="backorder", backorder_allocation=Decimal(10))
    r = taken(r, "open", 5, 1, on=True)
    r = taken(r, "exported", 2, 2, on=True)
    r = r.export("exported", at(10))
    r = r.reset(Decimal(11), at(5))
    assert figures(r) == (2, 5, 14)


# Reset versus orders in flight: one test for each row, both settings; reset at minute 10 to 20


@MODES
def test_created_before_the_reset_and_still_unexported(on_order: bool) -> None:
    r = taken(record(20), "a", 3, 5, on_order).reset(Decimal(20), at(10))
    assert r.ats == (17 if on_order else 20), "OFF oversells by what the ERP was not told"
    assert r.quantity_on_order == (3 if on_order else 0)


@MODES
def test_created_before_the_reset_and_exported_after_it(on_order: bool) -> None:
    r = taken(record(20), "a", 3, 5, on_order).reset(Decimal(20), at(10)).export("a", at(15))
    assert figures(r) == ((3, 0, 17) if on_order else (0, 0, 20))


@MODES
def test_created_and_exported_before_the_reset(on_order: bool) -> None:
    r = taken(record(20), "a", 3, 5, on_order).export("a", at(7)).reset(Decimal(20), at(10))
    assert figures(r) == (0, 0, 20)


@MODES
def test_created_after_the_reset_date_but_before_the_import_arrives(on_order: bool) -> None:
    r = taken(record(20), "a", 3, 12, on_order).reset(Decimal(20), at(10))
    assert figures(r) == ((0, 3, 17) if on_order else (3, 0, 17))


@MODES
def test_created_and_exported_after_the_reset_date_before_the_import_arrives(
    on_order: bool,
) -> None:
    r = taken(record(20), "a", 3, 12, on_order).export("a", at(13)).reset(Decimal(20), at(10))
    assert figures(r) == (3, 0, 17)


@MODES
def test_exported_after_the_reset_then_cancelled(on_order: bool) -> None:
    r = taken(record(20), "a", 3, 12, on_order).export("a", at(13)).reset(Decimal(20), at(10))
    r = r.release("a", Decimal(3), at(20), exported_at=at(13))
    assert figures(r) == (0, 0, 20)


@MODES
def test_exported_before_the_reset_then_cancelled_is_left_to_the_erp(on_order: bool) -> None:
    r = taken(record(20), "a", 3, 5, on_order).export("a", at(7)).reset(Decimal(17), at(10))
    r = r.release("a", Decimal(3), at(20), exported_at=at(7))
    assert figures(r) == (0, 0, 17)


@MODES
def test_unexported_then_cancelled_gives_back_what_it_took(on_order: bool) -> None:
    r = taken(record(20), "a", 3, 5, on_order)
    r = r.release("a", Decimal(3), at(6), exported_at=None)
    assert figures(r) == (0, 0, 20)


def test_a_cancellation_after_a_reset_counts_as_an_increment_when_orders_are_not_held() -> None:
    r = taken(record(20), "a", 3, 5, False).reset(Decimal(17), at(10))
    r = r.release("a", Decimal(3), at(20), exported_at=None)
    assert figures(r) == (-3, 0, 20)


def test_a_cancellation_frees_only_its_own_order() -> None:
    r = taken(taken(record(20), "a", 3, 1, True), "b", 4, 2, True)
    assert r.release("a", Decimal(3), at(3), exported_at=None).on_order == {"b": 4}


# Available to sell


def test_nothing_is_ever_less_than_zero_for_sale() -> None:
    r = taken(record(2), "a", 2, 1, True).reset(Decimal(1), at(2))
    assert (r.ats, r.stock_level) == (0, 0)


def test_backorder_units_count_only_when_they_are_handled() -> None:
    r = record(5, backorder_allocation=Decimal(10))
    assert r.ats == 5
    assert replace(r, handling="preorder").ats == 15
    assert replace(r, handling="preorder").stock_level == 5


def test_a_perpetual_product_never_runs_out() -> None:
    r = taken(record(0, perpetual=True), "a", 5, 1, False)
    assert r.ats == ENDLESS


def test_a_transaction_of_the_very_reset_instant_is_in_the_allocation() -> None:
    r = taken(record(20), "a", 3, 10, False).reset(Decimal(17), at(10))
    assert r.ats == 17


def test_fractions_of_a_unit_stay_exact() -> None:
    r = record(1).take("rope", Decimal("0.1"), at(1), on_order=False)
    assert r.take("rope", Decimal("0.2"), at(1), on_order=False).ats == Decimal("0.7")


# Reset dates


@pytest.mark.parametrize(
    ("minutes", "complaint"),
    [(1, "future"), (-48 * 60 - 1, "older than 48 hours"), (-61, "before the reset date")],
)
def test_a_reset_date_must_be_past_recent_and_never_go_back(minutes: int, complaint: str) -> None:
    with pytest.raises(ResetDateRefused, match=complaint):
        check_reset_date(at(minutes), at(-60), NINE)


@pytest.mark.parametrize("minutes", [0, -1, -60])
def test_a_reset_date_may_repeat_the_prior_one(minutes: int) -> None:
    check_reset_date(at(minutes), at(-60), NINE)
    check_reset_date(at(-48 * 60), None, NINE)


# Whatever happens


@given(
    on_order=st.booleans(),
    story=st.lists(st.sampled_from(["order", "export", "cancel", "reset"]), max_size=25),
)
def test_an_erp_that_is_told_in_time_is_never_oversold(on_order: bool, story: list[str]) -> None:
    """ERP stock is sent as the rules ask: with orders held, less what was exported; without,
    less every order. Then the shop offers exactly what nobody has bought."""
    warehouse = Decimal(1000)
    r = InventoryRecord(warehouse, NINE)
    waiting: list[str] = []
    exported: list[str] = []
    for minute, event in enumerate(story, start=1):
        if event == "order":
            waiting.append(str(minute))
            r = taken(r, str(minute), 7, minute, on_order)
        elif event == "export" and waiting:
            exported.append(waiting.pop(0))
            r = r.export(exported[-1], at(minute))
        elif event == "cancel" and waiting:
            r = r.release(waiting.pop(), Decimal(7), at(minute), exported_at=None)
        elif event == "reset":
            known = exported if on_order else exported + waiting
            r = r.reset(warehouse - 7 * len(known), at(minute))
    assert r.ats == warehouse - 7 * len(waiting + exported)
