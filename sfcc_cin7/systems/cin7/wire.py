"""How a call goes to Cin7 Core and comes back (Cin7 API reference, version 2).

Every call takes a slot of the call budget first. Reads are repeated a few times when
the system is unavailable or throttles; writes never are. Redirects are not followed, because an
unknown path answers with one.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, Self, TypeVar

import httpx

from sfcc_cin7.systems.cin7.connection import Cin7Connection, LimitScope, Purpose
from sfcc_cin7.systems.cin7.fields import Document
from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.answers import ParseRow, parse, parse_list
from sfcc_cin7.systems.http.outcomes import Call, exchange
from sfcc_cin7.systems.http.remote_clock import RemoteClock
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import Clock

PAGE_SIZE = 1000
TIMEOUT = httpx.Timeout(45.0, connect=10.0, pool=5.0)

D = TypeVar("D", bound=Document)
Params = Mapping[str, str]


class CallBudget(Protocol):
    """Whoever decides when a call may go out; see `governor`."""

    def call(self, budget: str, purpose: Purpose) -> AbstractContextManager[object]: ...


class Cin7Wire:
    """A connection of one purpose; may be shared by threads."""

    def __init__(
        self,
        connection: Cin7Connection,
        governor: CallBudget,
        purpose: Purpose,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
        attempts: int = retries.ATTEMPTS,
        limit_scope: LimitScope = "account",
    ) -> None:
        self._attempts = attempts
        self._governor = governor
        self._purpose: Purpose = purpose
        self.budget = connection.budget(purpose, limit_scope)
        """Which call budget it draws on."""
        self._clock = clock
        self.remote_clock = RemoteClock(clock)
        self._http = httpx.Client(
            base_url=connection.url.rstrip("/") + "/",
            headers={
                "api-auth-accountid": connection.account_id,
                "api-auth-applicationkey": connection.key(purpose),
                "Content-Type": "application/json",
                "Accept": "application/json",
            },
            timeout=TIMEOUT,
            follow_redirects=False,
            transport=transport,
            event_hooks={"response": [self.remote_clock.observe]},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _rows(
        self,
        path: str,
        key: str | tuple[str, ...],
        kind: type[D],
        identity: Callable[[D], str],
        params: Params,
        parsed: ParseRow = parse,
    ) -> Iterator[D]:
        """Rows of all pages. Rows shift while one pages, so each identity is given once."""
        seen: set[str] = set()
        received, page = 0, 1
        while True:
            paging = {**params, "Page": str(page), "Limit": str(PAGE_SIZE)}
            answer, call = self._get(path, paging)
            rows = parse_list(call, kind, answer, key, parsed)
            for row in rows:
                if identity(row) not in seen:
                    seen.add(identity(row))
                    yield row
            received += len(rows)
            total = answer.get("Total")
            if not rows or (isinstance(total, int) and received >= total):
                return
            page += 1

    def _read(self, path: str, kind: type[D], params: Params) -> D:
        answer, call = self._get(path, params)
        return parse(call, kind, answer)

    def _read_list(self, path: str, key: str | None, kind: type[D], params: Params) -> list[D]:
        answer, call = self._get(path, params)
        return parse_list(call, kind, answer, key)

    def _get(self, path: str, params: Params) -> tuple[Any, Call]:
        call = Call("cin7", f"GET /{path}", "read")
        answer = retries.read(
            lambda: self._send(call, path, params), self._clock.sleep, self._attempts
        )
        return answer, call

    def _write(
        self,
        method: str,
        path: str,
        kind: type[D],
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        fence: Callable[[], None] = lambda: None,
    ) -> D:
        call = Call("cin7", f"{method} /{path}", "write")
        return parse(call, kind, self._send(call, path, params or {}, body, fence))

    def _send(
        self,
        call: Call,
        path: str,
        params: Params,
        body: Mapping[str, Any] | None = None,
        fence: Callable[[], None] = lambda: None,
    ) -> Any:
        request = self._http.build_request(
            call.operation.split()[0],
            path,
            params=params,
            content=None if body is None else decimal_json.dumps(dict(body)),
        )
        with self._governor.call(self.budget, self._purpose):
            fence()
            return exchange(self._http, call, request)
