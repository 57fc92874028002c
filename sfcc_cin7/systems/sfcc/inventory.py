"""Stock of the storefront, record by record: inventory lists of OCAPI Data."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from sfcc_cin7.systems.http.answers import parse
from sfcc_cin7.systems.http.errors import ApiError, NotFound
from sfcc_cin7.systems.http.outcomes import Call
from sfcc_cin7.systems.sfcc.documents import InventoryList, InventoryRecord, instant
from sfcc_cin7.systems.sfcc.wire import Wire, rows_of
from sfcc_cin7.values.backorder import Backorder

PAGE_SIZE = 200


class InventoryCalls(Wire):
    """Lists and records of classic inventory."""

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
            if is_missing_record(error):
                return None
            raise

    def inventory_records(self, list_id: str, start: int = 0) -> Iterator[InventoryRecord]:
        """GET all records of a list from the `start`th on, each once; a page is read when its first
        record is asked for."""
        call, url = self._data_call("GET", list_id, "")
        seen: set[str] = set()
        while True:
            params = {"start": str(start), "count": str(PAGE_SIZE), "select": "(**)"}
            rows, total = rows_of(call, self._get(call, url, params), "data")
            for row in rows:
                record = parse(call, InventoryRecord, row)
                if record.sku not in seen:
                    seen.add(record.sku)
                    yield record
            start += len(rows)
            if not rows or (total is not None and start >= total):
                return

    def set_allocation(
        self,
        list_id: str,
        sku: str,
        amount: Decimal,
        reset_at: datetime,
        backorder: Backorder | None = None,
    ) -> InventoryRecord:
        """PATCH the allocation of a SKU (units, at least 0) as it was at `reset_at`, and what may
        be backordered; None leaves that as it is.

        Creates the record where there is none. The same amount and time again change nothing. The
        storefront keeps milliseconds: `reset_at` of the answer is the one sent, cut to them.
        """
        body = allocated(amount, reset_at, backorder)
        call, url = self._data_call("PATCH", list_id, sku)
        try:
            answer = self._send(call, url, {}, body)
        except NotFound as error:
            if not is_missing_record(error):
                raise
            call, url = self._data_call("PUT", list_id, sku)
            answer = self._send(call, url, {}, body)
        return parse(call, InventoryRecord, answer)

    def patch_nothing(self, list_id: str, absent: str) -> None:
        """PATCH a SKU that has no record, to see whether writing is allowed at all."""
        call, url = self._data_call("PATCH", list_id, absent)
        try:
            self._send(call, url, {}, {})
        except NotFound as error:
            if not is_missing_record(error):
                raise

    def _data_call(self, method: str, list_id: str, sku: str | None = None) -> tuple[Call, str]:
        where = f"/inventory_lists/{quote(list_id, safe='')}"
        if sku is not None:
            where += "/product_inventory_records" + (f"/{quote(sku, safe='')}" if sku else "")
        return self._call(method, self._connection.data_url, where)


def allocated(
    amount: Decimal, reset_at: datetime, backorder: Backorder | None = None
) -> dict[str, Any]:
    """The body that allocates units as of an instant, and says what may be backordered.

    Without a date the record keeps the one it has, which means nothing where nothing is handled.
    """
    body: dict[str, Any] = {"allocation": {"amount": amount, "reset_date": instant(reset_at)}}
    if backorder is not None:
        body["pre_order_back_order_handling"] = backorder.handling
        body["pre_order_back_order_allocation"] = backorder.units
        if backorder.expected_at is not None:
            body["in_stock_date"] = instant(backorder.expected_at)
    return body


def is_missing_record(error: ApiError) -> bool:
    """Whether the list is there and only the record is not."""
    return error.code == "ProductInventoryRecordNotFoundException"
