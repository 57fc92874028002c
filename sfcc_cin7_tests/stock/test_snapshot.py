"""A reading of the ERP's stock is believed only if it is whole."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sfcc_cin7.cin7.documents import AvailabilityRow
from sfcc_cin7.stock.frames import RowsRefused, summed
from sfcc_cin7.stock.levels import Level, changes
from sfcc_cin7.stock.snapshot import Observation, doubt

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TENTH = Decimal("0.1")


def row(sku: str = "TENT", location: str = "London DC", **units: int) -> AvailabilityRow:
    return AvailabilityRow.model_validate(
        {"ID": "00000000-0000-0000-0000-000000000001", "SKU": sku, "Location": location}
        | {name: Decimal(value) for name, value in units.items()}
    )


def seen(rows: int, *totals: int) -> Observation:
    return Observation(NOON, NOON, totals, [row()] * rows)


def test_a_whole_reading_is_believed():
    assert doubt(seen(95, 95, 95), 100, TENTH) is None
    assert doubt(seen(5, 5), None, TENTH) is None


@pytest.mark.parametrize(
    ("observation", "says"),
    [
        (seen(100, 100, 99), "moved from 100 to 99"),
        (seen(99, 100, 100), "99 rows were read of a Total of 100"),
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
        ("TENT", "London DC"): Level(Decimal(7), Decimal(5), Decimal(2)),
        ("TENT", "Reno DC"): Level(Decimal(1), Decimal(0), Decimal(1)),
    }


def test_a_row_without_a_sku_is_named():
    with pytest.raises(RowsRefused, match=r"row 2 .*sku ''"):
        summed([row(), row(sku="")])


@dataclass(frozen=True)
class Held:
    on_hand: Decimal
    allocated: Decimal
    available: Decimal
    missing_since: int | None = None


def test_only_levels_that_changed_are_written():
    before = {
        ("TENT", "London DC"): Held(Decimal(5), Decimal(0), Decimal(5)),
        ("MUG", "London DC"): Held(Decimal(1), Decimal(0), Decimal(1)),
    }
    read = {
        ("TENT", "London DC"): Level(Decimal(5), Decimal(0), Decimal(5)),
        ("MUG", "London DC"): Level(Decimal(1), Decimal(1), Decimal(0)),
    }
    (changed,) = changes(before, read, snapshot=3)
    assert (changed["sku"], changed["available"], changed["changed_in"]) == ("MUG", 0, 3)


def test_a_level_that_vanished_is_zero_only_at_the_second_reading_without_it():
    place = ("TENT", "London DC")
    held = Held(Decimal(5), Decimal(0), Decimal(5))
    (first,) = changes({place: held}, {}, snapshot=3)
    assert (first["available"], first["missing_since"]) == (5, 3)
    missing = Held(Decimal(5), Decimal(0), Decimal(5), missing_since=3)
    (second,) = changes({place: missing}, {}, snapshot=4)
    assert (second["available"], second["missing_since"]) == (0, 3)
    gone = Held(Decimal(0), Decimal(0), Decimal(0), missing_since=3)
    assert changes({place: gone}, {}, snapshot=5) == []
    (back,) = changes({place: missing}, {place: Level(available=Decimal(5))}, snapshot=4)
    assert back["missing_since"] is None
