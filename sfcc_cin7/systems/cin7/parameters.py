"""What calls to Cin7 ask for, as it reads it, and what it may have ignored."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sfcc_cin7.systems.cin7.documents import SaleRow


def instant(value: datetime | None) -> str | None:
    """An instant as Cin7 reads it."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def without_none(params: Mapping[str, str | None]) -> dict[str, str]:
    """Those that are asked for."""
    return {key: value for key, value in params.items() if value is not None}


def mentions(row: SaleRow, words: str) -> bool:
    """Whether a row of the list of sales holds these words, where Cin7 searches for them."""
    own = (row.order_number, row.status, row.customer, row.invoice_number)
    places = (*own, row.customer_reference, row.credit_note_number)
    return any(words.casefold() in place.casefold() for place in places)
