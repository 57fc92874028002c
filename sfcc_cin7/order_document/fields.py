"""Reading a JSON document field by field, with an error that names the field and not its value.

There is one reader and two ways of reading. What is booked is read strictly: the first field that
is not as it must be ends it. What is only stored or compared is read as far as it can be: a field
that cannot be read is noted, and something neutral stands in its place.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import ClassVar, Literal, TypeVar

from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.values.money import ZERO

_YEARS = range(1990, 3000)
"""Storefronts have seen no other."""
NO_INSTANT = datetime.min.replace(tzinfo=UTC)
"""In the place of one that cannot be read and that nobody has a better answer for."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Null bytes and broken surrogates."""
PLAIN_FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?")
"""A figure that is written as text, and that means the same to everybody."""
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
"""What may be ones with three decimals, or thousands whose digits are grouped by a point."""
_NO_OBJECT: Mapping[str, object] = {}

FieldCode = Literal["field-missing", "field-type", "field-range", "field-choice"]
"""A field is not there, is of another type, has a figure beyond reason, or a word of no list."""
_Value = TypeVar("_Value")


class MalformedOrder(Exception):
    """A document that cannot be read as an order.

    The message names the field and what is wrong with it, never the value, which may be personal.
    """

    def __init__(self, code: FieldCode, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.reason = Reason(code, f"The order document cannot be read: {self}.")


class _NoFigure(ValueError):
    """A value is no figure: the code and what is wrong with it."""

    def __init__(self, code: FieldCode, problem: str) -> None:
        super().__init__(problem)
        self.code: FieldCode = code
        self.problem = problem


class Fields:
    """The fields of one JSON object; `path` says where in the document it stands.

    Every method raises MalformedOrder when the field has another type, or is missing (absent or
    null) and no default is given.
    """

    largest: ClassVar[Decimal] = Decimal(10) ** 12
    """Figures of this size and above are out of range."""
    finest: ClassVar[int] = 20
    """Figures with more decimals are not money, quantities or rates."""

    def __init__(self, document: object, path: str = "") -> None:
        self._path = path
        self._document: Mapping[str, object] = (
            document
            if isinstance(document, Mapping)
            else self._instead(
                _NO_OBJECT, "field-type", path or "the order", "must be a JSON object"
            )
        )

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._document.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A text; without a default it must not be empty. A whole number is its digits."""
        value = self._document.get(name)
        if value is None:
            return self._missing(name, "") if default is None else default
        text = self._text(value)
        if text is None:
            return self._instead(default or "", "field-type", self._at(name), "must be text")
        if not text and default is None:
            return self._instead("", "field-missing", self._at(name), "is empty")
        return text

    def flag(self, name: str) -> bool:
        """A boolean, or one that is written as text; false when missing."""
        value = self._document.get(name)
        if isinstance(value, bool | None):
            return bool(value)
        if value in ("true", "false"):
            return value == "true"
        return self._instead(False, "field-type", self._at(name), "must be true or false")

    def number(self, name: str, default: Decimal | None = None) -> Decimal:
        """A finite number of a size that money and quantities have. Middleware writes some as text:
        what is written plainly is the figure, and 1,234.50 or 1e3 is none."""
        value = self._document.get(name)
        if value is None:
            return self._missing(name, ZERO) if default is None else default
        try:
            return self._figure(value)
        except _NoFigure as no:
            return self._instead(default or ZERO, no.code, self._at(name), no.problem)

    def amount(self, name: str, decimals: int) -> Decimal:
        """A number of a currency with so many decimals, which may not be read as thousands. Of an
        order one such figure is enough, the one that all others are held against."""
        value = self._document.get(name)
        if decimals < 3 and isinstance(value, str) and _GROUPED.fullmatch(value):
            problem = "may mean a thousand times as much"
            return self._instead(ZERO, "field-type", self._at(name), problem)
        return self.number(name)

    def quantity(self, name: str) -> Decimal:
        """A number that is not negative."""
        value = self.number(name)
        if value < 0:
            return self._instead(ZERO, "field-range", self._at(name), "must not be negative")
        return value

    def instant(self, *names: str) -> datetime:
        """An ISO 8601 date and time with its zone, in UTC: the first of these fields there is."""
        name = next((each for each in names if self.has(each)), names[-1])
        try:
            value = datetime.fromisoformat(self.text(name))
        except ValueError:
            problem = "must be an ISO 8601 date and time"
            raise MalformedOrder("field-type", self._at(name), problem) from None
        if value.tzinfo is None:
            raise MalformedOrder("field-type", self._at(name), "must have a time zone")
        try:
            return value.astimezone(UTC)
        except OverflowError:  # the first and last day of the calendar, elsewhere in the world
            raise MalformedOrder("field-range", self._at(name), "is out of range") from None

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """A text out of a closed list."""
        value = self.text(name)
        if value in allowed:
            return value
        problem = f"must be one of {', '.join(allowed)}"
        return self._instead(allowed[0], "field-choice", self._at(name), problem)

    def part(self, name: str) -> "Fields":
        """A nested object; empty when missing."""
        value = self._document.get(name)
        return self._inner({} if value is None else value, self._at(name))

    def parts(self, name: str) -> Sequence["Fields"]:
        """A list of nested objects; empty when missing."""
        value = self._document.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            return self._instead([], "field-type", self._at(name), "must be a list")
        return [self._inner(item, f"{self._at(name)}[{at}]") for at, item in enumerate(value)]

    def custom(self) -> Mapping[str, object]:
        """The custom attributes (`c_`), whatever they hold."""
        return {name: self._document[name] for name in self._document if name.startswith("c_")}

    @property
    def aside(self) -> "LenientFields":
        """The same fields for what no sale rests on, which is no reason to refuse an order."""
        return LenientFields(self._document, self._path)

    # What the two ways of reading do not share

    def _instead(
        self,
        neutral: _Value,  # noqa: ARG002
        code: FieldCode,
        path: str,
        problem: str,
    ) -> _Value:
        """What stands in the place of a field that cannot be read: here, nothing can."""
        raise MalformedOrder(code, path, problem)

    def _inner(self, document: object, path: str) -> "Fields":
        return Fields(document, path)

    def _text(self, value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(Decimal(value))  # `str` raises for an int of thousands of digits
        return value if isinstance(value, str) else None

    def _figure(self, value: object) -> Decimal:
        if isinstance(value, str) and PLAIN_FIGURE.fullmatch(value):
            value = Decimal(value)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise _NoFigure("field-type", "must be a number, read as a decimal")
        number = Decimal(value)
        if not number.is_finite():
            raise _NoFigure("field-range", "must be a finite number")
        # `abs` would raise for what is beyond the context's exponents, such as 1E+1000000
        if not -self.largest < number < self.largest:
            raise _NoFigure("field-range", "is out of range")
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -self.finest:
            number = self._rounded(number)
        return number or ZERO  # a zero may be negative or shifted far, such as -0E+99999

    def _rounded(self, _: Decimal) -> Decimal:
        raise _NoFigure("field-range", "is out of range")

    def _missing(self, name: str, neutral: _Value) -> _Value:
        return self._instead(neutral, "field-missing", self._at(name), "is missing")

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name


class LenientFields(Fields):
    """The same fields, read as far as they can be: no method raises, whatever stands there.

    A field that cannot be read is empty, zero or false, and `unread` has its path and what is wrong
    with it. A number may also be written as text, and a text be a number; figures with more than
    twelve decimals are rounded. An object that is none is left out of its list. What JSON can carry
    in a text and no database takes is U+FFFD, or one such text would keep all others from being
    stored beside it.

    `otherwise` stands for an instant that cannot be read.
    """

    largest = Decimal(10) ** 15
    finest = 12  # with them the largest figure has no more digits than sums are exact in

    def __init__(
        self,
        document: object,
        path: str = "",
        *,
        otherwise: datetime = NO_INSTANT,
        unread: dict[str, MalformedOrder] | None = None,
    ) -> None:
        self.unread: dict[str, MalformedOrder] = {} if unread is None else unread
        self._otherwise = otherwise
        super().__init__(document, path)

    def instant(self, *names: str) -> datetime:
        """The first of these fields that holds one (see `moment`)."""
        for name in names:
            if found := self.moment(name):
                return found
        return self._missing(names[-1], self._otherwise)

    def moment(self, name: str) -> datetime | None:
        """An ISO 8601 date and time in UTC, which it also is without a zone; None if it is none."""
        try:
            value = datetime.fromisoformat(self.text(name, ""))
        except ValueError:
            return None
        if value.year not in _YEARS:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)

    def parts(self, name: str) -> Sequence[Fields]:
        """Those of a list that are objects; empty when there is no list."""
        return [each for each in super().parts(name) if each._document is not _NO_OBJECT]

    def custom(self) -> Mapping[str, object]:
        """The custom attributes (`c_`), whatever they hold; their texts as all others."""
        return {
            name: _storable(value) if isinstance(value, str) else value
            for name, value in super().custom().items()
        }

    def _instead(self, neutral: _Value, code: FieldCode, path: str, problem: str) -> _Value:
        self.unread.setdefault(path, MalformedOrder(code, path, problem))
        return neutral

    def _inner(self, document: object, path: str) -> Fields:
        return LenientFields(document, path, otherwise=self._otherwise, unread=self.unread)

    def _text(self, value: object) -> str | None:
        if isinstance(value, Decimal):
            return str(value)
        text = super()._text(value)
        return text and _storable(text)

    def _figure(self, value: object) -> Decimal:
        return super()._figure(_written(value) if isinstance(value, str) else value)

    def _rounded(self, number: Decimal) -> Decimal:
        return round(number, self.finest)


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _written(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
