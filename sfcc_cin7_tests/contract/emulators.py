"""Both emulators on a real port, and the clients in front of them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from sfcc_cin7.systems.cin7 import Cin7Client, Cin7Connection, Purpose
from sfcc_cin7.systems.sfcc import SfccClient, SfccConnection
from sfcc_cin7.values.clock import Clock
from sfcc_cin7_sandbox.cin7 import Cin7Emulator, Cin7Settings
from sfcc_cin7_sandbox.clock import WallClock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.merchant.catalogue import SMALLEST, build_world
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.sfcc import SfccEmulator, SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf

UK, UK_LIST, UK_LOCATION = "alpenglow-uk", "inventory-uk", "London DC"


class Recording(httpx.HTTPTransport):
    """Real HTTP that remembers what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return super().handle_request(request)


class OpenBudget:
    """Lets every call out."""

    @contextmanager
    def call(self, budget: str, purpose: Purpose) -> Iterator[None]:
        yield


@dataclass(frozen=True)
class Systems:
    """Both systems as they run, with a client for each that records its requests."""

    url: str
    world: World
    faults: Faults
    erp: Cin7Emulator
    shop: SfccEmulator
    cin7: Cin7Client
    sfcc: SfccClient
    cin7_wire: Recording
    sfcc_wire: Recording

    def goods(self) -> str:
        """A SKU that both systems know and that is in stock in London."""
        return next(
            sku.id
            for sku in self.world.skus
            if sku.kind == "standard"
            and sku.in_shop
            and sku.in_erp
            and sku.stock.get(UK_LOCATION, 0) >= 10
        )

    def place(self, quantity: int = 1) -> dict[str, Any]:
        """A shopper's order, as small as can be."""
        line = {"itemId": "1", "productId": self.goods(), "quantity": Decimal(quantity)}
        return self.shop.place(
            {
                "siteId": UK,
                "currency": "GBP",
                "taxation": "gross",
                "orderTotal": Decimal("19.95"),
                "productItems": [line | {"basePrice": Decimal("19.95"), "shipmentId": "me"}],
                "shipments": [{"shipmentId": "me"}],
                "paymentInstruments": [],
            }
        )


def cin7_connection(url: str, settings: Cin7Settings) -> Cin7Connection:
    return Cin7Connection.model_validate(
        {
            "url": f"{url}/ExternalApi/v2",
            "account_id": settings.account_id,
            "application_key": settings.application_keys[-1],
            "orders_application_key": settings.application_keys[0],
        }
    )


def sfcc_connection(url: str, settings: SfccSettings) -> SfccConnection:
    return SfccConnection.model_validate(
        {
            "api_url": url,
            "instance_url": url,
            "account_manager_url": url,
            "organization_id": settings.organization,
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
        }
    )


@contextmanager
def running(
    clock: Clock,
    cin7: Cin7Settings | None = None,
    sfcc: SfccSettings | None = None,
    wall: Clock | None = None,
    skus: int = SMALLEST,
) -> Iterator[Systems]:
    """Serve both systems of a merchant with `skus` SKUs on a free loopback port for as long as the
    block runs, by the clock `wall` where their time matters."""
    cin7 = cin7 or Cin7Settings(calls_per_window=10_000, void_with_payments="accepted")
    sfcc = sfcc or SfccSettings(index_lag=0)
    world, faults = build_world(skus=skus), Faults()
    erp = Cin7Emulator(world, Shelf(), wall or WallClock(), faults, cin7)
    shop = SfccEmulator(world, Shelf(), wall or WallClock(), faults, sfcc)
    app = Starlette(routes=[Mount("/ExternalApi/v2", routes=erp.routes), *shop.routes])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    cin7_wire, sfcc_wire = Recording(), Recording()
    try:
        with (
            Cin7Client(
                cin7_connection(url, cin7), OpenBudget(), "orders", clock, cin7_wire
            ) as cin7_client,
            SfccClient(sfcc_connection(url, sfcc), clock, sfcc_wire) as sfcc_client,
        ):
            yield Systems(
                url, world, faults, erp, shop, cin7_client, sfcc_client, cin7_wire, sfcc_wire
            )
    finally:
        server.should_exit = True
        thread.join(10)
