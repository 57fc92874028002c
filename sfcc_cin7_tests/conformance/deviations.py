"""Planted deviations: an emulator that breaks one belief, and the one probe that has to notice.

A deviation is a switch of an emulator, a replaced method of it, or somebody between the kit and the
emulator who changes what is sent or answered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from sfcc_cin7.values import decimal_json

Serve = Callable[[httpx.Request], httpx.Response]
Between = Callable[[httpx.Request, Serve], httpx.Response]
Applies = Callable[[httpx.Request], bool]
Document = dict[str, Any]
ERP = "/externalapi/v2/"


@dataclass(frozen=True)
class Deviation:
    """One broken belief; `between` is made anew for each run, because it may remember things."""

    probe: str
    between: Callable[[], Between] | None = None
    plant: Callable[[pytest.MonkeyPatch], None] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.probe


# What a deviation applies to


def erp(method: str, path: str, **query: str | None) -> Applies:
    """Calls of the ERP; `query` names keys that must be there (None: absent, "*": any value)."""

    def applies(request: httpx.Request) -> bool:
        here = request.url.path.lower().removeprefix(ERP)
        return request.method == method and here == path and _has(request, query)

    return applies


def shop(method: str, part: str, **query: str | None) -> Applies:
    """Calls of the storefront whose path ends in `part`, or has it between slashes."""

    def applies(request: httpx.Request) -> bool:
        path = request.url.path
        here = path.endswith(part) or f"{part}/" in path
        return request.method == method and here and _has(request, query)

    return applies


def _has(request: httpx.Request, query: Mapping[str, str | None]) -> bool:
    params = request.url.params
    return all(
        (key not in params) if value is None else params.get(key) == value or
        (value == "*" and key in params)
        for key, value in query.items()
    )  # fmt: skip


def also(applies: Applies, more: Callable[[Document], Any]) -> Applies:
    """Only requests whose JSON body fulfils more."""
    return lambda request: applies(request) and bool(more(sent(request)))


# What a deviation does


def asks(applies: Applies, change: Callable[[Document], object]) -> Callable[[], Between]:
    """Somebody changes the JSON body of a request."""

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        if applies(request):
            body = sent(request)
            change(body)
            request = with_body(request, body)
        return serve(request)

    return lambda: between


def queries(applies: Applies, **changes: str | None) -> Callable[[], Between]:
    """Somebody changes the query of a request; None drops a key."""

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        if applies(request):
            params = dict(request.url.params) | changes
            kept = {key: value for key, value in params.items() if value is not None}
            url = request.url.copy_with(query=urlencode(kept).encode())
            headers = [pair for pair in request.headers.raw if pair[0].lower() != b"host"]
            request = httpx.Request(request.method, url, headers=headers, content=request.read())
        return serve(request)

    return lambda: between


def answers(
    applies: Applies,
    change: Callable[[Any], Any],
    when: Callable[[httpx.Response], bool] = lambda response: response.is_success,
) -> Callable[[], Between]:
    """Somebody changes the JSON of an answer, in place or by returning another one."""

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        response = serve(request)
        if applies(request) and when(response) and response.content:
            document = decimal_json.loads(response.content)
            changed = change(document)
            told = reply(response.status_code, document if changed is None else changed)
            kept = {k: v for k, v in response.headers.items() if k != "content-length"}
            told.headers.update(kept)
            return told
        return response

    return lambda: between


def statuses(applies: Applies, before: int, after: int) -> Callable[[], Between]:
    """Somebody changes the status of an answer."""

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        response = serve(request)
        if applies(request) and response.status_code == before:
            response.status_code = after
        return response

    return lambda: between


def instead(
    applies: Applies, status: int, document: Any = None, text: str | None = None
) -> Callable[[], Between]:
    """Somebody answers in the emulator's place."""

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        if not applies(request):
            return serve(request)
        return httpx.Response(status, text=text) if text is not None else reply(status, document)

    return lambda: between


def words(applies: Applies, before: bytes, after: bytes) -> Callable[[], Between]:
    """Somebody changes what stands in an answer, whatever its form."""

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        response = serve(request)
        if not applies(request):
            return response
        headers = {k: v for k, v in response.headers.items() if k != "content-length"}
        content = response.content.replace(before, after)
        return httpx.Response(response.status_code, headers=headers, content=content)

    return lambda: between


def refused(applies: Applies) -> Callable[[], Between]:
    """The ERP says no."""
    return instead(applies, 400, [{"ErrorCode": 400, "Exception": "No."}])


def around(target: Any, name: str, change: Callable[..., Any]) -> Callable[..., None]:
    """A method becomes `change(original, *its arguments)`."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        original = getattr(target, name)
        patch.setattr(target, name, lambda *a, **k: change(original, *a, **k))

    return plant


# Messages


def sent(request: httpx.Request) -> Document:
    """The JSON body of a request; empty where there is none."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return {}
    body = decimal_json.loads(request.read() or b"{}")
    return body if isinstance(body, dict) else {}


def with_body(request: httpx.Request, body: Document) -> httpx.Request:
    kept = [p for p in request.headers.raw if p[0].lower() not in (b"content-length", b"host")]
    content = decimal_json.dumps(body)
    return httpx.Request(request.method, request.url, headers=kept, content=content)


def reply(status: int, document: Any = None) -> httpx.Response:
    if document is None:
        return httpx.Response(status)
    return httpx.Response(
        status,
        content=decimal_json.dumps(document),
        headers={"content-type": "application/json"},
    )
