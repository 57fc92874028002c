"""The orders of every site, from the shopper's click to cancellation.

Documents are those of the Orders API and are replaced, never changed in place, so that an older
version may still be shown by the order index. Money in them is taken as the shopper computed it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.sfcc.order_index import Document, OrderIndex
from sfcc_cin7_sandbox.sfcc.problems import timestamp, to_milliseconds
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.sfcc.statuses import (
    PLACED,
    Change,
    StatusRefused,
    check_export_change,
    column,
    order_change,
)
from sfcc_cin7_sandbox.sfcc.stock import Stock
from sfcc_cin7_sandbox.shelf import Shelf

KIND = "sfcc.order"


class Unfinished(dict[str, Any]):
    """A document whose JSON never comes to its end: every answer that holds it stops inside it."""


class UnknownOrder(LookupError):
    """The site has no order of this number."""


@dataclass(frozen=True)
class Order:
    """The public document, where it is found, and what the API does not show.

    A `planted` order was put there as it is and draws no stock; its document may be anything, or
    Unfinished. `edited_at` is when staff changed its content, `captured_at` when a job took its
    money because it was shipped.
    """

    site: str
    order_no: str
    document: Document
    exported_at: datetime | None = None
    edited_at: datetime | None = None
    captured_at: datetime | None = None
    planted: bool = False

    @property
    def key(self) -> str:
        """Unique over all sites; order numbers are unique within one site only."""
        return f"{self.site}/{self.order_no}"

    @property
    def truth(self) -> Document:
        """The document, found where it is, with marks for what happened to it on purpose."""
        marks: Document = {"siteId": self.site, "orderNo": self.order_no}
        if self.planted or isinstance(self.document, Unfinished):
            marks["planted"] = True
        if self.edited_at:
            marks["edited"] = timestamp(self.edited_at)
        if self.captured_at:
            marks["captured"] = timestamp(self.captured_at)
        return {**self.document, **marks}

    def quantities(self) -> dict[str, Decimal]:
        """Units that it draws from stock, by product."""
        return {} if self.planted else quantities(self.document)


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
        for key, stored in shelf.load(KIND).items():
            order = _restored(key, stored)
            self._orders[order.key] = order
            if not order.planted:
                number = int(order.order_no)
                self._last_number[order.site] = max(self._last_number[order.site], number)
            self.index.change(order.site, order.order_no, order.document, clock.now())

    def __len__(self) -> int:
        return len(self._orders)

    def has_site(self, site: str) -> bool:
        return site in self._lists

    def get(self, site: str, order_no: str) -> Document:
        """Raises UnknownOrder."""
        return self._find(site, order_no).document

    def everything(self) -> list[Document]:
        return [order.truth for order in self._orders.values()]

    def create(self, order: Mapping[str, Any]) -> Document:
        """A shopper's order is created (not placed yet) and takes its stock.

        Takes a document of the Orders API without number, dates and statuses. Raises OutOfStock,
        and KeyError for an unknown site.
        """
        site = order["siteId"]
        number = self._last_number[site] + 1
        while f"{site}/{number:08d}" in self._orders:
            number += 1
        order_no = f"{number:08d}"
        self._stock.take(self._lists[site], f"{site}/{order_no}", quantities(order))
        self._last_number[site] = number
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
            **({"paymentStatus": "not_paid"} if self._settings.capture == "at-shipping" else {}),
            "shipments": [{**shipment, "shipmentNo": ""} for shipment in order["shipments"]],
        }
        return self._save(Order(site, order_no, document))

    def place_created(self, order_no: str, site: str) -> Document:
        """The payment came through: the order is placed, and merchant code may call it `ready`.

        Raises UnknownOrder, StatusRefused.
        """
        self.set_status(site, order_no, "new")
        order = self._find(site, order_no)
        released = {"exportStatus": "ready"} if self._settings.sets_ready else {}
        return self._update(order, **released, confirmationStatus="confirmed")

    def place_raw(
        self, document: Document, site: str | None, order_no: str | None, *, unfinished: bool
    ) -> Document:
        """Put any document among the orders as it is; it draws no stock.

        Site and number are the document's own unless given. Returns what the truth says of it.
        Raises ValueError without a site or number, or when they are taken.
        """
        site = document.get("siteId") if site is None else site
        order_no = document.get("orderNo") if order_no is None else order_no
        if not isinstance(site, str) or site not in self._lists:
            raise ValueError(f"There is no site {site!r}; there are: {', '.join(self._lists)}.")
        if not isinstance(order_no, str) or not order_no:
            raise ValueError("An order needs a number to be found by.")
        if f"{site}/{order_no}" in self._orders:
            raise ValueError(f"{site} has an order {order_no!r} already.")
        kept = Unfinished(document) if unfinished else dict(document)
        order = Order(site, order_no, kept, planted=True)
        self._keep(order)
        return order.truth

    def break_json(self, site: str, order_no: str) -> None:
        """From now on no answer with this order can be read. Raises UnknownOrder."""
        order = self._find(site, order_no)
        self._keep(replace(order, document=Unfinished(order.document)))

    def change_content(
        self, site: str, order_no: str, change: Callable[[Document], Document]
    ) -> Document:
        """Staff edit an order: its stock follows, and the time of the edit is remembered.

        Raises UnknownOrder, OutOfStock (then nothing has changed), and whatever `change` does.
        """
        order = self._find(site, order_no)
        changed = type(order.document)(change(order.document))
        if column(order.document, "status") not in ("cancelled", "failed") and not order.planted:
            self._stock.redraw(
                self._lists[site],
                order.key,
                order.quantities(),
                quantities(changed),
                exported=column(order.document, "exportStatus") == "exported",
                exported_at=order.exported_at,
            )
        return self._save(replace(order, document=changed, edited_at=self._now()))

    def set_status(self, site: str, order_no: str, requested: str) -> None:
        """Raises UnknownOrder, StatusRefused; OutOfStock when stock cannot be taken again."""
        order = self._find(site, order_no)
        document = order.document
        status = column(document, "status") or ""
        if status == requested:
            return
        change = order_change(status, requested)
        updates: dict[str, Any] = {"status": requested}
        if change in (Change.PLACE, Change.PLACE_AND_CANCEL):
            updates |= self._placing(document)
        if change in (Change.FAIL, Change.CANCEL, Change.PLACE_AND_CANCEL):
            self._stock.release(self._lists[site], order.key, order.quantities(), order.exported_at)
        if change in (Change.REOPEN, Change.REINSTATE):
            self._stock.take(
                self._lists[site],
                order.key,
                order.quantities(),
                exported=column(document, "exportStatus") == "exported",
            )
        self._update(order, **updates)

    def set_export_status(self, site: str, order_no: str, requested: str) -> None:
        """`exported` dates the export and moves stock on order to turnover.

        Raises UnknownOrder, StatusRefused.
        """
        order = self._find(site, order_no)
        current = column(order.document, "exportStatus") or ""
        check_export_change(
            column(order.document, "status") or "",
            current,
            requested,
            may_be_lowered=self._settings.export_status_may_be_lowered,
        )
        if requested == "exported" and current != "exported":
            self._stock.export(self._lists[site], order.key, order.quantities())
            order = replace(order, exported_at=self._now())
        self._update(order, exportStatus=requested)

    def update(self, site: str, order_no: str, **fields: Any) -> None:
        """Set fields of the document; None removes one. Raises UnknownOrder."""
        self._update(self._find(site, order_no), **fields)

    def cancel(self, site: str, order_no: str, code: str | None = None) -> None:
        """Customer service cancels a placed order, perhaps with a code for the reason.

        Raises UnknownOrder, StatusRefused.
        """
        if column(self.get(site, order_no), "status") not in PLACED:
            raise StatusRefused("order-status-conflict", "Only a placed order is cancelled.")
        self.set_status(site, order_no, "cancelled")
        if code is not None:
            self.update(site, order_no, cancelCode=code)

    def capture(self, site: str, order_no: str) -> None:
        """The money of a shipped order is taken now. Raises UnknownOrder."""
        order = replace(self._find(site, order_no), captured_at=self._now())
        self._update(order, paymentStatus="paid")

    def reinstate_ready(self, site: str, order_no: str) -> None:
        """Merchant code places a cancelled order again, to be exported once more.

        Raises UnknownOrder, StatusRefused, OutOfStock.
        """
        order = self._find(site, order_no)
        before = order.document.get("exportStatus")
        self._update(replace(order, exported_at=None), exportStatus="ready")
        try:
            self.set_status(site, order_no, "new")
        except Exception:
            self._update(order, exportStatus=before)
            raise
        self.update(site, order_no, confirmationStatus="confirmed")

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
        document = type(order.document)(
            {name: value for name, value in document.items() if value is not None}
        )
        if document == order.document:
            return document
        return self._save(replace(order, document=document))

    def _save(self, order: Order) -> Document:
        document = type(order.document)(order.document, lastModified=timestamp(self._now()))
        return self._keep(replace(order, document=document))

    def _keep(self, order: Order) -> Document:
        self._orders[order.key] = order
        self._shelf.put(KIND, order.key, _stored(order))
        lag = self._settings.index_lag
        if self._faults.hit("sfcc.index_lag"):
            lag = self._faults.size("sfcc.index_lag", lag)
        visible_at = self._clock.now() + timedelta(seconds=lag)
        self.index.change(order.site, order.order_no, order.document, visible_at)
        return order.document

    def _now(self) -> datetime:
        return to_milliseconds(self._clock.now())


def _stored(order: Order) -> Document:
    return {
        "document": order.document,
        "exported_at": order.exported_at and order.exported_at.isoformat(),
        "edited_at": order.edited_at and order.edited_at.isoformat(),
        "captured_at": order.captured_at and order.captured_at.isoformat(),
        "planted": order.planted,
        "unfinished": isinstance(order.document, Unfinished),
    }


def _restored(key: str, stored: Document) -> Order:
    site, _, order_no = key.partition("/")
    exported_at, edited_at = stored["exported_at"], stored.get("edited_at")
    captured_at = stored.get("captured_at")
    document = stored["document"]
    return Order(
        site,
        order_no,
        Unfinished(document) if stored.get("unfinished") else document,
        exported_at and datetime.fromisoformat(exported_at),
        edited_at and datetime.fromisoformat(edited_at),
        captured_at and datetime.fromisoformat(captured_at),
        stored.get("planted", False),
    )


def quantities(order: Mapping[str, Any]) -> dict[str, Decimal]:
    """Units that an order draws from stock, by product.

    A bundle draws from its own record; options, bought certificates and shipping draw nothing.
    """
    wanted: dict[str, Decimal] = {}
    for item in order.get("productItems", ()):
        sku = item["productId"]
        wanted[sku] = wanted.get(sku, Decimal(0)) + Decimal(item["quantity"])
    return wanted
