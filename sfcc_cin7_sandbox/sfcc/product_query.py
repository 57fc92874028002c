"""Queries of the Products API (SearchRequest): which products they hit."""

from collections.abc import Callable, Mapping
from typing import Any

from sfcc_cin7_sandbox.sfcc.problems import Problem, parse_timestamp

SEARCHABLE = frozenset(
    {"id", "name", "online", "searchable", "validFrom", "validTo", "type", "creationDate",
     "lastModified", "catalogId", "categoryId"}
)  # fmt: skip
COMBINED_ONLY = frozenset({"categoryId"})
_TIMES = frozenset({"creationDate", "lastModified", "validFrom", "validTo"})
_FLAGS = frozenset({"online", "searchable"})

Document = dict[str, Any]
Test = Callable[[Document], bool]


def compile_query(query: Any, *, combined: bool = False) -> Test:
    """A test for one query of the Products API, e.g. `{"termQuery": {...}}`.

    Raises Problem 400 for a field that cannot be queried, or a malformed query. `combined` tells
    that the query is one of several that must hold together.
    """
    kind, body = _only(query, "query")
    if kind == "matchAllQuery":
        return lambda _document: True
    if kind == "termQuery":
        return _term(body, combined)
    if kind == "textQuery":
        return _text(body)
    if kind == "boolQuery":
        return _bool_query(body)
    if kind == "filteredQuery":
        inner = compile_query(body.get("query"), combined=True)
        narrowed = _filter(body.get("filter"))
        return lambda document: inner(document) and narrowed(document)
    raise Problem(400, "invalid-query", f"The query '{kind}' is not supported.")


def _bool_query(body: Mapping[str, Any]) -> Test:
    must = [compile_query(q, combined=True) for q in _list(body, "must")]
    should = [compile_query(q) for q in _list(body, "should")]
    must_not = [compile_query(q) for q in _list(body, "mustNot")]
    return lambda document: (
        all(test(document) for test in must)
        and (not should or any(test(document) for test in should))
        and not any(test(document) for test in must_not)
    )


def _filter(given: Any) -> Test:
    kind, body = _only(given, "filter")
    if kind == "termFilter":
        return _term({**body, "fields": [body.get("field")]}, combined=True)
    if kind == "queryFilter":
        return compile_query(body.get("query"), combined=True)
    if kind == "rangeFilter":
        return _range(body)
    if kind == "boolFilter":
        tests = [_filter(inner) for inner in _list(body, "filters")]
        operator = body.get("operator")
        if operator == "and":
            return lambda document: all(test(document) for test in tests)
        if operator == "or":
            return lambda document: any(test(document) for test in tests)
        if operator == "not":
            return lambda document: not any(test(document) for test in tests)
    raise Problem(400, "invalid-query", f"The filter '{kind}' is not supported as given.")


def _term(body: Mapping[str, Any], combined: bool) -> Test:
    fields = _list(body, "fields")
    if not fields:
        raise Problem(400, "invalid-query", "A term query names its 'fields'.")
    for field in fields:
        _check_queryable(field, combined)
    operator, values = body.get("operator"), _list(body, "values")
    wanted = [_comparable(fields[0], value) for value in values]
    if operator not in _OPERATORS or (bool(wanted) == (operator in ("is_null", "is_not_null"))):
        raise Problem(400, "invalid-query", f"The operator '{operator}' does not fit its values.")
    if operator in ("is", "neq", "less", "greater") and len(wanted) != 1:
        raise Problem(400, "invalid-query", f"The operator '{operator}' takes one value.")
    compare = _OPERATORS[operator]
    return lambda document: any(compare(values_of(document, field), wanted) for field in fields)


_OPERATORS: dict[str, Callable[[list[Any], list[Any]], bool]] = {
    "is": lambda held, wanted: wanted[0] in held,
    "one_of": lambda held, wanted: any(value in held for value in wanted),
    "is_null": lambda held, _wanted: not held,
    "is_not_null": lambda held, _wanted: bool(held),
    "less": lambda held, wanted: any(value < wanted[0] for value in held),
    "greater": lambda held, wanted: any(value > wanted[0] for value in held),
    "not_in": lambda held, wanted: not any(value in held for value in wanted),
    "neq": lambda held, wanted: wanted[0] not in held,
}


def _text(body: Mapping[str, Any]) -> Test:
    fields, phrase = _list(body, "fields"), body.get("searchPhrase")
    if not fields or not isinstance(phrase, str):
        raise Problem(400, "invalid-query", "A text query has 'fields' and a 'searchPhrase'.")
    for field in fields:
        _check_queryable(field, combined=False)
    words = phrase.lower().split()
    return lambda document: all(
        any(word in str(value).lower() for field in fields for value in values_of(document, field))
        for word in words
    )


def _range(body: Mapping[str, Any]) -> Test:
    field = body.get("field")
    _check_queryable(field, combined=True)
    low = _comparable(field, body["from"]) if "from" in body else None
    high = _comparable(field, body["to"]) if "to" in body else None
    with_low, with_high = body.get("fromInclusive", True), body.get("toInclusive", True)

    def inside(value: Any) -> bool:
        above = low is None or value > low or (with_low and value == low)
        return above and (high is None or value < high or (with_high and value == high))

    return lambda document: any(inside(value) for value in values_of(document, field))


def _check_queryable(field: Any, combined: bool) -> None:
    if field not in SEARCHABLE:
        raise Problem(400, "unqueryable-field", f"The field '{field}' cannot be queried.")
    if field in COMBINED_ONLY and not combined:
        raise Problem(400, "invalid-query", f"'{field}' can only be combined by 'must'.")


def values_of(document: Document, field: Any) -> list[Any]:
    """What a document holds in a field, as comparable values; no values when it has none."""
    if field == "type":
        return [kind for kind, holds in document["type"].items() if holds]
    value = document.get("owningCatalogId" if field == "catalogId" else field)
    held = list(value.values()) if isinstance(value, dict) else [] if value is None else [value]
    return [_comparable(field, item) for item in held]


def _comparable(field: Any, value: Any) -> Any:
    if field in _TIMES:
        try:
            return parse_timestamp(value)
        except (TypeError, ValueError):
            raise Problem(400, "invalid-query", f"'{field}' is compared with date-times.") from None
    if field in _FLAGS:
        return str(value).lower() == "true"
    return str(value)


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    values = body.get(name, [])
    if not isinstance(values, list):
        raise Problem(400, "invalid-query", f"'{name}' must be a list.")
    return values


def _only(given: Any, what: str) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(given, dict) or len(given) != 1:
        raise Problem(400, "invalid-query", f"Exactly one {what} is expected.")
    ((kind, body),) = given.items()
    if not isinstance(body, dict):
        raise Problem(400, "invalid-query", f"The {what} '{kind}' must be an object.")
    return kind, body
