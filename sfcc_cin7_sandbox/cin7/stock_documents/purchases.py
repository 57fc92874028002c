"""Purchases (Cin7 API reference, Purchase, Advanced Purchase, Purchase List).

Of a simple purchase the authorised receipt is stock, of an advanced one only what was put away. The
purchase list is asked by UpdatedSince; /purchase answers simple ones alone, /advanced-purchase all,
with StockReceived left empty for simple ones.
"""

from datetime import datetime
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.stock_documents.book import CHANGED, Office
from sfcc_cin7_sandbox.cin7.stock_documents.shelves import Units, less
from sfcc_cin7_sandbox.cin7.stock_documents.suppliers import SUPPLIER
from sfcc_cin7_sandbox.cin7.values import ZERO, midnight, new_id
from sfcc_cin7_sandbox.shelf import Document

HEADER = (
    "SupplierID",
    "Supplier",
    "Contact",
    "Phone",
    "Approach",
    "BlindReceipt",
    "BaseCurrency",
    "SupplierCurrency",
    "TaxRule",
    "TaxCalculation",
    "Terms",
    "RequiredBy",
    "Note",
    "CurrencyRate",
)
"""What the API writes of a purchase beside its lines."""
NOTHING: Document = {"Status": "NOT AVAILABLE", "Lines": []}
FILTERS = {
    "Status": "Status",
    "OrderStatus": "OrderStatus",
    "StockReceivedStatus": "StockReceivedStatus",
    "InvoiceStatus": "InvoiceStatus",
    "UnstockStatus": "UnstockStatus",
    "DropShipTaskID": "DropShipTaskID",
}


class Purchases:
    """What is bought. Units by SKU go to one location."""

    def __init__(self, office: Office) -> None:
        self._shelves, self._settings = office.shelves, office.settings
        self._clock = office.clock
        self._book = office.book("purchase", "PO")

    # -- what people do

    def order(
        self, place: str, units: Units, *, advanced: bool = False, due: datetime | None = None
    ) -> str:
        """Goods are ordered; the ID. Raises KeyError, Refusal."""
        lines = [self._line(sku, each) for sku, each in units.items()]
        key = self.open(place, advanced=advanced)
        self.authorise(key, {"Lines": lines}, due)
        return key

    def open(self, place: str, *, advanced: bool, **more: object) -> str:
        """A purchase without lines yet, with what `more` its document says; the ID."""
        self._shelves.warehouse(place)

        def made(key: str, number: str) -> Document:
            return {
                "ID": key,
                "OrderNumber": number,
                "Type": "Advanced Purchase" if advanced else "Simple Purchase",
                "Location": place,
                "Status": "ORDERING",
                "OrderDate": midnight(self._clock.now()),
                "Order": NOTHING,
                "StockReceived": NOTHING,
                "PutAway": NOTHING,
                "Unstock": NOTHING,
                **more,
            }

        return str(self._book.open(made)["ID"])

    def authorise(self, key: str, order: Document, due: datetime | None = None) -> None:
        """Its lines are ordered from the supplier. Raises Refusal."""
        purchase = self.draft(key)
        warehouse = self._shelves.warehouse(purchase["Location"])
        for sku, each in _units(order["Lines"]).items():
            self._shelves.stock.purchase(sku, warehouse, each, due)
        purchase |= {"Status": "ORDERED", "Order": order | {"Status": "AUTHORISED"}}
        self._book.save(key, purchase)

    def draft(self, key: str) -> Document:
        """A purchase whose order can still be written. Raises Refusal."""
        purchase = self._book.find(key)
        if purchase["Order"]["Status"] not in ("DRAFT", NOTHING["Status"]):
            raise Refusal(f"Order cannot be changed in status {purchase['Order']['Status']}")
        return purchase

    def save(self, purchase: Document) -> Document:
        """Keep one as it is now."""
        return self._book.save(purchase["ID"], purchase)

    def find(self, key: str) -> Document:
        """Raises Refusal."""
        return self._book.find(key)

    def receive(self, key: str, units: Units | None = None) -> None:
        """All of it comes, or so many; what an advanced purchase receives is no stock until it is
        put away. Raises Refusal."""
        purchase = self._book.find(key)
        _refuse_unless(purchase, "Order")
        _refuse_twice(purchase, "StockReceived")
        ordered = _units(purchase["Order"]["Lines"])
        units = ordered if units is None else units
        _refuse_more(units, ordered, "ordered")
        purchase["StockReceived"] = self._came(purchase, units)
        purchase["Status"] = "RECEIVED"
        if purchase["Type"] == "Simple Purchase":
            self._comes(purchase, purchase["StockReceived"]["Lines"])
        self._book.save(key, purchase)

    def put_away(self, key: str, units: Units | None = None) -> None:
        """What was received gets its place, or so many of it. Raises Refusal."""
        purchase = self._book.find(key)
        if purchase["Type"] != "Advanced Purchase":
            raise Refusal("Put away is available for advanced purchases only")
        _refuse_unless(purchase, "StockReceived")
        _refuse_twice(purchase, "PutAway")
        received = _units(purchase["StockReceived"]["Lines"])
        units = received if units is None else units
        _refuse_more(units, received, "received")
        purchase["PutAway"] = self._came(purchase, units)
        self._comes(purchase, purchase["PutAway"]["Lines"])
        self._book.save(key, purchase)

    def unstock(self, key: str, units: Units) -> None:
        """Some of it goes back to the supplier. Raises KeyError, Refusal."""
        purchase = self._book.find(key)
        _refuse_unless(purchase, "StockReceived")
        _refuse_twice(purchase, "Unstock")
        self._shelves.refuse_missing(purchase["Location"], units)
        purchase["Unstock"] = self._came(purchase, units)
        purchase["Status"] = "RECEIVED / CREDITED"
        self._shelves.change(purchase["Location"], less(units))
        self._book.save(key, purchase)

    def void(self, key: str) -> None:
        """It is as if it had never been, and its lines are gone. Raises Refusal."""
        purchase = self._book.find(key)
        if purchase["Status"] == "VOIDED":
            raise Refusal("Purchase is voided")
        came = _units(self._stocked(purchase))
        self._shelves.refuse_missing(purchase["Location"], came)
        if purchase["Order"]["Status"] == "AUTHORISED":
            warehouse = self._shelves.warehouse(purchase["Location"])
            for sku, each in _units(purchase["Order"]["Lines"]).items():
                self._shelves.stock.purchase(sku, warehouse, came.get(sku, ZERO) - each)
        self._shelves.change(purchase["Location"], less(came))
        self._shelves.change(purchase["Location"], _units(purchase["Unstock"]["Lines"]))
        for part in ("Order", "StockReceived", "PutAway", "Unstock"):
            purchase[part] = {"Status": "VOIDED", "Lines": []}
        purchase["Status"] = "VOIDED"
        self._book.save(key, purchase)

    def undo(self, key: str) -> None:
        """The order is a draft again, as long as nothing came. Raises Refusal."""
        purchase = self._book.find(key)
        _refuse_unless(purchase, "Order")
        _refuse_twice(purchase, "StockReceived")
        warehouse = self._shelves.warehouse(purchase["Location"])
        for sku, each in _units(purchase["Order"]["Lines"]).items():
            self._shelves.stock.purchase(sku, warehouse, -each)
        purchase |= {"Status": "ORDERING", "Order": purchase["Order"] | {"Status": "DRAFT"}}
        self._book.save(key, purchase)

    def touch(self) -> int:
        """The platform touches every purchase at once, with one stamp; how many."""
        purchases = self._book.listed()
        for purchase in purchases:
            self._book.save(purchase["ID"], self._book.find(purchase["ID"]))
        return len(purchases)

    # -- the endpoints

    def listing(self, call: Call) -> Document:
        """GET /purchaseList, ascending by number."""
        changed = "LastUpdatedDate" if self._settings.purchases_by_change else None
        return self._book.page(call, "PurchaseList", self._row, filters=FILTERS, changed=changed)

    def get(self, call: Call) -> Document:
        """GET /purchase: simple ones alone."""
        return self.simple(self._book.find(call.query.required_guid("ID")))

    def simple(self, purchase: Document) -> Document:
        """The answer of every /purchase call. Raises Refusal."""
        if purchase["Type"] != "Simple Purchase":
            raise Refusal("Purchase is an advanced purchase")
        unstock = purchase["Unstock"]
        return self._document(purchase) | {
            "StockReceived": purchase["StockReceived"],
            "CreditNote": {"Status": unstock["Status"], "Lines": [], "Unstock": unstock},
        }

    def get_advanced(self, call: Call) -> Document:
        """GET /advanced-purchase: every purchase."""
        return self.advanced(self._book.find(call.query.required_guid("ID")))

    def advanced(self, purchase: Document) -> Document:
        """The answer of every /advanced-purchase call."""
        is_simple = purchase["Type"] == "Simple Purchase"
        unstock = purchase["Unstock"]
        note = {"Status": unstock["Status"], "Lines": [], "Unstock": unstock["Lines"]}
        return self._document(purchase) | {
            "Type": purchase["Type"],
            "IsServiceOnly": False,
            "CombinedReceivingStatus": _receiving(purchase),
            "StockReceived": [] if is_simple else self._tasks(purchase, "StockReceived"),
            "PutAway": self._tasks(purchase, "StockReceived" if is_simple else "PutAway"),
            "CreditNote": [note] if unstock["Lines"] else [],
        }

    def _tasks(self, purchase: Document, part: str) -> list[Document]:
        task = {"TaskID": new_id("receipt", purchase["ID"]), "InvoicingAndReceivingNumber": 1}
        done = purchase[part]
        return [] if done["Status"] == "NOT AVAILABLE" else [task | done]

    def _document(self, purchase: Document) -> Document:
        names = ("ID", "OrderNumber", "Location", "Status", "OrderDate", "Order")
        header = {name: purchase[name] for name in HEADER if name in purchase}
        return (
            {"Supplier": SUPPLIER, "CurrencyRate": 1}
            | header
            | {
                **{name: purchase[name] for name in names},
                "LastUpdatedDate": _zoneless(purchase),
                "RelatedDropShipSaleTask": None,
            }
        )

    def _row(self, purchase: Document) -> Document:
        return {
            "ID": purchase["ID"],
            "BlindReceipt": False,
            "OrderNumber": purchase["OrderNumber"],
            "Status": purchase["Status"],
            "OrderDate": purchase["OrderDate"],
            "Supplier": purchase.get("Supplier", SUPPLIER),
            "InvoiceNumber": "",
            "InvoiceAmount": 0,
            "PaidAmount": 0,
            "CreditNoteNumber": "",
            "OrderStatus": purchase["Order"]["Status"],
            "StockReceivedStatus": purchase["StockReceived"]["Status"],
            "UnstockStatus": purchase["Unstock"]["Status"],
            "InvoiceStatus": "NOT AVAILABLE",
            "CreditNoteStatus": purchase["Unstock"]["Status"],
            "LastUpdatedDate": _zoneless(purchase),
            "Type": purchase["Type"],
            "CombinedInvoiceStatus": "NOT INVOICED",
            "CombinedPaymentStatus": "UNPAID",
            "CombinedReceivingStatus": _receiving(purchase),
            "IsServiceOnly": False,
            "DropShipTaskID": None,
        }

    def _comes(self, purchase: Document, lines: list[Document]) -> None:
        warehouse = self._shelves.warehouse(purchase["Location"])
        units = _units(lines)
        for sku, each in units.items():  # as long as it is on order
            self._shelves.stock.purchase(sku, warehouse, -each)
        self._shelves.change(warehouse, units)

    def _stocked(self, purchase: Document) -> list[Document]:
        part = "StockReceived" if purchase["Type"] == "Simple Purchase" else "PutAway"
        lines: list[Document] = purchase[part]["Lines"]
        return lines

    def _came(self, purchase: Document, units: Units) -> Document:
        there = {"Location": purchase["Location"], "Date": midnight(self._clock.now())}
        lines = [self._line(sku, each) | there for sku, each in units.items()]
        return {"Status": "AUTHORISED", "Lines": lines}

    def _line(self, sku: str, units: Decimal) -> Document:
        goods = self._shelves.goods(sku)
        return {
            "ProductID": goods["ProductID"],
            "SKU": sku,
            "Name": goods["ProductName"],
            "Quantity": units,
        }


def _refuse_more(units: Units, than: Units, done: str) -> None:
    for sku, each in units.items():
        if each > than.get(sku, ZERO):
            raise Refusal(f"There are not so many units of {sku} {done}")


def _refuse_unless(purchase: Document, part: str) -> None:
    if purchase[part]["Status"] != "AUTHORISED":
        raise Refusal(f"{part} of the purchase is not authorised")


def _refuse_twice(purchase: Document, part: str) -> None:
    if purchase[part]["Status"] not in ("NOT AVAILABLE", "DRAFT"):
        raise Refusal(f"{part} of the purchase is there already")


def _units(lines: list[Document]) -> Units:
    """A product may be in several lines."""
    units: dict[str, Decimal] = {}
    for line in lines:
        units[line["SKU"]] = units.get(line["SKU"], ZERO) + line["Quantity"]
    return units


def _zoneless(purchase: Document) -> str:
    """As live rows have it: UTC, and no word of it."""
    return str(purchase[CHANGED]).rstrip("Z")


def _receiving(purchase: Document) -> str:
    if purchase["Status"] == "VOIDED":
        return "VOIDED"
    part = "StockReceived" if purchase["Type"] == "Simple Purchase" else "PutAway"
    if purchase[part]["Status"] != "AUTHORISED":
        return "NOT RECEIVED"
    whole = _units(purchase[part]["Lines"]) == _units(purchase["Order"]["Lines"])
    return "FULLY RECEIVED" if whole else "PARTIALLY RECEIVED"
