"""One table from what came back to what it means.

Every answer, or lack of one, is held against `TABLE` from top to bottom; the first row that applies
names the error for a read and for a write. No row applies to a success.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from sfcc_cin7.systems.http.errors import (
    Ambiguous,
    ApiError,
    Conflict,
    NotFound,
    PerhapsThrottled,
    Refused,
    Throttled,
    Unavailable,
)
from sfcc_cin7.values import decimal_json

Effect = Literal["read", "write"]
LONGEST_MESSAGE = 300

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_CALL_LIMIT = re.compile(r"\d+ calls per \d+ seconds", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Null bytes and broken surrogates, which no database takes; a message is kept with its order."""
_NO_BODY = object()
_UNREADABLE = object()


@dataclass(frozen=True)
class Call:
    """One request, as an error names it."""

    system: Literal["cin7", "sfcc"]
    operation: str
    effect: Effect
    correlation_id: str | None = None


@dataclass(frozen=True)
class Evidence:
    """What is known after a call: the exception of the transport, or the answer."""

    system: str
    exception: httpx.RequestError | None = None
    status: int = 0
    headers: Mapping[str, str] | None = None
    body: Any = _NO_BODY
    text: str = ""

    @property
    def readable(self) -> bool:
        """Whether the answer is JSON, or is meant to be empty (204)."""
        return self.body is not _UNREADABLE

    @property
    def said(self) -> str:
        """The other system's own words, in its own form of an error; empty if there are none."""
        if not self.readable:
            return "" if "<html" in self.text.lower() else self.text
        return _words(self.body)

    @property
    def is_error_object(self) -> bool:
        """Cin7 may answer 200 with `[{"ErrorCode": .., "Exception": ..}]` or one bare object."""
        first = self.body[0] if isinstance(self.body, list) and self.body else self.body
        return self.system == "cin7" and isinstance(first, dict) and "ErrorCode" in first

    @property
    def meant_status(self) -> int:
        """The HTTP status, or the ErrorCode that stands in the body of a success."""
        if self.status < 300 and self.is_error_object:
            first = self.body[0] if isinstance(self.body, list) else self.body
            code = first["ErrorCode"]
            return code if isinstance(code, int) and 400 <= code < 600 else 400
        return self.status

    @property
    def failed(self) -> bool:
        return self.meant_status >= 400 or not self.readable


@dataclass(frozen=True)
class Row:
    """What it means when something applies: one error for a read, one for a write."""

    what: str
    applies: Callable[[Evidence], bool]
    read: type[ApiError]
    write: type[ApiError]


TABLE: tuple[Row, ...] = (
    Row(
        "no connection was made, so nothing was sent",
        lambda seen: isinstance(seen.exception, _NEVER_SENT),
        Unavailable,
        Unavailable,
    ),
    Row(
        "the connection broke or fell silent after the request was sent",
        lambda seen: seen.exception is not None,
        Unavailable,
        Ambiguous,
    ),
    Row(
        "Cin7's call limit, seen under 429, 503 and 400",
        lambda seen: seen.failed and bool(_CALL_LIMIT.search(seen.said or seen.text)),
        Throttled,
        Throttled,
    ),
    Row("too many calls", lambda seen: seen.meant_status == 429, Throttled, Throttled),
    Row(
        "SFCC's edge sheds load; only a served answer carries sfdc_load",
        lambda seen: (
            seen.system == "sfcc"
            and seen.meant_status == 503
            and "sfdc_load" not in (seen.headers or {})
        ),
        Unavailable,
        Unavailable,
    ),
    Row(
        "a 503 of Cin7 without its words: most likely the call limit, but not proved",
        lambda seen: seen.system == "cin7" and seen.meant_status == 503,
        PerhapsThrottled,
        Ambiguous,
    ),
    Row(
        "the server, or a gateway before it, failed or gave up waiting",
        lambda seen: seen.meant_status >= 500 or seen.meant_status == 408,
        Unavailable,
        Ambiguous,
    ),
    Row(
        "a redirect, which Cin7 gives for unknown paths and which nothing here follows",
        lambda seen: 300 <= seen.meant_status < 400,
        Unavailable,
        Ambiguous,
    ),
    Row(
        "a web page about a missing address: the address is wrong, not the thing asked for",
        lambda seen: seen.meant_status == 404 and not seen.readable and not seen.said,
        Refused,
        Refused,
    ),
    Row("not found", lambda seen: seen.meant_status == 404, NotFound, NotFound),
    Row(
        "someone else was faster, or the state forbids it",
        lambda seen: seen.meant_status in (409, 412),
        Conflict,
        Conflict,
    ),
    Row("the system says no", lambda seen: seen.meant_status >= 400, Refused, Refused),
    Row(
        "a success that is not JSON, e.g. a web page",
        lambda seen: not seen.readable,
        Unavailable,
        Ambiguous,
    ),
)


Decode = Callable[[bytes], Any]
"""What is made of an answer's content; ValueError where nothing can be made of it."""


def exchange(
    client: httpx.Client, call: Call, request: httpx.Request, decode: Decode = decimal_json.loads
) -> Any:
    """Send one request and return the decoded body, None for an empty one.

    Raises:
        ApiError: the row of `TABLE` that applies.
    """
    return answered(call, _sent(client, call, request), decode)


def answered(call: Call, response: httpx.Response, decode: Decode = decimal_json.loads) -> Any:
    """The decoded body of an answer, which may be a part of another one; raises as `exchange`."""
    seen = _evidence(call, response, decode)
    if any(row.applies(seen) for row in TABLE):
        raise _error(call, seen)
    return None if seen.body is _NO_BODY else seen.body


def transfer(client: httpx.Client, call: Call, request: httpx.Request) -> httpx.Response:
    """Send one request whose success is no JSON: a file, a multipart answer, nothing at all.

    Raises:
        ApiError: the row of `TABLE` that applies.
    """
    response = _sent(client, call, request)
    if response.is_success:
        return response
    raise _error(call, _evidence(call, response, decimal_json.loads))


def _sent(client: httpx.Client, call: Call, request: httpx.Request) -> httpx.Response:
    try:
        return client.send(request)
    except httpx.RequestError as error:
        raise _error(call, Evidence(call.system, exception=error)) from None


def unreadable(call: Call, reason: str) -> ApiError:
    """A success whose JSON is not of the documented form; `reason` names fields, never values."""
    kind = Ambiguous if call.effect == "write" else Unavailable
    return kind(
        call.system, call.operation, 200, f"unexpected answer: {reason}", call.correlation_id
    )


def _evidence(call: Call, response: httpx.Response, decode: Decode) -> Evidence:
    body: Any = _NO_BODY
    if response.content or response.status_code == 200:
        try:
            body = decode(response.content)
        except ValueError:
            body = _UNREADABLE
    return Evidence(
        system=call.system,
        status=response.status_code,
        headers=response.headers,
        body=body,
        text=response.text if body is _UNREADABLE else "",
    )


def _error(call: Call, seen: Evidence) -> ApiError:
    row = next(row for row in TABLE if row.applies(seen))
    kind = row.write if call.effect == "write" else row.read
    words = seen.said if seen.exception is None else _named(seen.exception)
    words = " ".join(_UNSTORABLE.sub(" ", words[: 4 * LONGEST_MESSAGE]).split())
    message = _EMAIL.sub("[e-mail]", words)[:LONGEST_MESSAGE] or row.what
    error = kind(
        call.system,
        call.operation,
        seen.meant_status or None,
        message,
        (seen.headers or {}).get("x-correlation-id", call.correlation_id),
        _code(seen.body),
    )
    error.unanswered = seen.exception is not None and not isinstance(seen.exception, _NEVER_SENT)
    if isinstance(error, Throttled):
        error.retry_after = retry_after(seen.headers or {})
    return error


def _named(error: httpx.RequestError) -> str:
    if isinstance(error, httpx.LocalProtocolError):  # may quote a header, and so a secret
        return type(error).__name__
    return f"{type(error).__name__} {error}".strip()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait. Cin7 writes `60 Seconds`, which is neither a number nor a date."""
    leading = re.match(r"\s*(\d+(?:\.\d+)?)", headers.get("retry-after", ""))
    return float(leading[1]) if leading else None


def _words(body: Any) -> str:
    if isinstance(body, list):
        return "; ".join(filter(None, (_words(item) for item in body if isinstance(item, dict))))
    if not isinstance(body, dict):
        return ""
    fault = body.get("fault")
    if isinstance(fault, dict):  # OCAPI
        return str(fault.get("message", ""))
    told = [
        body.get(key)
        for key in ("Exception", "title", "detail", "error", "error_description", "message")
    ]
    return ": ".join(text for text in told if isinstance(text, str) and text)


def _code(body: Any) -> str | None:
    """OCAPI's fault type, the last part of an RFC 7807 type, or OAuth's error."""
    if not isinstance(body, dict):
        return None
    fault = body.get("fault")
    code = fault.get("type") if isinstance(fault, dict) else body.get("type") or body.get("error")
    return code.rsplit("/", 1)[-1] if isinstance(code, str) else None
