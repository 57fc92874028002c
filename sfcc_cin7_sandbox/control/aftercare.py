"""What happens to orders after they were taken: people cancel, goods come back, money moves.

Customer service cancels orders and lines, shoppers send goods back, which staff credit and put
into stock while the gateway returns the money, and a payment provider brings cancelled orders back.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import simplejson

from sfcc_cin7_sandbox.cin7 import Cin7Emulator
from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.control.rounds import Rates, Rounds
from sfcc_cin7_sandbox.gateways.gateway import Gateways
from sfcc_cin7_sandbox.merchant.catalogue import BRAND
from sfcc_cin7_sandbox.sfcc import OutOfStock, SfccEmulator
from sfcc_cin7_sandbox.shelf import Document


@dataclass(frozen=True)
class AftercareSettings(Rates):
    """How often each thing happens; at a rate of 0 never."""

    cancels_per_hour: float = 0
    """Orders of which nothing is picked yet."""
    line_cancels_per_hour: float = 0
    """One unit of such an order, noted in `c_cancelledItems`."""
    uncancels_per_hour: float = 0
    """Cancelled orders that the payment provider brings back."""
    returns_per_hour: float = 0
    """One line of a shipped order; an open invoice is issued first."""
    undone_per_hour: float = 0
    """Shipments that the warehouse undoes, to send them later once more."""


WORKS = ("cancelled", "lines_cancelled", "uncancelled", "returned", "undone", "captured")
LIVELY = AftercareSettings(cancels_per_hour=6, returns_per_hour=12, undone_per_hour=0.5)


class Aftercare(Rounds):
    """Does in each round what the rates say for the time since the last one."""

    def __init__(
        self,
        cin7: Cin7Emulator,
        sfcc: SfccEmulator,
        gateways: Gateways,
        clock: Clock,
        settings: AftercareSettings,
        seed: int = 0,
    ) -> None:
        super().__init__(clock, WORKS)
        self.settings = settings
        self._cin7 = cin7
        self._sfcc = sfcc
        self._gateways = gateways
        self._dice = random.Random(seed)  # noqa: S311 - repeatable work, not secrets

    def round(self) -> None:
        """One look at everything that is due by now; the capture job runs every time."""
        hours, settings = self._since_last() / timedelta(hours=1), self.settings
        self.done["captured"] += len(self._sfcc.provider.capture_shipped())
        works = (
            ("cancelled", settings.cancels_per_hour, self._cancel),
            ("lines_cancelled", settings.line_cancels_per_hour, self._cancel_line),
            ("uncancelled", settings.uncancels_per_hour, self._uncancel),
            ("returned", settings.returns_per_hour, self._return),
            ("undone", settings.undone_per_hour, self._undo),
        )
        for name, rate, work in works:
            for _ in range(self._due(name, rate * hours)):
                self.done[name] += work()

    def _cancel(self) -> bool:
        if (order := self._one(self._untouched())) is None:
            return False
        self._sfcc.staff.cancel(order["siteId"], order["orderNo"])
        return True

    def _cancel_line(self) -> bool:
        """Customer service notes what is not to be sent; the order's lines and money stay."""
        orders = [order for order in self._untouched() if "c_cancelledItems" not in order]
        if (order := self._one(orders)) is None:
            return False
        line = self._dice.choice(order["productItems"])
        noted = [{"itemId": line["itemId"], "sku": line["productId"], "quantity": 1}]
        attributes = {"c_cancelledItems": simplejson.dumps(noted)}
        self._sfcc.staff.set_attributes(order["siteId"], order["orderNo"], attributes)
        return True

    def _uncancel(self) -> bool:
        order = self._one([each for each in self._orders() if each["status"] == "cancelled"])
        if order is None:
            return False
        try:
            self._sfcc.provider.capture_late(order["siteId"], order["orderNo"])
        except OutOfStock:
            return False
        return True

    def _return(self) -> bool:
        """A shopper sends one line of a shipped order back, and has the money for it returned."""
        orders = {_external_id(order): order for order in self._orders()}
        shipped = [
            sale
            for sale in self._cin7.sales_truth()
            if sale["Shipped"] == "all" and not sale["CreditNotes"] and sale["ExternalID"] in orders
        ]
        if (sale := self._one(shipped)) is None:
            return False
        line = self._dice.choice(sale["Lines"])
        try:
            if sale["CombinedInvoiceStatus"] == "NOT INVOICED":
                self._cin7.invoice(sale["ID"])
            self._cin7.credit(sale["ID"], {line["SKU"]: line["Quantity"]})
        except Refusal:
            return False
        order = orders[sale["ExternalID"]]
        after = next(each for each in self._cin7.sales_truth() if each["ID"] == sale["ID"])
        left: Decimal = after["CreditNotes"][-1]["Total"]
        for paid in self._gateways.payments(order):
            back = min(left, paid.gross)
            if back > 0:
                self._gateways.refund(paid, back)
                left -= back
        return True

    def _undo(self) -> bool:
        shipped = [
            sale
            for sale in self._cin7.sales_truth()
            if sale["Shipped"] == "all" and not sale["CreditNotes"]
        ]
        if (sale := self._one(shipped)) is None:
            return False
        self._cin7.despatch.undo(sale["ID"], fulfilment=sale["Parcels"][-1]["FulfillmentNumber"])
        return True

    def _orders(self) -> list[Document]:
        return [order for order in self._sfcc.truth()["orders"] if not order.get("planted")]

    def _untouched(self) -> list[Document]:
        """Placed orders that have a sale of their own of which nothing is picked."""
        waiting = {
            sale["ExternalID"]
            for sale in self._cin7.sales_truth()
            if sale["CombinedPickingStatus"] == "NOT PICKED"
            and sale["CombinedInvoiceStatus"] == "NOT INVOICED"
        }
        return [
            order
            for order in self._orders()
            if order["status"] == "new" and _external_id(order) in waiting
        ]

    def _one(self, rows: list[Document]) -> Document | None:
        return self._dice.choice(rows) if rows else None


def _external_id(order: Document) -> str:
    return f"{BRAND}:{order['siteId']}:{order['orderNo']}"
