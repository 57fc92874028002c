"""Search for executions of jobs, as the Data API has it: POST /job_execution_search.

Of the queries it takes those that name executions by what they are: all, by term, and several of
them together.
"""

from collections.abc import Callable
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.sfcc.gate import DATA, Call, Gate
from sfcc_cin7_sandbox.sfcc.jobs import Document, Jobs
from sfcc_cin7_sandbox.sfcc.problems import OCAPI_VERSION, Fault, answer

PATH = DATA + "/job_execution_search"
REQUEST = frozenset({"query", "start", "count", "select", "sorts", "expand"})
FIELDS = frozenset({"id", "job_id", "status", "start_time", "end_time", "client_id"})
Test = Callable[[Document], bool]


class JobSearchRoutes:
    """Serves the search, the newest execution first."""

    def __init__(self, jobs: Jobs, gate: Gate) -> None:
        self._jobs = jobs
        self._gate = gate

    @property
    def routes(self) -> list[BaseRoute]:
        return [Route(PATH, self._gate.ocapi(self._search), methods=["POST"])]

    def _search(self, call: Call) -> Response:
        body = call.body
        if "query" not in body or set(body) - REQUEST:
            raise _refused("A search needs just a query.")
        start, count = body.get("start", 0), body.get("count", 25)
        whole = all(isinstance(each, int) for each in (start, count))
        if not whole or start < 0 or not 1 <= count <= 200:
            raise _refused("count is 1 to 200, start 0 or more.")
        wanted = _compile(body["query"])
        found = [each for each in self._jobs.newest() if wanted(each)]
        if _is_ascending(body.get("sorts", [])):
            found.reverse()
        hits = [{"_type": "job_execution", **each} for each in found[start : start + count]]
        return answer(
            {
                "_v": OCAPI_VERSION,
                "_type": "job_execution_search_result",
                "count": len(hits),
                "hits": hits,
                "query": body["query"],
                "start": start,
                "total": len(found),
            }
        )


def _compile(query: Any) -> Test:
    if not isinstance(query, dict) or len(query) != 1:
        raise _refused("A query has one kind.")
    [(kind, body)] = query.items()
    if kind == "match_all_query":
        return lambda _execution: True
    if kind == "term_query" and isinstance(body, dict):
        return _term(body)
    if kind == "bool_query" and isinstance(body, dict):
        must = [_compile(each) for each in body.get("must", [])]
        should = [_compile(each) for each in body.get("should", [])]
        must_not = [_compile(each) for each in body.get("must_not", [])]
        return lambda execution: (
            all(test(execution) for test in must)
            and (not should or any(test(execution) for test in should))
            and not any(test(execution) for test in must_not)
        )
    raise _refused(f"The query '{kind}' is not supported as given.")


def _term(body: Document) -> Test:
    fields, values = body.get("fields"), body.get("values")
    known = isinstance(fields, list) and bool(fields) and set(fields) <= FIELDS
    takes = body.get("operator") in ("is", "one_of") and isinstance(values, list) and values
    if not known or not takes:
        raise _refused("A term query has known fields, an operator and values.")
    wanted, names = list(values or ()), list(fields or ())
    return lambda execution: any(execution.get(name) in wanted for name in names)


def _is_ascending(sorts: Any) -> bool:
    """Whether the oldest comes first; executions are sorted by their start alone."""
    if not sorts:
        return False
    first = sorts[0] if isinstance(sorts, list) and isinstance(sorts[0], dict) else {}
    if first.get("field") not in ("start_time", "creation_date"):
        raise _refused("Executions are sorted by start_time.")
    return bool(first.get("sort_order", "asc") == "asc")


def _refused(message: str) -> Fault:
    return Fault(400, "MalformedSearchRequestException", message)
