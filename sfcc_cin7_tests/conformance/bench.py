"""The kit on an emulated account, in one process and under one simulated clock: nothing waits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

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
from sfcc_cin7_tests.in_process import InProcess

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


class Road(InProcess):
    """The road to the emulators; somebody may stand on it."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self.between: Between | None = None
        """Somebody between the kit and the emulators."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.between is None or request.url.path.startswith("/_control"):
            return self.serve(request)
        return self.between(request, self.serve)

    def serve(self, request: httpx.Request) -> httpx.Response:
        """The answer of the emulators themselves."""
        return super().handle_request(request)


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
        self.transport = Road(app)
        for _ in range(self.orders):
            for site, _ in SITES:
                self.clock.sleep(1)
                self.sandbox.shoppers.place(site, "several-units")
        self._write_stock_documents()
        self.clock.sleep(timedelta(hours=1).total_seconds())
        self.records_before = self.records()
        self.folders_before = self.folders()

    def _write_stock_documents(self) -> None:
        """Two of each kind that an account has lists of."""
        cin7 = self.sandbox.cin7
        rows = [row for row in cin7.stock_truth() if row["Available"] > 50]
        place, other = sorted({row["Location"] for row in rows})[:2]
        first, second = [row["SKU"] for row in rows if row["Location"] == place][:2]
        papers, one = cin7.documents, Decimal(1)
        for _ in range(2):
            papers.purchases.receive(papers.purchases.order(place, {first: one}))
            papers.transfers.begin(place, other, {first: one}, "COMPLETED")
            papers.counts.write_off(place, {first: one})
            papers.counts.adjust(place, {first: Decimal(60)})
            papers.assemblies.begin(place, first, one, {second: one}, "COMPLETED")

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
