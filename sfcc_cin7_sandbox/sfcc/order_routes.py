"""The Orders API over HTTP (Orders 1.5: list, get, update, status, payment instruments)."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.sfcc import statuses
from sfcc_cin7_sandbox.sfcc.addresses import read_address, readdressed
from sfcc_cin7_sandbox.sfcc.attributes import defined
from sfcc_cin7_sandbox.sfcc.gate import Call, Endpoint, Gate, Handler
from sfcc_cin7_sandbox.sfcc.order_query import (
    DOCUMENTED,
    MOST_REACHABLE,
    beyond_cap,
    check_known,
    parse_order_query,
)
from sfcc_cin7_sandbox.sfcc.orders import OrderBook, Unfinished, UnknownOrder
from sfcc_cin7_sandbox.sfcc.problems import Problem, answer, encode, no_content
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.sfcc.statuses import StatusRefused
from sfcc_cin7_sandbox.sfcc.stock import OutOfStock

BASE = "/checkout/orders/v1/organizations/{organization}/orders"
BASKETS = "/checkout/shopper-baskets/v1/organizations/{organization}/baskets/"
READ, WRITE = "sfcc.orders", "sfcc.orders.rw"
SITE_ONLY = frozenset({"siteId"})


class OrderRoutes:
    """Serves an order book."""

    def __init__(self, book: OrderBook, gate: Gate, faults: Faults, settings: SfccSettings) -> None:
        self._book = book
        self._gate = gate
        self._faults = faults
        self._settings = settings
        self._shifted: dict[str, int] = {}

    @property
    def routes(self) -> list[BaseRoute]:
        one = BASE + "/{order_no:path}"  # a number may hold an escaped slash
        instrument = one + "/payment-instruments/{instrument_id}"
        endpoints: list[tuple[str, str, str, Handler]] = [
            ("GET", BASE, READ, self._list),
            ("PUT", one + "/status", WRITE, self._status),
            ("PUT", one + "/export-status", WRITE, self._export_status),
            ("PUT", one + "/external-status", WRITE, self._external_status),
            ("PATCH", instrument, WRITE, self._instrument),
            ("PATCH", instrument + "/transaction", WRITE, self._transaction),
            ("PUT", one + "/shipments/{shipment_id}/shipping-address", WRITE, self._address_of),
        ]
        for kind, values in (
            ("confirmation", statuses.CONFIRMATION),
            ("payment", statuses.PAYMENT),
            ("shipping", statuses.SHIPPING),
        ):
            setter = self._plain_status(f"{kind}Status", values)
            endpoints.append(("PUT", f"{one}/{kind}-status", WRITE, setter))
        endpoints += [("GET", one, READ, self._get), ("PATCH", one, WRITE, self._patch)]
        return [
            Route(path, self._endpoint(scope, handler), methods=[method])
            for method, path, scope, handler in endpoints
        ]

    def _endpoint(self, scope: str, handler: Handler) -> Endpoint:
        def translated(call: Call) -> Response:
            try:
                return handler(call)
            except UnknownOrder as error:
                raise Problem(404, "order-not-found", str(error)) from None
            except StatusRefused as refused:
                raise Problem(409, refused.kind, str(refused)) from None
            except OutOfStock as short:
                raise Problem(409, "order-status-conflict", str(short)) from None

        return self._gate.scapi(scope, translated)

    def _list(self, call: Call) -> Response:
        params = call.request.query_params
        check_known(params, DOCUMENTED)
        site = self._site(call.request)
        query = parse_order_query(params)
        if query.offset + query.limit > MOST_REACHABLE:
            if self._settings.beyond_cap == "empty":
                return answer({"data": []})
            raise beyond_cap()
        orders = self._book.page(site, query, self._shift(call.request, query.offset))
        return _answer({"data": orders}, orders)

    def _shift(self, request: Request, offset: int) -> int:
        """How far rows have slid since the first page of the listing.

        1 once an order came in on top (fault `sfcc.duplicate_listing`), -1 once one on top left the
        filter (`sfcc.missing_listing`): then the next page begins a row too late.
        """
        listing = str(request.url.remove_query_params("offset"))
        if offset == 0:
            self._shifted.pop(listing, None)
        elif self._faults.hit("sfcc.duplicate_listing"):
            self._shifted[listing] = 1
        elif self._faults.hit("sfcc.missing_listing"):
            self._shifted[listing] = -1
        return self._shifted.get(listing, 0)

    def _get(self, call: Call) -> Response:
        order = self._book.get(*self._address(call))
        return _answer(order, [order])

    def _patch(self, call: Call) -> Response:
        site, order_no = self._address(call)
        changes = defined(_custom_attributes(call.body), self._settings.order_attributes)
        self._book.update(site, order_no, **changes)
        return no_content()

    def _status(self, call: Call) -> Response:
        site, order_no = self._address(call)
        requested = _status_value(call.body, statuses.ORDER)
        self._clash()
        if requested != "failed_with_reopen":
            self._book.set_status(site, order_no, requested)
            return no_content()
        if self._book.get(site, order_no)["status"] != "created":
            raise StatusRefused("order-status-conflict", "Only a created order can be reopened.")
        self._book.set_status(site, order_no, "failed")
        organization = call.path("organization")
        basket = BASKETS.format(organization=organization) + str(uuid4())
        return Response(status_code=201, headers={"Location": basket})

    def _export_status(self, call: Call) -> Response:
        site, order_no = self._address(call)
        requested = _status_value(call.body, statuses.EXPORT)
        self._clash()
        self._book.set_export_status(site, order_no, requested)
        return no_content()

    def _external_status(self, call: Call) -> Response:
        site, order_no = self._address(call)
        value = _status_value(call.body)
        if not 1 <= len(value) <= 256:
            raise Problem(400, "validation", "The status must have 1 to 256 characters.")
        self._clash()
        self._book.update(site, order_no, externalOrderStatus=value)
        return no_content()

    def _plain_status(self, field: str, values: frozenset[str]) -> Handler:
        def handler(call: Call) -> Response:
            site, order_no = self._address(call)
            requested = _status_value(call.body, values)
            self._clash()
            self._book.update(site, order_no, **{field: requested})
            return no_content()

        return handler

    def _clash(self) -> None:
        if self._faults.hit("sfcc.lock_clash"):
            raise Problem(
                self._settings.lock_clash_status,
                "conflict",
                "The order was changed by someone else at the same time.",
            )

    def _instrument(self, call: Call) -> Response:
        return self._change_instrument(call, lambda instrument, changes: instrument | changes)

    def _transaction(self, call: Call) -> Response:
        def change(instrument: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
            transaction = _without_nulls(instrument.get("paymentTransaction", {}) | changes)
            return {**instrument, "paymentTransaction": transaction}

        return self._change_instrument(call, change)

    def _change_instrument(
        self,
        call: Call,
        change: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]],
    ) -> Response:
        site, order_no = self._address(call)
        changes = _custom_attributes(call.body)
        wanted = call.path("instrument_id")
        instruments = self._book.get(site, order_no).get("paymentInstruments", [])
        if all(instrument.get("paymentInstrumentId") != wanted for instrument in instruments):
            raise Problem(404, "payment-instrument-not-found", f"No payment instrument {wanted}.")
        changed = [
            _without_nulls(change(instrument, changes))
            if instrument.get("paymentInstrumentId") == wanted
            else instrument
            for instrument in instruments
        ]
        self._book.update(site, order_no, paymentInstruments=changed)
        return no_content()

    def _address_of(self, call: Call) -> Response:
        """The address replaces the shipment's; in any status, for no refusal is documented."""
        site, order_no = self._address(call)
        address = read_address(call.body)
        shipments = self._book.get(site, order_no).get("shipments", [])
        wanted = call.path("shipment_id")
        if all(shipment.get("shipmentId") != wanted for shipment in shipments):
            raise Problem(404, "shipment-not-found", f"No shipment {wanted}.")
        self._clash()
        self._book.update(site, order_no, shipments=readdressed(shipments, wanted, address))
        return no_content()

    def _address(self, call: Call) -> tuple[str, str]:
        check_known(call.request.query_params, SITE_ONLY)
        return self._site(call.request), call.path("order_no")

    def _site(self, request: Request) -> str:
        site = request.query_params.get("siteId")
        if not site:
            raise Problem(400, "missing-parameter", "The query parameter 'siteId' is required.")
        if not self._book.has_site(site):
            raise Problem(404, "site-not-found", f"No site '{site}'.")
        return site


def _answer(body: dict[str, Any], orders: Iterable[dict[str, Any]]) -> Response:
    """The orders as JSON, which stops in the middle of one that is Unfinished."""
    response = answer(body)
    for order in orders:
        if isinstance(order, Unfinished):
            whole, part = bytes(response.body), encode(order)
            until = whole.index(part) + len(part) // 2
            return Response(whole[:until], media_type="application/json")
    return response


def _status_value(body: dict[str, Any], allowed: frozenset[str] | None = None) -> str:
    value = body.get("status")
    if set(body) != {"status"} or not isinstance(value, str):
        raise Problem(400, "validation", "The body must be an object with just a 'status'.")
    if allowed is not None and value not in allowed:
        raise Problem(400, "validation", f"The status must be of {', '.join(sorted(allowed))}.")
    return value


def _custom_attributes(body: dict[str, Any]) -> dict[str, Any]:
    refused = [name for name in body if not name.startswith("c_")]
    if refused or not body:
        raise Problem(
            400, "validation", f"Only custom attributes (c_*) can be changed, not {refused}."
        )
    return body


def _without_nulls(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}
