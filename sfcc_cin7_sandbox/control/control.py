"""Strings for the puppeteer: what tests, demos and `verify` may ask of the sandbox itself.

Everything is JSON. A request that makes no sense gets 400 with `{"error": "<one sentence>"}`.
"""

from collections.abc import Callable
from dataclasses import fields, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.control.administrators import AdministratorControl
from sfcc_cin7_sandbox.control.assembly import Sandbox
from sfcc_cin7_sandbox.control.fault_middleware import FAULT_NAMES, STRIKE_ONE_SITE
from sfcc_cin7_sandbox.control.gateways import GatewayControl
from sfcc_cin7_sandbox.control.orders import OrderControl
from sfcc_cin7_sandbox.control.requests import (
    Body,
    Nonsense,
    answer,
    number_of,
    only,
    route,
    text_if_given,
    text_of,
)
from sfcc_cin7_sandbox.control.sales import SaleControl
from sfcc_cin7_sandbox.control.stock_documents import StockDocumentControl
from sfcc_cin7_sandbox.merchant.catalogue import BRAND, DRIFTING_LIST, DRIFTING_SKU
from sfcc_cin7_sandbox.shoppers.draft import NothingToSell
from sfcc_cin7_sandbox.shoppers.shoppers import Shoppers

MOST_ORDERS = 1000


class Control:
    """The handlers behind `/_control`; each takes the parsed body and returns what to answer."""

    def __init__(self, sandbox: Sandbox, reset: Callable[[], object]) -> None:
        """`reset` replaces the whole sandbox by a new one."""
        self._sandbox = sandbox
        self._reset = reset
        self.routes: list[BaseRoute] = [
            route("GET", "health", lambda _: self.health()),
            route("GET", "faults", lambda _: self.faults()),
            route("PUT", "faults", self.put_faults),
            Route("/_control/calls", self._calls, methods=["GET"]),
            route("GET", "truth", lambda _: self.truth()),
            route("POST", "orders", self.post_orders),
            route("PUT", "shoppers", self.put_shoppers),
            route("PUT", "warehouse", self.put_warehouse),
            route("PUT", "aftercare", self.put_aftercare),
            route("POST", "stock", self.post_stock),
            route("POST", "storefront-stock", self.post_storefront_stock),
            route("POST", "products", self.post_products),
            route("POST", "tax-rules", self.post_tax_rules),
            route("POST", "reset", self.post_reset),
            *OrderControl(sandbox).routes,
            *SaleControl(sandbox.cin7).routes,
            *StockDocumentControl(sandbox.cin7.documents).routes,
            *AdministratorControl(sandbox).routes,
            *GatewayControl(sandbox.gateways, sandbox.sfcc, sandbox.settings.payouts).routes,
            Route("/_control/{rest:path}", self._nothing_here),
        ]

    def health(self) -> Body:
        """That the sandbox is up, and what it has been up to."""
        return {
            "status": "ok",
            "now": self._sandbox.clock.now().isoformat(),
            "seed": self._sandbox.settings.seed,
            "skus": len(self._sandbox.world.skus),
            "speed": self._sandbox.settings.speed,
            "orders_per_minute": self._sandbox.shoppers.orders_per_minute,
            "placed_by_shoppers": dict(self._sandbox.shoppers.placed),
            "warehouse": dict(self._sandbox.warehouse.done),
            "aftercare": dict(self._sandbox.aftercare.done),
        }

    def faults(self) -> Body:
        """The faults that are on, and the names of all there are."""
        faults = self._sandbox.faults
        return {
            "on": {
                name: {
                    "rate": rate,
                    "size": faults.sizes.get(name),
                    "site": faults.targets.get(name),
                }
                for name, rate in faults.rates.items()
            },
            "names": sorted(FAULT_NAMES),
        }

    def put_faults(self, body: Body) -> Body:
        """`{"<name>": <rate>}` or `{"<name>": {"rate", "size"?, "site"?}}`; all others go off."""
        rates, sizes, targets = {}, {}, {}
        for name, value in body.items():
            if name not in FAULT_NAMES:
                names = ", ".join(sorted(FAULT_NAMES))
                raise Nonsense(f"There is no fault {name!r}; there are: {names}.")
            fault = value if isinstance(value, dict) else {"rate": value}
            only(fault, "rate", "size", "site")
            rates[name] = float(number_of(fault, "rate", most=1))
            if fault.get("size") is not None:
                sizes[name] = float(number_of(fault, "size"))
            if site := text_if_given(fault, "site"):
                if name not in STRIKE_ONE_SITE:
                    raise Nonsense(f"{name} strikes no single site.")
                targets[name] = site
        self._sandbox.faults.rates = rates
        self._sandbox.faults.sizes = sizes
        self._sandbox.faults.targets = targets
        return self.faults()

    def truth(self) -> Body:
        """Both systems as they are, behind their APIs' backs."""
        return {
            "brand": BRAND,
            "now": self._sandbox.clock.now().isoformat(),
            "meddled": {"list": DRIFTING_LIST, "sku": DRIFTING_SKU},
            "sfcc": self._sandbox.sfcc.truth(),
            "cin7": self._sandbox.cin7.truth(),
        }

    def post_orders(self, body: Body) -> Body:
        """`{"count": 1, "site"?, "shape"?}`: shoppers place them now."""
        only(body, "count", "site", "shape")
        count = int(number_of(body, "count", default=1, most=MOST_ORDERS))
        site, shape = text_if_given(body, "site"), text_if_given(body, "shape")
        try:
            placed = [self._sandbox.shoppers.place(site, shape) for _ in range(count)]
        except (NothingToSell, ValueError) as error:
            raise Nonsense(str(error)) from None
        return {
            "orders": [
                {
                    "siteId": order["siteId"],
                    "orderNo": order["orderNo"],
                    "placeDate": order["placeDate"],
                    "orderTotal": order["orderTotal"],
                    "currency": order["currency"],
                }
                for order in placed
            ]
        }

    def put_shoppers(self, body: Body) -> Body:
        """`{"orders_per_minute": 10}`; 0 sends the shoppers home."""
        only(body, "orders_per_minute")
        shoppers: Shoppers = self._sandbox.shoppers
        shoppers.orders_per_minute = float(number_of(body, "orders_per_minute"))
        return {"orders_per_minute": shoppers.orders_per_minute}

    def put_warehouse(self, body: Body) -> Body:
        """Any of the `WarehouseSettings`; the others stay."""
        names = [field.name for field in fields(self._sandbox.warehouse.settings)]
        only(body, *names)
        changes = {name: float(number_of(body, name)) for name in body}
        self._sandbox.warehouse.settings = replace(self._sandbox.warehouse.settings, **changes)
        return vars(self._sandbox.warehouse.settings).copy()

    def put_aftercare(self, body: Body) -> Body:
        """Any of the `AftercareSettings`; the others stay."""
        aftercare = self._sandbox.aftercare
        only(body, *(field.name for field in fields(aftercare.settings)))
        changes = {name: float(number_of(body, name)) for name in body}
        aftercare.settings = replace(aftercare.settings, **changes)
        return vars(aftercare.settings).copy()

    def post_stock(self, body: Body) -> Body:
        """`{"sku", "location", "on_hand"}` is a count, `"receive"` (and `"bin"?`) a delivery."""
        only(body, "sku", "location", "on_hand", "receive", "bin")
        sku, location = text_of(body, "sku"), text_of(body, "location")
        if ("on_hand" in body) == ("receive" in body):
            raise Nonsense("Give either on_hand (a count) or receive (a delivery).")
        try:
            if "on_hand" in body:
                self._sandbox.cin7.adjust(sku, location, number_of(body, "on_hand"))
            else:
                bin_name = text_if_given(body, "bin")
                self._sandbox.cin7.receive(sku, location, number_of(body, "receive"), bin_name)
        except KeyError:
            raise Nonsense(f"The ERP keeps no stock of {sku!r}.") from None
        rows = self._sandbox.cin7.stock_truth()
        return next(row for row in rows if (row["SKU"], row["Location"]) == (sku, location))

    def post_storefront_stock(self, body: Body) -> Body:
        """`{"list", "sku", "allocation"}`: somebody types it into Business Manager."""
        only(body, "list", "sku", "allocation")
        list_id, sku = text_of(body, "list"), text_of(body, "sku")
        lists = [site.inventory_list for site in self._sandbox.world.sites]
        if list_id not in lists:
            raise Nonsense(f"There is no list {list_id!r}; there are: {', '.join(lists)}.")
        self._sandbox.sfcc.edit_allocation(list_id, sku, number_of(body, "allocation"))
        return {"list": list_id, "sku": sku, "ats": self._sandbox.sfcc.ats(list_id, sku)}

    def post_products(self, body: Body) -> Body:
        """`{"sku", "name"?, "service"?, "price"?, "cost"?, "barcode"?}`: new in the ERP."""
        only(body, "sku", "name", "service", "price", "cost", "barcode")
        sku = text_of(body, "sku")
        service = body.get("service", False)
        if not isinstance(service, bool):
            raise Nonsense("service must be true or false.")
        self._sandbox.cin7.create_product(
            sku,
            name=text_if_given(body, "name"),
            service=service,
            price=number_of(body, "price", default=0),
            cost=number_of(body, "cost", default=0),
            barcode=text_if_given(body, "barcode") or "",
        )
        return {"sku": sku}

    def post_tax_rules(self, body: Body) -> Body:
        """`{"name", "percent"}`: a new sale tax rule in the ERP; 8 is 8 %."""
        only(body, "name", "percent")
        name, percent = text_of(body, "name"), number_of(body, "percent", most=100)
        self._sandbox.cin7.create_tax_rule(name, percent)
        return {"name": name, "percent": percent}

    def post_reset(self, body: Body) -> Body:
        """`{}`: the sandbox is as new, in milliseconds; faults, calls and orders are forgotten."""
        only(body)
        try:
            self._reset()
        except ValueError as error:
            raise Nonsense(str(error)) from None
        return {"status": "ok"}

    async def _calls(self, request: Request) -> Response:
        """`?recent=50` latest calls beside the counts."""
        recent = request.query_params.get("recent", "50")
        if not recent.isdecimal():
            return answer({"error": "recent must be a whole number."}, 400)
        return answer(self._sandbox.calls.summary(int(recent)))

    async def _nothing_here(self, request: Request) -> Response:
        return answer({"error": f"There is no {request.method} {request.url.path}."}, 404)
