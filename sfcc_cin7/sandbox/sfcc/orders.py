"""The orders of every site, from the shopper's click to cancellation.

Documents are those of the Orders API and are replaced, never changed in place, so that an older
version may still be shown by the order index. Money in them is taken as the shopper computed it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sfcc_cin7.sandbox.clock import Clock
from sfcc_cin7.sandbox.faults import Faults
from sfcc_cin7.sandbox.sfcc.order_index import Document, OrderIndex
from sfcc_cin7.sandbox.sfcc.problems import timestamp, to_milliseconds
from sfcc_cin7.sandbox.sfcc.settings import SfccSettings
from sfcc_cin7.sandbox.sfcc.statuses import (
    PLACED,
    Change,
    StatusRefused,
    check_export_change,
    order_change,
)
from sfcc_cin7.sandbox.sfcc.stock import Stock
from sfcc_cin7.sandbox.shelf import Shelf
from sfcc_cin7.sandbox.world import World

KIND = "sfcc.order"


class UnknownOrder(LookupError):
    """The site has no order of this number."""


@dataclass(frozen=True)
class Order:
    """The public document, and the export date, which the API does not show."""

    document: Document
    exported_at: datetime | None = None

    @property
    def key(self) -> str:
        """Unique over all sites; order numbers are unique within one site only."""
        return f"{self.document['siteId']}/{self.document['orderNo']}"


class OrderBook:
    """Places, changes and finds orders, moving stock and feeding the index as it does."""

    def __init__(
        self,
        world: World,
        shelf: Shelf,
        clock: Clock,
        faults: Faults,
        settings: SfccSettings,
        stock: Stock,
    ) -> None:
        self._shelf = shelf
        self._clock = clock
        self._faults = faults
        self._settings = settings
        self._stock = stock
        self._lists = {site.id: site.inventory_list for site in world.sites}
        self._last_number = dict.fromkeys(self._lists, 0)
        self._orders: dict[str, Order] = {}
        self.index = OrderIndex()
        for stored in shelf.load(KIND).values():
            exported_at = stored["exported_at"]
            order = Order(stored["document"], exported_at and datetime.fromisoformat(exported_at))
            site = order.document["siteId"]
            self._orders[order.key] = order
            self._last_number[site] = max(self._last_number[site], int(order.document["orderNo"]))
            self.index.change(site, order.document, clock.now())

    def has_site(self, site: str) -> bool:
        return site in self._lists

    def get(self, site: str, order_no: str) -> Document:
        """Raises UnknownOrder."""
        return self._find(site, order_no).document

    def everything(self) -> list[Document]:
        return [order.document for order in self._orders.values()]

    def create(self, order: Mapping[str, Any]) -> Document:
        """A shopper's order is created (not placed yet) and takes its stock.

        Takes a document of the Orders API without number, dates and statuses. Raises OutOfStock,
        and KeyError for an unknown site.
        """
        site = order["siteId"]
        order_no = f"{self._last_number[site] + 1:08d}"
        self._stock.take(self._lists[site], f"{site}/{order_no}", quantities(order))
        self._last_number[site] += 1
        now = timestamp(self._now())
        document = {
            "paymentStatus": "not_paid",
            **order,
            "orderNo": order_no,
            "creationDate": now,
            "status": "created",
            "exportStatus": "not_exported",
            "confirmationStatus": "not_confirmed",
            "shippingStatus": "not_shipped",
            "shipments": [{**shipment, "shipmentNo": ""} for shipment in order["shipments"]],
        }
        return self._save(Order(document))

    def place_created(self, order_no: str, site: str) -> Document:
        """The payment came through: the order is placed, and merchant code may call it `ready`.

        Raises UnknownOrder, StatusRefused.
        """
        self.set_status(site, order_no, "new")
        order = self._find(site, order_no)
        released = {"exportStatus": "ready"} if self._settings.sets_ready else {}
        return self._update(order, **released, confirmationStatus="confirmed")

    def set_status(self, site: str, order_no: str, requested: str) -> None:
        """Raises UnknownOrder, StatusRefused; OutOfStock when stock cannot be taken again."""
        order = self._find(site, order_no)
        document = order.document
        if document["status"] == requested:
            return
        change = order_change(document["status"], requested)
        updates: dict[str, Any] = {"status": requested}
        if change in (Change.PLACE, Change.PLACE_AND_CANCEL):
            updates |= self._placing(document)
        if change in (Change.FAIL, Change.CANCEL, Change.PLACE_AND_CANCEL):
            self._stock.release(
                self._lists[site], order.key, quantities(document), order.exported_at
            )
        if change in (Change.REOPEN, Change.REINSTATE):
            self._stock.take(
                self._lists[site],
                order.key,
                quantities(document),
                exported=document["exportStatus"] == "exported",
            )
        self._update(order, **updates)

    def set_export_status(self, site: str, order_no: str, requested: str) -> None:
        """`exported` dates the export and moves stock on order to turnover.

        Raises UnknownOrder, StatusRefused.
        """
        order = self._find(site, order_no)
        document = order.document
        check_export_change(
            document["status"],
            document["exportStatus"],
            requested,
            may_be_lowered=self._settings.export_status_may_be_lowered,
        )
        if requested == "exported" and document["exportStatus"] != "exported":
            self._stock.export(self._lists[site], order.key, quantities(document))
            order = replace(order, exported_at=self._now())
        self._update(order, exportStatus=requested)

    def update(self, site: str, order_no: str, **fields: Any) -> None:
        """Set fields of the document; None removes one. Raises UnknownOrder."""
        self._update(self._find(site, order_no), **fields)

    def cancel(self, site: str, order_no: str) -> None:
        """Customer service cancels a placed order. Raises UnknownOrder, StatusRefused."""
        if self.get(site, order_no)["status"] not in PLACED:
            raise StatusRefused("order-status-conflict", "Only a placed order is cancelled.")
        self.set_status(site, order_no, "cancelled")

    def page(self, site: str, query: Any, shift: int = 0) -> list[Document]:
        """One page of what the index shows by now."""
        return self.index.page(site, query, self._clock.now(), shift)

    def _placing(self, document: Document) -> dict[str, Any]:
        number = document["orderNo"]
        return {
            "placeDate": timestamp(self._now()),
            "invoiceNo": number,
            "shipments": [
                {**shipment, "shipmentNo": f"{number}{position:02d}"}
                for position, shipment in enumerate(document["shipments"], start=1)
            ],
        }

    def _find(self, site: str, order_no: str) -> Order:
        try:
            return self._orders[f"{site}/{order_no}"]
        except KeyError:
            raise UnknownOrder(f"No order {order_no} in site {site}.") from None

    def _update(self, order: Order, **fields: Any) -> Document:
        document = {**order.document, **fields}
        document = {name: value for name, value in document.items() if value is not None}
        if document == order.document:
            return document
        return self._save(replace(order, document=document))

    def _save(self, order: Order) -> Document:
        now = self._now()
        document = {**order.document, "lastModified": timestamp(now)}
        self._orders[order.key] = replace(order, document=document)
        self._shelf.put(
            KIND,
            order.key,
            {
                "document": document,
                "exported_at": order.exported_at and order.exported_at.isoformat(),
            },
        )
        lag = self._settings.index_lag
        if self._faults.hit("sfcc.index_lag"):
            lag = self._faults.size("sfcc.index_lag", lag)
        visible_at = self._clock.now() + timedelta(seconds=lag)
        self.index.change(document["siteId"], document, visible_at)
        return document

    def _now(self) -> datetime:
        return to_milliseconds(self._clock.now())


def quantities(order: Mapping[str, Any]) -> dict[str, Decimal]:
    """Units that an order draws from stock, by product.

    A bundle draws from its own record; options, bought certificates and shipping draw nothing.
    """
    wanted: dict[str, Decimal] = {}
    for item in order.get("productItems", ()):
        sku = item["productId"]
        wanted[sku] = wanted.get(sku, Decimal(0)) + Decimal(item["quantity"])
    return wanted
