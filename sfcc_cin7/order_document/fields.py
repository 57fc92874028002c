"""Reading a JSON document field by field, with an error that names the field and not its value."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from sfcc_cin7.order_document.reason import Reason

_LARGEST = Decimal(10) ** 12
_FINEST = -20
"""The smallest decimal exponent: finer figures are not money, quantities or rates."""


FieldCode = Literal["field-missing", "field-type", "field-range", "field-choice"]
"""A field is not there, is of another type, has a figure beyond reason, or a word of no list."""


class MalformedOrder(Exception):
    """A document that cannot be read as an order.

    The message names the field and what is wrong with it, never the value, which may be personal.
    """

    def __init__(self, code: FieldCode, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.reason = Reason(code, f"The order document cannot be read: {self}.")


class Fields:
    """The fields of one JSON object; `path` says where in the document it stands.

    Every method raises MalformedOrder when the field has another type, or is missing (absent or
    null) and no default is given.
    """

    def __init__(self, document: object, path: str = "") -> None:
        if not isinstance(document, Mapping):
            raise MalformedOrder("field-type", path or "the order", "must be a JSON object")
        self._document = document
        self._path = path

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _required(self, name: str) -> object:
        value = self._document.get(name)
        if value is None:
            raise MalformedOrder("field-missing", self._at(name), "is missing")
        return value

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._document.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A text; without a default it must not be empty."""
        if default is not None and not self.has(name):
            return default
        value = self._required(name)
        if not isinstance(value, str):
            raise MalformedOrder("field-type", self._at(name), "must be text")
        if not value and default is None:
            raise MalformedOrder("field-missing", self._at(name), "is empty")
        return value

    def flag(self, name: str) -> bool:
        """A boolean; false when missing."""
        value = self._document.get(name, False)
        if not isinstance(value, bool | None):
            raise MalformedOrder("field-type", self._at(name), "must be true or false")
        return bool(value)

    def number(self, name: str, default: Decimal | None = None) -> Decimal:
        """A finite number of a size that money and quantities have."""
        if default is not None and not self.has(name):
            return default
        value = self._required(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise MalformedOrder(
                "field-type", self._at(name), "must be a number, read as a decimal"
            )
        number = Decimal(value)
        if not number.is_finite():
            raise MalformedOrder("field-range", self._at(name), "must be a finite number")
        exponent = number.as_tuple().exponent
        # `abs` would raise for what is beyond the context's exponents, such as 1E+1000000
        too_large = not -_LARGEST < number < _LARGEST
        if too_large or not isinstance(exponent, int) or exponent < _FINEST:
            raise MalformedOrder("field-range", self._at(name), "is out of range")
        return number or Decimal(0)  # a zero may be negative or shifted far, such as -0E+99999

    def quantity(self, name: str) -> Decimal:
        """A number that is not negative."""
        value = self.number(name)
        if value < 0:
            raise MalformedOrder("field-range", self._at(name), "must not be negative")
        return value

    def instant(self, name: str) -> datetime:
        """An ISO 8601 date and time with its zone, in UTC."""
        try:
            value = datetime.fromisoformat(self.text(name))
        except ValueError:
            raise MalformedOrder(
                "field-type", self._at(name), "must be an ISO 8601 date and time"
            ) from None
        if value.tzinfo is None:
            raise MalformedOrder("field-type", self._at(name), "must have a time zone")
        try:
            return value.astimezone(UTC)
        except OverflowError:  # the first and last day of the calendar, elsewhere in the world
            raise MalformedOrder("field-range", self._at(name), "is out of range") from None

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """A text out of a closed list."""
        value = self.text(name)
        if value not in allowed:
            raise MalformedOrder(
                "field-choice", self._at(name), f"must be one of {', '.join(allowed)}"
            )
        return value

    def part(self, name: str) -> "Fields":
        """A nested object; empty when missing."""
        value = self._document.get(name)
        return Fields({} if value is None else value, self._at(name))

    def parts(self, name: str) -> list["Fields"]:
        """A list of nested objects; empty when missing."""
        value = self._document.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise MalformedOrder("field-type", self._at(name), "must be a list")
        return [Fields(item, f"{self._at(name)}[{at}]") for at, item in enumerate(value)]
