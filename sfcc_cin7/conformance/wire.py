"""Raw HTTP: status, headers and body as they came, because those are what is probed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from sfcc_cin7.conformance.limiter import CallLimiter
from sfcc_cin7.conformance.probe import CannotProbe
from sfcc_cin7.systems.http.outcomes import retry_after
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import Clock

TIMEOUT = httpx.Timeout(65.0, connect=10.0)
ATTEMPTS = 3
LONGEST_WAIT = 90.0
_CALL_LIMIT = re.compile(r"\d+ calls per \d+ seconds", re.IGNORECASE)
READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is the decoded JSON, None where there is none or it is not JSON."""

    status: int
    headers: Mapping[str, str]
    text: str
    body: Any

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """A plain no: neither a success nor trouble of the server."""
        return 400 <= self.status < 500

    @property
    def throttled(self) -> bool:
        """The call limit: 429, or its words under whatever status."""
        return self.status == 429 or (not self.ok and bool(_CALL_LIMIT.search(self.text)))

    def said(self, yes: str = "accepted") -> str:
        """`yes` for a success, else `refused`, or the status of trouble."""
        if self.ok:
            return yes
        return "refused" if self.refused else f"status-{self.status}"

    def document(self, what: str) -> dict[str, Any]:
        """The body of a success as an object.

        Raises:
            CannotProbe: it is anything else; `what` names what was asked for.
        """
        if not self.ok or not isinstance(self.body, dict):
            raise CannotProbe(f"{what} was answered with status {self.status}")
        return self.body

    def rows(self, key: str, what: str) -> list[dict[str, Any]]:
        """The list under a key of a success. Raises CannotProbe."""
        rows = self.document(what).get(key)
        if not isinstance(rows, list):
            raise CannotProbe(f"{what} was answered without {key}")
        return rows


@dataclass
class Wire:
    """Sends requests to one system, and no write where only reads are allowed."""

    http: httpx.Client
    clock: Clock
    read_only: bool = False
    calls: int = 0

    @classmethod
    def to(cls, clock: Clock, transport: httpx.BaseTransport | None, read_only: bool) -> Self:
        """A wire of its own. Redirects are not followed: they are part of an answer."""
        http = httpx.Client(timeout=TIMEOUT, follow_redirects=False, transport=transport)
        return cls(http, clock, read_only)

    def send(
        self,
        method: str,
        url: str,
        *,
        limiter: CallLimiter | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        content: str | None = None,
        auth: tuple[str, str] | None = None,
        writes: bool | None = None,
        once: bool = False,
    ) -> Answer:
        """One request; a throttled one is sent again, and so is a read that met trouble.

        `writes` overrides what the method says, `once` sends exactly one request whatever comes.

        Raises:
            CannotProbe: no answer came, or the run may not write.
        """
        is_write = method not in READS if writes is None else writes
        if is_write and self.read_only:
            raise CannotProbe("the run may only read")
        request = self.http.build_request(
            method,
            url,
            params=params,
            headers=headers,
            data=form,
            content=decimal_json.dumps(body) if body is not None else content,
        )
        if auth:
            request = next(httpx.BasicAuth(*auth).auth_flow(request))
        for attempt in range(1, ATTEMPTS + 1):
            answer = self._once(request, limiter)
            trouble = answer is None or answer.status >= 500
            again = answer.throttled if answer else False
            again = again or (trouble and not is_write)
            if once or not again or attempt == ATTEMPTS:
                break
            self.clock.sleep(_pause(answer))
        if answer is None:
            raise CannotProbe(f"{method} got no answer")
        if not once and answer.throttled:
            raise CannotProbe("the call limit is used up by somebody else")
        return answer

    def _once(self, request: httpx.Request, limiter: CallLimiter | None) -> Answer | None:
        self.calls += 1
        try:
            if limiter is None:
                return _answer(self.http.send(request))
            with limiter.call():
                return _answer(self.http.send(request))
        except httpx.RequestError:
            return None


def _pause(answer: Answer | None) -> float:
    asked = retry_after(answer.headers) if answer else None
    return min(asked + 1, LONGEST_WAIT) if asked is not None else 2.0


def _answer(response: httpx.Response) -> Answer:
    try:
        body = decimal_json.loads(response.content) if response.content else None
    except ValueError:
        body = None
    return Answer(response.status_code, response.headers, response.text, body)
