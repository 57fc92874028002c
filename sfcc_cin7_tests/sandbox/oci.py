"""The small storefront where Omnichannel Inventory keeps the stock, and calls on it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import simplejson
from httpx import Response

from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf
from sfcc_cin7_tests.sandbox.storefront import RIGHTS, SETTINGS, START, UK_LIST, Storefront, read

TENANT = f"/organizations/{SETTINGS.tenant_group}/availability-records"
ACTIONS = f"/inventory/availability/v1{TENANT}/actions"
IMPEX = f"/inventory/impex/v1{TENANT}"
OCI_RIGHTS = f"{RIGHTS} sfcc.inventory.availability.rw sfcc.inventory.impex-inventory.rw"


def storefront(shelf: Shelf | None = None, **settings: Any) -> Storefront:
    store = Storefront(SfccSettings(inventory_mode="oci", **settings), shelf)
    store.log_in(OCI_RIGHTS)
    return store


def at(**after: float) -> str:
    moment = START + timedelta(**after)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def record(sku: str = "TENT", on_hand: Any = 7, **changes: Any) -> dict[str, Any]:
    row = {"id": str(uuid4()), "location": UK_LIST, "sku": sku, "onHand": on_hand} | changes
    return {name: value for name, value in row.items() if value is not None}


def row(sku: str = "TENT", on_hand: Any = 7, **changes: Any) -> dict[str, Any]:
    """A record as a file spells it."""
    spelled = {"recordId": str(uuid4()), "locationId": UK_LIST, "sku": sku, "onHand": on_hand}
    return {name: value for name, value in (spelled | changes).items() if value is not None}


def file(*rows: Any) -> bytes:
    return b"".join(simplejson.dumps(one, use_decimal=True).encode() + b"\n" for one in rows)


def update(store: Storefront, *records: Any) -> Response:
    return store.call("POST", f"{ACTIONS}/batch-update", {"records": list(records)})


def errors(store: Storefront, *records: Any) -> list[Any]:
    response = update(store, *records)
    assert response.status_code == 200, response.text
    found: list[Any] = read(response)["errors"]
    return found


def availability(store: Storefront, sku: str = "TENT", location: str = UK_LIST) -> Any:
    body = {"skus": [sku], "locations": [location]}
    response = store.call("POST", f"{ACTIONS}/get-availability", body)
    assert response.status_code == 200, response.text
    rows = read(response)["locations"][0]["records"]
    return rows[0] if rows else None


def figures(store: Storefront, sku: str = "TENT") -> tuple[Any, Any, Any, Any]:
    """On hand, reserved, available to fulfil, available to order."""
    shown = availability(store, sku)
    return shown["onHand"], shown["reserved"], shown["atf"], shown["ato"]


def announce(store: Storefront) -> Any:
    body = {"fileName": "stock.json", "fileFormat": "JSON"}
    return read(store.call("POST", f"{IMPEX}/imports", body))


def path(link: str) -> str:
    """A link without scheme and host."""
    return "/" + link.split("/", 3)[3]


def upload(store: Storefront, announced: Any, content: bytes) -> Response:
    headers = {"Content-Type": "application/json"}
    return store.call("POST", path(announced["uploadLink"]), content=content, headers=headers)


def status(store: Storefront, announced: Any) -> Any:
    return read(store.call("GET", path(announced["importStatusLink"])))


def load(store: Storefront, content: bytes) -> tuple[Any, list[Any]]:
    """Import a file: how it ended, and the lines of its result file."""
    announced = announce(store)
    assert upload(store, announced, content).status_code == 200
    store.later(seconds=6)
    ended = status(store, announced)
    results = store.call("GET", path(ended["import"]["fullResults"]["href"]))
    return ended, [simplejson.loads(line) for line in results.text.splitlines()]
