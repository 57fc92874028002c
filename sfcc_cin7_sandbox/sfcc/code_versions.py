"""Code versions of the instance: GET /code_versions, and one of them with GET, PUT, PATCH, DELETE.

A code version is a folder right below Cartridges. One is active at any time, and that one cannot be
deleted (OCAPI Data API, Code Versions).
"""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.sfcc.gate import DATA, Call, Gate, Handler
from sfcc_cin7_sandbox.sfcc.problems import OCAPI_VERSION, Fault, answer, no_content, timestamp
from sfcc_cin7_sandbox.sfcc.webdav import SEGMENT, Impex
from sfcc_cin7_sandbox.shelf import Shelf

VERSIONS = DATA + "/code_versions"
KIND = "sfcc.code_version"
FIRST = "version1"
"""The version that an instance comes with."""


class CodeVersionRoutes:
    """Serves the folders of the code, and remembers which of them is active since when."""

    def __init__(self, code: Impex, shelf: Shelf, clock: Clock, gate: Gate) -> None:
        self._code = code
        self._shelf = shelf
        self._clock = clock
        self._gate = gate
        self._active: dict[str, str] = shelf.load(KIND).get("active") or {}
        if not self._active:
            code.make_folder(FIRST)
            self._activate(FIRST)

    @property
    def routes(self) -> list[BaseRoute]:
        one = VERSIONS + "/{version_id}"
        handlers: list[tuple[str, str, Handler]] = [
            ("GET", VERSIONS, self._list),
            ("GET", one, lambda call: self._answer(self._named(call))),
            ("PUT", one, self._put),
            ("PATCH", one, self._patch),
            ("DELETE", one, self._delete),
        ]
        return [
            Route(path, self._gate.ocapi(handler), methods=[method])
            for method, path, handler in handlers
        ]

    def _list(self, _call: Call) -> Response:
        names = self._code.inside("")
        data = [self._shown(name) for name in names if name in self._code.folders]
        total = {"count": len(data), "data": data, "total": len(data)}
        return answer({"_v": OCAPI_VERSION, "_type": "code_version_result", **total})

    def _put(self, call: Call) -> Response:
        name = call.path("version_id")
        if name in self._code.folders:
            raise Fault(
                400, "CodeVersionIdAlreadyExistsException", f"There is a code version '{name}'."
            )
        if not SEGMENT.fullmatch(name):
            raise Fault(400, "InvalidIdException", f"'{name}' names no code version.")
        self._code.make_folder(name)
        return self._answer(name)

    def _patch(self, call: Call) -> Response:
        name, body = self._named(call), call.body
        if set(body) - {"active", "id"} or not body:
            raise Fault(
                400, "UnknownPropertyException", "Of a code version id and active can be changed."
            )
        if body.get("active", True) is not True:
            raise Fault(400, "InvalidPropertyException", "A code version is only ever made active.")
        to = body.get("id", name)
        if to != name:
            if not isinstance(to, str) or not SEGMENT.fullmatch(to) or to in self._code.folders:
                raise Fault(400, "InvalidIdException", f"No code version can be called {to!r}.")
            self._code.copy(name, to)
            self._code.delete(name)
        if "active" in body or self._active["id"] == name:
            self._activate(to)
        return self._answer(to)

    def _delete(self, call: Call) -> Response:
        name = self._named(call)
        if self._active["id"] == name:
            raise Fault(400, "ActiveCodeVersionException", f"The code version '{name}' is active.")
        self._code.delete(name)
        return no_content()

    def _activate(self, name: str) -> None:
        self._active = {"id": name, "at": timestamp(self._clock.now())}
        self._shelf.put(KIND, "active", self._active)

    def _named(self, call: Call) -> str:
        name = call.path("version_id")
        if name not in self._code.folders or "/" in name:
            raise Fault(404, "CodeVersionIdNotFoundException", f"No code version '{name}'.")
        return name

    def _answer(self, name: str) -> Response:
        return answer({"_v": OCAPI_VERSION, **self._shown(name)})

    def _shown(self, name: str) -> dict[str, Any]:
        active = name == self._active["id"]
        inside = [path for path in self._code.inside(name) if path in self._code.folders]
        return {
            "_type": "code_version",
            "id": name,
            "active": active,
            "cartridges": [path.rpartition("/")[2] for path in inside],
            "compatibility_mode": "22.7",
            "rollback": False,
            **({"activation_time": self._active["at"]} if active else {}),
        }
