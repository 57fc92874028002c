"""A page of Cin7's stock as columns: no object for each row, quantities as whole numbers.

A quantity is a number of ten-thousandths of a unit, which is what Cin7 keeps (four decimals); what
is finer is rounded down, so that nothing is ever more than it is. `NO_NUMBER` stands for one that
no shelf could hold. Field by field the columns say what `AvailabilityRow` says of a row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from itertools import chain
from typing import Any

from pydantic import TypeAdapter

from sfcc_cin7.systems.cin7.documents import AvailabilityRow
from sfcc_cin7.systems.cin7.fields import MaybeInstant

SCALE = 10_000
"""Of a unit."""
MOST_UNITS = 10**11
"""In one row: what nine hundred of them sum up to still fits 64 bits."""
NO_NUMBER = -(2**63)
_DATE: TypeAdapter[datetime | None] = TypeAdapter(MaybeInstant)


@dataclass(frozen=True)
class AvailabilityColumns:
    """Rows of availability, column by column, all of one length; dates are aware UTC or None."""

    sku: Sequence[str]
    location: Sequence[str]
    bin: Sequence[str]
    batch: Sequence[str]
    expiry_date: Sequence[str]
    on_hand: Sequence[int]
    allocated: Sequence[int]
    available: Sequence[int]
    on_order: Sequence[int]
    next_delivery_date: Sequence[datetime | None]

    def __len__(self) -> int:
        return len(self.sku)


@dataclass(frozen=True)
class AvailabilityPage:
    """One page of availability; `total` may differ between pages of one pass."""

    total: int
    page: int
    rows: AvailabilityColumns


def page_of(answer: Any) -> AvailabilityPage:
    """What `/ref/productavailability` answered. Raises ValueError naming the field."""
    if not isinstance(answer, Mapping):
        raise ValueError("no object")
    rows = answer.get("ProductAvailabilityList")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("ProductAvailabilityList")
    return AvailabilityPage(_whole(answer, "Total"), _whole(answer, "Page"), columns_of(rows))


def columns_of(rows: Sequence[Mapping[str, Any]]) -> AvailabilityColumns:
    """Rows as JSON has them, a fraction as Decimal. Raises ValueError naming the field."""
    scaled: dict[Any, int] = {}
    return AvailabilityColumns(
        sku=_texts(rows, "SKU"),
        location=_texts(rows, "Location"),
        bin=_texts(rows, "Bin", if_none=""),
        batch=_texts(rows, "Batch", if_none=""),
        expiry_date=_texts(rows, "ExpiryDate", if_none=""),
        on_hand=_quantities(rows, "OnHand", scaled),
        allocated=_quantities(rows, "Allocated", scaled),
        available=_quantities(rows, "Available", scaled),
        on_order=_quantities(rows, "OnOrder", scaled),
        next_delivery_date=_dates(rows),
    )


def columns_of_rows(rows: Sequence[AvailabilityRow]) -> AvailabilityColumns:
    """The same of rows that were read as such."""
    scaled: dict[Any, int] = {}

    def units(name: str) -> list[int]:
        return [in_ten_thousandths(getattr(row, name), scaled) for row in rows]

    return AvailabilityColumns(
        sku=[row.sku for row in rows],
        location=[row.location for row in rows],
        bin=[row.bin for row in rows],
        batch=[row.batch for row in rows],
        expiry_date=[row.expiry_date for row in rows],
        on_hand=units("on_hand"),
        allocated=units("allocated"),
        available=units("available"),
        on_order=units("on_order"),
        next_delivery_date=[row.next_delivery_date for row in rows],
    )


def joined(parts: Sequence[AvailabilityColumns]) -> AvailabilityColumns:
    """The rows of several pages."""
    columns: dict[str, Any] = {
        each.name: list(chain.from_iterable(getattr(part, each.name) for part in parts))
        for each in fields(AvailabilityColumns)
    }
    return AvailabilityColumns(**columns)


def in_ten_thousandths(value: Any, known: dict[Any, int]) -> int:
    """A number of units, None for none, as ten-thousandths; `known` is what was scaled before.

    Raises:
        ValueError: it is no number at all.
    """
    found = known.get(value)
    if found is None:
        found = known[value] = _scaled(value)
    return found


def _scaled(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError("no number")
    try:
        units = Decimal(value)
    except InvalidOperation:
        raise ValueError("no number") from None
    if not units.is_finite() or abs(units) >= MOST_UNITS:
        return NO_NUMBER
    return int((units * SCALE).to_integral_value(ROUND_FLOOR))


def _whole(answer: Mapping[str, Any], name: str) -> int:
    value = answer.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(name)
    return value


def _texts(rows: Sequence[Mapping[str, Any]], name: str, if_none: str | None = None) -> list[str]:
    values = [if_none if (value := row.get(name)) is None else value for row in rows]
    if not all(type(value) is str for value in values):
        raise ValueError(name)
    return values  # type: ignore[return-value]


def _quantities(rows: Sequence[Mapping[str, Any]], name: str, known: dict[Any, int]) -> list[int]:
    values = [row.get(name) for row in rows]
    try:
        return [
            known[value] if value in known else in_ten_thousandths(value, known) for value in values
        ]
    except (TypeError, ValueError):
        raise ValueError(name) from None


def _dates(rows: Sequence[Mapping[str, Any]]) -> list[datetime | None]:
    values = [row.get("NextDeliveryDate") for row in rows]
    try:
        return [_DATE.validate_python(value) if value else None for value in values]
    except ValueError:
        raise ValueError("NextDeliveryDate") from None
