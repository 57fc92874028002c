"""What left and came back of a sale, held against what was billed and credited of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfcc_cin7.ledger.breaks.goods import Gap, SkuGoods, gaps, worth_of

D = Decimal
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
THREE = SkuGoods("A", D(3), D("10.00"))
EVERYTHING = {"shipped": D(3), "invoiced": D(3)}
units = st.integers(0, 5).map(Decimal)


def found(**told: Any) -> dict[str, Decimal]:
    return {one.kind: one.amount for one in gaps([replace(THREE, **told)], "GBP", [], NOW)}


@pytest.mark.parametrize(
    "told",
    [
        {},
        EVERYTHING,
        {**EVERYTHING, "credited": D(1), "restocked": D(1)},
        {"shipped": D(1), "invoiced": D(3), "credited": D(2)},
        {"invoiced": D(3), "credited": D(3)},
    ],
    ids=[
        "an order that waits",
        "shipped and invoiced",
        "a return",
        "the remainder that never left is credited",
        "all of it is credited before it left",
    ],
)
def test_an_order_on_its_ordinary_way_has_no_difference(told: dict[str, Decimal]) -> None:
    assert found(**told) == {}


def test_what_left_and_is_not_billed_is_told_at_its_share_of_the_line() -> None:
    assert found(shipped=D(2), invoiced=D(1)) == {"shipped-not-invoiced": D("3.33")}


def test_what_is_billed_and_did_not_leave_is_told_but_for_what_was_credited() -> None:
    assert found(shipped=D(1), invoiced=D(3)) == {"invoiced-not-shipped": D("6.67")}
    assert found(shipped=D(1), invoiced=D(3), credited=D(1)) == {"invoiced-not-shipped": D("3.33")}


def test_goods_that_came_back_have_to_be_credited() -> None:
    told = {**EVERYTHING, "credited": D(1), "restocked": D(2)}
    assert found(**told) == {"restocked-not-credited": D("3.33")}


def test_goods_that_are_credited_have_to_come_back() -> None:
    told = {**EVERYTHING, "credited": D(2), "restocked": D(1)}
    assert found(**told) == {"refund-without-return": D("3.33")}


def test_a_return_that_stays_a_draft_gives_no_money_back() -> None:
    assert found(**EVERYTHING, announced=D(1)) == {"return-without-refund": D("3.33")}


def test_a_gift_that_is_worth_nothing_is_no_difference() -> None:
    assert gaps([SkuGoods("A", D(1), D(0), shipped=D(1))], "GBP", [], NOW) == []


def test_a_difference_keeps_its_age_while_readings_show_it() -> None:
    goods = replace(THREE, shipped=D(2))
    [first] = gaps([goods], "GBP", [], NOW)
    later = NOW + timedelta(days=2)
    [second] = gaps([replace(goods, shipped=D(3))], "GBP", [first], later)
    assert second == Gap("shipped-not-invoiced", D("10.00"), NOW)
    assert gaps([replace(goods, invoiced=D(2))], "GBP", [second], later) == []


@given(units, units, units, units)
def test_what_is_told_is_never_more_than_the_line_is_worth(
    shipped: Decimal, invoiced: Decimal, credited: Decimal, restocked: Decimal
) -> None:
    told = found(shipped=shipped, invoiced=invoiced, credited=credited, restocked=restocked)
    assert all(D(0) < amount <= THREE.worth for amount in told.values())
    assert not {"shipped-not-invoiced", "invoiced-not-shipped"} <= set(told)
    assert not {"restocked-not-credited", "refund-without-return"} <= set(told)


@pytest.mark.parametrize(("currency", "share"), [("GBP", "3.33"), ("JPY", "3")])
def test_a_share_is_of_the_currencys_smallest_coin(currency: str, share: str) -> None:
    assert worth_of(THREE, D(1), currency) == D(share)
