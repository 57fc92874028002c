"""One order: reading it, and the statuses that may be written."""

from sfcc_cin7.conformance.probe import SFCC, CannotProbe
from sfcc_cin7.conformance.sfcc.calls import address
from sfcc_cin7.conformance.sfcc.shop import Shop

ORDER = "Orders API 1.5"
SCRIPT = "Script API, Order and OrderMgr"
ITS_STATUS = "The external status of a test order"
IF_ACCEPTED = "A status of a test order, should it be accepted"
USED_UP = "A test order is used up"
STAYS = "It stays; the order is one of the test orders."
CANCELLED = "The order is cancelled at the end of the run."


@SFCC.probe(
    "order.not-found",
    claim="An order that does not exist is answered with 404.",
    source=f"{ORDER}, getOrder",
    certainty="documented",
    expected="404",
    calls=1,
    changes="An order that somebody deleted is asked for again and again.",
)
def not_found(shop: Shop) -> str:
    return str(shop.get_order((shop.sites[0][0], shop.marker)).status)


@SFCC.probe(
    "order.site-scoped",
    claim="An order is found only under its own site.",
    source=f"{ORDER}, getOrder",
    certainty="documented",
    expected="own-site",
    calls=3,
    changes="Nothing: orders are known by their site and number together.",
)
def site_scoped(shop: Shop) -> str:
    if len(shop.sites) < 2:
        raise CannotProbe("there is only one site")
    number = str(shop.orders(shop.busiest, limit="1")[0]["orderNo"])
    for site, _ in shop.sites:
        answer = shop.get_order((site, number))
        if site != shop.busiest and answer.ok:
            own = answer.document("GET /orders/{orderNo}").get("siteId", site)
            if own != site:
                return "any-site"
    return "own-site"


@SFCC.probe(
    "order.direct",
    claim="An order read by its number shows a write at once, whatever the list shows.",
    source=f"{SCRIPT}: getOrder does not read the search index",
    certainty="assumed",
    expected="at-once",
    calls=3,
    writes=ITS_STATUS,
    cleans=STAYS,
    changes="A status whose answer was lost is written again; orders may be taken in an old state.",
)
def direct(shop: Shop) -> str:
    order = address(shop.test_order())
    if not shop.put_status(order, "external-status", f"{shop.marker}-direct").ok:
        raise CannotProbe("the external status cannot be set")
    shown = shop.order(order).get("externalOrderStatus")
    return "at-once" if shown == f"{shop.marker}-direct" else "later"


@SFCC.probe(
    "order.status-same",
    claim="Writing the status that is already set is a success.",
    source=ORDER,
    certainty="assumed",
    expected="accepted",
    calls=3,
    writes="The confirmation status of a test order, to what it is",
    cleans="Nothing has changed.",
    changes="Nothing: a refused write whose value is there counts as done.",
)
def status_same(shop: Shop) -> str:
    row = shop.test_order()
    value = str(row.get("confirmationStatus", "not_confirmed"))
    answer = shop.put_status(address(row), "confirmation-status", value)
    return "accepted" if answer.ok else "refused"


@SFCC.probe(
    "order.etag",
    claim="An order has no ETag: the last writer wins.",
    source=ORDER,
    certainty="documented",
    expected="none",
    calls=2,
    changes="Nothing: statuses are read again after a clash; an ETag would tell it sooner.",
)
def etag(shop: Shop) -> str:
    number = str(shop.orders(shop.busiest, limit="1")[0]["orderNo"])
    answer = shop.get_order((shop.busiest, number))
    return "etag" if answer.headers.get("etag") else "none"


@SFCC.probe(
    "order.placed-stays-placed",
    claim="A placed order cannot become `created` again.",
    source=SCRIPT,
    certainty="documented",
    expected="refused",
    calls=2,
    writes=f"{USED_UP}, should it be accepted",
    cleans=CANCELLED,
    changes="An order may be posted although it is not placed any more.",
)
def placed_stays(shop: Shop) -> str:
    return _unplaced(shop, "created")


@SFCC.probe(
    "order.placed-never-fails",
    claim="A placed order cannot become `failed`.",
    source=SCRIPT,
    certainty="documented",
    expected="refused",
    calls=2,
    writes=f"{USED_UP}, should it be accepted",
    cleans=CANCELLED,
    changes="An order may be posted although its payment failed.",
)
def placed_never_fails(shop: Shop) -> str:
    return _unplaced(shop, "failed")


@SFCC.probe(
    "order.export-lowered",
    claim="The export status of an exported order cannot be lowered again.",
    source="not documented; a payment cartridge that lowered it broke its processing",
    certainty="assumed",
    expected="refused",
    calls=4,
    writes=f"{USED_UP}: it is exported",
    cleans=CANCELLED,
    changes="Somebody can send an order through the integration again; it is not booked twice.",
)
def export_lowered(shop: Shop) -> str:
    order = address(shop.test_order(use_up=True))
    if not shop.put_status(order, "export-status", "exported").ok:
        raise CannotProbe("the order could not be exported")
    return shop.put_status(order, "export-status", "ready").said()


@SFCC.probe(
    "order.cancel-releases",
    claim="Cancelling a placed order gives its units back to the storefront's stock.",
    source=SCRIPT,
    certainty="documented",
    expected="released",
    calls=5,
    writes=f"{USED_UP}: it is cancelled",
    cleans="It stays cancelled.",
    changes="Units of cancelled orders are not offered again until the next publication.",
)
def cancel_releases(shop: Shop) -> str:
    row = shop.test_order(use_up=True)
    list_id, sku, units = shop.drawn(row)
    before = shop.figures(list_id, sku)
    if not shop.put_status(address(row), "status", "cancelled").ok:
        raise CannotProbe("the order could not be cancelled")
    after = shop.figures(list_id, sku)
    drawn = [shown["quantity_on_order"] + shown["inventory_turnover"] for shown in (before, after)]
    return "released" if drawn[0] - drawn[1] == units else "held"


def _unplaced(shop: Shop, status: str) -> str:
    """What became of a placed order that was to be something else; it is placed again."""
    order = address(shop.test_order())
    answer = shop.put_status(order, "status", status)
    if answer.ok:
        shop.put_status(order, "status", "new")
    return answer.said()
