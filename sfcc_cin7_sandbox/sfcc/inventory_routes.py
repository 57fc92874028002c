"""Inventory lists and records of the Open Commerce Data API (25.6) over HTTP."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.sfcc.gate import DATA, Call, Gate, Handler
from sfcc_cin7_sandbox.sfcc.inventory import NOTHING, InventoryRecord, ResetDateRefused
from sfcc_cin7_sandbox.sfcc.problems import (
    OCAPI_VERSION,
    Fault,
    answer,
    no_content,
    timestamp,
    to_milliseconds,
)
from sfcc_cin7_sandbox.sfcc.products import Products
from sfcc_cin7_sandbox.sfcc.records import (
    allocation_of,
    check_properties,
    record_document,
    with_settings,
)
from sfcc_cin7_sandbox.sfcc.select import parse_select, select
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.sfcc.stock import InventoryList, Kept, Stock

LISTS = DATA + "/inventory_lists"
RECORDS = LISTS + "/{list_id}/product_inventory_records"
MOST_PER_PAGE = 200


class InventoryRoutes:
    """Serves stock the OCAPI way.

    A collection answers only what identifies its rows unless `select` asks for more. The fault
    `sfcc.record_conflict` lets a write lose against another at the same time: nothing is done.
    """

    def __init__(
        self,
        stock: Stock,
        products: Products,
        clock: Clock,
        gate: Gate,
        faults: Faults,
        settings: SfccSettings,
    ) -> None:
        self._settings = settings
        self._stock = stock
        self._products = products
        self._clock = clock
        self._gate = gate
        self._faults = faults

    @property
    def endpoints(self) -> list[tuple[str, str, Handler]]:
        one = RECORDS + "/{product_id:path}"
        return [
            ("GET", LISTS, self._lists),
            ("GET", LISTS + "/{list_id}", self._list),
            ("GET", RECORDS, self._classic(self._records)),
            ("GET", one, self._classic(self._get)),
            ("PUT", one, self._classic(self._put)),
            ("PATCH", one, self._classic(self._patch)),
            ("DELETE", one, self._classic(self._delete)),
        ]

    def _classic(self, handler: Handler) -> Handler:
        """Records are out of reach where Omnichannel Inventory keeps the stock."""
        if self._settings.inventory_mode == "classic":
            return handler
        status, kind = self._settings.oci_record_fault

        def refuse(_call: Call) -> Response:
            raise Fault(status, kind, "The list is kept by Omnichannel Inventory.")

        return refuse

    @property
    def routes(self) -> list[BaseRoute]:
        return [
            Route(path, self._gate.ocapi(handler), methods=[method])
            for method, path, handler in self.endpoints
        ]

    def _lists(self, call: Call) -> Response:
        lists = list(self._stock.lists.values())
        return _collection(
            call.request,
            "inventory_lists",
            len(lists),
            lambda start, end: [_list_document(call.request, row) for row in lists[start:end]],
            "(count,start,total,next,previous,data.(id,link))",
        )

    def _list(self, call: Call) -> Response:
        return answer(_list_document(call.request, self._find_list(call)))

    def _records(self, call: Call) -> Response:
        list_id = self._find_list(call).id
        records = self._stock.records(list_id)
        return _collection(
            call.request,
            "product_inventory_records",
            len(records),
            lambda start, end: [
                self._document(call.request, list_id, sku, kept)
                for sku, kept in islice(records.items(), start, end)
            ],
            "(count,start,total,next,previous,data.(product_id,link))",
        )

    def _get(self, call: Call) -> Response:
        return answer(self._document(call.request, *self._find_record(call)))

    def _put(self, call: Call) -> Response:
        list_id, sku = self._find_list(call).id, call.path("product_id")
        kept = self._stock.find(list_id, sku)
        self._check_state(call, list_id, sku, kept)
        if self._products.get(sku) is None:
            raise Fault(404, "ProductNotFoundException", f"No product '{sku}'.", productId=sku)
        blank = InventoryRecord(NOTHING, to_milliseconds(self._clock.now()))
        if kept:
            drawn = kept.record
            blank = replace(blank, transactions=drawn.transactions, on_order=drawn.on_order)
        body = {"allocation": {"amount": 0}, **call.body}
        return self._save(call, list_id, sku, blank, body)

    def _patch(self, call: Call) -> Response:
        list_id, sku, kept = self._find_record(call)
        self._check_state(call, list_id, sku, kept)
        return self._save(call, list_id, sku, kept.record, call.body)

    def _save(
        self, call: Call, list_id: str, sku: str, record: InventoryRecord, body: dict[str, Any]
    ) -> Response:
        check_properties(body, list_id, sku)
        changed = with_settings(record, body)
        allocation = allocation_of(body)
        if allocation is not None:
            try:
                changed = self._stock.allocated(list_id, sku, changed, *allocation)
            except ResetDateRefused as refused:
                raise Fault(
                    400, "InvalidAllocationResetDateException", str(refused), productId=sku
                ) from None
        if self._faults.hit("sfcc.record_conflict"):
            raise Fault(409, "ConflictException", "The record was changed at the same time.")
        kept = self._stock.keep(list_id, sku, changed)
        return answer(self._document(call.request, list_id, sku, kept))

    def _delete(self, call: Call) -> Response:
        list_id, sku, kept = self._find_record(call)
        self._check_state(call, list_id, sku, kept)
        self._stock.delete(list_id, sku)
        return no_content()

    def _find_list(self, call: Call) -> InventoryList:
        list_id = call.path("list_id")
        try:
            return self._stock.lists[list_id]
        except KeyError:
            raise Fault(
                404,
                "InventoryListNotFoundException",
                f"No inventory list with ID '{list_id}' could be found.",
                inventorylistId=list_id,
            ) from None

    def _find_record(self, call: Call) -> tuple[str, str, Kept]:
        list_id, sku = self._find_list(call).id, call.path("product_id")
        kept = self._stock.find(list_id, sku)
        if kept is None:
            raise Fault(
                404,
                "ProductInventoryRecordNotFoundException",
                f"No inventory record for product '{sku}' in list '{list_id}'.",
                inventorylistId=list_id,
                productId=sku,
            )
        return list_id, sku, kept

    def _check_state(self, call: Call, list_id: str, sku: str, kept: Kept | None) -> None:
        """Optimistic locking, for callers that send the state they saw; others win always."""
        sent = call.body.get("_resource_state") or call.request.headers.get("x-dw-resource-state")
        current = "not_exists"
        if kept:
            current = self._document(call.request, list_id, sku, kept)["_resource_state"]
        if sent not in (None, current):
            raise Fault(
                409,
                "ResourceStateConflictException",
                "The resource state sent does not match the state of the resource.",
            )

    def _document(self, request: Request, list_id: str, sku: str, kept: Kept) -> dict[str, Any]:
        product = self._products.get(sku)
        version = request.path_params["version"]
        path = RECORDS.format(version=version, list_id=quote(list_id)) + f"/{quote(sku, safe='')}"
        name = product["name"]["default"] if product else None
        return record_document(_absolute(request, path), list_id, sku, kept, name)


def _list_document(request: Request, found: InventoryList) -> dict[str, Any]:
    return {
        "_v": OCAPI_VERSION,
        "_type": "inventory_list",
        "assigned_sites": list(found.sites),
        "creation_date": timestamp(found.created_at),
        "default_in_stock": found.default_in_stock,
        "id": found.id,
        "last_modified": timestamp(found.created_at),
        "link": _absolute(
            request, f"{LISTS.format(version=request.path_params['version'])}/{quote(found.id)}"
        ),
        "on_order_inventory_enabled": found.on_order,
        "use_bundle_inventory_only": found.bundle_inventory_only,
        **({"description": found.description} if found.description else {}),
    }


def _collection(
    request: Request,
    kind: str,
    total: int,
    rows: Callable[[int, int], Sequence[Any]],
    usual: str,
) -> Response:
    params = request.query_params
    start, count = _whole(params.get("start", "0")), _whole(params.get("count", "25"))
    if start < 0 or not 1 <= count <= MOST_PER_PAGE:
        raise _bad_parameter(f"start must be 0 or more, count 1 to {MOST_PER_PAGE}")
    try:
        tree = parse_select(params.get("select", usual))
    except ValueError as error:
        raise _bad_parameter(str(error)) from None
    shown = rows(start, start + count)
    body: dict[str, Any] = {"count": len(shown), "data": shown, "start": start, "total": total}
    if start + count < total:
        body["next"] = str(request.url.include_query_params(start=start + count))
    if start > 0:
        body["previous"] = str(request.url.include_query_params(start=max(0, start - count)))
    return answer({"_v": OCAPI_VERSION, "_type": kind, **select(body, tree)})


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _bad_parameter("start and count must be whole numbers") from None


def _bad_parameter(message: str) -> Fault:
    return Fault(400, "MalformedParameterException", f"{message}.")


def _absolute(request: Request, path: str) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{path}"
