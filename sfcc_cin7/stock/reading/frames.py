"""Rows of the ERP's stock as a frame, validated column by column. Load it lazily: pandas."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray

from sfcc_cin7.stock.deciding.counting import EVERYTHING, Counting
from sfcc_cin7.systems.cin7.availability import NO_NUMBER, AvailabilityColumns

NAMED = 5
QUANTITIES = ("on_hand", "allocated", "available", "on_order")
NO_DATE = np.iinfo(np.int64).min
"""Where no delivery is known; else microseconds since 1970."""


class RowsRefused(Exception):
    """Rows of the reading that cannot be stock; the message names them."""


def _is_text(values: "pd.Series[str]") -> "bool | pd.Series[bool]":
    """No database takes a null byte. All are looked at as one, and each only if one has it."""
    if "\x00" not in "\n".join(values):
        return True
    return values.map(lambda value: "\x00" not in value).astype(bool)


def _is_named(values: "pd.Series[str]") -> "bool | pd.Series[bool]":
    return True if all(values) else (values != "").astype(bool)


def _is_number(values: "pd.Series[int]") -> "pd.Series[bool]":
    return values != NO_NUMBER


def _units() -> pa.Column:
    return pa.Column("int64", _check(_is_number, "is not a number of units"))


def _name() -> pa.Column:
    checks = [_check(_is_named, "is empty"), _check(_is_text, "is no text")]
    return pa.Column(object, checks, nullable=True)


def _part() -> pa.Column:
    return pa.Column(object, _check(_is_text, "is no text"), nullable=True)


def _check(holds: "Callable[[pd.Series[Any]], bool | pd.Series[bool]]", error: str) -> pa.Check:
    """There is no gap to look for: a page gives every column a value in every row."""
    return pa.Check(holds, error=error, ignore_na=False)


AVAILABILITY = pa.DataFrameSchema(
    {
        "sku": _name(),
        "location": _name(),
        "bin": _part(),
        "batch": _part(),
        "expiry_date": _part(),
        **{name: _units() for name in QUANTITIES},
        "not_for_sale": _units(),
        "arrives_at": pa.Column("int64"),
    }
)
"""One row for each SKU, location, bin and batch; units in ten-thousandths (int64), the date in
microseconds since 1970, or `NO_DATE`."""


def validated(rows: AvailabilityColumns, counting: Counting = EVERYTHING) -> pd.DataFrame:
    """The rows of some pages, if every one of them is stock.

    What is there and does not count is `not_for_sale` instead of available.

    Raises:
        RowsRefused: a row has no SKU or location, or a quantity that is none.
    """
    texts = ("sku", "location", "bin", "batch", "expiry_date")
    frame = pd.DataFrame(
        {name: pd.Series(getattr(rows, name), dtype=object) for name in texts}
        | {name: np.asarray(getattr(rows, name), dtype=np.int64) for name in QUANTITIES}
    )
    frame["not_for_sale"] = _not_for_sale(rows, frame["on_hand"].to_numpy(), counting)
    frame["arrives_at"] = _microseconds(rows)
    try:
        AVAILABILITY.validate(frame, lazy=True, inplace=True)
    except pa.errors.SchemaErrors as error:
        raise RowsRefused(_named(error.failure_cases, rows.sku)) from None
    frame["available"] -= frame["not_for_sale"]
    return frame


def _not_for_sale(
    rows: AvailabilityColumns, on_hand: NDArray[np.int64], counting: Counting
) -> NDArray[np.int64]:
    """Ten-thousandths of units, row by row; only what lies in a bin or has a batch can be told."""
    apart = np.zeros(len(rows), dtype=np.int64)
    told = zip(rows.location, rows.bin, rows.batch, rows.expiry_date, strict=True)
    for at, shelf in enumerate(told):
        if (shelf[1] or shelf[2] or shelf[3]) and counting.leaves_out(shelf):
            apart[at] = max(on_hand[at], 0)
    return apart


def _microseconds(rows: AvailabilityColumns) -> NDArray[np.int64]:
    if not any(rows.next_delivery_date):
        return np.full(len(rows), NO_DATE, dtype=np.int64)
    return np.array(
        [
            NO_DATE if at is None else int(at.timestamp()) * 1_000_000 + at.microsecond
            for at in rows.next_delivery_date
        ],
        dtype=np.int64,
    )


def _named(failures: pd.DataFrame, skus: Sequence[str]) -> str:
    named = [
        f"row {int(failure.index) + 1} (SKU {skus[int(failure.index)]!r}):"
        f" {failure.column} {failure.check}"
        for failure in failures.itertuples(name="Failure", index=False)
        if failure.index is not None and not pd.isna(failure.index)
    ]
    return f"{len(failures)} rows are not stock: {'; '.join(named[:NAMED])}"
