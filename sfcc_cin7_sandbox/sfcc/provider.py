"""The payment provider's side of an order: what merchants' capture jobs and webhooks do to it.

A capture job looks for orders that are shipped and not paid; a webhook of a provider cancels an
order whose capture failed, and brings it back when the capture succeeds after all.
"""

from collections.abc import Callable

from sfcc_cin7_sandbox.sfcc.orders import OrderBook
from sfcc_cin7_sandbox.sfcc.statuses import StatusRefused, column


class Provider:
    """What it does to an order, named by its site and number. Every method raises UnknownOrder."""

    def __init__(self, orders: OrderBook, settle: Callable[[], None]) -> None:
        self._orders = orders
        self._settle = settle

    @property
    def _book(self) -> OrderBook:
        """The orders, once all that had to happen by now has happened."""
        self._settle()
        return self._orders

    def capture_shipped(self) -> list[tuple[str, str]]:
        """The merchant's job: orders that are shipped and not paid are captured; which ones."""
        due = [
            (order["siteId"], order["orderNo"])
            for order in self._book.everything()
            if not order.get("planted")
            and order.get("status") in ("new", "completed")
            and order.get("shippingStatus") == "shipped"
            and order.get("paymentStatus") == "not_paid"
        ]
        for site, order_no in due:
            self._orders.capture(site, order_no)
        return due

    def fail_capture(self, site: str, order_no: str) -> None:
        """The capture failed: the order is not paid, and cancelled. Raises StatusRefused."""
        self._book.cancel(site, order_no)
        self._orders.update(site, order_no, paymentStatus="not_paid")

    def capture_late(self, site: str, order_no: str) -> None:
        """The capture of a cancelled order succeeds after all: it is placed again, confirmed, paid
        and ready for export, exported before or not.

        Raises StatusRefused unless it is cancelled, OutOfStock when its goods are gone.
        """
        order = self._book.get(site, order_no)
        if column(order, "status") != "cancelled":
            raise StatusRefused("order-status-conflict", "Only a cancelled order is brought back.")
        self._orders.reinstate_ready(site, order_no)
        self._orders.update(site, order_no, paymentStatus="paid")

    def refund(self, site: str, order_no: str) -> None:
        """Money goes back: the order counts as not paid, whatever the amount was."""
        self._book.update(site, order_no, paymentStatus="not_paid")
