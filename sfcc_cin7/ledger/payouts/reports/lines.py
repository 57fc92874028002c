"""What every settlement report comes down to: lines, and what was sent to the bank."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

from sfcc_cin7.values.money import ZERO

Kind = Literal["charge", "refund", "chargeback", "fee", "adjustment"]


class UnusableReport(Exception):
    """The file is not the report it should be; the message says where and why, without figures."""


@dataclass(frozen=True)
class Line:
    """One movement of money at a gateway.

    `gross` is what the shopper paid, in `currency`, negative when it went back; a chargeback that
    was won comes back as a positive chargeback. `fee` (positive when it costs) and `net` are in
    `settled_currency`. `key` is the gateway's own name of the movement.
    """

    key: str
    kind: Kind
    payment_reference: str
    merchant_reference: str
    currency: str
    gross: Decimal
    settled_currency: str
    fee: Decimal
    net: Decimal
    occurred_at: datetime
    payout_id: str


@dataclass(frozen=True)
class Transfer:
    """What the gateway says it sent to the bank for a payout; in the currency of its lines."""

    payout_id: str
    currency: str
    amount: Decimal
    paid_at: datetime


@dataclass(frozen=True)
class Report:
    """The lines of a file, and the payouts that it states."""

    lines: Sequence[Line]
    transfers: Sequence[Transfer]


def rows(text: str, required: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a CSV file with a header, by column.

    Raises:
        UnusableReport: a column is missing, or a row has more fields than columns.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    missing = [name for name in required if name not in (reader.fieldnames or [])]
    if missing:
        raise UnusableReport(f"The header lacks {', '.join(missing)}.")
    found = []
    for row in reader:
        if None in row:
            raise UnusableReport(f"Line {reader.line_num} has more fields than the header.")
        found.append({name: (value or "").strip() for name, value in row.items()})
    return found


def amount(row: Mapping[str, str], column: str) -> Decimal:
    """A figure with a decimal point; nothing is 0.

    Raises:
        UnusableReport: it is not a number.
    """
    text = row.get(column, "")
    try:
        value = Decimal(text) if text else ZERO
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise UnusableReport(f"{column} is not a number in a row.")
    return value


def currency(row: Mapping[str, str], column: str) -> str:
    """An ISO 4217 code in capitals.

    Raises:
        UnusableReport: it is not three letters.
    """
    code = row.get(column, "").upper()
    if len(code) != 3 or not code.isalpha():
        raise UnusableReport(f"{column} is no currency in a row.")
    return code


def instant(row: Mapping[str, str], column: str, *formats: str) -> datetime:
    """A time in UTC, unless it says another zone itself.

    Raises:
        UnusableReport: it has none of these formats (of `strptime`), nor that of ISO 8601.
    """
    text = row.get(column, "")
    for form in formats:
        try:
            return _aware(datetime.strptime(text, form))  # noqa: DTZ007 - a zone is added
        except ValueError:
            continue
    try:
        return _aware(datetime.fromisoformat(text))
    except ValueError:
        raise UnusableReport(f"{column} is no time in a row.") from None


def _aware(value: datetime) -> datetime:
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
