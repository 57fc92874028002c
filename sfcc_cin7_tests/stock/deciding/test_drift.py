"""What differs between the storefront and what it was told, and how much is read back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sfcc_cin7.merchant.stock import StockPolicy
from sfcc_cin7.stock.deciding.drift import CORRECTED, Held, Shown, drift, who_writes
from sfcc_cin7.stock.reading.read_back import pages_due
from sfcc_cin7.values.backorder import NO_BACKORDER, Backorder

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOLD = Held(Decimal(10), NOON)
FIVE_SOON = Backorder("backorder", Decimal(5), NOON + timedelta(days=9))
BEFORE = Held(Decimal(12), NOON - timedelta(minutes=9))


@pytest.mark.parametrize(
    ("shown", "kind"),
    [
        (None, "record-missing"),
        (Shown(TOLD), None),
        (Shown(BEFORE), "write-lost"),
        (Shown(Held(Decimal(99), NOON)), "storefront-edited"),
        (Shown(Held(Decimal(10), NOON + timedelta(minutes=1))), "storefront-edited"),
        (Shown(TOLD, perpetual=True), "perpetual"),
        (Shown(replace(TOLD, backorder=FIVE_SOON)), "arrivals-offered"),
    ],
)
def test_a_difference_has_one_kind(shown, kind):
    assert drift(TOLD, BEFORE, shown) == kind


@pytest.mark.parametrize(
    ("shown", "kind"),
    [
        (FIVE_SOON, None),
        (NO_BACKORDER, "write-lost"),
        (replace(FIVE_SOON, units=Decimal(50)), "storefront-edited"),
        (replace(FIVE_SOON, expected_at=NOON), "storefront-edited"),
    ],
)
def test_what_is_backordered_by_a_rule_is_ours_too(shown, kind):
    told, before = replace(TOLD, backorder=FIVE_SOON), replace(TOLD, backorder=NO_BACKORDER)
    assert drift(told, before, Shown(replace(TOLD, backorder=shown))) == kind


@pytest.mark.parametrize(
    ("hours", "alike", "said"),
    [
        (-0.1, 1, "by hand, or one by one"),
        (-0.1, 40, "an import of 40 records or more"),
        (9, 1, "an import, 9 h ahead: local time stamped as UTC"),
        (5.5, 40, "an import of 40 records or more, 5.5 h ahead: local time stamped as UTC"),
        (None, 1, "whoever writes gives no date"),
    ],
)
def test_it_is_told_who_else_writes(hours: float | None, alike: int, said: str):
    dated = None if hours is None else NOON + timedelta(hours=hours)
    assert who_writes(dated, NOON, alike) == said


def test_only_what_is_ours_is_put_right():
    assert {"storefront-edited", "write-lost", "record-missing"} == CORRECTED


@pytest.mark.parametrize(
    ("count", "minutes", "pages"),
    [(150, 1, 10), (50_000, 1, 10), (1_000_000, 1, 10), (1_000_000, 60, 209), (50_000, 9999, 250)],
)
def test_a_list_is_compared_within_a_day_however_rarely_it_is_looked_at(count, minutes, pages):
    assert pages_due(count, StockPolicy(), timedelta(minutes=minutes)) == pages
