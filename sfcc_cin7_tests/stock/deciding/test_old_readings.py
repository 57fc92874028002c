"""A reading that may be old lacks what happened since, and brings nothing back on sale."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sfcc_cin7.stock.deciding.old_readings import agrees, fallen, shown_from
from sfcc_cin7.stock.deciding.priority import by_cover

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
D = Decimal


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize("age", [0, 60, 900])
def test_a_fall_is_deducted_until_a_reading_shows_it_for_sure(age: int) -> None:
    falls = [(D(3), NOON)]
    assert fallen(falls, shown_from(after(-1), age)) == 3
    assert fallen(falls, shown_from(after(age - 0.001), age)) == 3
    assert fallen(falls, shown_from(after(age), age)) == 0


def test_falls_of_several_documents_add_up() -> None:
    assert fallen([(D(3), NOON), (D(2), after(5)), (D(1), after(-60))], after(-10)) == 5


@pytest.mark.parametrize("age", [0, 60, 900])
def test_a_rise_is_agreed_on_by_what_cannot_be_older_than_its_first_reading(age: int) -> None:
    assert not agrees(shown_from(after(29 + age), age), NOON, 30)
    assert agrees(shown_from(after(30 + age), age), NOON, 30)
    assert agrees(shown_from(NOON, age), None, 30)


def test_what_is_sold_out_soonest_is_read_first() -> None:
    available = {"SLOW": D(4), "FAST": D(40), "OVERSOLD": D(-2), "IDLE": D(1), "PLENTY": D(90)}
    sold = {"SLOW": D(1), "FAST": D(100), "OVERSOLD": D(7)}
    assert by_cover([*available], available, sold) == [
        "OVERSOLD", "FAST", "SLOW", "IDLE", "PLENTY",
    ]  # fmt: skip
