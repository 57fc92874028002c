"""Both systems over HTTP on one loopback port.

- Cin7 Core under `/ExternalApi/v2/` (in any case),
- Salesforce Commerce Cloud under its own paths (`/dwsso`, `/checkout`, `/custom`, `/product`, `/s`,
  `/inventory`, `/operation`, `/on`),
- the sandbox itself under `/_control/`.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.control.assembly import Sandbox, SandboxSettings, assemble
from sfcc_cin7_sandbox.control.calls import CallLogMiddleware
from sfcc_cin7_sandbox.control.control import Control
from sfcc_cin7_sandbox.control.dated import DateMiddleware
from sfcc_cin7_sandbox.control.fault_middleware import FaultMiddleware
from sfcc_cin7_sandbox.gateways.gateway import settle_for_ever

CIN7_PREFIX = "/ExternalApi/v2"
LOOPBACK = ("127.0.0.1", "localhost")
DEFAULT_PORT = 8800

log = logging.getLogger(__name__)


class Premises:
    """An ASGI application: the sandbox of the moment, with the people who work in it."""

    def __init__(self, settings: SandboxSettings, clock: Clock | None = None) -> None:
        """Raises ValueError, see `assemble`."""
        self._settings = settings
        self._clock = clock
        self._lifespan = Starlette(lifespan=self._living)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._moved = asyncio.Event()
        self._open()

    def reset(self) -> Sandbox:
        """A sandbox as new at the same address; takes milliseconds, from any thread.

        Calls that are under way end in the old one. Raises ValueError when the sandbox keeps its
        data in a folder.
        """
        if self._settings.data is not None:
            raise ValueError("A sandbox that keeps its data in a folder is not reset.")
        self._open()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._moved.set)
        return self.sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._lifespan if scope["type"] == "lifespan" else self._app
        await app(scope, receive, send)

    def _open(self) -> None:
        self.sandbox = sandbox = assemble(self._settings, self._clock)
        self._app = Starlette(
            routes=[
                *Control(sandbox, self.reset).routes,
                Mount(CIN7_PREFIX, routes=sandbox.cin7.routes),
                *sandbox.sfcc.routes,
            ],
            middleware=[
                Middleware(DateMiddleware, clock=sandbox.clock),
                Middleware(CallLogMiddleware, log=sandbox.calls),
                Middleware(FaultMiddleware, faults=sandbox.faults),
                Middleware(_Cin7PrefixInAnyCase),
            ],
        )

    @asynccontextmanager
    async def _living(self, _app: Starlette) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        house = asyncio.create_task(self._people())
        yield
        house.cancel()
        await asyncio.gather(house, return_exceptions=True)

    async def _people(self) -> None:
        """Shoppers and warehouse work, webhooks are delivered; all move along with a reset."""
        while True:
            sandbox = self.sandbox
            self._moved.clear()
            people = [
                asyncio.create_task(_for_ever(sandbox.shoppers.run)),
                asyncio.create_task(_for_ever(sandbox.warehouse.run)),
                asyncio.create_task(_for_ever(sandbox.aftercare.run)),
                asyncio.create_task(_for_ever(sandbox.cin7.run)),
            ]
            if self._settings.payouts:
                seconds = self._settings.payout_seconds
                settling = partial(
                    settle_for_ever, sandbox.gateways, self._settings.payouts, seconds
                )
                people.append(asyncio.create_task(_for_ever(settling)))
            try:
                await self._moved.wait()
            finally:
                for task in people:
                    task.cancel()
                await asyncio.gather(*people, return_exceptions=True)
                sandbox.shelf.close()


def build_app(settings: SandboxSettings, clock: Clock | None = None) -> Premises:
    """The whole sandbox; `app.sandbox` are its parts.

    Raises:
        ValueError: see `assemble`.
    """
    return Premises(settings, clock)


def listen(host: str = LOOPBACK[0], port: int = 0) -> socket.socket:
    """A socket of this machine alone; port 0 is any free one.

    Raises:
        ValueError: the host is not loopback, or the port is taken.
    """
    if host not in LOOPBACK:
        raise ValueError(f"The sandbox is served on loopback only ({LOOPBACK[0]}), not on {host}.")
    try:
        return socket.create_server((host, port))
    except OSError:
        raise ValueError(f"Port {port} is taken or not allowed: choose another.") from None


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until interrupted."""
    with suppress(KeyboardInterrupt):
        _server(app).run([listener])


@dataclass(frozen=True)
class RunningSandbox:
    """A sandbox that answers at `url`, with its parts in reach."""

    url: str
    premises: Premises

    @property
    def sandbox(self) -> Sandbox:
        """Another one after each reset."""
        return self.premises.sandbox

    def reset(self) -> Sandbox:
        """A sandbox as new at the same address, in milliseconds."""
        return self.premises.reset()


@contextmanager
def running_sandbox(clock: Clock | None = None, **settings: Any) -> Iterator[RunningSandbox]:
    """A sandbox on a free port for the time of the context; `settings` as `SandboxSettings`."""
    app = build_app(SandboxSettings(**settings), clock)
    listener = listen()
    server = _server(app)
    thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
    thread.start()
    try:
        yield RunningSandbox(f"http://{LOOPBACK[0]}:{listener.getsockname()[1]}", app)
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def _server(app: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        lifespan="on",
        ws="none",
        access_log=False,
        date_header=False,  # the sandbox's own clock says when
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
    logging.getLogger("uvicorn.error").addFilter(_not_a_cut_connection)
    return uvicorn.Server(config)


def _not_a_cut_connection(record: logging.LogRecord) -> bool:
    """Connections that a fault cuts are no mistakes of the server."""
    return "without completing response" not in record.getMessage()


async def _for_ever(work: Callable[[], Awaitable[None]]) -> None:
    """One mishap must not send the shoppers home for good."""
    while True:
        try:
            await work()
        except Exception:  # any: nobody awaits this task, and it is logged with its traceback
            log.exception("The sandbox goes on after a mishap")
            await asyncio.sleep(1)


class _Cin7PrefixInAnyCase:
    """Cin7 does not tell the case of paths apart; the emulator sees to what follows the prefix."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].lower().startswith(CIN7_PREFIX.lower()):
            scope = {**scope, "path": CIN7_PREFIX + scope["path"][len(CIN7_PREFIX) :]}
        await self._app(scope, receive, send)
