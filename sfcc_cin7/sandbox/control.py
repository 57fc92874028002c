"""Strings for the puppeteer: what tests, demos and `verify` may ask of the sandbox itself.

Everything is JSON. A request that makes no sense gets 400 with `{"error": "<one sentence>"}`.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import simplejson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7.sandbox.assembly import Sandbox
from sfcc_cin7.sandbox.catalogue import BRAND, DRIFTING_LIST, DRIFTING_SKU
from sfcc_cin7.sandbox.cin7.answers import Refusal
from sfcc_cin7.sandbox.draft import NothingToSell
from sfcc_cin7.sandbox.fault_middleware import FAULT_NAMES
from sfcc_cin7.sandbox.shoppers import Shoppers

MOST_ORDERS = 1000
Body = dict[str, Any]


class Nonsense(ValueError):
    """A control request that cannot be obeyed; the message says why."""


class Control:
    """The handlers behind `/_control`; each takes the parsed body and returns what to answer."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.routes: list[BaseRoute] = [
            self._route("GET", "health", lambda _: self.health()),
            self._route("GET", "faults", lambda _: self.faults()),
            self._route("PUT", "faults", self.put_faults),
            Route("/_control/calls", self._calls, methods=["GET"]),
            self._route("GET", "truth", lambda _: self.truth()),
            self._route("POST", "orders", self.post_orders),
            self._route("PUT", "shoppers", self.put_shoppers),
            self._route("PUT", "warehouse", self.put_warehouse),
            self._route("POST", "stock", self.post_stock),
            self._route("POST", "storefront-stock", self.post_storefront_stock),
            self._route("POST", "products", self.post_products),
            self._route("POST", "tax-rules", self.post_tax_rules),
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
        }

    def faults(self) -> Body:
        """The faults that are on, and the names of all there are."""
        faults = self._sandbox.faults
        return {
            "on": {
                name: {"rate": rate, "size": faults.sizes.get(name)}
                for name, rate in faults.rates.items()
            },
            "names": sorted(FAULT_NAMES),
        }

    def put_faults(self, body: Body) -> Body:
        """`{"<name>": <rate>}` or `{"<name>": {"rate": .., "size": ..}}`; all others go off."""
        rates, sizes = {}, {}
        for name, value in body.items():
            if name not in FAULT_NAMES:
                names = ", ".join(sorted(FAULT_NAMES))
                raise Nonsense(f"There is no fault {name!r}; there are: {names}.")
            fault = value if isinstance(value, dict) else {"rate": value}
            _only(fault, "rate", "size")
            rates[name] = float(_number(fault, "rate", most=1))
            if fault.get("size") is not None:
                sizes[name] = float(_number(fault, "size"))
        self._sandbox.faults.rates = rates
        self._sandbox.faults.sizes = sizes
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
        _only(body, "count", "site", "shape")
        count = int(_number(body, "count", default=1, most=MOST_ORDERS))
        site, shape = _text_if_given(body, "site"), _text_if_given(body, "shape")
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
        _only(body, "orders_per_minute")
        shoppers: Shoppers = self._sandbox.shoppers
        shoppers.orders_per_minute = float(_number(body, "orders_per_minute"))
        return {"orders_per_minute": shoppers.orders_per_minute}

    def put_warehouse(self, body: Body) -> Body:
        """Any of the `WarehouseSettings`; the others stay."""
        names = [field.name for field in fields(self._sandbox.warehouse.settings)]
        _only(body, *names)
        changes = {name: float(_number(body, name)) for name in body}
        self._sandbox.warehouse.settings = replace(self._sandbox.warehouse.settings, **changes)
        return vars(self._sandbox.warehouse.settings).copy()

    def post_stock(self, body: Body) -> Body:
        """`{"sku", "location", "on_hand"}` is a count, `"receive"` (and `"bin"?`) a delivery."""
        _only(body, "sku", "location", "on_hand", "receive", "bin")
        sku, location = _text(body, "sku"), _text(body, "location")
        if ("on_hand" in body) == ("receive" in body):
            raise Nonsense("Give either on_hand (a count) or receive (a delivery).")
        try:
            if "on_hand" in body:
                self._sandbox.cin7.adjust(sku, location, _number(body, "on_hand"))
            else:
                bin_name = _text_if_given(body, "bin")
                self._sandbox.cin7.receive(sku, location, _number(body, "receive"), bin_name)
        except KeyError:
            raise Nonsense(f"The ERP keeps no stock of {sku!r}.") from None
        rows = self._sandbox.cin7.stock_truth()
        return next(row for row in rows if (row["SKU"], row["Location"]) == (sku, location))

    def post_storefront_stock(self, body: Body) -> Body:
        """`{"list", "sku", "allocation"}`: somebody types it into Business Manager."""
        _only(body, "list", "sku", "allocation")
        list_id, sku = _text(body, "list"), _text(body, "sku")
        lists = [site.inventory_list for site in self._sandbox.world.sites]
        if list_id not in lists:
            raise Nonsense(f"There is no list {list_id!r}; there are: {', '.join(lists)}.")
        self._sandbox.sfcc.edit_allocation(list_id, sku, _number(body, "allocation"))
        return {"list": list_id, "sku": sku, "ats": self._sandbox.sfcc.ats(list_id, sku)}

    def post_products(self, body: Body) -> Body:
        """`{"sku", "name"?, "service"?, "price"?, "cost"?, "barcode"?}`: new in the ERP."""
        _only(body, "sku", "name", "service", "price", "cost", "barcode")
        sku = _text(body, "sku")
        service = body.get("service", False)
        if not isinstance(service, bool):
            raise Nonsense("service must be true or false.")
        self._sandbox.cin7.create_product(
            sku,
            name=_text_if_given(body, "name"),
            service=service,
            price=_number(body, "price", default=0),
            cost=_number(body, "cost", default=0),
            barcode=_text_if_given(body, "barcode") or "",
        )
        return {"sku": sku}

    def post_tax_rules(self, body: Body) -> Body:
        """`{"name", "percent"}`: a new sale tax rule in the ERP; 8 is 8 %."""
        _only(body, "name", "percent")
        name, percent = _text(body, "name"), _number(body, "percent", most=100)
        self._sandbox.cin7.create_tax_rule(name, percent)
        return {"name": name, "percent": percent}

    async def _calls(self, request: Request) -> Response:
        """`?recent=50` latest calls beside the counts."""
        recent = request.query_params.get("recent", "50")
        if not recent.isdecimal():
            return _answer({"error": "recent must be a whole number."}, 400)
        return _answer(self._sandbox.calls.summary(int(recent)))

    async def _nothing_here(self, request: Request) -> Response:
        return _answer({"error": f"There is no {request.method} {request.url.path}."}, 404)

    def _route(self, method: str, name: str, handle: Callable[[Body], Body]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return _answer(handle(_body(await request.body())))
            except Nonsense as nonsense:
                return _answer({"error": str(nonsense)}, 400)
            except Refusal as refusal:
                return _answer({"error": f"The ERP says: {refusal.message}"}, 400)

        return Route(f"/_control/{name}", endpoint, methods=[method])


def _answer(content: Mapping[str, Any], status: int = 200) -> Response:
    text = simplejson.dumps(content, use_decimal=True, ensure_ascii=False)
    return Response(text, status, media_type="application/json")


def _body(raw: bytes) -> Body:
    """The JSON object sent; none sent is an empty one."""
    if not raw:
        return {}
    try:
        body = simplejson.loads(raw, use_decimal=True)
    except ValueError:
        raise Nonsense("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Nonsense("The body must be a JSON object.")
    return body


def _only(body: Body, *names: str) -> None:
    if unknown := sorted(set(body) - set(names)):
        raise Nonsense(f"Unknown: {', '.join(unknown)}; allowed: {', '.join(names)}.")


def _number(
    body: Body, name: str, *, default: int | None = None, most: int | None = None
) -> Decimal:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Nonsense(f"{name} must be a number.")
    number = Decimal(value)
    if not number.is_finite() or number < 0:
        raise Nonsense(f"{name} must not be below 0.")
    if most is not None and number > most:
        raise Nonsense(f"{name} must not be above {most}.")
    return number


def _text(body: Body, name: str) -> str:
    text = _text_if_given(body, name)
    if not text:
        raise Nonsense(f"{name} is required.")
    return text


def _text_if_given(body: Body, name: str) -> str | None:
    text = body.get(name)
    if text is not None and not isinstance(text, str):
        raise Nonsense(f"{name} must be a text.")
    return text
