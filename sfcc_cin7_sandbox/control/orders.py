"""Strings for what happens to an order of the storefront after its capture, or instead of it."""

from collections.abc import Callable
from typing import Any

from starlette.routing import BaseRoute

from sfcc_cin7_sandbox.control.assembly import Sandbox
from sfcc_cin7_sandbox.control.requests import (
    Body,
    Nonsense,
    number_of,
    only,
    route,
    text_if_given,
    text_of,
)
from sfcc_cin7_sandbox.sfcc import OutOfStock
from sfcc_cin7_sandbox.sfcc.orders import UnknownOrder
from sfcc_cin7_sandbox.sfcc.problems import Problem
from sfcc_cin7_sandbox.sfcc.statuses import StatusRefused
from sfcc_cin7_sandbox.shoppers.draft import NothingToSell
from sfcc_cin7_sandbox.shoppers.repricing import CannotEdit

Change = Callable[[str, str, Body], object]


class OrderControl:
    """Handlers below `/_control/orders/` and `/_control/raw-orders`.

    Those below `orders` name an order by `site` and `order`, and answer with its `status`,
    `exportStatus`, `orderTotal` and `lastModified` afterwards.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._staff = sandbox.sfcc.staff

    @property
    def routes(self) -> list[BaseRoute]:
        changes: dict[str, tuple[Change, tuple[str, ...]]] = {
            "cancel": (self.cancel, ("code",)),
            "reinstate": (self.reinstate, ()),
            "complete": (self.complete, ()),
            "export-status": (self.export_status, ("status",)),
            "quantity": (self.quantity, ("sku", "quantity")),
            "address": (self.address, ("address", "shipment")),
            "email": (self.email, ("email",)),
            "attributes": (self.attributes, ("attributes",)),
            "capture-failed": (self.capture_failed, ()),
            "captured-late": (self.captured_late, ()),
            "refunded": (self.refunded, ()),
            "payments": (self.payments, ("instrument", "payment", "transaction")),
            "break-json": (self.break_json, ()),
        }
        return [
            route("POST", "raw-orders", self.post_raw_orders),
            *(
                route("POST", f"orders/{name}", self._changing(change, fields))
                for name, (change, fields) in changes.items()
            ),
        ]

    def post_raw_orders(self, body: Body) -> Body:
        """`{"document", "site"?, "order_no"?, "unfinished"?}`: any document, exactly as it is.

        Or `{"poison", "site"?}`: one of `poison.POISONS` or `mistakes.MISTAKES`. Both draw no
        stock, whatever they say.
        """
        only(body, "document", "poison", "site", "order_no", "unfinished")
        if ("document" in body) == ("poison" in body):
            raise Nonsense("Give either a document or a poison.")
        site = text_if_given(body, "site")
        try:
            if "poison" in body:
                placed = self._sandbox.plant(text_of(body, "poison"), site)
            else:
                document = _object(body, "document")
                order_no = text_if_given(body, "order_no")
                unfinished = body.get("unfinished", False) is True
                placed = self._sandbox.sfcc.place_raw(
                    document, site=site, order_no=order_no, unfinished=unfinished
                )
        except (NothingToSell, ValueError) as error:
            raise Nonsense(str(error)) from None
        return {"siteId": placed["siteId"], "orderNo": placed["orderNo"]}

    def cancel(self, site: str, order: str, body: Body) -> None:
        """`{"code"?}`: customer service cancels it; its stock is free again."""
        self._staff.cancel(site, order, text_if_given(body, "code"))

    def reinstate(self, site: str, order: str, _body: Body) -> None:
        """A cancelled order is placed again, if there is stock."""
        self._staff.reinstate(site, order)

    def complete(self, site: str, order: str, _body: Body) -> None:
        """It gets the status `completed`."""
        self._staff.complete(site, order)

    def export_status(self, site: str, order: str, body: Body) -> None:
        """`{"status"}`: an agent sets the export status, where the API would."""
        self._staff.set_export_status(site, order, text_of(body, "status"))

    def quantity(self, site: str, order: str, body: Body) -> None:
        """`{"sku", "quantity"}`: 0 takes the line out; all money is computed anew."""
        self._staff.change_quantity(site, order, text_of(body, "sku"), number_of(body, "quantity"))

    def address(self, site: str, order: str, body: Body) -> None:
        """`{"address": {..}, "shipment"?}`: another shipping address; no money moves."""
        shipment = text_if_given(body, "shipment") or "me"
        self._staff.change_address(site, order, _object(body, "address"), shipment)

    def email(self, site: str, order: str, body: Body) -> None:
        """`{"email"}`: another address of the customer."""
        self._staff.change_email(site, order, text_of(body, "email"))

    def attributes(self, site: str, order: str, body: Body) -> None:
        """`{"attributes": {"c_..": ..}}`: customer service notes something; null clears it."""
        self._staff.set_attributes(site, order, _object(body, "attributes"))

    def capture_failed(self, site: str, order: str, _body: Body) -> None:
        """The payment provider's capture failed: the order is not paid and cancelled."""
        self._sandbox.sfcc.provider.fail_capture(site, order)

    def captured_late(self, site: str, order: str, _body: Body) -> None:
        """The capture of a cancelled order succeeds: it is new, paid and ready for export again."""
        self._sandbox.sfcc.provider.capture_late(site, order)

    def refunded(self, site: str, order: str, _body: Body) -> None:
        """The payment provider gave money back: the order counts as not paid."""
        self._sandbox.sfcc.provider.refund(site, order)

    def payments(self, site: str, order: str, body: Body) -> None:
        """`{"instrument": {..}}` adds one; `{"payment", "transaction": {..}}` tells more of one."""
        if "instrument" in body:
            self._staff.add_payment(site, order, _object(body, "instrument"))
        else:
            payment = text_of(body, "payment")
            self._staff.alter_payment(site, order, payment, _object(body, "transaction"))

    def break_json(self, site: str, order: str, _body: Body) -> None:
        """From now on every answer of the Orders API with this order stops inside it."""
        self._sandbox.sfcc.break_json(site, order)

    def _changing(self, change: Change, fields: tuple[str, ...]) -> Callable[[Body], Body]:
        def handle(body: Body) -> Body:
            only(body, "site", "order", *fields)
            site, order = text_of(body, "site"), text_of(body, "order")
            try:
                change(site, order, body)
            except (UnknownOrder, StatusRefused, OutOfStock, CannotEdit, Problem) as error:
                raise Nonsense(str(error)) from None
            except KeyError as unknown:
                raise Nonsense(f"The order has no {unknown}.") from None
            shown = self._sandbox.sfcc.order(site, order)
            names = ("status", "exportStatus", "orderTotal", "lastModified")
            return {name: shown.get(name) for name in names}

        return handle


def _object(body: Body, name: str) -> dict[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise Nonsense(f"{name} must be an object.")
    return value
