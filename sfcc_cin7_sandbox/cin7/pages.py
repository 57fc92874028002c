"""What a call brings, and paged lists."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import simplejson
from starlette.requests import Request

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.values import parse_guid, parse_moment
from sfcc_cin7_sandbox.faults import Faults

Row = TypeVar("Row")


class Query:
    """The query of one call: keys in any case, unknown keys ignored, empty values absent."""

    def __init__(self, items: Iterable[tuple[str, str]]) -> None:
        self._items = {key.lower(): value for key, value in items if value != ""}

    def text(self, name: str) -> str | None:
        return self._items.get(name.lower())

    def guid(self, name: str) -> str | None:
        value = self.text(name)
        return None if value is None else parse_guid(value, name)

    def required_guid(self, name: str) -> str:
        """Raises Refusal when the key is absent."""
        value = self.guid(name)
        if value is None:
            raise Refusal(f"Required attribute {name} is not provided.")
        return value

    def moment(self, name: str) -> datetime | None:
        value = self.text(name)
        return None if value is None else parse_moment(value, name)

    def boolean(self, name: str) -> bool | None:
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in ("true", "false"):
            raise Refusal(f"Attribute {name} must be true or false.")
        return value.lower() == "true"

    def whole(self, name: str, default: int, highest: int | None = None) -> int:
        """A whole number from 1 up."""
        value = self.text(name)
        if value is None:
            return default
        if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= (highest or 10**9):
            limit = f" and at most {highest}" if highest else ""
            raise Refusal(f"Attribute {name} must be a whole number of at least 1{limit}.")
        return int(value)


@dataclass(frozen=True)
class Call:
    """One admitted call."""

    query: Query
    body: Mapping[str, Any]


def json_object(request: Request, body: bytes) -> dict[str, Any]:
    """The body of a write; empty for a read. Raises Refusal."""
    if request.method not in ("POST", "PUT"):
        return {}
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise Refusal("Content-Type must be application/json")
    try:
        parsed = simplejson.loads(body, use_decimal=True)
    except ValueError:
        raise Refusal("Request body is not valid JSON") from None
    if not isinstance(parsed, dict):
        raise Refusal("Request body must be a JSON object")
    return parsed


def page_of(
    call: Call,
    key: str,
    rows: Sequence[Row],
    render: Callable[[Row], dict[str, Any]],
    faults: Faults,
) -> dict[str, Any]:
    """One page, `{Total, Page, <key>: [...]}`; Page from 1, Limit 100 and at most 1000.

    Rows shift while a list is paged: the fault `cin7.duplicate_listing` repeats the last row of the
    page before, `cin7.missing_listing` skips the first row of the page. With `cin7.shifted_listing`
    the page begins one row early, as when a row appeared before it and another went at the end, so
    that Total tells nothing; `cin7.repeated_page` answers with the page before.
    """
    page = call.query.whole("Page", 1)
    limit = call.query.whole("Limit", 100, highest=1000)
    start = (page - 1) * limit
    if page > 1 and faults.hit("cin7.repeated_page"):
        start -= limit
    elif page > 1 and faults.hit("cin7.shifted_listing"):
        start -= 1
    listed = list(rows[start : start + limit])
    if listed and page > 1 and faults.hit("cin7.duplicate_listing"):
        listed.insert(0, rows[start - 1])
    elif page > 1 and faults.hit("cin7.missing_listing"):
        listed = list(rows[start + 1 : start + 1 + limit])
    return {"Total": len(rows), "Page": page, key: [render(row) for row in listed]}


def single(key: str, row: dict[str, Any]) -> dict[str, Any]:
    """The wrapper in which POST and PUT of reference objects answer."""
    return {"Total": 1, "Page": 1, key: [row]}
