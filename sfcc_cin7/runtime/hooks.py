"""Takes Cin7's webhooks: authenticated, small, answered at once, kept as hints by the rooms.

Cin7 has no signature, only credentials that it sends along. After six tries without success it
switches a webhook off: whatever is authenticated and small is answered with 200, also if it cannot
be read (Cin7 API reference, Webhooks).
"""

import base64
import binascii
import hmac
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

LIVE = "/live"
"""Answers whoever asks that the process is there, and nothing else: this faces the internet."""
USER = "cin7"
"""The user name that goes with the secret where Cin7 sends basic credentials."""
LARGEST = 256 * 1024
"""Bytes; one product in many bins is some tens of kilobytes."""
PER_SECOND, AT_ONCE = 50.0, 500
"""Events that are taken in the long run, and in a burst: what is above may be sent again later."""
log = logging.getLogger(__name__)


class Pace:
    """A bucket that fills with time: whether one more may pass now.

    `now` are seconds of any clock that does not go back.
    """

    def __init__(self, per_second: float, at_once: int, now: Callable[[], float]) -> None:
        self._per_second, self._at_once, self._now = per_second, at_once, now
        self._left, self._since = float(at_once), now()

    def passes(self) -> bool:
        """One less is left, if any was."""
        now = self._now()
        filled = (now - self._since) * self._per_second
        self._left, self._since = min(float(self._at_once), self._left + filled), now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(frozen=True)
class Hook:
    """An address for events of one type. `keep` is given the body of each, whatever it holds; it
    raises nothing but what the database does."""

    path: str
    keep: Callable[[bytes], None]


def application(
    hooks: Sequence[Hook],
    secret: str,
    pages: Sequence[Route] = (),
    now: Callable[[], float] = time.monotonic,
) -> Starlette:
    """Takes events; `secret` is what Cin7 sends as bearer token, or as password of `USER`. Each of
    `pages` sees for itself who may open it.

    Each address has a pace of its own; whoever does not know the secret uses nothing of it up.
    """

    async def live(_request: Request) -> Response:
        return PlainTextResponse("OK")

    routes = [
        Route(hook.path, _taking(hook, secret, Pace(PER_SECOND, AT_ONCE, now)), methods=["POST"])
        for hook in hooks
    ]
    return Starlette(routes=[*routes, *pages, Route(LIVE, live)])


def _taking(hook: Hook, secret: str, pace: Pace) -> Callable[[Request], object]:
    async def take(request: Request) -> Response:
        if not admitted(request.headers, secret):
            return PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": "Bearer"})
        if not pace.passes():
            return PlainTextResponse("Too many", 429, {"Retry-After": "10"})
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                return PlainTextResponse("Too large", 413, {"Connection": "close"})
        try:
            await run_in_threadpool(hook.keep, body)
        except SQLAlchemyError as error:
            log.warning("a hint was not kept: %s", type(error).__name__)
            return PlainTextResponse("Try again", 503)
        return PlainTextResponse("OK")

    return take


def admitted(headers: Mapping[str, str], secret: str) -> bool:
    """Whether the caller knows the secret; how long that takes tells nothing about it."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    expected = secret.encode()
    if scheme.lower() == "bearer":
        return hmac.compare_digest(given.strip().encode(), expected)
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(given, validate=True).partition(b":")
        except binascii.Error:
            return False
        known = hmac.compare_digest(user, USER.encode())
        return hmac.compare_digest(password, expected) and known
    return False


def serve(
    hooks: Sequence[Hook], secret: str, host: str, port: int, pages: Sequence[Route] = ()
) -> None:
    """Serve until interrupted. TLS and the way in from outside are a proxy's job."""
    import uvicorn

    uvicorn.run(
        application(hooks, secret, pages),
        host=host,
        port=port,
        ws="none",
        access_log=False,
        log_level="warning",
        limit_concurrency=64,
        timeout_keep_alive=5,
    )
