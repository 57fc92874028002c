"""Answers as typed documents."""

from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from sfcc_cin7.systems.http.outcomes import Call, unreadable

M = TypeVar("M", bound=BaseModel)


def parse(call: Call, kind: type[M], answer: Any) -> M:
    """The answer as a document.

    Raises:
        Unavailable: it is not of the documented form (for a write: Ambiguous); the message names
            the fields, never their values.
    """
    try:
        return kind.model_validate(answer)
    except ValidationError as error:
        fields = ", ".join(".".join(str(step) for step in e["loc"]) for e in error.errors()[:5])
        raise unreadable(call, fields or "not an object") from None


def parse_row(call: Call, kind: type[M], row: Any) -> M:
    """A row of a list, without those numbers and times of it that cannot be read, so that one row
    hides no other. Its texts say what it is, and whose: they have to be readable.

    Raises:
        Unavailable: what is left is not of the documented form, see `parse`.
    """
    try:
        return kind.model_validate(row)
    except ValidationError as error:
        unusable = {e["loc"][0] for e in error.errors() if e["loc"] and "string" not in e["type"]}
    if isinstance(row, dict):
        row = {name: value for name, value in row.items() if name not in unusable}
    return parse(call, kind, row)


class ParseRow(Protocol):
    """How a row is read: `parse` or `parse_row`."""

    def __call__(self, call: Call, kind: type[M], row: Any, /) -> M: ...


def parse_list(
    call: Call,
    kind: type[M],
    answer: Any,
    key: str | tuple[str, ...] | None,
    parsed: ParseRow = parse,
) -> list[M]:
    """The rows under the key, or under whichever of several is there; without one, the answer.

    Raises:
        Unavailable: there is no list there, or a row is not of the documented form.
    """
    keys = (key,) if isinstance(key, str) else key or ()
    under = [answer[name] for name in keys if isinstance(answer, dict) and name in answer]
    rows = answer if key is None else next(iter(under), None)
    if not isinstance(rows, list):
        raise unreadable(call, f"no list {' or '.join(keys) or 'of rows'}")
    return [parsed(call, kind, row) for row in rows]
