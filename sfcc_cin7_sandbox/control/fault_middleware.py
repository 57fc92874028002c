"""Troubles of the road between us and either system, by name and rate (see `Faults`).

Each is named `<system>.<what>`, `<system>` being `cin7` or `sfcc`:

- `slow`: the answer comes `size` seconds late (2).
- `timeout_before_commit`: nothing is done; after `size` seconds (0) the connection is cut in the
  middle of a response.
- `timeout_after_commit`: the same, but the request has been carried out.
- `late`: the request is carried out at once, the answer comes `size` seconds late (120).
- `500`, `502`, `503`: the server or a proxy answers so; nothing is done.
- `500_applied`: the answer is 500, but the request has been carried out.
- `html_200`: a web page instead of an answer, with status 200; nothing is done.
- `redirect`: the way to a log-in page instead of an answer (302); nothing is done.
- `error_200` (Cin7): an error object with status 200; nothing is done.
- `create_500` (Cin7): every POST /sale is answered 500, nothing is done, all else works.
- `site_down`, `site_hangs` (SFCC): the order list of one site, the fault's target, answers 500, or
  hangs for `size` seconds (120) and is then cut; other sites and single orders are served.
"""

import asyncio

import simplejson
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sfcc_cin7_sandbox.control.calls import system_of
from sfcc_cin7_sandbox.faults import Faults

WEB_PAGE = "<!DOCTYPE html>\n<html><head><title>Please wait</title></head><body></body></html>\n"
COMMON = (
    "slow",
    "timeout_before_commit",
    "timeout_after_commit",
    "late",
    "500",
    "500_applied",
    "502",
    "503",
    "html_200",
    "redirect",
)
SALE = "/externalapi/v2/sale"
LOG_IN = "/Account/LogOn?ReturnUrl=%2f"
FAULT_NAMES = frozenset(
    [f"{system}.{what}" for system in ("cin7", "sfcc") for what in COMMON]
    + ["cin7.error_200", "cin7.create_500", "cin7.throttle", "cin7.throttle_503"]
    + ["cin7.throttle_400", "cin7.short_snapshot", "cin7.duplicate_listing"]
    + ["cin7.shifted_listing", "cin7.repeated_page", "cin7.transfers_502"]
    + ["cin7.missing_listing", "cin7.index_lag", "sfcc.429", "sfcc.504_applied"]
    + ["cin7.webhook_dropped", "cin7.webhook_repeated", "cin7.webhook_reordered"]
    + ["sfcc.duplicate_listing", "sfcc.missing_listing", "sfcc.index_lag", "sfcc.lock_clash"]
    + ["sfcc.record_conflict", "sfcc.job_aborts", "sfcc.oci_import_stops"]
    + ["sfcc.location_graph", "sfcc.token_expired", "sfcc.site_down", "sfcc.site_hangs"]
)
"""Every fault there is, with those that the emulators cause themselves."""
STRIKE_ONE_SITE = frozenset({"sfcc.site_down", "sfcc.site_hangs"})


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
        if self._hit_list_of_a_site("sfcc.site_hangs", scope):
            await self._cut("sfcc.site_hangs", send, 120)
            return
        if answer := self._false_answer(system, scope):
            await answer(scope, receive, send)
            return
        if self._faults.hit(f"{system}.timeout_after_commit"):
            await self._app(scope, receive, _unheard)
            await self._cut(f"{system}.timeout_after_commit", send)
            return
        if self._faults.hit(f"{system}.500_applied"):
            await self._app(scope, receive, _unheard)
            await PlainTextResponse("Internal Server Error", 500)(scope, receive, send)
            return
        if self._faults.hit(f"{system}.late"):
            await self._late(self._faults.size(f"{system}.late", 120), scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _false_answer(self, system: str, scope: Scope) -> Response | None:
        if self._faults.hit(f"{system}.500") or self._hit_list_of_a_site("sfcc.site_down", scope):
            return PlainTextResponse("Internal Server Error", 500)
        creates = scope["method"] == "POST" and scope["path"].lower().rstrip("/") == SALE
        if creates and self._faults.hit("cin7.create_500"):
            refusal = [{"ErrorCode": 500, "Exception": "Internal server error"}]
            return Response(simplejson.dumps(refusal), 500, media_type="application/json")
        if self._faults.hit(f"{system}.502"):
            return HTMLResponse("<html><body>502 Bad Gateway</body></html>", 502)
        if self._faults.hit(f"{system}.503"):
            return PlainTextResponse("Service Unavailable", 503)
        if self._faults.hit(f"{system}.html_200"):
            return HTMLResponse(WEB_PAGE)
        if self._faults.hit(f"{system}.redirect"):
            return RedirectResponse(LOG_IN, 302)
        if system == "cin7" and self._faults.hit("cin7.error_200"):
            error = {"ErrorCode": 500, "Exception": "Something went wrong. Please try again."}
            return Response(simplejson.dumps(error), media_type="application/json")
        return None

    def _hit_list_of_a_site(self, fault: str, scope: Scope) -> bool:
        """Whether this is the order list of the site that the fault strikes."""
        if fault not in self._faults.rates or not scope["path"].endswith("/orders"):
            return False
        site = QueryParams(scope["query_string"].decode("latin-1")).get("siteId", "")
        return scope["method"] == "GET" and self._faults.hit_at(fault, site)

    async def _late(self, delay: float, scope: Scope, receive: Receive, send: Send) -> None:
        """The work is done now and the answer is given later."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        await asyncio.sleep(delay)
        for message in messages:
            await send(message)

    async def _cut(self, fault: str, send: Send, delay: float = 0) -> None:
        """Half a response; the server closes a connection whose response stays unfinished."""
        await asyncio.sleep(self._faults.size(fault, delay))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"', "more_body": True})


async def _unheard(_message: Message) -> None:
    """Where an answer goes that nobody will read."""
