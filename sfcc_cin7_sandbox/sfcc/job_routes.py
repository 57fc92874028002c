"""Executions of jobs over HTTP: the Data API (25.6), and the Jobs API (1.0) that follows it.

The successor says the same in camel case; its refusals are problems instead of faults.
"""

import re
from collections.abc import Callable
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.sfcc.gate import DATA, Call, Endpoint, Gate
from sfcc_cin7_sandbox.sfcc.jobs import Document, Jobs, malformed
from sfcc_cin7_sandbox.sfcc.problems import OCAPI_VERSION, Fault, Problem, answer

EXECUTIONS = DATA + "/jobs/{job_id}/executions"
SUCCESSOR = "/operation/jobs/v1/organizations/{organization}/jobs/{job_id}/executions"
SITE_ARCHIVE = "sfcc-site-archive-import"
"""The system's own job, whose file the caller names by `file_name` (the Data API's form) or by the
parameter ImportFile."""
Work = Callable[[Call], Document]


class JobRoutes:
    """Serves the executions of jobs."""

    def __init__(self, jobs: Jobs, gate: Gate) -> None:
        self._jobs = jobs
        self._gate = gate

    @property
    def routes(self) -> list[BaseRoute]:
        return [
            Route(path, endpoint, methods=[method])
            for method, end, scope, work in (
                ("POST", "", "sfcc.jobs.rw", self._start),
                ("GET", "/{execution_id}", "sfcc.jobs", self._get),
            )
            for path, endpoint in (
                (EXECUTIONS + end, self._gate.ocapi(_documented(work))),
                (SUCCESSOR + end, self._successor(scope, work)),
            )
        ]

    def _start(self, call: Call) -> Document:
        job_id, body = call.path("job_id"), dict(call.body)
        if job_id == SITE_ARCHIVE and "file_name" in body:
            if "parameters" in body:
                raise malformed("A file is named by file_name or as a parameter, not both.")
            body["parameters"] = [{"name": "ImportFile", "value": body.pop("file_name")}]
        for name in body:
            if name != "parameters" and not name.startswith("_"):
                raise malformed(f"The property '{name}' is not known.")
        return self._jobs.start(job_id, body.get("parameters", []))

    def _get(self, call: Call) -> Document:
        return self._jobs.get(call.path("job_id"), call.path("execution_id"))

    def _successor(self, scope: str, work: Work) -> Endpoint:
        def handler(call: Call) -> Response:
            try:
                return answer(_camel(work(call)))
            except Fault as fault:
                kind = fault.kind.removesuffix("Exception")
                kebab = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).lower()
                raise Problem(fault.status, kebab, str(fault)) from None

        return self._gate.scapi(scope, handler)


def _documented(work: Work) -> Callable[[Call], Response]:
    def handler(call: Call) -> Response:
        return answer({"_v": OCAPI_VERSION, "_type": "job_execution", **work(call)})

    return handler


def _camel(value: Any) -> Any:
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if isinstance(value, dict):
        return {
            re.sub(r"_([a-z])", lambda found: found[1].upper(), name): _camel(inner)
            for name, inner in value.items()
        }
    return value
