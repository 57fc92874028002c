"""The storefront's people: customer service, and payment providers that come back later."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.sfcc.addresses import readdressed
from sfcc_cin7_sandbox.sfcc.attributes import AttributeType, defined
from sfcc_cin7_sandbox.sfcc.order_index import Document
from sfcc_cin7_sandbox.sfcc.orders import OrderBook
from sfcc_cin7_sandbox.shoppers.repricing import with_quantity


class Staff:
    """What people do to an order in Business Manager or from a provider's side.

    An order is named by its site and number. Every method raises UnknownOrder.
    """

    def __init__(
        self,
        orders: OrderBook,
        settle: Callable[[], None],
        attributes: Mapping[str, AttributeType],
    ) -> None:
        self._orders = orders
        self._settle = settle
        self._attributes = attributes

    @property
    def _book(self) -> OrderBook:
        """The orders, once all that had to happen by now has happened."""
        self._settle()
        return self._orders

    def cancel(self, site: str, order_no: str, code: str | None = None) -> None:
        """A placed order is cancelled and gives its stock back. Raises StatusRefused."""
        self._book.cancel(site, order_no, code)

    def give_up(self, site: str, order_no: str) -> None:
        """Nobody will pay a created order: it fails, and gives its stock back."""
        self._book.set_status(site, order_no, "failed")

    def reinstate(self, site: str, order_no: str) -> None:
        """A cancelled order is placed again. Raises StatusRefused; OutOfStock if it is gone."""
        self._book.set_status(site, order_no, "new")

    def complete(self, site: str, order_no: str) -> None:
        """The status `completed`, which means nothing to the platform. Raises StatusRefused."""
        self._book.set_status(site, order_no, "completed")

    def set_export_status(self, site: str, order_no: str, status: str) -> None:
        """As over the API: an exported order is not lowered unless the settings allow it.

        Raises StatusRefused.
        """
        self._book.set_export_status(site, order_no, status)

    def set_attributes(self, site: str, order_no: str, attributes: Mapping[str, Any]) -> None:
        """Custom attributes of the order are typed in, None clears one. Raises KeyError for one
        that is not defined, Problem for a value of another type."""
        for name in attributes:
            if name not in self._attributes:
                raise KeyError(name)
        self._book.update(site, order_no, **defined(attributes, self._attributes))

    def change_quantity(self, site: str, order_no: str, sku: str, quantity: Decimal) -> Document:
        """Another quantity on the first line of a product, 0 takes the line out; all money is
        computed anew. Raises CannotEdit, OutOfStock."""
        return self._book.change_content(
            site, order_no, lambda order: with_quantity(order, sku, quantity)
        )

    def change_address(
        self, site: str, order_no: str, address: Mapping[str, Any], shipment: str = "me"
    ) -> Document:
        """Another shipping address; no money moves. Raises KeyError for an unknown shipment."""

        def change(order: Document) -> Document:
            if shipment not in [each["shipmentId"] for each in order["shipments"]]:
                raise KeyError(shipment)
            return {**order, "shipments": readdressed(order["shipments"], shipment, address)}

        return self._book.change_content(site, order_no, change)

    def change_email(self, site: str, order_no: str, email: str) -> Document:
        """The customer's other e-mail address."""
        return self._book.change_content(
            site,
            order_no,
            lambda order: {
                **order,
                "customerInfo": {**order.get("customerInfo", {}), "email": email},
            },
        )

    def add_payment(self, site: str, order_no: str, instrument: Mapping[str, Any]) -> None:
        """A provider adds a means of payment, a document of the Orders API."""
        instruments = self._book.get(site, order_no).get("paymentInstruments", [])
        self._book.update(site, order_no, paymentInstruments=[*instruments, dict(instrument)])

    def alter_payment(
        self, site: str, order_no: str, instrument: str, transaction: Mapping[str, Any]
    ) -> None:
        """A provider tells more of a payment: fields of its transaction (amount, transactionId).

        Raises KeyError for an unknown instrument.
        """
        instruments = self._book.get(site, order_no).get("paymentInstruments", [])
        if instrument not in [each["paymentInstrumentId"] for each in instruments]:
            raise KeyError(instrument)
        self._book.update(
            site,
            order_no,
            paymentInstruments=[
                {
                    **each,
                    "paymentTransaction": {**each.get("paymentTransaction", {}), **transaction},
                }
                if each["paymentInstrumentId"] == instrument
                else each
                for each in instruments
            ],
        )
