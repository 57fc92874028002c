"""The reading of the ERP's stock as a frame: validated, then summed. Load it lazily: pandas."""

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd
import pandera.pandas as pa

from sfcc_cin7.cin7.documents import AvailabilityRow
from sfcc_cin7.stock.levels import Level
from sfcc_cin7.store.stock import Place

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


def _name() -> pa.Column:
    return pa.Column(str, pa.Check.str_length(min_value=1), coerce=True)


AVAILABILITY = pa.DataFrameSchema(
    {
        "sku": _name(),
        "location": _name(),
        "on_hand": _units(),
        "allocated": _units(),
        "available": _units(),
    }
)
"""One row for each SKU, location, bin and batch; units as Decimal."""


def summed(rows: Sequence[AvailabilityRow]) -> dict[Place, Level]:
    """Units by SKU and location, summed over bins and batches.

    Raises:
        RowsRefused: a row has no SKU or location, or a quantity that is none.
    """
    columns = list(AVAILABILITY.columns)
    frame = pd.DataFrame(
        [[getattr(row, name) for name in columns] for row in rows], columns=columns, dtype=object
    )
    try:
        frame = AVAILABILITY.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        raise RowsRefused(_named(error.failure_cases, frame)) from None
    sums = frame.groupby(["sku", "location"], sort=False)[columns[2:]].sum()
    return {
        (str(sku), str(location)): Level(*units)
        for (sku, location), units in zip(sums.index, sums.to_numpy(), strict=True)
    }


def _named(failures: pd.DataFrame, frame: pd.DataFrame) -> str:
    named = [
        f"row {int(failure.index) + 1} (SKU {frame['sku'].iloc[int(failure.index)]!r}):"
        f" {failure.column} {failure.failure_case!r}"
        for failure in failures.itertuples(name="Failure", index=False)
        if failure.index is not None and not pd.isna(failure.index)
    ]
    return f"{len(failures)} rows are not stock: {'; '.join(named[:NAMED])}"
