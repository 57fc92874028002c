"""What happens in the company, in the differing shapes in which webhooks tell it.

Shapes after the published examples (Cin7 API reference, Webhooks): sale events name the sale by
SaleID in upper case, shipments by SaleTaskID without a SaleID, and the stock event is a bare list
of one product's availability rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.stock import Shelved, Stock
from sfcc_cin7_sandbox.cin7.tasks import STAGES, boxes_sent
from sfcc_cin7_sandbox.cin7.values import ZERO
from sfcc_cin7_sandbox.shelf import Document

Tell = Callable[[str, Any], None]
"""Takes the type of an event and its body."""

_OUTSIDE_PRODUCTS = (
    "Suppliers",
    "ReorderLevels",
    "BillOfMaterialsProducts",
    "BillOfMaterialsServices",
    "Movements",
    "Attachments",
    "CustomPrices",
    "CartonLength",
    "CartonWidth",
    "CartonHeight",
    "CartonQuantity",
    "CartonInnerQuantity",
)
_OUTSIDE_CUSTOMERS = (
    "Addresses",
    "Contacts",
    "ChildCustomers",
    "ProductPrices",
    "DisplayName",
    "IsOnCreditHold",
    "IsLegalEntity",
    "CustomerParentID",
    "CustomerParentName",
    "IsBillParent",
)


@dataclass(frozen=True)
class SaleState:
    """What of a sale is worth an event when it changes."""

    order_status: str
    backordered: bool
    stages: frozenset[tuple[str, str]]
    """TaskID and stage of all that is authorised."""
    sent: frozenset[tuple[str, int]]
    """TaskID and how many boxes of it have left, of tasks from which some did."""
    numbers: frozenset[tuple[str, str]]
    """TaskID and tracking number of every consignment that has one."""
    bills: frozenset[str]
    attributes: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, sale: Sale) -> "SaleState":
        attributes = tuple(sale.header["AdditionalAttributes"].items())
        bills = frozenset(bill["TaskID"] for bill in (*sale.issued, *sale.issued_credit_notes))
        stages = frozenset(
            (task["TaskID"], stage)
            for task in sale.fulfilments
            for stage in STAGES
            if task[stage]["Status"] == "AUTHORISED"
        )
        sent = frozenset(
            (task["TaskID"], len(gone)) for task in sale.live_tasks if (gone := boxes_sent(task))
        )
        numbers = frozenset(
            (task["TaskID"], line["TrackingNumber"])
            for task in sale.live_tasks
            for line in task["Ship"]["Lines"]
            if line["TrackingNumber"]
        )
        return cls(sale.order_status, sale.backordered, stages, sent, numbers, bills, attributes)


class SaleEvents:
    """Watches the sale book."""

    def __init__(self, sales: SaleBook, settings: Cin7Settings, tell: Tell) -> None:
        self._tell = tell
        self._by_task = settings.event_task == "task"
        self._each_box = settings.shipment_event == "each-box"
        self._tenant = settings.account_id.upper()
        self._known = {sale.id: SaleState.of(sale) for sale in sales}

    def changed(self, sale: Sale) -> None:
        """The sale was kept: tell what is different."""
        before, after = self._known.get(sale.id), SaleState.of(sale)
        self._known[sale.id] = after
        if before is None:
            self._say(sale, "Sale/Created", **_created(sale))
            none: frozenset[Any] = frozenset()
            before = SaleState("NOT AVAILABLE", False, none, none, none, none, after.attributes)
        if before.order_status != after.order_status:
            if after.order_status == "AUTHORISED":
                self._say(sale, "Sale/OrderAuthorised")
            elif after.order_status == "VOIDED":
                self._say(sale, "Sale/Voided", **_customer(sale))
            elif before.order_status == "AUTHORISED":
                self._undone(sale)
        elif _reopened(sale, before, after):
            self._undone(sale)
        if after.backordered and not before.backordered:
            self._say(sale, "Sale/Backordered")
        for task in sale.fulfilments:
            self._worked(sale, task, before, after)
        for bill in (*sale.issued, *sale.issued_credit_notes):
            if bill["TaskID"] not in before.bills:
                self._billed(sale, bill)
        for (name, old), (_, new) in zip(before.attributes, after.attributes, strict=True):
            if old != new:
                self._attribute(sale, name, old, new)

    def paid(self, sale: Sale, invoice: Document, paid: Decimal) -> None:
        """A payment came in on an invoice; `paid` is all that did."""
        told = {
            "SaleID": sale.id,
            "DocumentNumber": invoice["InvoiceNumber"],
            "DocumentType": "invoice",
            "DocumentDate": _day(invoice["InvoiceDate"]),
            **_customer(sale),
        }
        kind = "Sale/FullPaymentReceived"
        if paid < invoice["Total"]:
            kind = "Sale/PartialPaymentReceived"
            told["AmountPercent"] = f"{100 * paid / invoice['Total']:.2f}"
        self._tell(kind, told | {"EventType": kind})

    def _say(self, sale: Sale, kind: str, **more: Any) -> None:
        named = {"SaleID": sale.id.upper(), "SaleOrderNumber": sale.order_number}
        self._tell(kind, named | more | {"EventType": kind})

    def _task_id(self, sale: Sale, task_id: str) -> str:
        return (task_id if self._by_task else sale.id).upper()

    def _undone(self, sale: Sale) -> None:
        contact = {k: v for k, v in _customer(sale).items() if k != "CustomerName"}
        self._say(sale, "Sale/Undo", **contact)

    def _worked(self, sale: Sale, task: Document, before: SaleState, after: SaleState) -> None:
        """What the warehouse did since."""
        task_id, customer, done = task["TaskID"], _customer(sale), after.stages - before.stages
        for stage in ("Pick", "Pack"):
            if (task_id, stage) in done:
                self._say(sale, f"Sale/{stage}Authorised", TaskID=task_id.upper(), **customer)
        boxes_left = any(each == task_id for each, _ in after.sent - before.sent)
        if (task_id, "Ship") in done or (self._each_box and boxes_left):
            kind = "Sale/ShipmentAuthorised"
            named = {
                "SaleTaskID": self._task_id(sale, task_id),
                "TenantID": self._tenant,
                "OrderNumber": sale.order_number,
            }
            self._tell(kind, named | customer | {"EventType": kind})
        if any(each == task_id for each, _ in after.numbers - before.numbers):
            self._tracked(sale, task)

    def _tracked(self, sale: Sale, task: Document) -> None:
        kind, customer = "Sale/ShipmentTrackingNumberChanged", _customer(sale)
        self._tell(
            kind,
            {
                "SaleID": sale.id,
                "TaskID": task["TaskID"],
                "SaleOrderNumber": sale.order_number,
                "SaleOrderDate": _day(sale.header["SaleOrderDate"]),
                "CustomerContact": customer["CustomerContactName"],
                "CustomerEmail": customer["CustomerContactEmail"],
                "CustomerName": customer["CustomerName"],
                "TaskTypeSign": 0,
                "Shipments": [
                    {
                        "ShipmentDate": _day(line["ShipmentDate"]),
                        "TrackingNumber": line["TrackingNumber"],
                        "TrackingUrl": line["TrackingURL"],
                        "Carrier": line["Carrier"],
                    }
                    for line in task["Ship"]["Lines"]
                ],
                "EventType": kind,
            },
        )

    def _billed(self, sale: Sale, bill: Document) -> None:
        customer = _customer(sale)
        if "CreditNoteNumber" in bill:
            kind = "Sale/CreditNoteAuthorised"
            credit = {"CreditNoteNumber": bill["CreditNoteNumber"]}
            self._say(sale, kind, **credit, TaskID=bill["TaskID"].upper(), **customer)
            return
        kind = "Sale/InvoiceAuthorised"
        named = {
            "SaleTaskID": self._task_id(sale, bill["TaskID"]),
            "TenantID": self._tenant,
            "OrderNumber": sale.order_number,
            "InvoiceNumber": bill["InvoiceNumber"],
        }
        self._tell(kind, named | customer | {"EventType": kind})

    def _attribute(self, sale: Sale, name: str, old: str, new: str) -> None:
        kind = "Sale/AdditionalAttributesChanged"
        number = name.removeprefix("AdditionalAttribute")
        changes = {
            "Field": f"CustomField{number}",
            "Result": f"Attribute {number} value has changed from: '{old}'; to: {new}",
            "OldValue": old,
            "NewValue": new,
        }
        named = {"SaleID": sale.id, "SaleOrderNumber": sale.order_number, "SaleRepEmail": ""}
        self._tell(kind, named | _customer(sale) | {"EventType": kind, "Changes": changes})


class StockEvents:
    """Watches the bins. Several changes of one product, told together, are one event."""

    def __init__(self, stock: Stock, rows_of: Callable[[str], list[Document]], tell: Tell) -> None:
        self._stock = stock
        self._rows_of = rows_of
        self._tell = tell
        self._touched: set[str] = set()
        self._available: dict[tuple[str, str], Decimal] = {}
        for row in stock.rows():
            self._add(self._available, row)

    def changed(self, rows: Iterable[Shelved]) -> None:
        """The bins were kept."""
        self._touched |= {row.sku for row in rows}

    def flush(self) -> None:
        """Tell of each product touched since, if another quantity is available somewhere."""
        for sku in sorted(self._touched):
            now: dict[tuple[str, str], Decimal] = {}
            for row in self._stock.of(sku):
                self._add(now, row)
            if any(self._available.get(key, ZERO) != quantity for key, quantity in now.items()):
                rows = self._rows_of(sku)
                body = [row | {"MaxRows": len(rows)} for row in rows]
                self._tell("Stock/AvailableStockLevelChanged", body)
            self._available |= now
        self._touched.clear()

    @staticmethod
    def _add(sums: dict[tuple[str, str], Decimal], row: Shelved) -> None:
        key = (row.sku, row.location)
        sums[key] = sums.get(key, ZERO) + row.available


def product_event(product: Document, *, created: bool) -> Document:
    """Product/Updated, of one product as the API shows it."""
    details = {name: value for name, value in product.items() if name not in _OUTSIDE_PRODUCTS}
    details |= {
        "Event": "Creation" if created else "Update",
        "AlwaysShowQuantity": 0,
        "WarrantyName": None,
        "CreatedDate": product["LastModifiedOn"].removesuffix("Z"),
    }
    return {
        "NumberOfProducts": 1,
        "ProductDetailsList": [details],
        "EventType": "Product/Updated",
    }


def customer_event(customer: Document) -> Document:
    """Customer/Updated, of one card; its time has no zone here."""
    card = {name: value for name, value in customer.items() if name not in _OUTSIDE_CUSTOMERS}
    card["LastModifiedOn"] = customer["LastModifiedOn"].removesuffix("Z")
    contacts = [
        {name: value for name, value in contact.items() if name != "MarketingConsent"}
        | {"CustomerID": customer["ID"]}
        for contact in customer["Contacts"]
    ]
    details = {"Customer": card, "Addresses": customer["Addresses"], "Contacts": contacts}
    return {
        "NumberOfCustomers": 1,
        "CustomerDetailsList": [details],
        "EventType": "Customer/Updated",
    }


def _reopened(sale: Sale, before: SaleState, after: SaleState) -> bool:
    """Whether a stage or a bill that was authorised is a draft again."""
    stages, lost = before.stages - after.stages, before.bills - after.bills
    return any(
        (task["TaskID"], stage) in stages for task in sale.live_tasks for stage in STAGES
    ) or any(
        bill["TaskID"] in lost and bill["Status"] == "DRAFT"
        for bill in (*sale.invoices, *sale.credit_notes)
    )


def _customer(sale: Sale) -> Document:
    return {
        "CustomerName": sale.header["Customer"],
        "CustomerContactName": sale.header["Contact"],
        "CustomerContactEmail": sale.header["Email"],
    }


def _created(sale: Sale) -> Document:
    return _customer(sale) | {
        "SaleRepEmail": "",
        "SaleOrderDate": sale.header["SaleOrderDate"][:10],
        "TaskTypeSign": "0",
        "IsServiceOnly": "1" if sale.header["ServiceOnly"] else "0",
        "DownloadLink": None,
    }


def _day(text: str) -> str:
    """dd/MM/yyyy."""
    return f"{datetime.fromisoformat(text):%d/%m/%Y}"
