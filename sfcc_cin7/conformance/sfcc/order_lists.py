"""GET /orders: filters, limits, order and lag."""

from sfcc_cin7.conformance.probe import SFCC, CannotProbe
from sfcc_cin7.conformance.sfcc.calls import address, numbers
from sfcc_cin7.conformance.sfcc.shop import Shop

LIST = "Orders API 1.5, getOrders"
NOTHING = "Nothing: the product never asks for this."


@SFCC.probe(
    "orders.sort-default",
    claim="Orders come newest first unless told otherwise.",
    source=LIST,
    certainty="documented",
    expected="descending",
    calls=2,
    changes="Nothing: the product always states the order.",
)
def sort_default(shop: Shop) -> str:
    created = [row["creationDate"] for row in shop.orders(shop.busiest, limit="20")]
    return _direction(created)


@SFCC.probe(
    "orders.sort-ascending",
    claim="sortOrder=asc with sortBy=creation_date lists the oldest first.",
    source=LIST,
    certainty="documented",
    expected="ascending",
    calls=2,
    changes="Orders are missed: pages go on from the instant of the last order.",
    unworkable={"*": "Reading orders from the newest back, with overlapping windows."},
)
def sort_ascending(shop: Shop) -> str:
    rows = shop.orders(shop.busiest, sortBy="creation_date", sortOrder="asc", limit="20")
    return _direction([row["creationDate"] for row in rows])


@SFCC.probe(
    "orders.sort-modified",
    claim="sortBy=last_modified_date sorts by the last change.",
    source=LIST,
    certainty="documented",
    expected="ascending",
    calls=2,
    changes="Nothing: orders are read by their creation.",
)
def sort_modified(shop: Shop) -> str:
    rows = shop.orders(shop.busiest, sortBy="last_modified_date", sortOrder="asc", limit="20")
    return _direction([row["lastModified"] for row in rows])


@SFCC.probe(
    "orders.site-required",
    claim="A list without siteId is refused.",
    source=LIST,
    certainty="documented",
    expected="refused",
    calls=1,
    changes=NOTHING,
)
def site_required(shop: Shop) -> str:
    return shop.call("GET", f"{shop.connection.orders_url}/orders").said("served")


@SFCC.probe(
    "orders.cap",
    claim="A page is refused where offset and limit together exceed 10,000.",
    source=f"{LIST}; the answer beyond the cap is not documented",
    certainty="assumed",
    expected="refused",
    calls=1,
    changes="Nothing: pages go on from the last order's instant and never come so far.",
)
def cap(shop: Shop) -> str:
    answer = shop.list_orders(shop.sites[0][0], offset="9999", limit="2")
    if not answer.ok:
        return "refused"
    return "rows" if answer.rows("data", "GET /orders") else "empty"


@SFCC.probe(
    "orders.full",
    claim="Listed orders are whole documents, with their items and payments.",
    source=LIST,
    certainty="documented",
    expected="whole",
    calls=2,
    changes="Each order takes one more call before it can be translated.",
)
def full(shop: Shop) -> str:
    row = shop.orders(shop.busiest, limit="1")[0]
    return "whole" if row.get("productItems") and "paymentInstruments" in row else "summary"


@SFCC.probe(
    "orders.status-filter",
    claim="The filter status finds orders in these statuses alone.",
    source=LIST,
    certainty="documented",
    expected="filters",
    calls=2,
    changes="Nothing but calls: each order is read again before it is taken.",
)
def status_filter(shop: Shop) -> str:
    rows = shop.orders(shop.busiest, status="completed", limit="50")
    return "filters" if all(row["status"] == "completed" for row in rows) else "ignored"


@SFCC.probe(
    "orders.export-filter",
    claim="The filter exportStatus finds orders in these export statuses alone.",
    source=LIST,
    certainty="documented",
    expected="filters",
    calls=2,
    changes="Orders that are exported are read again and again.",
)
def export_filter(shop: Shop) -> str:
    rows = shop.orders(shop.busiest, exportStatus="failed", limit="50")
    return "filters" if all(row["exportStatus"] == "failed" for row in rows) else "ignored"


@SFCC.probe(
    "orders.unknown-key",
    claim="A query key that is not documented is refused.",
    source="not documented",
    certainty="assumed",
    expected="refused",
    calls=1,
    changes="Nothing: the product sends only documented keys.",
)
def unknown_key(shop: Shop) -> str:
    return shop.list_orders(shop.sites[0][0], noSuchKey="1").said("served")


@SFCC.probe(
    "orders.from-inclusive",
    claim="creationDateFrom includes an order of that very instant.",
    source=LIST,
    certainty="documented",
    expected="included",
    calls=3,
    changes="Orders that share an instant with the end of a page are missed.",
    unworkable={"excluded": "Starting every page a millisecond earlier."},
)
def from_inclusive(shop: Shop) -> str:
    row = shop.orders(shop.busiest, limit="3")[1]
    rows = shop.orders(
        shop.busiest, creationDateFrom=row["creationDate"], sortOrder="asc", limit="200"
    )
    return "included" if row["orderNo"] in numbers(rows) else "excluded"


@SFCC.probe(
    "orders.to-exclusive",
    claim="creationDateTo leaves out an order of that very instant.",
    source=LIST,
    certainty="documented",
    expected="excluded",
    calls=3,
    changes="Nothing: an order that is seen twice is taken once.",
)
def to_exclusive(shop: Shop) -> str:
    row = shop.orders(shop.busiest, limit="3")[1]
    rows = shop.orders(shop.busiest, creationDateTo=row["creationDate"], limit="200")
    return "included" if row["orderNo"] in numbers(rows) else "excluded"


@SFCC.probe(
    "orders.date-only",
    claim="A date without a time and a zone is refused.",
    source=f"{LIST}: typed as date-time, described as a date",
    certainty="assumed",
    expected="refused",
    calls=1,
    changes="Nothing: the product sends instants.",
)
def date_only(shop: Shop) -> str:
    answer = shop.list_orders(shop.sites[0][0], creationDateFrom="2026-01-01", limit="1")
    return answer.said("served")


@SFCC.probe(
    "orders.offset",
    claim="offset skips that many orders of the list.",
    source=LIST,
    certainty="documented",
    expected="skips",
    calls=3,
    changes="Orders of one instant that fill more than a page are missed.",
)
def offset(shop: Shop) -> str:
    rows = numbers(shop.orders(shop.busiest, limit="3"))
    later = numbers(shop.orders(shop.busiest, limit="2", offset="1"))
    return "skips" if later == rows[1:] else "other"


@SFCC.probe(
    "orders.lag",
    claim="A change of an order shows in the list within five seconds.",
    source="Script API, OrderMgr: the search index is updated asynchronously",
    certainty="assumed",
    expected="within-5-s",
    calls=10,
    writes="The external status of a test order",
    cleans="It stays; the order is one of the test orders.",
    changes="Stock is dated further back than this, so that no order is counted twice: the profile"
    " sets `stock.settle_seconds`.",
    unworkable={
        "longer": "A `stock.settle_seconds` above the lag, and a wider window of the order list."
    },
)
def lag(shop: Shop) -> str:
    order = address(shop.test_order())
    mark = f"{shop.marker}-lag"
    if not shop.put_status(order, "external-status", mark).ok:
        raise CannotProbe("the external status cannot be set")
    began = shop.clock.now()
    while True:
        waited = (shop.clock.now() - began).total_seconds()
        if order[1] in numbers(shop.orders(order[0], externalStatus=mark)):
            return next((f"within-{s}-s" for s in (5, 60, 300) if waited <= s), "longer")
        if waited > 300:
            return "longer"
        shop.clock.sleep(1 if waited < 10 else 10)


@SFCC.probe(
    "orders.ready",
    claim="The site's code sets the export status `ready` when an order may be taken.",
    source="merchant code decides (ExportOrders job step)",
    certainty="assumed",
    expected="set",
    calls=2,
    changes="No order is taken until `export_gate` is not_exported; the profile sets it.",
)
def ready(shop: Shop) -> str:
    used = False
    for site, _ in shop.sites:
        found = [row.get("exportStatus") for row in shop.orders(site, status="new", limit="50")]
        if "ready" in found:
            return "set"
        used = used or bool(found)
    if not used:
        raise CannotProbe("no site has placed orders")
    return "never-set"


def _direction(values: list[str]) -> str:
    if len(set(values)) < 2:
        raise CannotProbe("the orders all have one date")
    if values == sorted(values):
        return "ascending"
    return "descending" if values == sorted(values, reverse=True) else "unsorted"
