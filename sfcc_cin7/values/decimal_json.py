"""JSON whose numbers are exact: Decimal (or int) on the way in and on the way out, never float."""

from decimal import Decimal
from typing import Any

import simplejson

_DECODER = simplejson.JSONDecoder(parse_float=Decimal)


def loads(text: str | bytes) -> Any:
    """Parse JSON; fractions become Decimal. Raises ValueError when it is not JSON.

    Nor is what is nested without end, or a number that no machine can hold.
    """
    try:
        return simplejson.loads(text, use_decimal=True)
    except (RecursionError, ArithmeticError) as error:
        raise ValueError(f"JSON beyond all measure ({type(error).__name__})") from None


def first(text: str, at: int) -> tuple[Any, int]:
    """The JSON value that begins at a place of a text, and where it ends. Raises ValueError."""
    try:
        value, ends = _DECODER.raw_decode(text, at)
    except (RecursionError, ArithmeticError) as error:
        raise ValueError(f"JSON beyond all measure ({type(error).__name__})") from None
    return value, int(ends)


def dumps(value: Any) -> str:
    """Write JSON; a Decimal keeps its digits. Raises ValueError on NaN and TypeError on a float."""
    _refuse_floats(value)
    return simplejson.dumps(value, use_decimal=True, allow_nan=False)


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("A float would not be exact: use Decimal.")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)
