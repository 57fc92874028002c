"""Custom attributes of orders: those that the merchant defined, and what they hold.

An attribute that Business Manager does not know is ignored without a word, as the platform does
with products (Products API, PATCH); of one that it knows, the value must be of its type. A string
has at most 4,000 characters, a text as many as it likes.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from sfcc_cin7_sandbox.sfcc.problems import Problem

AttributeType = Literal["string", "text", "integer", "number", "boolean"]
MOST_IN_A_STRING = 4000


def defined(body: Mapping[str, Any], known: Mapping[str, AttributeType]) -> dict[str, Any]:
    """What of a PATCH body is kept; null clears an attribute. Raises Problem for a wrong value."""
    kept = {name: value for name, value in body.items() if name in known}
    for name, value in kept.items():
        if value is not None and not _is(value, known[name]):
            raise Problem(400, "validation", f"The value of '{name}' is no {known[name]}.")
    return kept


def _is(value: Any, kind: AttributeType) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("string", "text"):
        return isinstance(value, str) and (kind == "text" or len(value) <= MOST_IN_A_STRING)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return kind == "number" or value == int(value)
