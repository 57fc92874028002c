"""A small company in the emulated Cin7, and the calls that tests make on it."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import simplejson
from starlette.applications import Starlette
from starlette.routing import Mount

from sfcc_cin7_sandbox.cin7 import Cin7Emulator, Cin7Settings
from sfcc_cin7_sandbox.clock import ManualClock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.merchant.world import Location, Site, Sku, TaxRule, World
from sfcc_cin7_sandbox.shelf import Shelf

VAT = "20% (VAT on Income)"
JSON = {"Content-Type": "application/json"}
ZERO_RATED = "Zero Rated Income"
STANDARD = {"*": {"standard": Decimal("0.2"), "reduced": Decimal(0), "zero": Decimal(0)}}


def sku(name: str, kind: Any = "standard", **stock: int) -> Sku:
    return Sku(
        id=name,
        name=f"The {name}",
        kind=kind,
        tax_class="standard",
        prices={"GBP": Decimal("20.00"), "USD": Decimal("25.00")},
        cost=Decimal("7.50"),
        ean="5012345678900",
        stock={name.replace("_", " "): units for name, units in stock.items()},
    )


def world() -> World:
    """Two sites, two locations of three bins, a tent, a stove, a mug and two services."""
    sites = [
        Site(
            id=f"shop-{country.lower()}",
            currency=currency,
            taxation="gross",
            tax_mode="default",
            country=country,
            inventory_list=f"inventory-{country.lower()}",
            on_order=True,
            location=location,
            customer=f"Web {country}",
            rates=STANDARD,  # type: ignore[arg-type]
        )
        for country, currency, location in (("GB", "GBP", "London DC"), ("US", "USD", "Reno DC"))
    ]
    return World(
        seed=7,
        base_currency="GBP",
        sites=tuple(sites),
        skus=(
            sku("TENT-2P", London_DC=10, Reno_DC=4),
            sku("STOVE", London_DC=3),
            sku("MUG", London_DC=0),
            sku("Shipping", "service"),
            sku("OPT-GIFTWRAP", "option"),
        ),
        locations=(Location("London DC", ("A1", "A2", "B1")), Location("Reno DC", ("R1", "R2"))),
        tax_rules=(TaxRule(VAT, Decimal(20)), TaxRule(ZERO_RATED, Decimal(0))),
        price_tiers=("UK Retail", "US Retail"),
        bank_accounts=(("1200", "Card clearing"), ("1210", "Gift card liability")),
    )


class Company:
    """The emulator behind HTTP, with credentials already in every call."""

    def __init__(
        self, shelf: Shelf | None = None, of: World | None = None, **settings: Any
    ) -> None:
        self.clock = ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        self.faults = Faults()
        self.settings = Cin7Settings(**settings)
        self.shelf = shelf or Shelf()
        self.cin7 = Cin7Emulator(of or world(), self.shelf, self.clock, self.faults, self.settings)
        self.app = Starlette(routes=[Mount("/ExternalApi/v2", routes=self.cin7.routes)])
        self.headers = {
            "api-auth-accountid": self.settings.account_id,
            "api-auth-applicationkey": "sandbox-key",
        }

    def call(self, method: str, path: str, *, body: Any = None, **query: Any) -> Any:
        """The raw response; a second passes first, so that no test meets the limit by accident."""
        self.clock.advance(timedelta(seconds=1, milliseconds=100))
        content = None if body is None else simplejson.dumps(body, use_decimal=True)
        headers = self.headers if content is None else self.headers | JSON
        return self.send(method, path, params=query, headers=headers, content=content)

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One HTTP request, exactly as described."""

        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            base = "http://erp/ExternalApi/v2"
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                return await client.request(method, path, **request)

        return asyncio.run(sent())

    def get(self, path: str, **query: Any) -> Any:
        return done(self.call("GET", path, **query))

    def post(self, path: str, body: Any) -> Any:
        return done(self.call("POST", path, body=body))

    def put(self, path: str, body: Any) -> Any:
        return done(self.call("PUT", path, body=body))

    def delete(self, path: str, **query: Any) -> Any:
        return done(self.call("DELETE", path, **query))

    def refusal(self, method: str, path: str, *, body: Any = None, **query: Any) -> tuple[int, str]:
        """Status and sentence of a refused call."""
        response = self.call(method, path, body=body, **query)
        errors = simplejson.loads(response.text)
        assert len(errors) == 1
        assert errors[0]["ErrorCode"] == response.status_code
        return response.status_code, errors[0]["Exception"]

    def new_sale(self, **changes: Any) -> Any:
        """A header for the UK shop, created."""
        return self.post("/sale", header(**changes))

    def authorise(self, sale: Any, *lines: Any, charges: Any = (), **changes: Any) -> Any:
        """Lines and charges, authorised."""
        return self.post("/sale/order", order(sale, *lines, charges=charges, **changes))

    def available(self, name: str, location: str = "London DC") -> Decimal:
        """Units available as the list shows them, summed over bins."""
        listed = self.get("/ref/productavailability", Sku=name, Location=location)
        rows = [row for row in listed["ProductAvailabilityList"] if row["SKU"] == name]
        return sum((Decimal(row["Available"]) for row in rows), Decimal(0))


def done(response: Any) -> Any:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/json")
    return simplejson.loads(response.text, use_decimal=True)


def header(**changes: Any) -> dict[str, Any]:
    """What POST /sale takes for a gross order of the UK shop."""
    return {
        "Customer": "Web GB",
        "Location": "London DC",
        "SkipQuote": True,
        "TaxInclusive": True,
        "TaxRule": VAT,
        "Terms": "30 days",
        "PriceTier": "UK Retail",
        "ExternalID": "alpenglow:shop-gb:00001",
        "CustomerReference": "00001",
        "ShippingAddress": {
            "Line1": "1 Fell Lane",
            "City": "Keswick",
            "Postcode": "CA12 4XX",
            "Country": "United Kingdom",
            "ShipToOther": True,
        },
    } | changes


def line(name: str = "TENT-2P", quantity: Any = 1, price: Any = "20.00", **changes: Any) -> Any:
    """An order line whose Total is right; gross at 20 % unless told otherwise."""
    price = Decimal(price)
    total = (Decimal(quantity) * price * (1 - Decimal(changes.get("Discount", 0)) / 100)).quantize(
        Decimal("0.01"), "ROUND_HALF_UP"
    )
    return {
        "SKU": name,
        "Quantity": quantity,
        "Price": price,
        "Tax": (total / 6).quantize(Decimal("0.01"), "ROUND_HALF_UP"),
        "TaxRule": VAT,
        "Total": total,
    } | changes


def charge(name: str = "The Shipping", price: Any = "6.00", **changes: Any) -> Any:
    """An additional charge of the same make."""
    row = line("", 1, price, **changes) | {"Description": name}
    del row["SKU"]
    return row


def order(sale: Any, *lines: Any, charges: Any = (), **changes: Any) -> dict[str, Any]:
    return {
        "SaleID": sale["ID"],
        "Status": "AUTHORISED",
        "Lines": list(lines),
        "AdditionalCharges": list(charges),
    } | changes
