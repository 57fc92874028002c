"""The variants of a master over HTTP (Products 1.2: variations, variant search)."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.merchant.world import Site, World
from sfcc_cin7_sandbox.sfcc.gate import Call, Gate, Handler
from sfcc_cin7_sandbox.sfcc.order_query import check_known
from sfcc_cin7_sandbox.sfcc.price_books import PriceBooks
from sfcc_cin7_sandbox.sfcc.problems import Problem, answer
from sfcc_cin7_sandbox.sfcc.product_query import Document
from sfcc_cin7_sandbox.sfcc.products import Products
from sfcc_cin7_sandbox.sfcc.stock import Stock

ONE = "/product/products/v1/organizations/{organization}/products/{master_id:path}"
SEARCH = frozenset({"query", "sorts", "limit", "offset"})


class VariationRoutes:
    """Serves variants with what a site offers of them, when it is named."""

    def __init__(
        self, world: World, products: Products, stock: Stock, prices: PriceBooks, gate: Gate
    ) -> None:
        self._sites = {site.id: site for site in world.sites}
        self._products = products
        self._stock = stock
        self._prices = prices
        self._gate = gate

    @property
    def routes(self) -> list[BaseRoute]:
        endpoints: list[tuple[str, str, Handler]] = [
            ("GET", ONE + "/variations", self._list),
            ("GET", ONE + "/variations/{variant_id}", self._get),
            ("POST", ONE + "/variant-search", self._search),
        ]
        return [
            Route(path, self._gate.scapi("sfcc.products", handler), methods=[method])
            for method, path, handler in endpoints
        ]

    def _list(self, call: Call) -> Response:
        params = call.request.query_params
        site = self._site(call, "limit", "offset")
        limit, offset = _page(params.get("limit", "25"), params.get("offset", "0"), most=50)
        found = self._variants(call)
        shown = [self._shown(each, site) for each in found[offset : offset + limit]]
        page = {"limit": limit, "offset": offset, "total": len(found)}
        return answer(page | {"data": shown})

    def _get(self, call: Call) -> Response:
        site, wanted = self._site(call), call.path("variant_id")
        for variant in self._variants(call):
            if variant["id"] == wanted:
                return answer(self._shown(variant, site))
        raise Problem(404, "variation-not-found", f"The master has no variant '{wanted}'.")

    def _search(self, call: Call) -> Response:
        site, body = self._site(call), call.body
        if "query" not in body or set(body) - SEARCH:
            raise Problem(
                400, "invalid-request-body", f"A search has a query and at most {sorted(SEARCH)}."
            )
        limit, offset = _page(body.get("limit", 25), body.get("offset", 0), most=200)
        own = {variant["id"] for variant in self._variants(call)}
        sorts = body.get("sorts", [])
        hits = [hit for hit in self._products.search(body["query"], sorts) if hit["id"] in own]
        return answer(
            {
                "limit": limit,
                "offset": offset,
                "total": len(hits),
                "hits": [self._shown(each, site) for each in hits[offset : offset + limit]],
                "query": body["query"],
                **({"sorts": sorts} if sorts else {}),
            }
        )

    def _variants(self, call: Call) -> list[Document]:
        """The variants of the master that is named, by ID. Raises Problem."""
        master_id = call.path("master_id")
        master = self._products.get(master_id)
        if master is None or not master["type"].get("master"):
            raise Problem(404, "product-not-found", f"No master product with ID '{master_id}'.")
        named = sorted(variant["productId"] for variant in master["variants"])
        return [found for each in named if (found := self._products.get(each))]

    def _shown(self, variant: Document, site: Site | None) -> dict[str, Any]:
        sku = variant["id"]
        shown = {
            "productId": sku,
            "online": variant["online"],
            "searchable": variant["searchable"],
        }
        if site is None:
            return shown
        ats = self._stock.ats(site.inventory_list, sku)
        price = self._prices.price(site, sku)
        shown |= {"ats": ats, "inStock": ats > 0, "orderable": ats > 0}
        if price is not None:
            shown |= {"price": price, "priceCurrency": site.currency}
        return shown

    def _site(self, call: Call, *more: str) -> Site | None:
        params = call.request.query_params
        check_known(params, frozenset({"siteId", *more}))
        site = params.get("siteId")
        if site is not None and site not in self._sites:
            raise Problem(404, "site-not-found", f"No site '{site}'.")
        return self._sites[site] if site else None


def _page(limit: Any, offset: Any, *, most: int) -> tuple[int, int]:
    """Whole numbers, as text of a query or as numbers of a body. Raises Problem."""
    try:
        if isinstance(limit, bool) or isinstance(offset, bool):
            raise ValueError
        taken = int(str(limit)), int(str(offset))
    except ValueError:
        raise Problem(
            400, "invalid-request", "'limit' and 'offset' must be whole numbers."
        ) from None
    if not 1 <= taken[0] <= most or taken[1] < 0:
        raise Problem(400, "invalid-request", f"limit is 1 to {most}, offset 0 or more.")
    return taken
