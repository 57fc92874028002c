"""A merchant whose prices live in the ERP, and two instances of a storefront that sell by them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.routing import Mount

from sfcc_cin7.catalogue.prices.passing import PricePass, price_pass
from sfcc_cin7.db.schema import book_prices, review_items
from sfcc_cin7.db.sku_map import replace_sku_map
from sfcc_cin7.merchant.operating_model import ChargeNames, OperatingModel, SitePolicy, TaxMapping
from sfcc_cin7.merchant.prices import PriceBookPolicy, PricesPolicy
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.connection import SfccConnection
from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_sandbox.cin7 import Cin7Emulator, Cin7Settings
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.merchant.catalogue import TAX_RULES
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.sfcc import SfccEmulator, SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.contract.emulators import OpenBudget, cin7_connection, sfcc_connection
from sfcc_cin7_tests.in_process import InProcess
from sfcc_cin7_tests.sandbox.storefront import UK, US, small_world

LIST, DOLLARS = "gbp-list-prices", "usd-list-prices"
CHARGES = ChargeNames(
    shipping="Shipping",
    surcharge="Shipping Surcharge",
    gift_certificate="Gift Certificate",
    rounding="Rounding",
)


def site(name: str, currency: str, taxation: Any, country: str, rate: str = "1") -> SitePolicy:
    return SitePolicy(
        id=name,
        currency=currency,
        taxation=taxation,
        country=country,
        customer=f"{name} web",
        location="London DC",
        tax_rules=[TaxMapping(country=country, rate=Decimal("0.2"), rule="any")],
        charges=CHARGES,
        currency_rate=Decimal(rate),
    )


def book(**decisions: Any) -> PriceBookPolicy:
    """The pounds of the shop, from the first tier, tax included."""
    usual: dict[str, Any] = {
        "id": LIST,
        "tier": 1,
        "currency": "GBP",
        "sites": [UK],
        "prices": "gross",
        "tax_rate": Decimal("0.2"),
    }
    return PriceBookPolicy(**usual | decisions)


def dollars(**decisions: Any) -> PriceBookPolicy:
    usual = {"id": DOLLARS, "tier": 2, "currency": "USD", "sites": [US], "prices": "net"}
    return PriceBookPolicy(**usual | decisions)


def merchant(*books: PriceBookPolicy, **policy: Any) -> OperatingModel:
    return OperatingModel(
        brand="alpenglow",
        base_currency="GBP",
        sites=[site(UK, "GBP", "gross", "GB"), site(US, "USD", "net", "US", "0.74")],
        prices=PricesPolicy(books=list(books), **{"visible_minutes": 0} | policy),
    )


@dataclass
class PriceHouse:
    """Everything that prices depend on; time passes only when told to."""

    engine: Engine
    clock: ManualClock
    world: World
    faults: Faults
    erp: Cin7Emulator
    shop: SfccEmulator
    staging: SfccEmulator
    cin7: Cin7Client
    sfcc: SfccClient
    sfcc_staging: SfccClient

    def prices(self, model: OperatingModel, *, staging: bool = False) -> PricePass:
        self.clock.sleep(60)
        other = self.sfcc_staging if staging else None
        return price_pass(self.engine, self.cin7, self.sfcc, other, model, self.clock)

    def asked(self, sku: str, book_id: str = LIST, *, on: SfccEmulator | None = None) -> Any:
        """What a book really asks for one unit."""
        return (on or self.shop).price_books.by_id[book_id].price(sku, self.clock.now())

    def row(self, sku: str, book_id: str = LIST) -> Any:
        query = select(book_prices).where(book_prices.c.book == book_id, book_prices.c.sku == sku)
        with self.engine.connect() as connection:
            return connection.execute(query).one()

    def open(self) -> dict[str, str]:
        """What waits for a person: code by subject."""
        query = select(review_items.c.subject, review_items.c.code)
        with self.engine.connect() as connection:
            found = connection.execute(query.where(review_items.c.closed_at.is_(None)))
            return {row.subject: row.code for row in found}


def priced_world() -> World:
    """The smallest shop, with a tier for each currency."""
    tiers = ("UK Retail", "US Retail")
    return replace(small_world(), tax_rules=TAX_RULES, price_tiers=tiers)


@contextmanager
def price_house(
    engine: Engine,
    clock: ManualClock,
    world: World | None = None,
    shopper: str = "sandbox-shopper",
    **settings: Any,
) -> Iterator[PriceHouse]:
    world, faults = world or priced_world(), Faults()
    cin7 = Cin7Settings(calls_per_window=100_000)
    sfcc = SfccSettings(**settings)
    erp = Cin7Emulator(world, Shelf(), clock, faults, cin7)
    shop = SfccEmulator(world, Shelf(), clock, faults, sfcc)
    staging = SfccEmulator(world, Shelf(), clock, Faults(), sfcc)
    fill_sku_map(engine, clock, {sku.id: sku.in_shop for sku in world.skus})
    with ExitStack() as open_clients:

        def storefront(app: Any) -> SfccClient:
            given = sfcc_connection("http://sandbox", sfcc).model_dump()
            secret = sfcc.shopper_client_secret
            given |= {"shopper_client_id": shopper, "shopper_client_secret": secret}
            connection = SfccConnection.model_validate(given)
            return open_clients.enter_context(SfccClient(connection, clock, InProcess(app)))

        road = InProcess(Starlette(routes=[Mount("/ExternalApi/v2", routes=erp.routes)]))
        client = Cin7Client(
            cin7_connection("http://sandbox", cin7), OpenBudget(), "catalogue", clock, road
        )
        yield PriceHouse(
            engine,
            clock,
            world,
            faults,
            erp,
            shop,
            staging,
            open_clients.enter_context(client),
            storefront(shop.app),
            storefront(staging.app),
        )


def fill_sku_map(engine: Engine, clock: ManualClock, sold: Mapping[str, bool]) -> None:
    """The storefront sells these SKUs; the ERP knows all of them."""
    rows = [{"sku": sku, "in_shop": in_shop, "in_erp": True} for sku, in_shop in sold.items()]
    with engine.begin() as connection:
        replace_sku_map(connection, rows, clock.now())
