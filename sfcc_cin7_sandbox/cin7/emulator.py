"""Cin7 Core over HTTP: addresses, credentials, the call limit, and the seams of the sandbox."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.cin7 import answers
from sfcc_cin7_sandbox.cin7.accounting import Accounting
from sfcc_cin7_sandbox.cin7.administrator import Administrator
from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.availability import Availability
from sfcc_cin7_sandbox.cin7.bills import BillReader
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.credit_note_list import CreditNoteList
from sfcc_cin7_sandbox.cin7.credit_notes import CreditNotes
from sfcc_cin7_sandbox.cin7.customers import Customers
from sfcc_cin7_sandbox.cin7.deliveries import Deliveries
from sfcc_cin7_sandbox.cin7.despatch import Despatch
from sfcc_cin7_sandbox.cin7.events import SaleEvents, StockEvents, customer_event, product_event
from sfcc_cin7_sandbox.cin7.fulfilment import Fulfilment
from sfcc_cin7_sandbox.cin7.fulfilment_calls import FulfilmentCalls
from sfcc_cin7_sandbox.cin7.invoices import Invoices
from sfcc_cin7_sandbox.cin7.limiter import CallLimiter
from sfcc_cin7_sandbox.cin7.me import me
from sfcc_cin7_sandbox.cin7.orders import Orders
from sfcc_cin7_sandbox.cin7.pages import Call, Query, json_object
from sfcc_cin7_sandbox.cin7.past_stock import PastStock
from sfcc_cin7_sandbox.cin7.payments import Payments
from sfcc_cin7_sandbox.cin7.products import Products
from sfcc_cin7_sandbox.cin7.sale import SaleBook
from sfcc_cin7_sandbox.cin7.sales import Sales
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings, ThrottleForm
from sfcc_cin7_sandbox.cin7.stock import Stock
from sfcc_cin7_sandbox.cin7.stock_documents import Office, StockDocuments
from sfcc_cin7_sandbox.cin7.stock_documents.shelves import Shelves
from sfcc_cin7_sandbox.cin7.truths import sale_truth
from sfcc_cin7_sandbox.cin7.webhooks import Webhooks
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.shelf import Document, Shelf

Handler = Callable[[Call], Any]

_THROTTLES: tuple[tuple[str, ThrottleForm], ...] = (
    ("cin7.throttle_503", "503"),
    ("cin7.throttle_400", "400-list"),
)
"""Faults that throttle in a form other than the settings'."""


class Cin7Emulator:
    """One company in Cin7 Core.

    `routes` serve paths relative to `/ExternalApi/v2`, in any case. State is written through to the
    shelf; a shelf that already holds some is continued, else the world is the seed.
    """

    def __init__(
        self,
        world: World,
        shelf: Shelf,
        clock: Clock,
        faults: Faults,
        settings: Cin7Settings | None = None,
    ) -> None:
        self.settings = settings = settings or Cin7Settings()
        self._faults = faults
        window = timedelta(seconds=settings.window_seconds / settings.speed)
        limit, scope = settings.calls_per_window, settings.call_limit_scope
        self._limiter = CallLimiter(limit, window, clock, scope)
        self._books = books = Books(world, shelf, settings, faults)
        self._stock = Stock(world, shelf, books)
        self.catalogue = self._products = Products(world, shelf, clock, settings, faults, books)
        base = world.base_currency
        books.named.products = self._products.all
        past = PastStock(self._stock, clock, settings.availability_age)
        availability = Availability(self._products, past, self._stock, books, settings, faults)
        customers = Customers(world, shelf, clock, settings, faults, books)
        self._sales = SaleBook(shelf, clock, settings.fulfilled_order_status)
        self.administrator = Administrator(self._products, self._stock, books, self._sales)
        """Who renames things, and revokes keys."""
        self._orders = Orders(self._sales, books, self._products, self._stock, settings)
        shelves = Shelves(self._stock, books, self._products, self._orders.fill_backorders)
        self.documents = StockDocuments(Office(shelves, settings, shelf, clock, faults, base))
        fulfilment = Fulfilment(self._sales, books, self._products, self._stock, clock)
        self.despatch = Despatch(self._sales, fulfilment, books, settings, clock)
        """The warehouse: it picks, packs and ships sales, and undoes it."""
        self._orders.despatch = self.despatch.at_once
        self.pick, self.pack, self.ship = self.despatch.pick, self.despatch.pack, self.despatch.ship
        tasks = FulfilmentCalls(self._sales, fulfilment, books, self._products, settings)
        self._payments = payments = Payments(self._sales, books, settings, shelf, clock)
        sales = Sales(
            self._sales,
            self._orders,
            payments,
            books,
            customers,
            self._products.service,
            settings,
            world.base_currency,
            clock,
            faults,
        )
        reader = BillReader(books, self._products, settings)
        invoices = Invoices(self._sales, reader, payments, settings, clock)
        credit_notes = CreditNotes(
            self._sales,
            reader,
            self._orders,
            self._products,
            self._stock,
            books,
            payments,
            settings,
        )
        self.accounting = Accounting(self._sales, invoices, credit_notes, payments, clock)
        """Accounting: it bills and credits sales."""
        self.invoice, self.credit = self.accounting.invoice, self.accounting.credit
        notes = CreditNoteList(self._sales, payments.of, base, settings, clock, faults)
        self._hooks = Webhooks(shelf)
        self.deliveries = deliveries = Deliveries(self._hooks, shelf, clock, faults, settings)
        self._stock_events = StockEvents(self._stock, availability.event_rows, deliveries.tell)
        past.then = self._stock_events.changed
        self._stock.on_change = past.changed
        sale_events = SaleEvents(self._sales, settings, deliveries.tell)
        self._sales.on_change, payments.on_paid = sale_events.changed, sale_events.paid
        self._products.on_change = lambda product, created: deliveries.tell(
            "Product/Updated", product_event(product, created=created)
        )
        customers.on_change = lambda customer: deliveries.tell(
            "Customer/Updated", customer_event(customer)
        )
        self.handlers: dict[str, dict[str, Handler]] = {
            "me": {"GET": lambda _call: me(settings, world.base_currency, books)},
            "sale": {
                "GET": sales.get,
                "POST": sales.post,
                "PUT": lambda call: tasks.with_numbers(sales.put, call),
                "DELETE": sales.delete,
            },
            "sale/order": {"GET": self._orders.get, "POST": self._orders.post},
            "sale/payment": {
                "GET": payments.get,
                "POST": payments.post,
                "PUT": payments.put,
                "DELETE": payments.delete,
            },
            "sale/invoice": {
                "GET": invoices.get,
                "POST": invoices.post,
                "PUT": invoices.put,
                "DELETE": invoices.delete,
            },
            "sale/fulfilment": {"GET": tasks.get, "POST": tasks.post, "DELETE": tasks.delete},
            "sale/fulfilment/pick": {
                "GET": tasks.get_pick,
                "POST": tasks.post_pick,
                "PUT": tasks.put_pick,
            },
            "sale/fulfilment/pack": {
                "GET": tasks.get_pack,
                "POST": tasks.post_pack,
                "PUT": tasks.put_pack,
            },
            "sale/fulfilment/ship": {
                "GET": tasks.get_ship,
                "POST": tasks.post_ship,
                "PUT": tasks.put_ship,
            },
            "sale/creditnote": {
                "GET": credit_notes.get,
                "POST": credit_notes.post,
                "DELETE": credit_notes.delete,
            },
            "salelist": {"GET": sales.list},
            "salecreditnotelist": {"GET": notes.get},
            "product": {
                "GET": self._products.get,
                "POST": self._products.post,
                "PUT": self._products.put,
            },
            "customer": {"GET": customers.get, "POST": customers.post, "PUT": customers.put},
            "webhooks": {
                "GET": self._hooks.get,
                "POST": self._hooks.post,
                "PUT": self._hooks.put,
                "DELETE": self._hooks.delete,
            },
            "ref/productavailability": {"GET": availability.get},
            "ref/tax": {"GET": books.get_tax, "POST": books.post_tax},
            "ref/location": {"GET": books.get_locations},
            "ref/pricetier": {"GET": books.get_price_tiers},
            "ref/account": {"GET": books.get_accounts},
            "ref/account/bank": {"GET": books.get_banks},
            "ref/paymentterm": {"GET": books.get_terms},
            **books.named.handlers(),
            **self.documents.handlers(),
        }
        methods = ["GET", "POST", "PUT", "DELETE", "PATCH"]
        self.routes: list[BaseRoute] = [Route("/{path:path}", self._serve, methods=methods)]

    async def pump(self) -> int:
        """Deliver what webhooks are due to be told by now; returns the number of tries."""
        self._stock_events.flush()
        return await self.deliveries.pump()

    async def run(self) -> None:
        """Deliver for as long as the sandbox is up."""
        while True:
            await self.pump()
            await asyncio.sleep(1)

    # -- what happens in the house without a call

    def receive(
        self, sku: str, location: str, quantity: Decimal, bin: str | None = None, **batch: str
    ) -> None:
        """Goods arrive, perhaps of a `batch` that `expires`, and fill waiting backorders, oldest
        first. Raises KeyError, Refusal."""
        self._products.stocked(sku)
        self._stock.receive(sku, self._books.location(location)["Name"], quantity, bin, **batch)
        self._orders.fill_backorders([sku])

    def purchase(
        self, sku: str, location: str, quantity: Decimal, due: datetime | None = None
    ) -> None:
        """Goods are ordered from a supplier, who names a day or none. Raises KeyError, Refusal."""
        self._products.stocked(sku)
        self._stock.purchase(sku, self._books.location(location)["Name"], quantity, due)

    def adjust(self, sku: str, location: str, on_hand: Decimal) -> None:
        """A count finds `on_hand` units at the location. Raises KeyError, Refusal."""
        self._products.stocked(sku)
        self._stock.adjust(sku, self._books.location(location)["Name"], on_hand)
        self._orders.fill_backorders([sku])

    def on_screen(self, method: str, path: str, body: Document) -> Any:
        """Somebody does what the API does, on the ERP's own pages. Raises Refusal."""
        return self.handlers[path][method](Call(Query(()), body))

    def assemble_from(self, sku: str, components: Mapping[str, Decimal]) -> None:
        """Orders of a product make it out of these units of others. Raises KeyError."""
        self._products.assemble_from(sku, components)

    def edit_sale(
        self,
        sale_id: str,
        *,
        sku: str,
        price: Decimal | None = None,
        quantity: Decimal | None = None,
        tax: Decimal | None = None,
    ) -> None:
        """Somebody changes one line of an order in the ERP. Raises KeyError, Refusal."""
        sale = self._sales.find(sale_id)
        self._orders.change_line(sale, sku, price=price, quantity=quantity, tax=tax)

    def comment_sale(self, sale_id: str, comment: str, sku: str | None = None) -> None:
        """Somebody types over the note, or a line's comment. Raises KeyError, Refusal."""
        sale = self._sales.find(sale_id)
        if sku is None:
            sale.header["Note"] = comment
        else:
            {line["SKU"]: line for line in sale.lines}[sku]["Comment"] = comment
        self._sales.save(sale)

    def void_sale(self, sale_id: str) -> None:
        """Somebody voids a sale in the ERP, as far as the API would let them. Raises Refusal."""
        sale = self._sales.find(sale_id)
        self._orders.void(sale, self._payments.of(sale))

    def undo_sale(self, sale_id: str) -> None:
        """Somebody reopens a sale in the ERP. Raises Refusal."""
        self._orders.reopen(self._sales.find(sale_id))

    def authorise_sale(self, sale_id: str) -> None:
        """Somebody authorises a reopened sale again. Raises Refusal."""
        self._orders.authorise_again(self._sales.find(sale_id))

    def repeat_sale(self, sale_id: str) -> str:
        """A clerk types a sale in once more, ExternalID and all; the ID of the second one."""
        return self._orders.repeat(self._sales.find(sale_id)).id

    def create_product(
        self,
        sku: str,
        *,
        name: str | None = None,
        service: bool = False,
        price: Decimal = Decimal(0),
        cost: Decimal = Decimal(0),
        barcode: str = "",
    ) -> None:
        """Somebody adds a product in the ERP; price is in the first price tier."""
        self._products.create(
            sku, name=name, service=service, price=price, cost=cost, barcode=barcode
        )

    def set_product_cost(self, sku: str, cost: Decimal) -> None:
        """What a unit costs on average from now on: a purchase came in at another price. Raises
        KeyError."""
        self._products.set_cost(sku, cost)

    def set_product_price(self, sku: str, tier: int, price: Decimal) -> None:
        """Somebody gives a product another price in a tier (1-10). Raises KeyError."""
        self._products.set_price(sku, tier, price)

    def mark_up(self, tier: int, factor: Decimal) -> None:
        """A tier is calculated from now on: so many times the average cost, whenever that moves."""
        self._products.mark_ups[f"PriceTier{tier}"] = factor

    def product_cost(self, sku: str) -> Decimal:
        """What a unit costs on average, in the base currency. Raises KeyError."""
        return self._products.cost(sku)

    def set_product_status(self, sku: str, status: str) -> None:
        """Somebody deprecates a product, or makes it Active again. Raises KeyError."""
        self._products.set_status(sku, status)

    def create_tax_rule(self, name: str, percent: Decimal) -> None:
        """Somebody adds a sale tax rule in the ERP; `percent` is 0-100."""
        self._books.create_tax_rule(name, percent)

    def truth(self) -> dict[str, Any]:
        """Everything, as it really is, in the API's own attribute names.

        `sales` as `sale_truth` tells them; `stock`: units by SKU and location; `products`;
        `tax_rules`.
        """
        return {
            "sales": self.sales_truth(),
            "stock": self.stock_truth(),
            "products": [
                {
                    "ID": product["ID"],
                    "SKU": product["SKU"],
                    "Name": product["Name"],
                    "Type": product["Type"],
                    "Status": product.get("Status", "Active"),
                }
                for product in self._products.all()
            ],
            "tax_rules": [
                {"Name": rule["Name"], "TaxPercent": rule["TaxPercent"]}
                for rule in self._books.tax_rules()
            ],
        }

    def sales_truth(self) -> list[Document]:
        """The `sales` of `truth`."""
        return [sale_truth(sale, self._payments.of(sale)) for sale in self._sales]

    def stock_truth(self) -> list[Document]:
        """The `stock` of `truth`."""
        return self._stock.totals()

    # -- HTTP

    async def _serve(self, request: Request) -> Response:
        methods = self.handlers.get(request.path_params["path"].strip("/").lower())
        if methods is None:
            return answers.unknown_address(self.settings)
        handler = methods.get(request.method)
        if handler is None:
            return answers.refused(Refusal("Method is not allowed", 405))
        key = self._admitted_key(request)
        if key is None:
            return answers.forbidden(self.settings)
        body = await request.body()
        if self._faults.hit("cin7.throttle") or not self._limiter.admit(key):
            return answers.throttled(self.settings)
        for fault, form in _THROTTLES:
            if self._faults.hit(fault):
                return answers.throttled(self.settings, form)
        try:
            call = Call(Query(request.query_params.multi_items()), json_object(request, body))
            return answers.document(handler(call))
        except Refusal as refusal:
            return answers.refused(refusal)
        finally:
            self._stock_events.flush()

    def _admitted_key(self, request: Request) -> str | None:
        account = request.headers.get("api-auth-accountid", "").lower()
        key = request.headers.get("api-auth-applicationkey", "")
        known = account == self.settings.account_id and key in self.settings.application_keys
        return key if known and key not in self.administrator.revoked else None
