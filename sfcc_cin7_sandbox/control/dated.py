"""Answers say when they were given, by the sandbox's clock (RFC 9110, section 6.6.1: Date)."""

from datetime import UTC
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sfcc_cin7_sandbox.clock import Clock


class DateMiddleware:
    """Adds the header, to the second."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = format_datetime(self._clock.now().astimezone(UTC), usegmt=True)
                message["headers"] = [*message.get("headers", ()), (b"date", now.encode())]
            await send(message)

        await self._app(scope, receive, dated)
