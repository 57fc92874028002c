"""Answers as typed documents."""

from typing import Any, TypeVar

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
