"""Troubles of the road between us and either system, by name and rate (see `Faults`).

Each is named `<system>.<what>`, `<system>` being `cin7` or `sfcc`:

- `slow`: the answer comes `size` seconds late (2).
- `timeout_before_commit`: nothing is done; after `size` seconds (0) the connection is cut in the
  middle of a response.
- `timeout_after_commit`: the same, but the request has been carried out.
- `502`, `503`: a proxy answers; nothing is done.
- `html_200`: a web page instead of an answer, with status 200; nothing is done.
- `error_200` (Cin7): an error object with status 200; nothing is done.
"""

import asyncio

import simplejson
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sfcc_cin7.sandbox.calls import system_of
from sfcc_cin7.sandbox.faults import Faults

WEB_PAGE = "<!DOCTYPE html>\n<html><head><title>Please wait</title></head><body></body></html>\n"
COMMON = (
    "slow",
    "timeout_before_commit",
    "timeout_after_commit",
    "502",
    "503",
    "html_200",
)
FAULT_NAMES = frozenset(
    [f"{system}.{what}" for system in ("cin7", "sfcc") for what in COMMON]
    + ["cin7.error_200", "cin7.throttle", "cin7.short_snapshot", "cin7.duplicate_listing"]
    + ["cin7.index_lag", "sfcc.429", "sfcc.504_applied", "sfcc.duplicate_listing"]
    + ["sfcc.index_lag", "sfcc.lock_clash", "sfcc.record_conflict", "sfcc.job_aborts"]
    + ["cin7.webhook_dropped", "cin7.webhook_repeated", "cin7.webhook_reordered"]
    + ["sfcc.oci_import_stops", "sfcc.location_graph"]
)
"""Every fault there is, with those that the emulators cause themselves."""


class FaultMiddleware:
    """Stands before both systems, never before the control endpoints."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        system = system_of(scope["path"]) if scope["type"] == "http" else "control"
        if system == "control":
            await self._app(scope, receive, send)
            return
        if self._faults.hit(f"{system}.slow"):
            await asyncio.sleep(self._faults.size(f"{system}.slow", 2))
        if self._faults.hit(f"{system}.timeout_before_commit"):
            await self._cut(f"{system}.timeout_before_commit", send)
            return
        if answer := self._false_answer(system):
            await answer(scope, receive, send)
            return
        if self._faults.hit(f"{system}.timeout_after_commit"):
            await self._app(scope, receive, _unheard)
            await self._cut(f"{system}.timeout_after_commit", send)
            return
        await self._app(scope, receive, send)

    def _false_answer(self, system: str) -> Response | None:
        if self._faults.hit(f"{system}.502"):
            return HTMLResponse("<html><body>502 Bad Gateway</body></html>", 502)
        if self._faults.hit(f"{system}.503"):
            return PlainTextResponse("Service Unavailable", 503)
        if self._faults.hit(f"{system}.html_200"):
            return HTMLResponse(WEB_PAGE)
        if system == "cin7" and self._faults.hit("cin7.error_200"):
            error = {"ErrorCode": 500, "Exception": "Something went wrong. Please try again."}
            return Response(simplejson.dumps(error), media_type="application/json")
        return None

    async def _cut(self, fault: str, send: Send) -> None:
        """Half a response; the server closes a connection whose response stays unfinished."""
        await asyncio.sleep(self._faults.size(fault, 0))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"', "more_body": True})


async def _unheard(_message: Message) -> None:
    """Where an answer goes that nobody will read."""
