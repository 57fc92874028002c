"""Currency rates that finance maintains, and the one that is valid on a day.

The file is CSV with the columns `date,currency,rate`: a day (YYYY-MM-DD, UTC), an ISO 4217 code and
how many units of the ERP's base currency one unit of it is worth from that day on.
"""

import csv
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

from sfcc_cin7.values.problems import ConfigurationError

COLUMNS = ["date", "currency", "rate"]
RATE_STEP = Decimal("0.00001")
"""Cin7 takes a sale's currency rate to five places."""
_LARGEST = Decimal(10) ** 9


@dataclass(frozen=True)
class DatedRate:
    """A rate and the day from which it is valid."""

    day: date
    rate: Decimal


@dataclass(frozen=True)
class CurrencyRates:
    """Rates by currency, each currency's in the sequence of their days."""

    by_currency: Mapping[str, tuple[DatedRate, ...]]

    def on(self, currency: str, day: date) -> DatedRate | None:
        """The newest rate on or before a day; None when there is none that early."""
        rates = self.by_currency.get(currency, ())
        position = bisect_right(rates, day, key=lambda each: each.day)
        return rates[position - 1] if position else None


class RateFiles:
    """The files of rates that were read so far, each once."""

    def __init__(self) -> None:
        self._read: dict[Path, CurrencyRates] = {}

    def at(self, path: Path) -> CurrencyRates:
        """The rates in a file. Raises ConfigurationError as `load_currency_rates` does."""
        if path not in self._read:
            self._read[path] = load_currency_rates(path)
        return self._read[path]


def load_currency_rates(path: Path) -> CurrencyRates:
    """The rates in a CSV file, each rounded half up to the five places that Cin7 takes.

    Raises:
        ConfigurationError: the file is missing, or a row is not a rate; the message names the file,
            the row and what is wrong with it.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except OSError as error:
        raise ConfigurationError(
            f"Cannot read the currency rates {path}: {error.strerror}."
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{path} is not CSV in UTF-8: {error}") from None
    if not rows or [name.strip() for name in rows[0]] != COLUMNS:
        raise ConfigurationError(f"{path}: the first row must be {','.join(COLUMNS)}")
    found: dict[str, dict[date, Decimal]] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            day, currency, rate = _read(row)
            if day in found.setdefault(currency, {}):
                raise ValueError(f"{currency} has two rates on {day}")
        except ValueError as error:
            raise ConfigurationError(f"{path}: row {number}: {error}") from None
        found[currency][day] = rate
    return CurrencyRates(
        {
            currency: tuple(DatedRate(day, rates[day]) for day in sorted(rates))
            for currency, rates in found.items()
        }
    )


def _read(row: list[str]) -> tuple[date, str, Decimal]:
    """A row's day, currency and rate. Raises ValueError with what is wrong."""
    cells = [cell.strip() for cell in row]
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(COLUMNS)} values are needed, with a point in the rate")
    day, currency, rate = cells
    if not re.fullmatch("[A-Z]{3}", currency):
        raise ValueError(f"{currency!r} is not a currency code")
    try:
        number = Decimal(rate)
        if not number.is_finite() or not 0 < number < _LARGEST:
            raise InvalidOperation
        rounded = number.quantize(RATE_STEP, ROUND_HALF_UP)
    except InvalidOperation:
        raise ValueError(f"{rate!r} is not a positive rate") from None
    if not rounded:
        raise ValueError(f"the rate {rate} vanishes in the five places that Cin7 takes")
    try:
        return date.fromisoformat(day), currency, rounded
    except ValueError:
        raise ValueError(f"{day!r} is not a day (YYYY-MM-DD)") from None
