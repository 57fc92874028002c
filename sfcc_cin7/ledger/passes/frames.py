"""The ledger of a day as a frame, with what must hold for it.

Imports pandas: import it inside functions only, so that the order lane starts without.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
import pandera.pandas as pa

from sfcc_cin7.values.money import ZERO


@dataclass(frozen=True)
class LedgerLine:
    """One order of the day with its legs; a leg that is not there is 0 in the order's currency."""

    order_key: str
    site: str
    state: str
    currency: str
    captured: Decimal
    captured_tax: Decimal
    booked_currency: str
    booked: Decimal
    booked_tax: Decimal
    settled: Decimal
    sales: str
    breaks: str


def _exact(column: "pd.Series[object]") -> "pd.Series[bool]":
    return column.map(lambda amount: isinstance(amount, Decimal) and amount.is_finite())


_AMOUNT = pa.Column(object, pa.Check(_exact, name="an exact amount"))
_CURRENCY = pa.Column(object, pa.Check.str_matches("^[A-Z]{3}$"))
LEDGER = pa.DataFrameSchema(
    {
        "order_key": pa.Column(object, pa.Check.str_matches("^[^:]+:[^:]+:.+$"), unique=True),
        "currency": _CURRENCY,
        "captured": _AMOUNT,
        "captured_tax": _AMOUNT,
        "booked_currency": _CURRENCY,
        "booked": _AMOUNT,
        "booked_tax": _AMOUNT,
        "settled": _AMOUNT,
    }
)


class UnusableLedger(Exception):
    """A row of the ledger breaks its rules; the message names the first that do."""


def ledger_frame(lines: Sequence[LedgerLine]) -> pd.DataFrame:
    """One row for each order; columns as the fields of `LedgerLine`, amounts as Decimal objects.

    Raises:
        UnusableLedger: a row is not what a ledger row must be.
    """
    columns = list(LedgerLine.__dataclass_fields__)
    frame = pd.DataFrame([vars(line) for line in lines], columns=columns, dtype=object)
    try:
        return LEDGER.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        keys = [frame["order_key"][row] for row in cases["index"].dropna().unique()[:5]]
        raise UnusableLedger(
            f"{len(cases)} figures of the ledger cannot be used"
            f" ({', '.join(sorted(set(cases['column'].astype(str))))}); the first orders: {keys}."
        ) from None


def totals(frame: pd.DataFrame, currency: str, amount: str) -> dict[str, Decimal]:
    """The sum of an amount column by the currency beside it."""
    sums: dict[str, Decimal] = {}
    for code, amounts in frame.groupby(currency)[amount]:
        sums[str(code)] = sum(amounts, ZERO)
    return sums
