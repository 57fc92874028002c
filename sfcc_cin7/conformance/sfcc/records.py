"""Inventory records of the OCAPI Data API: writing, reset dates and resource state."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sfcc_cin7.conformance.probe import SFCC, CannotProbe
from sfcc_cin7.conformance.sfcc.calls import instant, problem
from sfcc_cin7.conformance.sfcc.shop import Shop
from sfcc_cin7.conformance.wire import Answer

DATA = "OCAPI Data API 25.6, product_inventory_records"
SET_ALLOCATION = "Script API, ProductInventoryRecord.setAllocation; not stated for OCAPI"
A_RECORD = "A record of a product that has none, with nothing to sell"
DELETED = "The record is deleted."
IN_PLACE = "Nothing: the product never sends this."
NEVER_CHECKED = "Nothing: the product's dates pass this check whether or not there is one."


@SFCC.probe(
    "record.patch-missing",
    claim="PATCH of a record that does not exist is answered with"
    " ProductInventoryRecordNotFoundException.",
    source=f"{DATA}, faults",
    certainty="documented",
    expected="ProductInventoryRecordNotFoundException",
    calls=4,
    writes="A record of a product that has none, should it be accepted",
    cleans=DELETED,
    changes="Stock of a product that is new to a list is not published.",
    by_value={"created": "Nothing: a record that is missing comes into being in one call."},
    unworkable={"*": "Telling a missing record from a missing list in another way."},
)
def patch_missing(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record()
    shop.write_record("DELETE", list_id, sku)
    answer = shop.write_record("PATCH", list_id, sku, shop.reset())
    return "created" if answer.ok else problem(answer)


@SFCC.probe(
    "record.unknown-list",
    claim="A list that does not exist is answered with InventoryListNotFoundException.",
    source=f"{DATA}, faults",
    certainty="documented",
    expected="InventoryListNotFoundException",
    calls=1,
    changes="A misspelt list of the operating model is taken for one without records.",
)
def unknown_list(shop: Shop) -> str:
    return problem(shop.record(shop.marker, shop.marker))


@SFCC.probe(
    "record.put-creates",
    claim="PUT creates a record.",
    source=DATA,
    certainty="documented",
    expected="created",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes="Stock of a product that is new to a list is not published.",
    unworkable={"*": "Making new records by an import."},
)
def put_creates(shop: Shop) -> str:
    list_id, sku = shop.free_place
    try:
        shop.new_record()
    except CannotProbe:
        return "refused"
    return "created" if shop.record(list_id, sku).ok else "lost"


@SFCC.probe(
    "record.date-kept",
    claim="The reset date that was sent is kept to the millisecond.",
    source=DATA,
    certainty="assumed",
    expected="kept",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes="The product takes its own allocation for somebody else's edit and publishes it again.",
    unworkable={"*": "Comparing reset dates less exactly when drift is looked for."},
)
def date_kept(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record(**shop.reset(hours=1))
    moment = shop.clock.now() - timedelta(minutes=30, milliseconds=123)
    body = {"allocation": {"amount": 0, "reset_date": instant(moment)}}
    answer = shop.write_record("PATCH", list_id, sku, body)
    shown = answer.document("PATCH of a record")["allocation"]["reset_date"]
    if shown == instant(moment):
        return "kept"
    return "cut-to-seconds" if _moment(shown) == moment.replace(microsecond=0) else "changed"


@SFCC.probe(
    "record.date-old",
    claim="A reset date older than 48 hours is refused.",
    source=SET_ALLOCATION,
    certainty="assumed",
    expected="refused",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes=NEVER_CHECKED,
)
def date_old(shop: Shop) -> str:
    list_id, sku = _record_dated(shop, hours=72)
    answer = shop.write_record("PATCH", list_id, sku, shop.reset(hours=49))
    return answer.said()


@SFCC.probe(
    "record.date-back",
    claim="A reset date before the one in place is refused.",
    source=SET_ALLOCATION,
    certainty="assumed",
    expected="refused",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes=NEVER_CHECKED,
)
def date_back(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record(**shop.reset(hours=1))
    return shop.write_record("PATCH", list_id, sku, shop.reset(hours=2)).said()


@SFCC.probe(
    "record.date-future",
    claim="A reset date in the future is refused.",
    source=SET_ALLOCATION,
    certainty="assumed",
    expected="refused",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes=NEVER_CHECKED,
)
def date_future(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record(**shop.reset(hours=1))
    return shop.write_record("PATCH", list_id, sku, shop.reset(hours=-1)).said()


@SFCC.probe(
    "record.date-past-accepted",
    claim="A reset date some minutes ago, after the one in place, is accepted.",
    source=SET_ALLOCATION,
    certainty="assumed",
    expected="accepted",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes="Stock cannot be dated at its reading, and orders in flight are counted wrongly.",
    unworkable={"refused": "Allocations dated now, with every order in flight deducted."},
)
def date_past(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record(**shop.reset(hours=1))
    return shop.write_record("PATCH", list_id, sku, shop.reset(hours=0.1)).said()


@SFCC.probe(
    "record.date-omitted",
    claim="An allocation that is written without a reset date is dated now.",
    source="Script API, setAllocation; not stated for OCAPI",
    certainty="assumed",
    expected="now",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes="Nothing: the product always sends the date.",
)
def date_omitted(shop: Shop) -> str:
    list_id, sku, before = shop.new_record(**shop.reset(hours=1))
    answer = shop.write_record("PATCH", list_id, sku, {"allocation": {"amount": 0}})
    shown = answer.document("PATCH of a record")["allocation"]["reset_date"]
    return "kept" if shown == before["allocation"]["reset_date"] else "now"


@SFCC.probe(
    "record.negative",
    claim="An allocation below zero is refused.",
    source=DATA,
    certainty="documented",
    expected="refused",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes="Nothing: allocations are never below zero.",
)
def negative(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record(**shop.reset(hours=1))
    return shop.write_record("PATCH", list_id, sku, shop.reset(-1)).said()


@SFCC.probe(
    "record.unknown-property",
    claim="A property that does not exist is refused.",
    source=f"{DATA}, faults",
    certainty="assumed",
    expected="refused",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes=IN_PLACE,
)
def unknown_property(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record(**shop.reset(hours=1))
    body = shop.reset() | {"no_such_property": 1}
    return shop.write_record("PATCH", list_id, sku, body).said()


@SFCC.probe(
    "record.state-stale",
    claim="A write with a resource state that is out of date is a conflict.",
    source="OCAPI, Resource states",
    certainty="documented",
    expected="ResourceStateConflictException",
    calls=5,
    writes=A_RECORD,
    cleans=DELETED,
    changes="Somebody else's edit could be overwritten unseen; the product does so anyway and"
    " tells it.",
)
def state_stale(shop: Shop) -> str:
    list_id, sku, record = shop.new_record(**shop.reset(hours=1))
    state = {"_resource_state": record.get("_resource_state")}
    if not state["_resource_state"]:
        return "no-state"
    shop.clock.sleep(1)
    if not shop.write_record("PATCH", list_id, sku, shop.reset(0)).ok:
        raise CannotProbe("the record cannot be changed")
    answer = shop.write_record("PATCH", list_id, sku, shop.reset(0) | state)
    return "accepted" if answer.ok else problem(answer)


@SFCC.probe(
    "record.state-header",
    claim="The resource state may be sent as the header x-dw-resource-state.",
    source="OCAPI, Resource states",
    certainty="documented",
    expected="ResourceStateConflictException",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes="Nothing: the product sends no state.",
)
def state_header(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record(**shop.reset(hours=1))
    headers: Mapping[str, str] = {"x-dw-resource-state": "0" * 64}
    answer = shop.write_record("PATCH", list_id, sku, shop.reset(0), headers)
    return "accepted" if answer.ok else problem(answer)


@SFCC.probe(
    "record.last-write-wins",
    claim="Without a resource state the last write wins.",
    source="OCAPI, Resource states",
    certainty="documented",
    expected="accepted",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes="Every allocation takes one more call, to read the state first.",
    unworkable={"refused": "Reading each record before it is written."},
)
def last_write_wins(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record(**shop.reset(hours=1))
    return shop.write_record("PATCH", list_id, sku, shop.reset(0)).said()


@SFCC.probe(
    "record.not-exists",
    claim="PUT with the state not_exists is a conflict where there is a record.",
    source="OCAPI, Resource states",
    certainty="documented",
    expected="ResourceStateConflictException",
    calls=4,
    writes=A_RECORD,
    cleans=DELETED,
    changes="Nothing: the product sends no state.",
)
def not_exists(shop: Shop) -> str:
    list_id, sku, _ = shop.new_record(**shop.reset(hours=1))
    answer = shop.write_record("PUT", list_id, sku, shop.reset(0, _resource_state="not_exists"))
    return "accepted" if answer.ok else problem(answer)


@SFCC.probe(
    "record.rows-selected",
    claim="A list of records shows the allocations when select=(**) asks for them.",
    source=DATA,
    certainty="documented",
    expected="shown",
    calls=1,
    changes="Drift of products that were not published lately is not found.",
    unworkable={"*": "Reading records one by one."},
)
def rows_selected(shop: Shop) -> str:
    return "shown" if "allocation" in _first_record(shop, select="(**)") else "not-shown"


@SFCC.probe(
    "record.rows-unselected",
    claim="Without select, a list of records shows what identifies them, and no figures.",
    source="OCAPI, Property selection",
    certainty="documented",
    expected="ids-only",
    calls=1,
    changes="Nothing: the product always selects.",
)
def rows_unselected(shop: Shop) -> str:
    return "whole" if "allocation" in _first_record(shop) else "ids-only"


@SFCC.probe(
    "record.count",
    claim="A page of more than 200 records is refused.",
    source="OCAPI, Pagination",
    certainty="documented",
    expected="refused",
    calls=1,
    changes="Nothing: the product asks for 200 at most.",
)
def count(shop: Shop) -> str:
    return _records(shop, count="201").said()


def _records(shop: Shop, **query: str) -> Answer:
    return shop.data(f"inventory_lists/{shop.sites[0][1]}/product_inventory_records", **query)


def _first_record(shop: Shop, **query: str) -> dict[str, Any]:
    rows = _records(shop, count="1", **query).rows("data", "the inventory records")
    if not rows:
        raise CannotProbe("the list has no records")
    return rows[0]


def _record_dated(shop: Shop, hours: float) -> tuple[str, str]:
    """The run's record with a date as old as it goes, so that age alone decides."""
    try:
        list_id, sku, _ = shop.new_record(**shop.reset(hours=hours))
    except CannotProbe:
        list_id, sku, _ = shop.new_record(**shop.reset(hours=47))
    return list_id, sku


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
