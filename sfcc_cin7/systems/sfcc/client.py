"""Typed calls to Commerce Cloud: Orders and Products of the Commerce API here, stock beside it.

Reads are repeated a few times when the system is unavailable or throttles; writes never are. Each
call carries a correlation id, which its error names.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Unpack
from urllib.parse import quote

from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.answers import parse
from sfcc_cin7.systems.http.errors import Ambiguous, ApiError, NotFound, Refused
from sfcc_cin7.systems.http.outcomes import Call, Decode, unreadable
from sfcc_cin7.systems.sfcc.batch import BatchCalls
from sfcc_cin7.systems.sfcc.documents import (
    ConfirmationStatus,
    ExportStatus,
    OrderStatus,
    ShopProduct,
)
from sfcc_cin7.systems.sfcc.files import FileCalls
from sfcc_cin7.systems.sfcc.inventory import InventoryCalls
from sfcc_cin7.systems.sfcc.jobs import JobCalls
from sfcc_cin7.systems.sfcc.oci import OciCalls
from sfcc_cin7.systems.sfcc.order_pages import (
    Entry,
    Missed,
    Order,
    Unreadable,
    entry,
    legible,
    one_by_one,
    readable_page,
)
from sfcc_cin7.systems.sfcc.order_query import PAGE_SIZE, OrderQuery, order_params
from sfcc_cin7.systems.sfcc.products import ProductCalls
from sfcc_cin7.systems.sfcc.shopper import ShopperCalls
from sfcc_cin7.systems.sfcc.wire import rows_of
from sfcc_cin7.values import decimal_json

MOST_REACHABLE = 10_000
"""offset + limit of an order list may not exceed it."""


class SfccClient(
    InventoryCalls, BatchCalls, FileCalls, JobCalls, OciCalls, ProductCalls, ShopperCalls
):
    """The storefront. Use it as a context manager; it may be shared by threads.

    Every method raises `ApiError` (see `sfcc_cin7.systems.http.errors` for its kinds).
    """

    # Orders

    def orders(
        self, site: str, *, attempts: int = retries.ATTEMPTS, **query: Unpack[OrderQuery]
    ) -> list[Order]:
        """GET /orders: one page, without a total.

        The list reads an index that lags a little: read again before acting on what it says, and
        take no absence for a deletion.
        """
        call, found = self._order_list(site, query, decimal_json.loads, attempts)
        page = [row for row in found if not isinstance(row, Unreadable)]
        if len(page) < len(found):
            raise unreadable(call, "data.orderNo")
        return page

    def order_page(self, site: str, query: OrderQuery) -> list[Entry]:
        """A page as `orders` reads it, with an `Unreadable` in the place of what is not legible.

        Nothing is repeated: whoever looks often should look again rather than wait. A page with an
        `Unreadable` may seem shorter than it is.
        """
        return self._order_list(site, query, legible, attempts=1)[1]

    def orders_alone(self, site: str, query: OrderQuery) -> list[Entry]:
        """A page whose orders are asked for one by one, all at once: see `one_by_one`."""
        return self._in_parts(one_by_one, site, query)

    def _whole_page(self, site: str, query: OrderQuery) -> list[Entry]:
        """A page of a sweep, which nobody repeats soon: it waits where the site cannot answer."""
        return retries.read(lambda: self._in_parts(readable_page, site, query), self._clock.sleep)

    def _in_parts(
        self, how: Callable[..., list[Entry]], site: str, query: OrderQuery
    ) -> list[Entry]:
        def read(offset: int, limit: int) -> list[Entry]:
            return self.order_page(site, {**query, "offset": offset, "limit": limit})

        offset, limit = query.get("offset", 0), query.get("limit", PAGE_SIZE)
        return how(read, lambda: self.is_up(site), offset, limit)

    def _order_list(
        self, site: str, query: OrderQuery, decode: Decode, attempts: int
    ) -> tuple[Call, list[Entry]]:
        call, url = self._call("GET", self._connection.orders_url, "/orders")
        answer = self._get(call, url, order_params(site, query), attempts=attempts, decode=decode)
        found = answer.get("data", []) if isinstance(answer, dict) else None
        if not isinstance(found, list):
            raise unreadable(call, "data")
        return call, [entry(row) for row in found]

    def is_up(self, site: str) -> bool:
        """Asks for orders of tomorrow, so that no order's content matters; True, or an error."""
        tomorrow = self._clock.now() + timedelta(days=1)
        return self.orders(site, created_from=tomorrow, limit=1, attempts=1) == []

    def all_orders(
        self,
        site: str,
        *,
        created_from: datetime,
        created_to: datetime,
        statuses: Sequence[OrderStatus] = (),
        export_statuses: Sequence[ExportStatus] = (),
    ) -> Iterator[Order | Missed]:
        """Every order created in a half-open window, each once, ascending by creation.

        Each page starts at the creation instant of the last order of the page before, so neither
        the cap of 10,000 nor orders that leave the filter meanwhile make a gap. An order that
        cannot be read is given as `Missed`.
        """
        seen: set[str] = set()
        missed: set[Missed] = set()
        offset = 0
        while True:
            query: OrderQuery = {
                "offset": offset,
                "statuses": statuses,
                "export_statuses": export_statuses,
                "created_from": created_from,
                "created_to": created_to,
            }
            page = self._whole_page(site, query)
            last = created_from
            told_before, missed = missed, set()
            for order in page:
                if isinstance(order, Unreadable):
                    lost = Missed(order.number, after=last)
                    missed.add(lost)
                    if lost not in told_before:  # pages overlap by the instant of one order
                        yield lost
                    continue
                last = _created(order, last, created_to)
                if order["orderNo"] not in seen:
                    seen.add(order["orderNo"])
                    yield order
            if len(page) < PAGE_SIZE and not any(isinstance(row, Unreadable) for row in page):
                return
            if last > created_from:
                created_from, offset = last, 0
            elif offset + 2 * PAGE_SIZE <= MOST_REACHABLE:
                offset += PAGE_SIZE
            else:
                raise Refused(
                    "sfcc",
                    "GET /orders",
                    None,
                    f"more than {MOST_REACHABLE} orders of {site} were created at {last}",
                )

    def order(self, site: str, order_no: str, *, attempts: int = retries.ATTEMPTS) -> Order:
        """GET /orders/{orderNo}: the order as it is now, not as an index remembers it.

        Raises:
            NotFound: the site has no such order.
        """
        call, url = self._order_call("GET", order_no)
        answer = self._get(call, url, {"siteId": site}, attempts=attempts)
        if not isinstance(answer, dict) or answer.get("orderNo") != order_no:
            raise unreadable(call, "orderNo")
        return answer

    def set_export_status(self, site: str, order_no: str, value: ExportStatus) -> None:
        """PUT export-status. Setting what is already set is a success."""
        self._set_status(site, order_no, "export-status", "exportStatus", value)

    def set_external_status(self, site: str, order_no: str, value: str) -> None:
        """PUT external-status: 1-256 characters of our own. Setting it again is a success."""
        self._set_status(site, order_no, "external-status", "externalOrderStatus", value)

    def set_confirmation_status(self, site: str, order_no: str, value: ConfirmationStatus) -> None:
        """PUT confirmation-status. Setting what is already set is a success."""
        self._set_status(site, order_no, "confirmation-status", "confirmationStatus", value)

    def set_shipping_status(self, site: str, order_no: str, value: str) -> None:
        """PUT shipping-status: not_shipped, part_shipped or shipped. A merchant's capture of money
        may hang on it. Setting what is already set is a success."""
        self._set_status(site, order_no, "shipping-status", "shippingStatus", value)

    def set_attributes(self, site: str, order_no: str, values: Mapping[str, Any]) -> Order:
        """PATCH custom attributes (`c_*`) of an order; the order as it is then.

        Those that are not defined are ignored without a word, so the order is read back. A write
        that failed but whose effect is there is done.
        """
        call, url = self._order_call("PATCH", order_no)
        try:
            self._send(call, url, {"siteId": site}, values)
        except (Refused, Ambiguous) as error:
            if isinstance(error, NotFound):
                raise
            shown = self.order(site, order_no)
            if any(shown.get(name) != value for name, value in values.items()):
                raise error from None
            return shown
        return self.order(site, order_no)

    def tell_shipments(self, site: str, order_no: str, state: Mapping[str, Any]) -> None:
        """POST the state of an order's shipments to the merchant's cartridge (a Custom API; its
        contract is docs/fulfilment.md). The same revision again changes nothing."""
        where = f"/orders/{quote(order_no, safe='')}/shipments"
        call, url = self._call("POST", self._connection.fulfilment_url, where)
        self._send(call, url, {"siteId": site}, state)

    # Products

    def products(self, site: str | None = None) -> Iterator[ShopProduct]:
        """POST /product-search: everything an order line may name, each once, ascending by id.

        Masters, sets and variation groups are left out.
        """
        call, url = self._call("POST", self._connection.products_url, "/product-search", "read")
        seen: set[str] = set()
        offset = 0
        while True:
            body = {
                "query": {"matchAllQuery": {}},
                "sorts": [{"field": "id", "sortOrder": "asc"}],
                "limit": PAGE_SIZE,
                "offset": offset,
            }
            answer = self._get(call, url, {"siteId": site} if site else {}, body)
            hits, total = rows_of(call, answer, "hits")
            for hit in hits:
                product = parse(call, ShopProduct, hit)
                if product.bought_as_it_is and product.id not in seen:
                    seen.add(product.id)
                    yield product
            offset += len(hits)
            if not hits or (total is not None and offset >= total):
                return

    # What several calls share

    def _set_status(self, site: str, order_no: str, path: str, field: str, value: str) -> None:
        """A write that failed but whose effect is there is done: others write statuses too."""
        call, url = self._order_call("PUT", order_no, path)
        try:
            self._send(call, url, {"siteId": site}, {"status": value})
        except (Refused, Ambiguous) as error:
            if isinstance(error, NotFound) or self._shown(site, order_no, field) != value:
                raise

    def _shown(self, site: str, order_no: str, field: str) -> Any:
        try:
            return self.order(site, order_no).get(field)
        except ApiError:
            return None

    def _order_call(self, method: str, order_no: str, path: str = "") -> tuple[Call, str]:
        where = f"/orders/{quote(order_no, safe='')}" + (f"/{path}" if path else "")
        return self._call(method, self._connection.orders_url, where)


def _created(order: Order, not_before: datetime, before: datetime) -> datetime:
    """When an order of an ascending window was created; `not_before` where it does not say."""
    try:
        created = datetime.fromisoformat(order["creationDate"])
        return created if not_before <= created < before else not_before
    except (KeyError, TypeError, ValueError):  # absent, no time, or one without a zone
        return not_before
