"""The road to an emulated system without a network: its application is called directly.

What goes over a real connection is tested with the clients, the writers, the commands and the
sandbox's own server; elsewhere the way there and back would take longer than what is asked for.
"""

import asyncio
import threading
from urllib.parse import unquote

import httpx
from starlette.types import ASGIApp, Message


class InProcess(httpx.BaseTransport):
    """One call after another, from any thread; it waits for nothing but the application's code.

    An answer that the application leaves unfinished is a connection that was cut, as a server makes
    of it: httpx.RemoteProtocolError. What the application raises is raised here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        with _ONE_AT_A_TIME:
            return _LOOP.run_until_complete(self._serve(request, content))

    def close(self) -> None:
        """It may serve several clients, and outlives each."""

    async def _serve(self, request: httpx.Request, content: bytes) -> httpx.Response:
        status, headers, body, ended = 500, [], b"", False

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers, body, ended
            if message["type"] == "http.response.start":
                status, headers = message["status"], message.get("headers", [])
            else:
                body += message.get("body", b"")
                ended = not message.get("more_body", False)

        raw_path, _, query = request.url.raw_path.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": "http",
            "path": unquote(raw_path.decode("ascii")),
            "raw_path": raw_path,
            "query_string": query,
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 1),
            "root_path": "",
        }
        await self._app(scope, receive, send)
        if not ended:
            raise httpx.RemoteProtocolError("The answer was cut off.", request=request)
        return httpx.Response(status, headers=headers, content=body, request=request)


_LOOP = asyncio.new_event_loop()
_ONE_AT_A_TIME = threading.Lock()
"""Emulators run on one thread, as they do in their server."""
