"""A reading compared by 64 bits a row misses nothing that comparing every row would find."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sfcc_cin7.stock.reading.frames import validated
from sfcc_cin7.stock.reading.levels import Level, summed
from sfcc_cin7.stock.reading.tally import Tally, place_keys
from sfcc_cin7.stock.records.fingerprints import Kept
from sfcc_cin7.systems.cin7.availability import SCALE, columns_of_rows
from sfcc_cin7.systems.cin7.documents import AvailabilityRow
from sfcc_cin7_tests.stock.house import rows_of

UNITS = st.decimals(min_value=-50, max_value=900, places=4)
PLACES = st.tuples(
    st.sampled_from(["TENT", "TENT ", "STOVE", "Ä", "A\x1fB"]),
    st.sampled_from(["London DC", "Reno DC", "B"]),
    st.sampled_from(["", "A1", "A2"]),
    st.sampled_from(["", "LOT"]),
)
READINGS = st.dictionaries(
    PLACES,
    st.tuples(
        UNITS,
        UNITS,
        UNITS,
        st.decimals(0, 900, places=4),
        st.sampled_from([None, datetime(2026, 4, 1, tzinfo=UTC)]),
    ),
    max_size=12,
)


def rows(reading) -> list[AvailabilityRow]:
    return [
        AvailabilityRow(
            product_id="",
            sku=sku,
            location=location,
            bin=bin_name,
            batch=batch,
            on_hand=figures[0],
            allocated=figures[1],
            available=figures[2],
            on_order=figures[3],
            next_delivery_date=figures[4],
        )
        for (sku, location, bin_name, batch), figures in reading.items()
    ]


def tally(reading, at_once: int = 5) -> Tally:
    found, all_rows = Tally(), rows(reading)
    for at in range(0, len(all_rows), at_once):
        part = all_rows[at : at + at_once]
        found.add([at // at_once + 1] * len(part), validated(columns_of_rows(part)))
    return found


def levels(found: Tally, touched=None) -> dict[tuple[str, str], Level]:
    def units(number: int) -> Decimal:
        return Decimal(number) / SCALE

    return {
        (row.sku, row.location): Level(
            units(row.on_hand),
            units(row.allocated),
            units(row.available),
            units(row.on_order),
            row.arrives_at,
            units(row.not_for_sale),
        )
        for row in found.sums(touched)
    }


@given(READINGS)
def test_bins_and_batches_are_summed_as_exactly_as_row_by_row(reading):
    assert levels(tally(reading)) == summed(rows(reading))
    assert {*tally(reading).locations} == {place[1] for place in reading}
    assert tally(reading).sku_count == len({place[0] for place in reading})


@given(READINGS, READINGS, st.booleans())
def test_whatever_changed_between_two_readings_is_looked_at(before, after, similar):
    if similar:
        after = before | dict(list(after.items())[:1])
    old, new = summed(rows(before)), summed(rows(after))
    kept = Kept(1, 1, *tally(before).fingerprint())
    touched = tally(after).touched(kept, [])
    seen = levels(tally(after), touched.tolist())
    gone = tally(after).gone(touched)
    assert all(seen[place] == new[place] for place in seen)
    assert seen.keys() >= {place for place, level in new.items() if old.get(place) != level}
    assert {*gone} >= {*place_keys([place for place in old if place not in new]).values()}
    assert not {*gone} & {*place_keys(new).values()}


def test_a_reading_that_says_the_same_touches_nothing():
    reading = {("TENT", "Reno DC", "", ""): (Decimal(3), Decimal(1), Decimal(2), Decimal(0), None)}
    kept = Kept(1, 1, *tally(reading).fingerprint())
    assert not len(tally(reading).touched(kept, []))
    assert levels(tally(reading), []) == {}


def test_a_row_that_comes_on_two_pages_is_named_with_both():
    figures = (Decimal(3), Decimal(1), Decimal(2), Decimal(0), None)
    found = Tally()
    for page, sku in ((1, "TENT"), (2, "STOVE"), (4, "TENT")):
        part = rows({(sku, "Reno DC", "A1", ""): figures})
        found.add([page], validated(columns_of_rows(part)))
    twice = found.repeated()
    assert twice is not None
    assert (twice.sku, twice.location, twice.places) == ("TENT", "Reno DC", 1)
    assert (twice.first_page, twice.last_page) == (1, 4)


def test_columns_and_rows_of_a_page_say_the_same():
    reading = {("TENT", "Reno DC", "A1", "LOT"): (*(Decimal("1.5"),) * 4, None)}
    assert rows_of(columns_of_rows(rows(reading))) == rows(reading)
