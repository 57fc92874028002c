"""The Products API over HTTP (Products 1.2: search, get, PATCH)."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.merchant.world import Site, Sku, World
from sfcc_cin7_sandbox.sfcc.gate import Call, Gate
from sfcc_cin7_sandbox.sfcc.order_query import check_known
from sfcc_cin7_sandbox.sfcc.price_books import PriceBooks
from sfcc_cin7_sandbox.sfcc.problems import Problem, answer
from sfcc_cin7_sandbox.sfcc.products import Products
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.sfcc.stock import Stock

BASE = "/product/products/v1/organizations/{organization}"
PARAMETERS = frozenset({"siteId"})
REQUEST = frozenset({"limit", "offset", "query", "sorts", "expand"})


class ProductRoutes:
    """Serves the product index; with a site also what the site offers and asks."""

    def __init__(
        self,
        world: World,
        products: Products,
        stock: Stock,
        prices: PriceBooks,
        gate: Gate,
        settings: SfccSettings,
    ) -> None:
        self._prices = prices
        self._settings = settings
        self._sites = {site.id: site for site in world.sites}
        self._skus = {sku.id: sku for sku in world.skus}
        self._products = products
        self._stock = stock
        self._gate = gate

    @property
    def routes(self) -> list[BaseRoute]:
        scope = "sfcc.products"
        return [
            Route(
                BASE + "/product-search", self._gate.scapi(scope, self._search), methods=["POST"]
            ),
            Route(
                BASE + "/products/{product_id:path}",
                self._gate.scapi(scope, self._get),
                methods=["GET"],
            ),
            Route(
                BASE + "/products/{product_id:path}",
                self._gate.scapi("sfcc.products.rw", self._patch),
                methods=["PATCH"],
            ),
        ]

    def _search(self, call: Call) -> Response:
        check_known(call.request.query_params, PARAMETERS)
        self._site(call)
        body = call.body
        unknown = set(body) - REQUEST
        if unknown or "query" not in body:
            raise Problem(
                400, "invalid-request-body", f"A search has a query and at most {sorted(REQUEST)}."
            )
        limit, offset = _whole(body, "limit", 25), _whole(body, "offset", 0)
        if not 1 <= limit <= 200 or offset < 0:
            raise Problem(400, "invalid-request-body", "limit is 1 to 200, offset 0 or more.")
        cap = self._settings.product_search_cap
        if cap is not None and offset + limit > cap:
            raise Problem(400, "invalid-request-body", f"offset and limit must not exceed {cap}.")
        sorts = body.get("sorts", [])
        hits = self._products.search(body["query"], sorts)
        return answer(
            {
                "limit": limit,
                "offset": offset,
                "total": len(hits),
                "hits": hits[offset : offset + limit],
                "query": body["query"],
                **({"sorts": sorts} if sorts else {}),
            }
        )

    def _get(self, call: Call) -> Response:
        check_known(call.request.query_params, PARAMETERS)
        site = self._site(call)
        product_id = call.path("product_id")
        document = self._products.get(product_id)
        if document is None:
            raise Problem(404, "product-not-found", f"No product with ID '{product_id}'.")
        sku = self._skus.get(product_id)
        offer = self._offer(site, sku) if site and sku else {}
        return answer({**document, **offer})

    def _patch(self, call: Call) -> Response:
        check_known(call.request.query_params, PARAMETERS)
        self._site(call)
        product_id = call.path("product_id")
        if self._products.get(product_id) is None:
            raise Problem(404, "product-not-found", f"No product with ID '{product_id}'.")
        return answer(self._products.change(product_id, call.body))

    def _offer(self, site: Site, sku: Sku) -> dict[str, Any]:
        ats = self._stock.ats(site.inventory_list, sku.id)
        offer: dict[str, Any] = {"ats": ats, "inStock": ats > 0}
        price = self._prices.price(site, sku.id)
        if price is not None:
            offer |= {"price": price, "priceCurrency": site.currency}
        return offer

    def _site(self, call: Call) -> Site | None:
        site_id = call.request.query_params.get("siteId")
        if site_id is None:
            return None
        if site_id not in self._sites:
            raise Problem(404, "site-not-found", f"No site '{site_id}'.")
        return self._sites[site_id]


def _whole(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Problem(400, "invalid-request-body", f"'{name}' must be a whole number.")
    return value
