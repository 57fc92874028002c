"""Pages of the ERP's stock as frames, validated one by one. Load it lazily: pandas."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pandas as pd
import pandera.pandas as pa

from sfcc_cin7.stock.deciding.counting import EVERYTHING, Counting
from sfcc_cin7.systems.cin7.documents import AvailabilityRow

MOST_UNITS = Decimal(10) ** 15
NAMED = 5


class RowsRefused(Exception):
    """Rows of the reading that cannot be stock; the message names them."""


def _is_units(values: "pd.Series[object]") -> "pd.Series[bool]":
    return values.map(
        lambda value: isinstance(value, Decimal) and value.is_finite() and abs(value) < MOST_UNITS
    ).astype(bool)


def _units() -> pa.Column:
    return pa.Column(object, pa.Check(_is_units, error="is not a number of units"))


def _is_text(values: "pd.Series[str]") -> "pd.Series[bool]":
    return ~values.str.contains("\x00", regex=False).astype(bool)  # which no database takes


def _name() -> pa.Column:
    checks = [pa.Check.str_length(min_value=1), pa.Check(_is_text, error="is no text")]
    return pa.Column(str, checks, coerce=True)


def _part() -> pa.Column:
    return pa.Column(str, pa.Check(_is_text, error="is no text"), coerce=True)


AVAILABILITY = pa.DataFrameSchema(
    {
        "sku": _name(),
        "location": _name(),
        "bin": _part(),
        "batch": _part(),
        "expiry_date": _part(),
        "on_hand": _units(),
        "allocated": _units(),
        "available": _units(),
        "on_order": _units(),
        "next_delivery_date": pa.Column(object, nullable=True),
        "not_for_sale": _units(),
    }
)
"""One row for each SKU, location, bin and batch; units as Decimal, the date None or aware UTC."""
COLUMNS = tuple(AVAILABILITY.columns)[:-1]


def validated(
    rows: Sequence[AvailabilityRow], counting: Counting = EVERYTHING
) -> Iterator[tuple[object, ...]]:
    """The rows of some pages as `StagedReading.add` takes them, if every one of them is stock.

    What is there and does not count is `not_for_sale` instead of available.

    Raises:
        RowsRefused: a row has no SKU or location, or a quantity that is none.
    """
    frame = pd.DataFrame(
        {name: pd.Series([getattr(row, name) for row in rows], dtype=object) for name in COLUMNS}
    )
    frame["not_for_sale"] = pd.Series([counting.not_for_sale(row) for row in rows], dtype=object)
    try:
        frame = AVAILABILITY.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        raise RowsRefused(_named(error.failure_cases, frame)) from None
    frame["available"] = frame["available"] - frame["not_for_sale"]
    yield from frame.itertuples(index=False, name=None)


def _named(failures: pd.DataFrame, frame: pd.DataFrame) -> str:
    named = [
        f"row {int(failure.index) + 1} (SKU {frame['sku'].iloc[int(failure.index)]!r}):"
        f" {failure.column} {failure.failure_case!r}"
        for failure in failures.itertuples(name="Failure", index=False)
        if failure.index is not None and not pd.isna(failure.index)
    ]
    return f"{len(failures)} rows are not stock: {'; '.join(named[:NAMED])}"
