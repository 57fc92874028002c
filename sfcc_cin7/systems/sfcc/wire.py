"""What every call to Commerce Cloud goes through: its name, its token, its headers, its outcome.

Reads are repeated a few times when the system is unavailable or throttles; writes never are. Each
call carries a correlation id, which its error names.
"""

from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx

from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.errors import Refused
from sfcc_cin7.systems.http.outcomes import Call, Decode, Effect, exchange, transfer, unreadable
from sfcc_cin7.systems.http.remote_clock import RemoteClock
from sfcc_cin7.systems.sfcc.connection import SfccConnection
from sfcc_cin7.systems.sfcc.token import AccessToken, GuestToken
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import Clock

TIMEOUT = httpx.Timeout(65.0, connect=10.0)  # the Admin APIs give up after 60 s
T = TypeVar("T")


class Wire:
    """The instance on the other side, for the classes of calls that build on it."""

    def __init__(
        self,
        connection: SfccConnection,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
        new_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._new_id = new_id
        self.remote_clock = RemoteClock(clock)
        self._http = httpx.Client(
            timeout=TIMEOUT,
            follow_redirects=False,
            transport=transport,
            event_hooks={"response": [self.remote_clock.observe]},
        )
        self._token = AccessToken(self._http, connection, clock, new_id, connection.scope)
        self._oci_token = AccessToken(self._http, connection, clock, new_id, connection.oci_scope)
        self._catalogue_token = AccessToken(
            self._http, connection, clock, new_id, connection.catalogue_scope
        )
        self._fulfilment_token = AccessToken(
            self._http, connection, clock, new_id, connection.fulfilment_scope
        )
        self._guest_tokens: dict[str, GuestToken] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _call(
        self, method: str, base: str, path: str, effect: Effect | None = None
    ) -> tuple[Call, str]:
        by_method: Effect = "read" if method == "GET" else "write"
        call = Call("sfcc", f"{method} {path}", effect or by_method, self._new_id())
        return call, base + path

    def _get(
        self,
        call: Call,
        url: str,
        params: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        attempts: int = retries.ATTEMPTS,
        decode: Decode = decimal_json.loads,
    ) -> Any:
        return retries.read(
            lambda: self._send(call, url, params, body, decode), self._clock.sleep, attempts
        )

    def _send(
        self,
        call: Call,
        url: str,
        params: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        decode: Decode = decimal_json.loads,
    ) -> Any:
        """Send once; a token that the API does not accept any more is renewed once."""
        content = None if body is None else decimal_json.dumps(dict(body)).encode()
        headers = {"Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        return self._with_token(
            call,
            url,
            lambda token: exchange(
                self._http, call, self._request(call, url, token, headers, content, params), decode
            ),
        )

    def _transfer(
        self,
        call: Call,
        url: str,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send once what is not JSON, or is not answered by it; as `_send` otherwise."""
        return self._with_token(
            call,
            url,
            lambda token: transfer(
                self._http, call, self._request(call, url, token, headers or {}, content)
            ),
        )

    def _with_token(self, call: Call, url: str, send: Callable[[str], T]) -> T:
        held = self._token
        if url.startswith(self._connection.inventory_url):
            held = self._oci_token
        elif url.startswith(self._connection.fulfilment_url):
            held = self._fulfilment_token
        elif call.effect == "write" and url.startswith(self._connection.products_url):
            held = self._catalogue_token
        token = held.current()
        try:
            return send(token)
        except Refused as error:
            if error.status != 401:
                raise
        return send(held.current(refused=token))

    def _request(
        self,
        call: Call,
        url: str,
        token: str,
        headers: Mapping[str, str],
        content: bytes | None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        named = {**headers, "Authorization": f"Bearer {token}"}
        if call.correlation_id:
            named["correlation-id"] = call.correlation_id
        return self._http.build_request(
            call.operation.split()[0], url, params=params, headers=named, content=content
        )


def rows_of(call: Call, answer: Any, key: str) -> tuple[list[Any], int | None]:
    """Rows of a page, and how many there are on all pages where that is told."""
    rows = answer.get(key, []) if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise unreadable(call, key)
    total = answer.get("total")
    return rows, total if isinstance(total, int) else None
