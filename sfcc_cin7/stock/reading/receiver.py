"""Takes Cin7's word that stock moved: authenticated, small, answered at once, kept as a hint.

Cin7 posts the availability rows of one product, a bare list without an event type, so this address
is for `Stock/AvailableStockLevelChanged` alone (Cin7 API reference, Webhooks). It has no signature,
only credentials that it sends along. After six tries without success it switches the webhook off:
whatever is authenticated and small is answered with 200, also if it cannot be read.
"""

import base64
import binascii
import hmac
import logging
from collections.abc import Collection, Mapping

import simplejson
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sfcc_cin7.stock.records.hints import WEBHOOK, hint
from sfcc_cin7.values.clock import Clock

PATH = "/hooks/cin7/available-stock-level-changed"
LIVE = "/live"
"""Answers whoever asks that the process is there, and nothing else: this faces the internet."""
USER = "cin7"
"""The user name that goes with the secret where Cin7 sends basic credentials."""
LARGEST = 256 * 1024
"""Bytes; one product in many bins is some tens of kilobytes."""
MOST_SKUS = 50
LONGEST_SKU = 256
log = logging.getLogger(__name__)


def receiver(engine: Engine, clock: Clock, secret: str) -> Starlette:
    """The application; `secret` is what Cin7 sends as bearer token, or as password of `USER`."""

    def keep(skus: Collection[str]) -> None:
        now = clock.now()
        with engine.begin() as connection:
            hint(connection, skus, WEBHOOK, now, now)

    async def stock_moved(request: Request) -> Response:
        if not admitted(request.headers, secret):
            return PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": "Bearer"})
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                return PlainTextResponse("Too large", 413, {"Connection": "close"})
        skus = named_skus(body)
        try:
            await run_in_threadpool(keep, skus)
        except SQLAlchemyError as error:
            log.warning("a hint was not kept: %s", type(error).__name__)
            return PlainTextResponse("Try again", 503)
        return PlainTextResponse("OK")

    async def live(_request: Request) -> Response:
        return PlainTextResponse("OK")

    return Starlette(
        routes=[Route(PATH, stock_moved, methods=["POST"]), Route(LIVE, live)],
    )


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


def named_skus(body: bytes) -> set[str]:
    """SKUs of the rows of an event; none if it is not what Cin7 sends (pure)."""
    try:
        rows = simplejson.loads(body)
    except ValueError:
        rows = None
    if not isinstance(rows, list):
        log.warning("an event about stock is no list of rows; the next full reading will tell")
        return set()
    named = {row.get("SKU") for row in rows if isinstance(row, dict)}
    usable = {
        sku
        for sku in named
        if isinstance(sku, str) and 0 < len(sku) <= LONGEST_SKU and "\x00" not in sku
    }
    return usable if len(usable) <= MOST_SKUS else set()


def serve(engine: Engine, clock: Clock, secret: str, host: str, port: int) -> None:
    """Serve until interrupted. TLS and the way in from outside are a proxy's job."""
    import uvicorn

    uvicorn.run(
        receiver(engine, clock, secret),
        host=host,
        port=port,
        ws="none",
        access_log=False,
        log_level="warning",
        limit_concurrency=64,
        timeout_keep_alive=5,
    )
