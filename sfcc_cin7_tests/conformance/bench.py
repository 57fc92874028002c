"""The kit on an emulated account, in one process and under one simulated clock: nothing waits."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
from starlette.types import ASGIApp, Message

from sfcc_cin7.cli.emulated import sandbox_environment, sandbox_erp, sandbox_storefront
from sfcc_cin7.conformance.accounts import Accounts
from sfcc_cin7.conformance.kit import Kit, open_kit
from sfcc_cin7.conformance.registry import PROBES
from sfcc_cin7.conformance.subjects import Subjects
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control.assembly import Sandbox, SandboxSettings
from sfcc_cin7_sandbox.control.server import build_app
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.conformance.deviations import Between

ADDRESS = "http://127.0.0.1:8800"
ENVIRONMENT = sandbox_environment(ADDRESS)
ACCOUNTS = Accounts(sandbox_erp(ADDRESS), sandbox_storefront(ADDRESS))
SITES = (
    ("alpenglow-uk", "inventory-uk"),
    ("alpenglow-us", "inventory-us"),
    ("alpenglow-jp", "inventory-jp"),
)
ORDERS_OF_EACH_SITE = 4
SKUS = 200  # so few that a run is quick, so many that not every list has every product
OF_OCI = [probe for probe in PROBES if probe.id.startswith("sfcc.oci.")]
OF_LISTS = [probe for probe in PROBES if probe not in OF_OCI]
"""What can be asked where Omnichannel Inventory keeps the stock, and where inventory lists do."""
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE", "MKCOL"})


class InProcess(httpx.BaseTransport):
    """Calls an ASGI application directly; it never waits for anything but its own code."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self.between: Between | None = None
        """Somebody between the kit and the emulators."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.between is None or request.url.path.startswith("/_control"):
            return self.serve(request)
        return self.between(request, self.serve)

    def serve(self, request: httpx.Request) -> httpx.Response:
        """The answer of the emulators themselves."""
        return self._loop.run_until_complete(self._serve(request, request.read()))

    def close(self) -> None:
        """One transport serves both wires: it lives as long as its test."""

    async def _serve(self, request: httpx.Request, content: bytes) -> httpx.Response:
        status, headers, body = 500, [], b""

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers, body
            if message["type"] == "http.response.start":
                status, headers = message["status"], message.get("headers", [])
            else:
                body += message.get("body", b"")

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": "http",
            "path": unquote(request.url.path),
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "server": ("127.0.0.1", 8800),
            "client": ("127.0.0.1", 1),
            "root_path": "",
        }
        await self._app(scope, receive, send)
        return httpx.Response(status, headers=headers, content=body, request=request)


@dataclass
class Account:
    """An emulated account with test orders in every shop."""

    cin7: Cin7Settings = field(default_factory=Cin7Settings)
    sfcc: SfccSettings = field(default_factory=SfccSettings)
    orders: int = ORDERS_OF_EACH_SITE

    def __post_init__(self) -> None:
        self.clock = ManualClock()
        settings = SandboxSettings(skus=SKUS, cin7=self.cin7, sfcc=self.sfcc)
        app = build_app(settings, self.clock)
        self.sandbox: Sandbox = app.sandbox
        self.transport = InProcess(app)
        for _ in range(self.orders):
            for site, _ in SITES:
                self.clock.sleep(1)
                self.sandbox.shoppers.place(site, "several-units")
        self.clock.sleep(timedelta(hours=1).total_seconds())
        self.records_before = self.records()
        self.folders_before = self.folders()

    def records(self) -> set[tuple[str, str]]:
        """List and product of every inventory record there is."""
        return {(row["list"], row["sku"]) for row in self.sandbox.sfcc.truth()["inventory"]}

    def folders(self) -> set[str]:
        """The folders for imports, with all that was ever put into one."""
        return set(self.sandbox.sfcc.impex.folders)

    @contextmanager
    def kit(self, folder: Path | None = None, **options: Any) -> Iterator[Kit]:
        subjects = Subjects(
            sites=SITES,
            find_orders=True,
            job="import-inventory",
            tenant_group=SfccSettings().tenant_group,
        )
        with open_kit(
            ACCOUNTS,
            options.pop("run", "0001"),
            self.clock,
            options.pop("subjects", subjects),
            folder=folder,
            transport=self.transport,
            **options,
        ) as kit:
            yield kit

    def calls(self) -> dict[str, Any]:
        """What the sandbox counted, asked the way anybody may ask it."""
        with httpx.Client(transport=self.transport, base_url=ADDRESS) as client:
            answer: dict[str, Any] = client.get("/_control/calls?recent=100000").json()
        return answer
