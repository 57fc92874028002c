"""Prism as a validating proxy in front of the sandbox: it compares every request and every answer
with the published API descriptions, and says in a header what does not agree.

One Prism serves one description. A router stands before them all: it sends what a description
covers through its Prism, everything else straight to the sandbox, and keeps what was said.
"""

import json
import os
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sfcc_cin7_sandbox.control.server import LOOPBACK, listen

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "MKCOL", "PROPFIND", "MOVE", "COPY"]
VIOLATIONS = "sl-violations"
NOT_FORWARDED = frozenset({"host", "content-length", "connection", "transfer-encoding"})
NOT_ANSWERED = frozenset(
    {"content-length", "content-encoding", "transfer-encoding", "connection", VIOLATIONS}
)


@dataclass(frozen=True)
class Description:
    """One API: where it is on the sandbox, and the files that describe it."""

    name: str
    base: str
    files: tuple[str, ...]


DESCRIPTIONS = (
    Description(
        "Cin7 Core",
        "/ExternalApi/v2",
        ("cin7-core-openapi.json", "cin7-core-documents-openapi.json"),
    ),
    Description("SFCC Orders", "/checkout/orders/v1", ("sfcc-orders-openapi.json",)),
    Description("SFCC Products", "/product/products/v1", ("sfcc-products-openapi.json",)),
    Description("SFCC Data", "/s/-/dw/data/v25_6", ("sfcc-ocapi-data-openapi.json",)),
)


_SITE = "organizations/f_ecom_zzal_001"
_WRONG = {
    "Cin7 Core": ("POST", "/sale"),
    "SFCC Orders": ("PUT", f"/{_SITE}/orders/1/export-status?siteId=alpenglow-uk"),
    "SFCC Products": ("POST", f"/{_SITE}/product-search"),
    "SFCC Data": ("PUT", "/sites/alpenglow-uk/orders/1/status"),
}
"""A call of each API that no description allows."""


@dataclass
class Seen:
    """What the proxy saw: calls by API, and each violation with the call that it is of."""

    calls: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    operations: set[str] = field(default_factory=set)

    def violations_of(self, name: str) -> int:
        """How many there are of one API."""
        return sum(one.startswith(f"{name}: ") for one in self.violations)


def described(reference: Path, of: Description) -> dict[str, Any]:
    """The description as Prism is given it, whose files are one, without their servers.

    Mended are two statements under which no body that is right could pass: objects that are
    composed of others and forbid what these name, and numbers that are integers and numbers at
    once; and the body of a job's execution, which is described as a text.
    """
    whole: dict[str, Any] = {}
    for name in of.files:
        read = json.loads((reference / name).read_text())
        if not whole:
            whole = read
            continue
        whole["paths"] |= read["paths"]
        for kind, parts in read.get("components", {}).items():
            whole["components"][kind] = parts | whole["components"].get(kind, {})
    whole["servers"] = [{"url": "/"}]
    whole.pop("security", None)
    for operations in whole["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                operation.pop("security", None)  # tokens are the sandbox's business
    if of.name == "SFCC Data":
        whole["paths"]["/jobs/{job_id}/executions"]["post"].pop("requestBody", None)
    mended: dict[str, Any] = _mended(whole)
    return mended


def _mended(node: Any) -> Any:
    if isinstance(node, list):
        return [_mended(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _mended(each) for name, each in node.items()}
    if "allOf" in kept and kept.get("additionalProperties") is False:
        del kept["additionalProperties"]
    kinds = [each.get("type") for each in kept.get("oneOf", []) if isinstance(each, dict)]
    if "number" in kinds and "integer" in kinds:
        kept["oneOf"] = [each for each in kept["oneOf"] if each.get("type") != "integer"]
    return kept


@contextmanager
def validating(folder: Path, reference: Path, sandbox: str) -> Iterator[tuple[str, Seen]]:
    """The address of the router, and what it sees, for the time of the context."""
    prisms: list[subprocess.Popen[bytes]] = []
    ports: dict[str, int] = {}
    try:
        for of in DESCRIPTIONS:
            file = folder / f"{of.name.lower().replace(' ', '-')}.json"
            file.write_text(json.dumps(described(reference, of)))
            with listen() as free:
                ports[of.base] = free.getsockname()[1]
            command = [
                "node", str(folder / "node_modules" / ".bin" / "prism"), "proxy", str(file),
                f"{sandbox}{of.base}", "--host", LOOPBACK[0], "--port", str(ports[of.base]),
                "--verboseLevel", "fatal",
            ]  # fmt: skip
            log = (folder / f"{file.stem}.log").open("wb")
            prisms.append(subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ)))
        for port in ports.values():
            _wait_for(port)
        with _router(sandbox, ports) as (address, seen):
            _refuse_blindness(address, seen)
            yield address, seen
    finally:
        for prism in prisms:
            prism.terminate()
        for prism in prisms:
            prism.wait(10)


def _refuse_blindness(address: str, seen: Seen) -> None:
    """What violates a description on purpose is noticed, by every Prism, or nothing else it says
    counts. Forgets the calls again. Raises SystemExit."""
    for of in DESCRIPTIONS:
        method, path = _WRONG[of.name]
        httpx.request(method, f"{address}{of.base}{path}", json={"status": 1}, timeout=60)
        if not seen.violations_of(of.name):
            raise SystemExit(f"Prism does not notice what violates {of.name}.")
    for kept in (seen.calls, seen.violations, seen.operations):
        kept.clear()


def _wait_for(port: int, seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            httpx.get(f"http://{LOOPBACK[0]}:{port}/", timeout=5)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("Prism does not start; its logs are in the folder of the clients.")


@contextmanager
def _router(sandbox: str, ports: dict[str, int]) -> Iterator[tuple[str, Seen]]:
    seen, named = Seen(), {of.base: of.name for of in DESCRIPTIONS}
    client = httpx.AsyncClient(timeout=60)

    async def forward(request: Request) -> Response:
        path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
        target, base = f"{sandbox}{path}", None
        for base_path, port in ports.items():
            if path.lower().startswith(base_path.lower() + "/"):
                base = base_path
                target = f"http://{LOOPBACK[0]}:{port}{path[len(base_path) :]}"
        query = request.scope["query_string"].decode("latin-1")
        headers = {k: v for k, v in request.headers.items() if k.lower() not in NOT_FORWARDED}
        answer = await client.request(
            request.method,
            f"{target}?{query}" if query else target,
            headers=headers,
            content=await request.body(),
        )
        if base:
            seen.calls[named[base]] += 1
            seen.operations.add(f"{named[base]} {request.method} {_shape(path)}")
            for one in json.loads(answer.headers.get(VIOLATIONS, "[]")):
                where = ".".join(str(step) for step in one.get("location", []))
                seen.violations.append(
                    f"{named[base]}: {request.method} {path[len(base) :]}"
                    f" -> {answer.status_code}:"
                    f" {where} {one.get('message')}"
                )
        kept = {k: v for k, v in answer.headers.items() if k.lower() not in NOT_ANSWERED}
        return Response(answer.content, answer.status_code, kept)

    app = Starlette(routes=[Route("/{path:path}", forward, methods=METHODS)])
    config = uvicorn.Config(app, lifespan="off", ws="none", access_log=False, log_level="warning")
    server, listener = uvicorn.Server(config), listen()
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://{LOOPBACK[0]}:{listener.getsockname()[1]}", seen
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def _shape(path: str) -> str:
    """A path without what differs from call to call."""
    shaped = re.sub(r"/(?:[0-9a-f-]{36}|\d{2,}|P\d+)(?=/|$)", "/#", unquote(path))
    return re.sub(r"(product_inventory_records|products|executions)/[^/]+", r"\1/#", shaped)
