"""The page that a signed link opens: what the alert is called, and a button that takes it on.

It stands in the receiver, which is the one process behind a public address. Whoever has no valid
link learns nothing, not even whether an alert exists.
"""

import logging
from urllib.parse import parse_qs

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from sfcc_cin7.alerts.links import PATH, Invitation, Links
from sfcc_cin7.alerts.records.alerts import AlertRow, acknowledge, open_alerts
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.runtime.templates import rendered
from sfcc_cin7.values.clock import Clock

LARGEST = 4096
"""Bytes of the form: a name."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
INVALID = "This link is not valid, or not any more: take the alert on with `sfcc-cin7 alerts ack`."
log = logging.getLogger(__name__)


def acknowledging_page(engine: Engine, clock: Clock, links: Links) -> Route:
    """The page, as a route of the receiver."""

    async def answer(request: Request) -> Response:
        invited = links.read(request.query_params, clock.now())
        if invited is None:
            return PlainTextResponse(INVALID, 403, HEADERS)
        name = await _name(request) if request.method == "POST" else None
        try:
            page = await run_in_threadpool(_page, engine, clock, invited, name)
        except SQLAlchemyError as error:
            log.warning("an alert was not taken on: %s", type(error).__name__)
            return PlainTextResponse("The database does not answer: try again.", 503, HEADERS)
        return HTMLResponse(page, headers=HEADERS)

    return Route(PATH, answer, methods=["GET", "POST"])


async def _name(request: Request) -> str:
    """Who pressed the button; empty where nobody said so."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return ""
    return parse_qs(body.decode("utf-8", "replace")).get("by", [""])[0]


def _page(engine: Engine, clock: Clock, invited: Invitation, name: str | None) -> str:
    problem = ""
    with engine.begin() as connection:
        alert = _open(open_alerts(connection), invited.alert)
        if alert is not None and name is not None and not alert.acknowledged_by:
            try:
                author = Author.of(name, f"by the link that {invited.to} was sent")
                acknowledge(connection, alert.id, author.by, clock.now())
            except ActionRefused:
                problem = "Say who you are."
            else:
                alert = _open(open_alerts(connection), invited.alert)
    return rendered(
        "sfcc_cin7.alerts", "acknowledge.html.jinja", alert=alert, to=invited.to, problem=problem
    )


def _open(alerts: list[AlertRow], alert_id: str) -> AlertRow | None:
    return next((each for each in alerts if each.id == alert_id), None)
