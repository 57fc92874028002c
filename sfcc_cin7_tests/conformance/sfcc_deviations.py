"""A deviation of the emulated storefront for every probe of it."""

from datetime import timedelta
from typing import Any

from sfcc_cin7_sandbox.sfcc import batch, oci_routes
from sfcc_cin7_sandbox.sfcc.auth import AccountManager, Grant
from sfcc_cin7_sandbox.sfcc.inventory import InventoryRecord
from sfcc_cin7_sandbox.sfcc.oci import OciBook
from sfcc_cin7_sandbox.sfcc.stock import Stock
from sfcc_cin7_tests.conformance.deviations import (
    Deviation,
    also,
    answers,
    around,
    asks,
    instead,
    queries,
    refused,
    shop,
    statuses,
    words,
)
from sfcc_cin7_tests.conformance.sfcc_rules import (
    BATCH,
    ONE_MORE,
    ORDERS,
    RECORDS,
    REFUSED_WHOLE,
    SEARCH,
    a_millisecond_later,
    a_record,
    always_backorder,
    any_tenant,
    bad_token,
    changed_header,
    drop,
    each,
    export_counts_again,
    listing,
    literal_basic,
    marked,
    on,
    one_order,
    put,
    recent_past_refused,
    record_list,
    records_that_vanish,
    renamed_fault,
    reset_forgets_orders,
    reset_rule,
    set_in,
    shifted,
    webdav,
    whole_turnover,
    without_unknown_scopes,
    writes_that_clash,
)

SWITCHES: dict[str, dict[str, Any]] = {
    "order.export-lowered": {"export_status_may_be_lowered": True},
    "orders.cap": {"beyond_cap": "empty"},
    "orders.lag": {"index_lag": 20},
    "orders.ready": {"sets_ready": False},
    "products.offset-cap": {"product_search_cap": 10_000},
    "record.date-omitted": {"reset_date_omitted": "kept"},
    "token.lifetime": {"token_lifetime": timedelta(seconds=900)},
    "token.wrong-secret": {"invalid_client_status": 400},
}
METHODS = {
    "batch.most-parts": lambda patch: patch.setattr(batch, "MOST_PARTS", 51),
    "oci.idempotency": around(
        OciBook, "apply", lambda apply, self, change, _request=None: apply(self, change)
    ),
    "oci.most-records": lambda patch: patch.setattr(oci_routes, "MOST_RECORDS", 101),
    "token.encoded-basic": literal_basic,
    "api.missing-scope": around(Grant, "allows", lambda *_: True),
    "api.missing-tenant": around(AccountManager, "grant", any_tenant),
    "order.cancel-releases": around(Stock, "release", lambda *_: None),
    "stock.export-on": around(Stock, "export", lambda *_: None),
    "stock.export-off": around(Stock, "export", export_counts_again),
    "stock.reset-keeps-on-order": around(InventoryRecord, "reset", reset_forgets_orders),
    "stock.reset-drops-turnover": whole_turnover,
    "stock.backorder-part": always_backorder,
    "record.date-old": reset_rule(age_off=True),
    "record.date-back": reset_rule(prior_off=True),
    "record.date-future": reset_rule(future_off=True),
}
BETWEEN = {
    "token.unknown-scope": without_unknown_scopes,
    "api.wrong-token": statuses(on("/checkout/", bad_token), 401, 403),
    "data.wrong-token": statuses(on("/s/-/dw/", bad_token), 401, 403),
    "api.correlation-id": changed_header(ORDERS, "x-correlation-id", "another"),
    "api.problem-form": answers(
        lambda r: one_order(r) and marked(r), lambda _: {"error": "no"}, lambda r: r.is_error
    ),
    "data.fault-form": answers(
        on("/inventory_lists/inventory-uk", marked), lambda _: {"no": "no"}, lambda r: r.is_error
    ),
    "orders.sort-default": queries(listing(sortOrder=None), sortOrder="asc"),
    "orders.sort-ascending": queries(
        listing(sortBy="creation_date", sortOrder="asc"), sortOrder="desc"
    ),
    "orders.sort-modified": queries(listing(sortBy="last_modified_date"), sortOrder="desc"),
    "orders.site-required": queries(
        lambda r: r.url.path.endswith("/orders") and "siteId" not in r.url.params,
        siteId="alpenglow-uk",
    ),
    "orders.full": answers(listing(limit="1"), each("data", drop("productItems"))),
    "orders.status-filter": queries(listing(status="completed"), status=None),
    "orders.export-filter": queries(listing(exportStatus="*"), exportStatus=None),
    "orders.unknown-key": queries(listing(noSuchKey="*"), noSuchKey=None),
    "orders.from-inclusive": lambda: a_millisecond_later("creationDateFrom"),
    "orders.to-exclusive": lambda: a_millisecond_later("creationDateTo"),
    "orders.date-only": queries(listing(creationDateFrom="2026-01-01"), creationDateFrom=ONE_MORE),
    "orders.offset": queries(listing(offset="1"), offset="0"),
    "order.not-found": statuses(lambda r: one_order(r) and marked(r), 404, 400),
    "order.site-scoped": answers(
        lambda r: one_order(r) and r.url.params.get("siteId") == "alpenglow-jp",
        set_in("siteId", "alpenglow-uk"),
    ),
    "order.direct": answers(
        one_order,
        lambda order: (
            drop("externalOrderStatus")(order)
            if str(order.get("externalOrderStatus")).endswith("-direct")
            else None
        ),
    ),
    "order.status-same": refused(put("confirmation-status")),
    "order.etag": changed_header(one_order, "etag", '"1"'),
    "order.placed-stays-placed": instead(put("status", "created"), 204),
    "order.placed-never-fails": instead(put("status", "failed"), 204),
    "stock.flag-told": answers(
        lambda r: "/inventory_lists/" in r.url.path and RECORDS not in r.url.path,
        lambda found: set_in(
            "on_order_inventory_enabled", int(found["on_order_inventory_enabled"])
        )(found),
    ),
    "stock.ats-formula": answers(
        a_record("GET"), lambda record: set_in("ats", record["ats"] + 1)(record)
    ),
    "stock.order-on": answers(on("/inventory-uk/", a_record("GET")), shifted(on_order=True)),
    "stock.order-off": answers(
        lambda r: a_record("GET")(r) and "/inventory-uk/" not in r.url.path,
        shifted(on_order=False),
    ),
    "record.patch-missing": renamed_fault(a_record("PATCH")),
    "record.unknown-list": renamed_fault(on("/inventory_lists/zz-conf", a_record("GET"))),
    "record.put-creates": records_that_vanish,
    "record.date-kept": answers(
        a_record("PATCH"),
        lambda record: set_in("reset_date", record["allocation"]["reset_date"][:19] + ".000Z")(
            record["allocation"]
        ),
    ),
    "record.date-past-accepted": recent_past_refused,
    "record.negative": asks(
        also(a_record("PATCH"), lambda body: body["allocation"]["amount"] < 0),
        lambda body: set_in("amount", 0)(body["allocation"]),
    ),
    "record.unknown-property": asks(a_record("PATCH"), drop("no_such_property")),
    "record.state-stale": asks(a_record("PATCH"), drop("_resource_state")),
    "record.state-header": changed_header(a_record("PATCH"), "x-dw-resource-state", None),
    "record.last-write-wins": writes_that_clash,
    "record.not-exists": asks(
        also(a_record("PUT"), lambda body: body.get("_resource_state") == "not_exists"),
        drop("_resource_state"),
    ),
    "record.rows-selected": answers(
        lambda r: record_list(r) and "select" in r.url.params, each("data", drop("allocation"))
    ),
    "record.rows-unselected": queries(
        lambda r: record_list(r) and "select" not in r.url.params, select="(**)"
    ),
    "record.count": queries(
        lambda r: record_list(r) and r.url.params.get("count") == "201", count="200"
    ),
    "batch.parts": words(BATCH, b"x-dw-content-id", b"x-dw-part-id"),
    "batch.refused-part": instead(
        lambda r: BATCH(r) and b"extension: zz-conf" in r.read(), 400, REFUSED_WHOLE
    ),
    "batch.missing-method": words(BATCH, b"MissingHttpMethod", b"InvalidHttpMethod"),
    "webdav.folder-exists": statuses(webdav("MKCOL"), 405, 409),
    "webdav.missing-folder": statuses(webdav("PUT"), 409, 404),
    "webdav.put": instead(lambda r: webdav("PUT")(r) and "missing" not in r.url.path, 201),
    "job.execution": answers(shop("POST", "/executions"), drop("execution_status")),
    "job.end": answers(shop("GET", "/executions"), set_in("execution_status", "running")),
    "job.already-running": words(shop("POST", "/executions"), b"JobAlreadyRunning", b"Busy"),
    "oci.partial": answers(shop("POST", "/batch-update"), set_in("errors", [])),
    "products.total": answers(
        also(SEARCH, lambda body: body.get("offset") == 2),
        lambda found: set_in("total", found["total"] + 1)(found),
    ),
    "products.sort-id": answers(
        also(SEARCH, lambda body: body.get("limit") == 5), lambda found: found["hits"].reverse()
    ),
    "products.sort-fields": asks(
        also(SEARCH, lambda body: "lastModified" in str(body.get("sorts"))), drop("sorts")
    ),
    "products.masters-marked": answers(
        SEARCH, each("hits", lambda hit: set_in("master", False)(hit["type"]))
    ),
}

DEVIATIONS = [
    *(Deviation(f"sfcc.{name}", settings=settings) for name, settings in SWITCHES.items()),
    *(Deviation(f"sfcc.{name}", plant=plant) for name, plant in METHODS.items()),
    *(Deviation(f"sfcc.{name}", between) for name, between in BETWEEN.items()),
]
