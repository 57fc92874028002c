"""What goes over the wire: documents, refusals and the page that a wrong address gets."""

from typing import Any

import simplejson
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from sfcc_cin7_sandbox.cin7.settings import Cin7Settings, ThrottleForm

UNKNOWN_ADDRESS = (
    "<!DOCTYPE html>\n<html><head><title>Cin7 Core</title></head>"
    "<body><h1>Page not found</h1></body></html>\n"
)


class Refusal(Exception):
    """The system says no and nothing has changed.

    `status` is both the HTTP status and the ErrorCode.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def document(content: Any, status: int = 200) -> Response:
    """JSON with exact numbers."""
    return Response(
        simplejson.dumps(content, use_decimal=True),
        status_code=status,
        media_type="application/json; charset=utf-8",
    )


def refused(refusal: Refusal) -> Response:
    """The error list (Cin7 API reference, Error Model)."""
    return document(
        [{"ErrorCode": refusal.status, "Exception": refusal.message}], status=refusal.status
    )


def forbidden(settings: Cin7Settings) -> Response:
    """The answer to wrong credentials."""
    message = "Incorrect credentials!"
    if settings.forbidden_form == "text":
        return PlainTextResponse(message, status_code=403)
    return refused(Refusal(message, 403))


def throttled(settings: Cin7Settings, form: ThrottleForm | None = None) -> Response:
    """The refusal of a call above the limit, in the form of the settings unless told otherwise.

    Retry-After is neither a number nor a date.
    """
    form = form or settings.throttle_form
    limit, window = settings.calls_per_window, settings.window_seconds
    message = f"You have reached {limit} calls per {window} seconds API limit."
    if form == "400-list":
        return refused(Refusal(message, 400))
    return PlainTextResponse(
        message,
        status_code=int(form),
        headers={
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(window),
            "Retry-After": f"{window} Seconds",
        },
    )


def unknown_address(settings: Cin7Settings) -> Response:
    """What an address outside the API gets: a web page with status 200, or the way to one."""
    if settings.unknown_address == "redirect":
        return RedirectResponse("/Error/NotFound?aspxerrorpath=/ExternalApi/v2", 302)
    return HTMLResponse(UNKNOWN_ADDRESS)
