"""A small storefront for tests: two sites, a few products, time that stands still."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import simplejson
from httpx import Response
from starlette.testclient import TestClient

from sfcc_cin7_sandbox.clock import ManualClock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.merchant.world import Location, Site, Sku, TaxClass, World
from sfcc_cin7_sandbox.sfcc import SfccEmulator, SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf

START = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)
UK, US = "alpenglow-uk", "alpenglow-us"
UK_LIST, US_LIST = "inventory-uk", "inventory-us"
SETTINGS = SfccSettings()
ORGANIZATION = f"/organizations/{SETTINGS.organization}"
ORDERS = f"/checkout/orders/v1{ORGANIZATION}/orders"
PRODUCTS = f"/product/products/v1{ORGANIZATION}"
DATA = "/s/-/dw/data/v25_6"
RIGHTS = f"{SETTINGS.tenant_scope} sfcc.orders.rw sfcc.products"


def sku(name: str, **details: Any) -> Sku:
    return replace(
        Sku(
            id=name,
            name=f"The {name}",
            kind="standard",
            tax_class="standard",
            prices={"GBP": Decimal("19.99"), "USD": Decimal("24.50")},
            cost=Decimal("8.10"),
            ean="5012345678900",
            stock={"London DC": 20, "Reno DC": 20},
        ),
        **details,
    )


def small_world() -> World:
    rates: Mapping[str, Mapping[TaxClass, Decimal]] = {"*": {"standard": Decimal("0.2")}}
    uk = Site(UK, "GBP", "gross", "default", "GB", UK_LIST, True, "London DC", "UK Web", rates)
    us = Site(US, "USD", "net", "default", "US", US_LIST, False, "Reno DC", "US Web", rates)
    return World(
        seed=1,
        base_currency="GBP",
        sites=(uk, us),
        skus=(
            sku("TENT"),
            sku("ROPE"),
            sku("JACKET-S", master_id="JACKET", ean="5012345678917"),
            sku("JACKET-M", master_id="JACKET"),
            sku(
                "KIT", kind="bundle", components=(("TENT", 1), ("ROPE", 2)), stock={"London DC": 5}
            ),
            sku("GIFTWRAP", kind="option", stock={}),
            sku("Shipping", kind="service", stock={}, in_shop=False),
            sku("BACKROOM", in_shop=False),
        ),
        locations=(Location("London DC", ("A1",)), Location("Reno DC", ("B1",))),
        tax_rules=(),
        price_tiers=(),
        bank_accounts=(),
    )


def order(site: str = UK, **lines: int) -> dict[str, Any]:
    """What a shopper hands over: `order(TENT=2)`; an underscore in a name stands for a hyphen."""
    lines = lines or {"TENT": 1}
    return {
        "siteId": site,
        "currency": "GBP",
        "taxation": "gross",
        "orderTotal": Decimal("39.90"),
        "customerInfo": {"email": "zoë@example.com"},
        "productItems": [
            {
                "itemId": f"item-{position}",
                "productId": name.replace("_", "-"),
                "quantity": Decimal(quantity),
                "basePrice": Decimal("19.95"),
                "taxRate": Decimal("0.2"),
                "shipmentId": "me",
            }
            for position, (name, quantity) in enumerate(lines.items())
        ],
        "shipments": [{"shipmentId": "me", "shippingTotal": Decimal("0.00")}],
        "paymentInstruments": [
            {
                "paymentInstrumentId": "card",
                "paymentMethodId": "CREDIT_CARD",
                "paymentTransaction": {"amount": Decimal("39.90"), "transactionId": "psp-1"},
            }
        ],
    }


class Storefront:
    """The emulator with a client in front of it."""

    def __init__(
        self,
        settings: SfccSettings | None = None,
        shelf: Shelf | None = None,
        world: World | None = None,
    ) -> None:
        self.clock = ManualClock(START)
        self.faults = Faults()
        self.shelf = shelf or Shelf()
        self.settings = settings or SfccSettings()
        self.shop = SfccEmulator(
            world or small_world(), self.shelf, self.clock, self.faults, self.settings
        )
        self.http = TestClient(self.shop.app, raise_server_exceptions=True)
        self._token = ""

    def later(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))

    def token(self, scope: str = RIGHTS, **changes: Any) -> Response:
        secret = changes.pop("secret", self.settings.client_secret)
        answer = self.http.post(
            "/dwsso/oauth2/access_token",
            auth=(changes.pop("client_id", self.settings.client_id), secret),
            data={"grant_type": "client_credentials", "scope": scope, **changes},
        )
        return cast(Response, answer)

    def log_in(self, scope: str = RIGHTS) -> None:
        self._token = self.token(scope).json()["access_token"]

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Response:
        if not self._token:
            self.log_in()
        headers = {
            "Authorization": f"Bearer {self._token}",
            **options.pop("headers", {}),
        }
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            options["content"] = simplejson.dumps(body, use_decimal=True)
        answer = self.http.request(method, path, headers=headers, **options)
        return cast(Response, answer)  # of httpx2, where it is installed: the same to whoever reads

    def order(self, order_no: str, site: str = UK) -> Any:
        return read(self.call("GET", f"{ORDERS}/{order_no}", params={"siteId": site}))

    def listed(self, site: str = UK, **query: Any) -> list[Any]:
        response = self.call("GET", ORDERS, params={"siteId": site, **query})
        assert response.status_code == 200, response.text
        found: list[Any] = read(response)["data"]
        return found

    def numbers(self, site: str = UK, **query: Any) -> list[str]:
        return [found["orderNo"] for found in self.listed(site, **query)]

    def put_status(self, order_no: str, kind: str, value: str, site: str = UK) -> Response:
        return self.call(
            "PUT", f"{ORDERS}/{order_no}/{kind}", {"status": value}, params={"siteId": site}
        )

    def export(self, order_no: str, site: str = UK) -> None:
        assert self.put_status(order_no, "export-status", "exported", site).status_code == 204

    def record(self, name: str, list_id: str = UK_LIST) -> Any:
        path = f"{DATA}/inventory_lists/{list_id}/product_inventory_records/{name}"
        return read(self.call("GET", path))

    def write_record(
        self, name: str, body: Any, method: str = "PATCH", list_id: str = UK_LIST, **options: Any
    ) -> Response:
        path = f"{DATA}/inventory_lists/{list_id}/product_inventory_records/{name}"
        return self.call(method, path, body, **options)


def read(response: Response) -> Any:
    return simplejson.loads(response.content, use_decimal=True)


def problem_kind(response: Response) -> str:
    """The last part of a problem's type."""
    return str(response.json()["type"].rpartition("/")[2])


def fault_kind(response: Response) -> str:
    return str(response.json()["fault"]["type"])
