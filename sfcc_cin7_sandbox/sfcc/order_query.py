"""The query of GET /orders: every documented filter, its limits and its defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.datastructures import QueryParams

from sfcc_cin7_sandbox.sfcc import statuses
from sfcc_cin7_sandbox.sfcc.problems import Problem, parse_timestamp

MOST_REACHABLE = 10_000
DOCUMENTED = frozenset(
    {
        "siteId", "status", "exportStatus", "confirmationStatus", "paymentStatus",
        "shippingStatus", "externalStatus", "creationDateFrom", "creationDateTo",
        "lastModifiedDateFrom", "lastModifiedDateTo", "sortBy", "sortOrder", "limit", "offset",
    }
)  # fmt: skip
_CHOICES = (
    # parameter, field of the order, values, how many at once
    ("status", "status", frozenset({"new", "completed", "cancelled"}), 2),
    ("exportStatus", "exportStatus", statuses.EXPORT, 3),
    ("confirmationStatus", "confirmationStatus", statuses.CONFIRMATION, 1),
    ("paymentStatus", "paymentStatus", statuses.PAYMENT, 3),
    ("shippingStatus", "shippingStatus", statuses.SHIPPING, 3),
)


@dataclass(frozen=True)
class Window:
    """Half-open: from is included, to is not."""

    start: datetime | None
    end: datetime | None

    def __contains__(self, moment: datetime) -> bool:
        after_start = self.start is None or self.start <= moment
        return after_start and (self.end is None or moment < self.end)


@dataclass(frozen=True)
class OrderQuery:
    """`accepted` holds, by field of the order, the values that pass."""

    accepted: Mapping[str, frozenset[str]]
    created: Window
    modified: Window
    by_modified: bool
    descending: bool
    limit: int
    offset: int

    def accepts(self, document: Mapping[str, Any]) -> bool:
        return all(
            statuses.column(document, field) in values for field, values in self.accepted.items()
        )


def parse_order_query(params: QueryParams) -> OrderQuery:
    """Raises Problem 400 for whatever the documentation does not allow."""
    accepted = {}
    for name, field, allowed, most in _CHOICES:
        if name in params:
            accepted[field] = _choices(name, params[name], allowed, most)
    if "externalStatus" in params:
        accepted["externalOrderStatus"] = frozenset({params["externalStatus"]})
    limit = _integer(params, "limit", 100)
    offset = _integer(params, "offset", 0)
    if not 1 <= limit <= 200:
        raise _invalid("limit", "must be between 1 and 200")
    if offset < 0:
        raise _invalid("offset", "must not be negative")
    by_modified = _one_of(params, "sortBy", ("creation_date", "last_modified_date"))
    descending = _one_of(params, "sortOrder", ("desc", "asc"))
    return OrderQuery(
        accepted,
        Window(_moment(params, "creationDateFrom"), _moment(params, "creationDateTo")),
        Window(_moment(params, "lastModifiedDateFrom"), _moment(params, "lastModifiedDateTo")),
        by_modified == "last_modified_date",
        descending == "desc",
        limit,
        offset,
    )


def beyond_cap() -> Problem:
    """The refusal of a page that lies too far back."""
    return _invalid("offset", f"and limit together must not exceed {MOST_REACHABLE}")


def check_known(params: QueryParams, documented: frozenset[str]) -> None:
    """The gateway refuses query parameters that an API does not document; `c_*` may pass."""
    for name in params:
        if name not in documented and not name.startswith("c_"):
            raise Problem(
                400, "invalid-query-parameter", f"The query parameter '{name}' is not defined."
            )
        if len(params.getlist(name)) > 1:
            raise _invalid(name, "must not be repeated")


def _choices(name: str, text: str, allowed: frozenset[str], most: int) -> frozenset[str]:
    values = frozenset(text.split(","))
    unknown = values - allowed
    if unknown:
        raise _invalid(name, f"must be of {', '.join(sorted(allowed))}")
    if len(values) > most:
        raise _invalid(name, f"accepts at most {most} values")
    return values


def _integer(params: QueryParams, name: str, default: int) -> int:
    try:
        return int(params.get(name, default))
    except ValueError:
        raise _invalid(name, "must be a whole number") from None


def _one_of(params: QueryParams, name: str, allowed: tuple[str, str]) -> str:
    """The parameter, by default the first of the allowed."""
    value = params.get(name, allowed[0])
    if value not in allowed:
        raise _invalid(name, f"must be {' or '.join(allowed)}")
    return value


def _moment(params: QueryParams, name: str) -> datetime | None:
    if name not in params:
        return None
    try:
        return parse_timestamp(params[name])
    except ValueError:
        raise _invalid(name, "must be a date-time with its zone") from None


def _invalid(name: str, rule: str) -> Problem:
    return Problem(
        400, "invalid-query-parameter", f"The query parameter '{name}' {rule}.", parameter=name
    )
