"""Typed calls to Commerce Cloud: Orders and Products of the Commerce API, inventory of OCAPI Data.

Reads are repeated a few times when the system is unavailable or throttles; writes never are. Each
call carries a correlation id, which its error names.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote
from uuid import uuid4

import httpx

from sfcc_cin7.clock import Clock
from sfcc_cin7.http import decimal_json, retries
from sfcc_cin7.http.answers import parse
from sfcc_cin7.http.errors import Ambiguous, ApiError, NotFound, Refused
from sfcc_cin7.http.outcomes import Call, Effect, exchange, unreadable
from sfcc_cin7.sfcc.connection import SfccConnection
from sfcc_cin7.sfcc.documents import (
    ConfirmationStatus,
    ExportStatus,
    InventoryList,
    InventoryRecord,
    OrderStatus,
    ShopProduct,
    bound,
    instant,
)
from sfcc_cin7.sfcc.order_pages import Order, readable_page
from sfcc_cin7.sfcc.token import AccessToken

PAGE_SIZE = 200
MOST_REACHABLE = 10_000
"""offset + limit of an order list may not exceed it."""
TIMEOUT = httpx.Timeout(65.0, connect=10.0)  # the Admin APIs give up after 60 s


class SfccClient:
    """The storefront. Use it as a context manager; it may be shared by threads.

    Every method raises `ApiError` (see `sfcc_cin7.http.errors` for its kinds).
    """

    def __init__(
        self,
        connection: SfccConnection,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
        new_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._new_id = new_id
        self._http = httpx.Client(timeout=TIMEOUT, follow_redirects=False, transport=transport)
        self._token = AccessToken(self._http, connection, clock, new_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    # Orders

    def orders(
        self,
        site: str,
        *,
        statuses: Sequence[OrderStatus] = (),
        export_statuses: Sequence[ExportStatus] = (),
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        modified_from: datetime | None = None,
        modified_to: datetime | None = None,
        sort_by: Literal["creation_date", "last_modified_date"] = "creation_date",
        descending: bool = False,
        limit: int = PAGE_SIZE,
        offset: int = 0,
        attempts: int = retries.ATTEMPTS,
    ) -> list[Order]:
        """GET /orders: one page, without a total. `from` is included, `to` is not.

        The list reads an index that lags a little: read again before acting on what it says, and
        take no absence for a deletion.
        """
        params = {
            "siteId": site,
            "status": ",".join(statuses),
            "exportStatus": ",".join(export_statuses),
            "creationDateFrom": bound(created_from) if created_from else "",
            "creationDateTo": bound(created_to) if created_to else "",
            "lastModifiedDateFrom": bound(modified_from) if modified_from else "",
            "lastModifiedDateTo": bound(modified_to) if modified_to else "",
            "sortBy": sort_by,
            "sortOrder": "desc" if descending else "asc",
            "limit": str(limit),
            "offset": str(offset),
        }
        call, url = self._call("GET", self._connection.orders_url, "/orders")
        given = {key: value for key, value in params.items() if value}
        answer = self._get(call, url, given, attempts=attempts)
        found = answer.get("data", []) if isinstance(answer, dict) else None
        if not isinstance(found, list) or not all(
            isinstance(order, dict) and isinstance(order.get("orderNo"), str) for order in found
        ):
            raise unreadable(call, "data.orderNo")
        return found

    def readable_orders(
        self, site: str, *, offset: int = 0, limit: int = PAGE_SIZE, **filters: Any
    ) -> list[Order | None]:
        """A page as `orders` reads it, with None in the place of an order that cannot be read.

        Nothing is repeated: whoever looks often should look again rather than wait.
        """

        def read(offset: int, limit: int) -> list[Order]:
            return self.orders(site, limit=limit, offset=offset, attempts=1, **filters)

        return readable_page(read, lambda: self.is_up(site), offset, limit)

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
    ) -> Iterator[Order | datetime]:
        """Every order created in a half-open window, each once, ascending by creation.

        Each page starts at the creation instant of the last order of the page before, so neither
        the cap of 10,000 nor orders that leave the filter meanwhile make a gap. An order that
        cannot be read is given as the instant after which it was created.
        """
        seen: set[str] = set()
        offset = 0
        while True:
            page = self.readable_orders(
                site,
                offset=offset,
                statuses=statuses,
                export_statuses=export_statuses,
                created_from=created_from,
                created_to=created_to,
            )
            last = created_from
            for order in page:
                if order is None:
                    yield last
                    continue
                last = _created(order, last, created_to)
                if order["orderNo"] not in seen:
                    seen.add(order["orderNo"])
                    yield order
            if len(page) < PAGE_SIZE:
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
            hits, total = _page(call, answer, "hits")
            for hit in hits:
                product = parse(call, ShopProduct, hit)
                if product.bought_as_it_is and product.id not in seen:
                    seen.add(product.id)
                    yield product
            offset += len(hits)
            if not hits or (total is not None and offset >= total):
                return

    # Inventory

    def inventory_list(self, list_id: str) -> InventoryList:
        """GET /inventory_lists/{id}. Raises NotFound where there is none."""
        call, url = self._data_call("GET", list_id)
        return parse(call, InventoryList, self._get(call, url, {}))

    def inventory_record(self, list_id: str, sku: str) -> InventoryRecord | None:
        """GET one record; None where the list exists but holds no such SKU."""
        call, url = self._data_call("GET", list_id, sku)
        try:
            return parse(call, InventoryRecord, self._get(call, url, {}))
        except NotFound as error:
            if _is_missing_record(error):
                return None
            raise

    def inventory_records(self, list_id: str, start: int = 0) -> Iterator[InventoryRecord]:
        """GET all records of a list from the `start`th on, each once; a page is read when its first
        record is asked for."""
        call, url = self._data_call("GET", list_id, "")
        seen: set[str] = set()
        while True:
            params = {"start": str(start), "count": str(PAGE_SIZE), "select": "(**)"}
            rows, total = _page(call, self._get(call, url, params), "data")
            for row in rows:
                record = parse(call, InventoryRecord, row)
                if record.sku not in seen:
                    seen.add(record.sku)
                    yield record
            start += len(rows)
            if not rows or (total is not None and start >= total):
                return

    def set_allocation(
        self, list_id: str, sku: str, amount: Decimal, reset_at: datetime
    ) -> InventoryRecord:
        """PATCH the allocation of a SKU (units, at least 0) as it was at `reset_at`.

        Creates the record where there is none. The same amount and time again change nothing. The
        storefront keeps milliseconds: `reset_at` of the answer is the one sent, cut to them.
        """
        body = {"allocation": {"amount": amount, "reset_date": instant(reset_at)}}
        call, url = self._data_call("PATCH", list_id, sku)
        try:
            answer = self._send(call, url, {}, body)
        except NotFound as error:
            if not _is_missing_record(error):
                raise
            call, url = self._data_call("PUT", list_id, sku)
            answer = self._send(call, url, {}, body)
        return parse(call, InventoryRecord, answer)

    # Plumbing

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

    def _call(
        self, method: str, base: str, path: str, effect: Effect | None = None
    ) -> tuple[Call, str]:
        by_method: Effect = "read" if method == "GET" else "write"
        call = Call("sfcc", f"{method} {path}", effect or by_method, self._new_id())
        return call, base + path

    def _order_call(self, method: str, order_no: str, path: str = "") -> tuple[Call, str]:
        where = f"/orders/{quote(order_no, safe='')}" + (f"/{path}" if path else "")
        return self._call(method, self._connection.orders_url, where)

    def _data_call(self, method: str, list_id: str, sku: str | None = None) -> tuple[Call, str]:
        where = f"/inventory_lists/{quote(list_id, safe='')}"
        if sku is not None:
            where += "/product_inventory_records" + (f"/{quote(sku, safe='')}" if sku else "")
        return self._call(method, self._connection.data_url, where)

    def _get(
        self,
        call: Call,
        url: str,
        params: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        attempts: int = retries.ATTEMPTS,
    ) -> Any:
        return retries.read(
            lambda: self._send(call, url, params, body), self._clock.sleep, attempts
        )

    def _send(
        self, call: Call, url: str, params: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Any:
        """Send once; a token that the API does not accept any more is renewed once."""
        token = self._token.current()
        try:
            return exchange(self._http, call, self._request(call, url, params, body, token))
        except Refused as error:
            if error.status != 401:
                raise
        token = self._token.current(refused=token)
        return exchange(self._http, call, self._request(call, url, params, body, token))

    def _request(
        self,
        call: Call,
        url: str,
        params: Mapping[str, str],
        body: Mapping[str, Any] | None,
        token: str,
    ) -> httpx.Request:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if call.correlation_id:
            headers["correlation-id"] = call.correlation_id
        if url.startswith(self._connection.data_url):
            headers["x-dw-client-id"] = self._connection.client_id
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._http.build_request(
            call.operation.split()[0],
            url,
            params=params,
            headers=headers,
            content=None if body is None else decimal_json.dumps(dict(body)),
        )


def _created(order: Order, not_before: datetime, before: datetime) -> datetime:
    """When an order of an ascending window was created; `not_before` where it does not say."""
    try:
        created = datetime.fromisoformat(order["creationDate"])
        return created if not_before <= created < before else not_before
    except (KeyError, TypeError, ValueError):  # absent, no time, or one without a zone
        return not_before


def _is_missing_record(error: NotFound) -> bool:
    return error.code == "ProductInventoryRecordNotFoundException"


def _page(call: Call, answer: Any, key: str) -> tuple[list[Any], int | None]:
    """Rows of a page, and how many there are on all pages where that is told."""
    rows = answer.get(key, []) if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise unreadable(call, key)
    total = answer.get("total")
    return rows, total if isinstance(total, int) else None
