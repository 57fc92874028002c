"""The emulated storefront: every part of it, and what its shoppers and staff can do in process."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.sfcc.auth import AccountManager
from sfcc_cin7_sandbox.sfcc.batch import BatchRoute
from sfcc_cin7_sandbox.sfcc.cartridge import FulfilmentCartridge
from sfcc_cin7_sandbox.sfcc.code_versions import CodeVersionRoutes
from sfcc_cin7_sandbox.sfcc.data_search import DataSearchRoutes
from sfcc_cin7_sandbox.sfcc.gate import Gate
from sfcc_cin7_sandbox.sfcc.inventory_import import InventoryImport
from sfcc_cin7_sandbox.sfcc.inventory_routes import InventoryRoutes
from sfcc_cin7_sandbox.sfcc.job_routes import JobRoutes
from sfcc_cin7_sandbox.sfcc.job_search import JobSearchRoutes
from sfcc_cin7_sandbox.sfcc.jobs import Importer, Jobs
from sfcc_cin7_sandbox.sfcc.oci_files import OciFiles
from sfcc_cin7_sandbox.sfcc.oci_routes import DeltaTokens, OciRoutes
from sfcc_cin7_sandbox.sfcc.oci_stock import OciStock
from sfcc_cin7_sandbox.sfcc.order_index import Document
from sfcc_cin7_sandbox.sfcc.order_routes import OrderRoutes
from sfcc_cin7_sandbox.sfcc.orders import OrderBook
from sfcc_cin7_sandbox.sfcc.price_books import PriceBookImport, PriceBooks
from sfcc_cin7_sandbox.sfcc.problems import Fault, Problem, timestamp
from sfcc_cin7_sandbox.sfcc.product_routes import ProductRoutes
from sfcc_cin7_sandbox.sfcc.products import Products
from sfcc_cin7_sandbox.sfcc.provider import Provider
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.sfcc.shopper_routes import ShopperRoutes
from sfcc_cin7_sandbox.sfcc.site_archive import SiteArchiveImport
from sfcc_cin7_sandbox.sfcc.site_routes import SiteRoutes
from sfcc_cin7_sandbox.sfcc.staff import Staff
from sfcc_cin7_sandbox.sfcc.stock import Stock
from sfcc_cin7_sandbox.sfcc.variation_routes import VariationRoutes
from sfcc_cin7_sandbox.sfcc.webdav import Impex, WebDavRoute
from sfcc_cin7_sandbox.shelf import Shelf

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class SfccEmulator:
    """One storefront organisation.

    Continues from the shelf when that holds state, else opens with the world's stock. `routes`
    carry their full paths; `app` serves them alone.
    """

    def __init__(
        self,
        world: World,
        shelf: Shelf,
        clock: Clock,
        faults: Faults,
        settings: SfccSettings | None = None,
    ) -> None:
        settings = settings or SfccSettings()
        self._clock = clock
        self.accounts = AccountManager(clock, settings)
        stock = OciStock if settings.inventory_mode == "oci" else Stock
        self._stock = stock(world, shelf, clock, settings)
        oci = self._stock.oci if isinstance(self._stock, OciStock) else None
        self._sites = world.sites
        self.catalogue = self._products = Products(world, _opening(shelf, clock), clock, settings)
        self._book = OrderBook(world, shelf, clock, faults, settings, self._stock)
        self.staff = Staff(self._book, self._settle, settings.order_attributes)
        """Customer service and payment providers: what happens to an order after its capture."""
        self.provider = Provider(self._book, self._settle)
        """The payment provider: it captures, fails to, and brings orders back."""
        self.price_books = prices = PriceBooks(world, shelf, clock, settings.price_lag)
        """What merchandisers see of prices in Business Manager."""
        self.impex = Impex(shelf)
        """The folder for imports, as nobody needs a right to see it."""
        code = Impex(shelf, "cartridges")
        importers: dict[str, Importer] = {
            "ImportInventoryLists": InventoryImport(self._stock, self._products, clock, settings),
            "ImportPriceBook": PriceBookImport(
                prices, self._products, settings.unknown_priced_product
            ),
        }
        importers["SiteArchiveImport"] = SiteArchiveImport(importers, settings)
        self._jobs = Jobs(
            importers, self.impex, shelf, clock, faults, settings, prices.rebuild_index
        )
        gate = Gate(self.accounts, faults, settings, self._settle)
        inventory = InventoryRoutes(self._stock, self._products, clock, gate, faults, settings)
        tokens = DeltaTokens(clock)
        self._oci_files = OciFiles(oci, tokens, clock, faults, gate, settings)
        self.routes: list[BaseRoute] = [
            Route("/dwsso/oauth2/access_token", self._token, methods=["POST"]),
            Route("/dw/oauth2/access_token", self._token, methods=["POST"]),
            *OrderRoutes(self._book, gate, faults, settings).routes,
            *(
                FulfilmentCartridge(self._book, gate).routes
                if settings.fulfilment_cartridge
                else ()
            ),
            *VariationRoutes(world, self._products, self._stock, prices, gate).routes,
            *ProductRoutes(world, self._products, self._stock, prices, gate, settings).routes,
            *ShopperRoutes(world, self._products, prices, clock, faults, settings).routes,
            *inventory.routes,
            *BatchRoute(inventory.endpoints, gate).routes,
            *JobRoutes(self._jobs, gate).routes,
            *JobSearchRoutes(self._jobs, gate).routes,
            *SiteRoutes(world, gate).routes,
            *CodeVersionRoutes(code, shelf, clock, gate).routes,
            *WebDavRoute((self.impex, code), gate, faults, settings).routes,
            *OciRoutes(oci, tokens, clock, gate, settings).routes,
            *self._oci_files.routes,
            *DataSearchRoutes(self._products, gate).routes,
            Route("/checkout/{rest:path}", _no_resource, methods=METHODS),
            Route("/custom/{rest:path}", _no_resource, methods=METHODS),
            Route("/product/{rest:path}", _no_resource, methods=METHODS),
            Route("/operation/{rest:path}", _no_resource, methods=METHODS),
            Route("/shopper/{rest:path}", _no_resource, methods=METHODS),
            Route("/inventory/{rest:path}", _no_resource, methods=METHODS),
            Route("/s/-/dw/meta/{rest:path}", _no_client, methods=METHODS),
            Route("/s/{rest:path}", _no_data_resource, methods=METHODS),
        ]
        self.app = Starlette(routes=self.routes)

    async def _token(self, request: Request) -> Response:
        return self.accounts.token(request.headers.get("authorization", ""), await request.form())

    def place(self, order: Mapping[str, Any]) -> Document:
        """A shopper's order goes through: created, paid, placed, ready for export.

        Takes a document of the Orders API with `siteId`, items, shipments and all money, but
        without number, dates and statuses. Returns it as stored. Raises OutOfStock.
        """
        self._settle()
        created = self._book.create(order)
        return self._book.place_created(created["orderNo"], created["siteId"])

    def create(self, order: Mapping[str, Any]) -> Document:
        """A shopper's order that waits for its payment: it has its stock, but is not placed."""
        self._settle()
        return self._book.create(order)

    def place_created(self, order_no: str, site: str) -> Document:
        """The payment of a created order comes through. Raises UnknownOrder, StatusRefused."""
        self._settle()
        return self._book.place_created(order_no, site)

    def place_raw(
        self,
        order: Document,
        *,
        site: str | None = None,
        order_no: str | None = None,
        unfinished: bool = False,
    ) -> Document:
        """Puts any document among the orders exactly as it is, marked `planted` in the truth.

        It is found by the document's own site and number unless others are given; it draws no
        stock, and where it tells no status it counts as new and ready. The JSON of an `unfinished`
        one never comes to its end, in no list page and in no answer. Returns what the truth says of
        it. Raises ValueError without a site or number, or when they are taken.
        """
        return self._book.place_raw(order, site, order_no, unfinished=unfinished)

    def break_json(self, site: str, order_no: str) -> None:
        """No answer with this order can be read from now on. Raises UnknownOrder."""
        self._book.break_json(site, order_no)

    def cancel(self, site: str, order_no: str) -> None:
        """Customer service cancels a placed order. Raises UnknownOrder, StatusRefused."""
        self.staff.cancel(site, order_no)

    def order(self, site: str, order_no: str) -> Document:
        """The order as it is now. Raises UnknownOrder."""
        return self._book.get(site, order_no)

    @property
    def orders_taken(self) -> int:
        """How many orders there are."""
        return len(self._book)

    def fulfil(self, site: str, order_no: str) -> None:
        """The order's goods leave the location now, and Omnichannel Inventory is told."""
        if isinstance(self._stock, OciStock):
            self._settle()
            self._stock.oci.fulfil(f"{site}/{order_no}", self._clock.now())

    def ats(self, list_id: str, sku: str) -> Decimal:
        """Units that the list offers for sale now. Raises KeyError."""
        self._settle()
        return self._stock.ats(list_id, sku)

    def edit_allocation(
        self, list_id: str, sku: str, amount: Decimal, dated: datetime | None = None
    ) -> None:
        """Somebody types a new allocation into Business Manager, or imports one that is `dated`
        otherwise than now. Raises KeyError."""
        self._settle()
        self._stock.set_allocation(list_id, sku, amount, dated)

    def replace_list(self, list_id: str, amount: Decimal) -> int:
        """Another job's import gives every record of a list this allocation; how many. Raises
        KeyError."""
        self._settle()
        skus = list(self._stock.records(list_id))
        for sku in skus:
            self._stock.set_allocation(list_id, sku, amount)
        return len(skus)

    def truth(self) -> dict[str, Any]:
        """Everything as it is, behind the API's back: nothing lags here.

        An order's document is marked `planted: true` when it was put there as it is, and `edited`
        with the time when staff last changed its content. A site's `rates` are what is really taken
        in each state (`*` is anywhere), as shares.
        """
        self._settle()
        return {
            "orders": self._book.everything(),
            "sites": [
                {"id": site.id, "rates": {at: [*of.values()] for at, of in site.rates.items()}}
                for site in self._sites
            ],
            "inventory": [
                {
                    "list": list_id,
                    "sku": sku,
                    "allocation": record.allocation,
                    "reset_date": timestamp(record.reset_date),
                    "turnover": record.turnover,
                    "on_order": record.quantity_on_order,
                    "ats": record.ats,
                }
                for list_id, sku, record in self._stock.everything()
            ],
            "products": self._products.everything(),
        }

    def _settle(self) -> None:
        """What had to happen by now has happened."""
        self._jobs.settle()
        self._oci_files.settle()
        if isinstance(self._stock, OciStock):
            self._stock.settle(self._placed)

    def _placed(self, order: str) -> bool:
        """Whether the order, named `<site>/<number>`, is more than created."""
        site, _, order_no = order.partition("/")
        return bool(self._book.get(site, order_no)["status"] != "created")


def _opening(shelf: Shelf, clock: Clock) -> datetime:
    """When this storefront was set up: now, unless the shelf remembers."""
    stored = shelf.load("sfcc.storefront").get("opened")
    if stored:
        return datetime.fromisoformat(stored["at"])
    now = clock.now()
    shelf.put("sfcc.storefront", "opened", {"at": now.isoformat()})
    return now


async def _no_resource(request: Request) -> Response:
    correlation_id = request.headers.get("correlation-id") or str(uuid4())
    problem = Problem(404, "not-found", f"No resource at {request.url.path}.")
    return problem.response(correlation_id)


async def _no_client(_request: Request) -> Response:
    """The Meta API is not served; it is there, and lets nobody in who does not say who asks."""
    kind = "InvalidAuthorizationHeaderException"
    return Fault(401, kind, "There is no bearer token.").response()


async def _no_data_resource(request: Request) -> Response:
    return Fault(404, "NotFoundException", f"No resource at {request.url.path}.").response()
