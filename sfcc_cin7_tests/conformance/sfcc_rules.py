"""What deviations of the emulated storefront do; `sfcc_deviations` says whose each is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sfcc_cin7_sandbox.sfcc import auth
from sfcc_cin7_sandbox.sfcc import stock as stock_module
from sfcc_cin7_sandbox.sfcc.auth import AccountManager, Grant
from sfcc_cin7_sandbox.sfcc.inventory import InventoryRecord
from sfcc_cin7_sandbox.sfcc.stock import Stock
from sfcc_cin7_tests.conformance.deviations import (
    Between,
    Document,
    Serve,
    also,
    answers,
    around,
    queries,
    reply,
    sent,
    shop,
)

RECORDS = "/product_inventory_records"
SEARCH = shop("POST", "/product-search")
BATCH = shop("POST", "/s/-/dw/batch")
REFUSED_WHOLE = {
    "_v": "25.6",
    "fault": {"type": "InvalidRequestBodyException", "message": "No.", "arguments": {}},
}
ONE_MORE = "2026-01-01T00:00:00.001Z"


def listing(**query: str | None) -> Callable[[httpx.Request], bool]:
    """Lists of orders; see `shop` for the query."""
    found = shop("GET", "/orders", **query)
    return lambda request: request.url.path.endswith("/orders") and found(request)


ORDERS = listing(siteId="*")


def one_order(request: httpx.Request) -> bool:
    return request.method == "GET" and "/orders/" in request.url.path.partition("/checkout")[2][8:]


def a_record(method: str) -> Callable[[httpx.Request], bool]:
    return lambda r: r.method == method and f"{RECORDS}/" in r.url.path


def record_list(request: httpx.Request) -> bool:
    return request.method == "GET" and request.url.path.endswith(RECORDS)


def webdav(method: str) -> Callable[[httpx.Request], bool]:
    return lambda request: request.method == method and "/Impex/" in request.url.path


def marked(request: httpx.Request) -> bool:
    """About an order or a product whose name is the marker."""
    return "zz-conf" in request.url.path.rpartition("/")[2]


def put(kind: str, *values: str) -> Callable[[httpx.Request], bool]:
    """A status that is written, one of the values where some are given."""
    return also(shop("PUT", f"/{kind}"), lambda body: not values or body["status"] in values)


def bad_token(request: httpx.Request) -> bool:
    header: str = request.headers.get("authorization", "")
    return header == "Bearer not-a-token"


def on(path: str, more: Callable[[httpx.Request], bool]) -> Callable[[httpx.Request], bool]:
    return lambda request: path in request.url.path and more(request)


def a_millisecond_later(key: str) -> Between:
    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        given = request.url.params.get(key, "")
        if "T" in given:
            later = datetime.fromisoformat(given) + timedelta(milliseconds=1)
            text = later.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            return queries(ORDERS, **{key: text})()(request, serve)
        return serve(request)

    return between


def without_unknown_scopes() -> Between:
    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        if request.url.path.endswith("/access_token"):
            content = request.read().replace(b"+sfcc.no-such-scope", b"")
            kept = [p for p in request.headers.raw if p[0].lower() != b"content-length"]
            request = httpx.Request(request.method, request.url, headers=kept, content=content)
        return serve(request)

    return between


def changed_header(
    applies: Callable[[httpx.Request], bool], name: str, value: str | None
) -> Callable[[], Between]:
    """Another header in the answer; None drops it from the request instead."""

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        if not applies(request):
            return serve(request)
        if value is None:
            request.headers.pop(name, None)
            return serve(request)
        response = serve(request)
        response.headers[name] = value
        return response

    return lambda: between


def records_that_vanish() -> Between:
    made: set[str] = set()

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        if a_record("PUT")(request):
            made.add(request.url.path)
        if a_record("GET")(request) and request.url.path in made:
            return fault(404, "ProductInventoryRecordNotFoundException")
        return serve(request)

    return between


def writes_that_clash() -> Between:
    """A write of the present, without a resource state, is a conflict."""

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        response = serve(request)
        body = sent(request)
        stateless = "x-dw-resource-state" not in request.headers and "_resource_state" not in body
        if a_record("PATCH")(request) and stateless and response.is_success:
            dated = body.get("allocation", {}).get("reset_date", "")
            if dated and dated[:19] == response.json()["last_modified"][:19]:
                return fault(409, "ResourceStateConflictException")
        return response

    return between


def recent_past_refused() -> Between:
    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        response = serve(request)
        if a_record("PATCH")(request) and response.is_success:
            document = response.json()
            dated = document["allocation"]["reset_date"]
            age = _moment(document["last_modified"]) - _moment(dated)
            if timedelta(minutes=5) < age < timedelta(minutes=8):
                return fault(400, "InvalidAllocationResetDateException")
        return response

    return between


def fault(status: int, kind: str) -> httpx.Response:
    return reply(status, {"_v": "25.6", "fault": {"type": kind, "message": kind, "arguments": {}}})


def renamed_fault(applies: Callable[[httpx.Request], bool]) -> Callable[[], Between]:
    def rename(document: Document) -> None:
        document["fault"]["type"] = "NotFoundException"

    return answers(applies, rename, lambda response: response.status_code == 404)


def shifted(on_order: bool) -> Callable[[Document], None]:
    """A hundred units stand in the other place, as long as there are any in their own."""

    def shift(record: Document) -> None:
        here, there = "quantity_on_order", "inventory_turnover"
        if not on_order:
            here, there = there, here
        if record[here] > 0 or (on_order and record["inventory_turnover"] > 0):
            record[here] -= 100
            record[there] += 100

    return shift


def any_tenant(original: Any, self: AccountManager, header: str) -> Grant | None:
    grant: Grant | None = original(self, header)
    return grant and replace(grant, scopes=grant.scopes | {self._settings.tenant_scope})


def export_counts_again(
    original: Any, self: Stock, list_id: str, order: str, quantities: Any
) -> None:
    original(self, list_id, order, quantities)
    if not self.lists[list_id].on_order:
        for sku, quantity in quantities.items():
            record = self._records[list_id][sku].record
            self.keep(list_id, sku, record.take(order, quantity, self._now(), on_order=False))


def reset_forgets_orders(original: Any, self: InventoryRecord, *args: Any) -> InventoryRecord:
    record: InventoryRecord = original(self, *args)
    return replace(record, on_order={})


def whole_turnover(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        InventoryRecord,
        "turnover",
        property(lambda self: sum((t.quantity for t in self.transactions), Decimal(0))),
    )


def always_backorder(patch: pytest.MonkeyPatch) -> None:
    def ats(self: InventoryRecord) -> Decimal:
        drawn = self.turnover + self.quantity_on_order
        return max(Decimal(0), self.allocation + self.backorder_allocation - drawn)

    patch.setattr(InventoryRecord, "ats", property(ats))


def literal_basic(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(auth, "unquote_plus", lambda text: text)


def reset_rule(**changes: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """The check of reset dates with one of its three rules off."""

    def change(original: Any, date: Any, prior: Any, now: Any, age: Any) -> None:
        if changes.get("prior_off"):
            prior = None
        if changes.get("age_off"):
            age += timedelta(days=900)
        if changes.get("future_off") and date > now:
            return
        original(date, prior, now, age)

    return around(stock_module, "check_reset_date", change)


def set_in(name: str, value: Any) -> Callable[[Document], None]:
    return lambda document: document.update({name: value})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def drop(name: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document.pop(name, None)

    return change


def each(key: str, change: Callable[[Document], object]) -> Callable[[Document], None]:
    def change_all(answer: Document) -> None:
        for row in answer[key]:
            change(row)

    return change_all
