"""A merchant's cartridge: a Custom API by which parcels reach an order's shipments.

Contract: POST .../custom/cin7-fulfilment/v1/organizations/{organization}/orders/{orderNo}/shipments
?siteId=, with scope `c_cin7_fulfilment_rw`. The body is the whole state of the order's parcels:
`{revision, shippingStatus, parcels: [..], shipments: [{shipmentId, shipped, trackingNumber}]}`. The
same revision again changes nothing, a lower one is refused, and no status is ever lowered.
"""

from collections.abc import Mapping
from typing import Any

import simplejson
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.sfcc.gate import Call, Gate
from sfcc_cin7_sandbox.sfcc.orders import OrderBook, UnknownOrder
from sfcc_cin7_sandbox.sfcc.problems import Problem, answer

PATH = "/custom/cin7-fulfilment/v1/organizations/{organization}/orders/{order_no}/shipments"
SCOPE = "c_cin7_fulfilment_rw"
RANKS = ("not_shipped", "part_shipped", "shipped")
MOST_IN_A_NUMBER = 256
PARCELS, REVISION = "c_cin7Parcels", "c_cin7FulfilmentRevision"

_PARCEL: Mapping[str, type | tuple[type, ...]] = {
    "fulfilment": int,
    "carrier": str,
    "trackingNumber": str,
    "trackingUrl": str,
    "shippedOn": (str, type(None)),
    "shipmentId": (str, type(None)),
    "lines": list,
}
_SHIPMENT = {"shipmentId": str, "shipped": bool, "trackingNumber": str}
_BODY = {"revision": int, "shippingStatus": str, "parcels": list, "shipments": list}


class FulfilmentCartridge:
    """Serves an order book, in the context of the site that the call names."""

    def __init__(self, book: OrderBook, gate: Gate) -> None:
        self._book = book
        self.routes: list[BaseRoute] = [
            Route(PATH, gate.scapi(SCOPE, self._post), methods=["POST"])
        ]

    def _post(self, call: Call) -> Response:
        site = call.request.query_params.get("siteId")
        if not site or not self._book.has_site(site):
            raise _malformed("siteId names no site.")
        try:
            order = self._book.get(site, call.path("order_no"))
        except UnknownOrder as error:
            raise Problem(404, "order-not-found", str(error)) from None
        sent = call.body
        _check(sent, _BODY, "body")
        shipments = _shipments(order, sent)
        changed = self._change(site, order, sent, shipments)
        return answer(
            {
                "orderNo": call.path("order_no"),
                "revision": sent["revision"],
                "shippingStatus": sent["shippingStatus"],
                "changed": changed,
            }
        )

    def _change(
        self,
        site: str,
        order: Mapping[str, Any],
        sent: Mapping[str, Any],
        shipments: Mapping[str, Mapping[str, Any]],
    ) -> bool:
        kept = order.get(REVISION)
        if kept is not None and sent["revision"] < kept:
            raise Problem(409, "stale-revision", f"The order has revision {kept} already.")
        if kept == sent["revision"]:
            return False
        before = str(order.get("shippingStatus") or RANKS[0])
        lowered = RANKS.index(sent["shippingStatus"]) < RANKS.index(before)
        if lowered or any(
            each.get("shippingStatus") == "shipped" and not shipments[each["shipmentId"]]["shipped"]
            for each in order.get("shipments", ())
            if each["shipmentId"] in shipments
        ):
            raise Problem(409, "status-lowered", "A shipping status is never lowered.")
        self._book.update(
            site,
            order["orderNo"],
            shippingStatus=sent["shippingStatus"],
            shipments=[
                {**each, **_written(shipments[each["shipmentId"]])}
                if each["shipmentId"] in shipments
                else each
                for each in order.get("shipments", ())
            ],
            **{
                PARCELS: simplejson.dumps(sent["parcels"], use_decimal=True, separators=(",", ":")),
                REVISION: sent["revision"],
            },
        )
        return True


def _written(shipment: Mapping[str, Any]) -> dict[str, Any]:
    """A shipment is shipped or not, never in part; it has one tracking number."""
    return {
        "shippingStatus": "shipped" if shipment["shipped"] else "not_shipped",
        "trackingNumber": shipment["trackingNumber"],
    }


def _shipments(order: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The shipments of a body by their id. Raises Problem for whatever the contract lacks."""
    if sent["revision"] < 0 or sent["shippingStatus"] not in RANKS:
        raise _malformed("revision or shippingStatus is out of range.")
    known = {each.get("shipmentId") for each in order.get("shipments", ())}
    for parcel in sent["parcels"]:
        _check(parcel, _PARCEL, "parcel")
        if parcel["shipmentId"] is not None and parcel["shipmentId"] not in known:
            raise _malformed(f"There is no shipment {parcel['shipmentId']}.")
        for line in parcel["lines"]:
            if not isinstance(line, dict) or set(line) != {"sku", "quantity"}:
                raise _malformed("A line is sku and quantity.")
    by_id: dict[str, Mapping[str, Any]] = {}
    for shipment in sent["shipments"]:
        _check(shipment, _SHIPMENT, "shipment")
        if len(shipment["trackingNumber"]) > MOST_IN_A_NUMBER:
            raise _malformed(f"trackingNumber has more than {MOST_IN_A_NUMBER} characters.")
        if shipment["shipmentId"] not in known or shipment["shipmentId"] in by_id:
            raise _malformed(f"There is no shipment {shipment['shipmentId']}, or it comes twice.")
        by_id[shipment["shipmentId"]] = shipment
    return by_id


def _check(given: object, names: Mapping[str, type | tuple[type, ...]], what: str) -> None:
    """Exactly these members, of these types."""
    if not isinstance(given, dict) or set(given) != set(names):
        raise _malformed(f"The {what} must have {', '.join(names)} and nothing else.")
    for name, kind in names.items():
        value = given[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise _malformed(f"{name} of the {what} is of the wrong type.")


def _malformed(detail: str) -> Problem:
    return Problem(400, "malformed-request", detail)
