"""Products as whole documents (Products API): what changed of them, and changing one.

A product stays the raw document that it came as. What `products` of the client reads is enough to
know what an order line may name; this is for whoever compares its fields.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sfcc_cin7.systems.http.answers import parse
from sfcc_cin7.systems.http.outcomes import Call, unreadable
from sfcc_cin7.systems.sfcc.documents import ShopProduct
from sfcc_cin7.systems.sfcc.order_query import PAGE_SIZE
from sfcc_cin7.systems.sfcc.wire import Wire, rows_of

Product = dict[str, Any]
MOST_IN_A_SLICE = 2_000
"""How far a slice is paged. Whether product search has a cap is not documented, and lists of this
platform usually have one: more hits than these are asked for in two halves."""
SHORTEST_SLICE = timedelta(milliseconds=2)


class ProductCalls(Wire):
    """The calls on products."""

    def changed_products(self, since: datetime, before: datetime) -> Iterator[Product]:
        """POST /product-search: every product that an order line may name and that was last
        modified in this half-open window, at least once.

        The search reads an index that lags a little: ask again for what was just read. A product
        that is deleted appears nowhere.
        """
        call, url = self._call("POST", self._connection.products_url, "/product-search", "read")
        for hit in self._slice(call, url, since, before):
            if _is_bought_as_it_is(call, hit):
                yield hit

    def product(self, product_id: str) -> Product:
        """GET /products/{id}: the product as it is now. Raises NotFound."""
        call, url = self._product_call("GET", product_id)
        return _of(call, self._get(call, url, {}), product_id)

    def change_product(self, product_id: str, changes: Mapping[str, Any]) -> Product:
        """PATCH /products/{id}; the product as it is then.

        What is left out stays; of maps by site or locale only the keys that are named change. A
        custom attribute that is not defined is ignored without a word: look at the answer.
        """
        call, url = self._product_call("PATCH", product_id)
        return _of(call, self._send(call, url, {}, changes), product_id)

    def _slice(self, call: Call, url: str, since: datetime, before: datetime) -> Iterator[Product]:
        first, total = self._product_page(call, url, since, before, 0)
        if total > MOST_IN_A_SLICE and before - since > SHORTEST_SLICE:
            middle = since + (before - since) / 2
            middle = middle.replace(microsecond=middle.microsecond // 1000 * 1000)
            yield from self._slice(call, url, since, middle)
            yield from self._slice(call, url, middle, before)
            return
        read = len(first)
        yield from first
        while first and read < total:
            first, total = self._product_page(call, url, since, before, read)
            read += len(first)
            yield from first

    def _product_page(
        self, call: Call, url: str, since: datetime, before: datetime, offset: int
    ) -> tuple[list[Product], int]:
        window = {
            "field": "lastModified",
            "from": _instant(since),
            "to": _instant(before),
            "fromInclusive": True,
            "toInclusive": False,
        }
        query = {"query": {"matchAllQuery": {}}, "filter": {"rangeFilter": window}}
        body = {
            "query": {"filteredQuery": query},
            "sorts": [{"field": "id", "sortOrder": "asc"}],
            "limit": PAGE_SIZE,
            "offset": offset,
        }
        hits, total = rows_of(call, answer := self._get(call, url, {}, body), "hits")
        if total is None or not all(isinstance(hit, dict) for hit in hits):
            raise unreadable(call, "total" if isinstance(answer, dict) else "hits")
        return hits, total

    def _product_call(self, method: str, product_id: str) -> tuple[Call, str]:
        where = f"/products/{quote(product_id, safe='')}"
        return self._call(method, self._connection.products_url, where)


def _is_bought_as_it_is(call: Call, hit: Product) -> bool:
    return parse(call, ShopProduct, hit).bought_as_it_is


def _of(call: Call, answer: Any, product_id: str) -> Product:
    if not isinstance(answer, dict) or answer.get("id") != product_id:
        raise unreadable(call, "id")
    return answer


def _instant(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
