"""Omnichannel Inventory: up to a hundred records of availability in one call.

What a probe writes is of a SKU that no product has. Its records cannot be deleted: they stay with
nothing on hand.
"""

from sfcc_cin7.conformance.journal import Undo
from sfcc_cin7.conformance.probe import SFCC, CannotProbe
from sfcc_cin7.conformance.sfcc.calls import Row
from sfcc_cin7.conformance.sfcc.shop import Shop
from sfcc_cin7.conformance.wire import Answer

OCI = "Inventory Availability API 1.0, batch-update"
A_COUNT = "Two units of a marked SKU, which no product has, at one location"
EMPTIED = "The record stays with nothing on hand: it cannot be deleted."
NOT_UPDATED = "Nothing where `writer.mode` is ocapi; oci cannot be used before it is understood."
UNITS, MOST = 2, 100


@SFCC.probe(
    "oci.idempotency",
    claim="A record that repeats the id of an earlier one changes nothing.",
    source=OCI,
    certainty="documented",
    expected="nothing",
    calls=6,
    writes=A_COUNT,
    cleans=EMPTIED,
    changes=NOT_UPDATED,
)
def idempotency(shop: Shop) -> str:
    counted = _record(shop)
    if _refused(_count(shop, counted)):
        raise CannotProbe("the record was refused")
    _update(shop, counted | {"onHand": UNITS + 1})
    return {UNITS: "nothing", UNITS + 1: "applied"}.get(_on_hand(shop, counted), "other")


@SFCC.probe(
    "oci.partial",
    claim="A record that is refused is named by its id, and the others are taken.",
    source=f"{OCI}; the form of the answer is not published",
    certainty="assumed",
    expected="named",
    calls=4,
    writes=A_COUNT,
    cleans=EMPTIED,
    changes=NOT_UPDATED,
)
def partial(shop: Shop) -> str:
    right, wrong = _record(shop), _record(shop) | {"location": f"{shop.marker}-nowhere"}
    answer = _count(shop, right, wrong)
    if _on_hand(shop, right) != UNITS:
        return "all-refused"
    return "named" if _refused(answer) == [wrong["id"]] else "not-named"


@SFCC.probe(
    "oci.most-records",
    claim=f"An update of more than {MOST} SKUs is refused.",
    source=OCI,
    certainty="documented",
    expected="refused",
    calls=2,
    writes=f"{MOST + 1} marked SKUs with nothing on hand at one location, should it be accepted",
    cleans="Nothing is on hand of any of them.",
    changes=NOT_UPDATED,
)
def most_records(shop: Shop) -> str:
    _provisioned(shop)
    location = _location(shop)
    skus = [f"{shop.marker}-{number}" for number in range(MOST + 1)]
    return _update(shop, *(shop.stock_record(location, sku, 0) for sku in skus)).said()


def _location(shop: Shop) -> str:
    """Of the first site, by its External Reference: the id of the list that mirrors it."""
    return shop.sites[0][1]


def _provisioned(shop: Shop) -> None:
    """Raises CannotProbe where there is no Omnichannel Inventory, or the client may not use it."""
    query = {"skus": [shop.marker], "locations": [_location(shop)]}
    answer = shop.oci(shop.tenant_group, "get-availability", query)
    if not answer.ok:
        raise CannotProbe(
            f"Omnichannel Inventory is out of reach (status {answer.status}): stock is kept in"
            " inventory lists, or the client or the location is not known there"
        )


def _record(shop: Shop) -> Row:
    return shop.stock_record(_location(shop), shop.marker, UNITS)


def _count(shop: Shop, counted: Row, *more: Row) -> Answer:
    """Put units on hand that are gone again after the probe."""
    _provisioned(shop)
    shop.take_back(Undo("on-hand", f"{shop.tenant_group}/{counted['location']}", counted["sku"]))
    return _update(shop, counted, *more)


def _update(shop: Shop, *records: Row) -> Answer:
    return shop.oci(shop.tenant_group, "batch-update", {"records": list(records)})


def _refused(answer: Answer) -> list[str]:
    """The ids of the records that were refused."""
    told = answer.document("batch-update").get("errors") or []
    return [str(row.get("id")) for row in told]


def _on_hand(shop: Shop, counted: Row) -> int:
    """Units on hand now; none where nothing is known of the record."""
    query = {"skus": [counted["sku"]], "locations": [counted["location"]]}
    answer = shop.oci(shop.tenant_group, "get-availability", query)
    for location in answer.rows("locations", "get-availability"):
        for record in location["records"]:
            return int(record["onHand"])
    return 0
