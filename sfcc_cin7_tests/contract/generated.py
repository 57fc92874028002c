"""Calls that are made up from the published API descriptions, and what an emulator answers.

Schemathesis makes them; most of the names and IDs in them give way to ones that there are, or
nearly every call would end at the first thing that is unknown.
"""

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import simplejson
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, openapi

from sfcc_cin7_tests.contract.openapi import document, problems, validator

GROUNDED, ALWAYS = 0.8, ("organizationId", "siteId", "site_id")
Known = Mapping[str, list[Any]]
"""What there is, by the name of the attribute or parameter that says so."""


@dataclass(frozen=True)
class Operation:
    """One operation of a description."""

    file: str
    method: str
    path: str

    @property
    def id(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """What an emulator answers."""

    status: int
    content: bytes


Call = Callable[[str, str, Mapping[str, str], Any], Answer]
"""Sends method, path, query and body (None for none)."""


def operations(file: str) -> list[Operation]:
    """Everything that a description describes; nothing where it is absent."""
    try:
        paths = document(file)["paths"]
    except BaseException as absent:  # pytest's skip, while tests are collected
        if type(absent).__name__ != "Skipped":
            raise
        return []
    return [
        Operation(file, method.upper(), path)
        for path, methods in paths.items()
        for method in methods
        if method in ("get", "post", "put", "patch", "delete")
    ]


@cache
def _schema(file: str) -> Any:
    whole = deepcopy(document(file))
    whole.pop("security", None)
    plain = simplejson.loads(simplejson.dumps(_mended(whole), use_decimal=True))
    return openapi.from_dict(plain)


def _mended(node: Any) -> Any:
    """Objects that are composed of others and forbid what these name can never be right."""
    if isinstance(node, list):
        return [_mended(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _mended(each) for name, each in node.items() if name != "security"}
    if "allOf" in kept and kept.get("additionalProperties") is False:
        del kept["additionalProperties"]
    return kept


Wrong = Callable[[Operation, "Answer"], list[str]]


def answers(
    operation: Operation,
    fresh: Callable[[str], tuple[Call, Known]],
    most: int = 3,
    wrong: Wrong | None = None,
) -> list[Answer]:
    """Every answer to calls that were made up, each checked: it is no 5xx, and what it says is what
    the description says of its status."""
    made = _schema(operation.file)[operation.path][operation.method]
    call, known = fresh(operation.path)
    told_wrong = wrong or told_otherwise
    seen: list[Answer] = []

    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to make a call smaller takes longer than to read it
        derandomize=most <= 3,  # by day the same ones in each run
        suppress_health_check=list(HealthCheck),
    )
    @given(case=made.as_strategy(), dice=st.randoms(use_true_random=False))
    def one(case: Case[Any], dice: Any) -> None:
        path = operation.path
        for name, value in (case.path_parameters or {}).items():
            value = _grounded(name, value, known, dice)
            path = path.replace(f"{{{name}}}", quote(str(value) or "x", safe=""))
        query = {k: _grounded(k, v, known, dice) for k, v in (case.query or {}).items()}
        shown = {name: _text(value) for name, value in query.items() if value is not None}
        body = case.body if isinstance(case.body, dict | list) else None
        answer = call(operation.method, path, shown, _grounded("", body, known, dice))
        seen.append(answer)
        assert answer.status < 500, (answer, shown, body)
        assert told_wrong(operation, answer) == [], (answer, shown, body)

    one()
    return seen


def told_otherwise(operation: Operation, answer: Answer) -> list[str]:
    """What an answer says that its description does not. Raises LookupError for a status that is
    not described."""
    if answer.status == 204:
        return []
    schema = validator(operation.file, operation.method, operation.path, answer.status)
    try:
        body = simplejson.loads(answer.content, use_decimal=True)
    except ValueError:
        body = answer.content.decode()
    return problems(body, schema)


def _grounded(name: str, value: Any, known: Known, dice: Any) -> Any:
    """The value with what there is in it, most of the time."""
    if isinstance(value, dict):
        return {key: _grounded(key, each, known, dice) for key, each in value.items()}
    if isinstance(value, list):
        return [_grounded(name, each, known, dice) for each in value]
    if name in known and (name in ALWAYS or dice.random() < GROUNDED):
        return dice.choice(known[name])
    return value


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_text(each) for each in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def reached(found: Iterable[Answer]) -> dict[int, int]:
    """How many answers there were of each status."""
    counts: dict[int, int] = {}
    for answer in found:
        counts[answer.status] = counts.get(answer.status, 0) + 1
    return counts
