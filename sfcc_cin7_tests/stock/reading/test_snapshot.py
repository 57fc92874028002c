"""A reading of the ERP's stock is believed only if it is whole."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sfcc_cin7.stock.reading.frames import RowsRefused, validated
from sfcc_cin7.stock.reading.levels import Level, Repeated, summed, verdict
from sfcc_cin7.stock.reading.snapshot import Observation, doubt
from sfcc_cin7.systems.cin7.availability import columns_of_rows
from sfcc_cin7.systems.cin7.documents import AvailabilityRow

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TENTH = Decimal("0.1")
LONDON, RENO = ("TENT", "London DC"), ("TENT", "Reno DC")


def row(sku: str = "TENT", location: str = "London DC", **units: object) -> AvailabilityRow:
    return AvailabilityRow.model_validate(
        {"ID": "00000000-0000-0000-0000-000000000001", "SKU": sku, "Location": location} | units
    )


def seen(rows: int, *totals: int, **trouble) -> Observation:
    return Observation(NOON, totals, rows, **trouble)


def test_a_whole_reading_is_believed():
    assert doubt(seen(95, 95, 95), 100, TENTH) is None
    assert doubt(seen(5, 5), None, TENTH) is None


@pytest.mark.parametrize(
    ("observation", "says"),
    [
        (seen(100, 100, 99), "moved from 100 to 99"),
        (seen(99, 100, 100), "99 rows were read of a Total of 100"),
        (seen(100, 100, repeated=Repeated("TENT", "London DC", 2, 3, 4)), "4 rows came twice"),
        (seen(100, 100, refused="Page 1: 1 rows are not stock"), "not stock"),
        (seen(89, 89), "more than 10% are gone"),
        (seen(0, 0), "no stock at all"),
    ],
)
def test_a_reading_with_a_hole_is_not_believed_and_says_why(observation, says):
    assert says in (doubt(observation, 100, TENTH) or "")


def test_bins_and_batches_of_a_sku_are_summed_by_location():
    levels = summed(
        [
            row(OnHand=5, Allocated=1, Available=4),
            row(OnHand=2, Allocated=4, Available=-2),
            row(location="Reno DC", OnHand=1, Available=1),
        ]
    )
    assert levels == {
        LONDON: Level(Decimal(7), Decimal(5), Decimal(2)),
        RENO: Level(Decimal(1), Decimal(0), Decimal(1)),
    }


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        (row(sku=""), "row 2 .*sku is empty"),
        (row(location="A\x00B"), "row 2 .*location"),
        (row(Available=Decimal("1e20")), "row 2 .*available is not a number of units"),
    ],
)
def test_a_row_that_cannot_be_stock_is_named(bad, named):
    with pytest.raises(RowsRefused, match=named):
        validated(columns_of_rows([row(), bad]))


def test_the_first_reading_without_a_level_leaves_it_open():
    assert verdict({LONDON: False}, (), {}).missed == [LONDON]


def test_a_level_is_zero_at_the_second_reading_without_it():
    assert verdict({LONDON: True}, (), {}).known == {LONDON: Level()}


def test_a_level_is_zero_when_the_erp_shows_none_of_the_sku_by_itself_either():
    assert verdict({LONDON: False}, (), {"TENT": {}}).known == {LONDON: Level()}


def test_a_level_that_the_list_passed_over_is_as_the_erp_shows_it_by_itself():
    three = Level(available=Decimal(3))
    became = verdict({LONDON: False, RENO: False}, (), {"TENT": {LONDON: three}})
    assert became.known == {LONDON: three, RENO: Level()}


@pytest.mark.parametrize("missed_before", [False, True])
def test_deprecated_goods_are_no_zero_however_often_they_do_not_appear(missed_before):
    became = verdict({LONDON: missed_before}, {"TENT"}, {"TENT": {}})
    assert (became.known, became.missed, became.deprecated) == ({}, [LONDON], ["TENT"])
