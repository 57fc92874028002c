"""Purchases as the API writes them (Cin7 API reference, Purchase, Purchase Order, Stock Received,
Advanced Purchase, Put Away).

The header comes first, then the order; authorised it is on order. Goods come once, all or fewer
than were ordered, and to the location of the purchase: a second receipt, or one elsewhere,
is refused here.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.stock_documents.book import Office
from sfcc_cin7_sandbox.cin7.stock_documents.purchases import Purchases
from sfcc_cin7_sandbox.cin7.stock_documents.shelves import Units
from sfcc_cin7_sandbox.cin7.stock_documents.suppliers import Suppliers
from sfcc_cin7_sandbox.cin7.values import (
    ZERO,
    Body,
    boolean,
    cents,
    midnight,
    moment_of,
    number,
    parse_guid,
    require,
    required_moment,
    rows,
    text,
)
from sfcc_cin7_sandbox.shelf import Document

TOLERANCE = Decimal("0.01")
Handlers = dict[str, dict[str, Callable[[Call], Document]]]


class PurchaseCalls:
    """What the API does with purchases of both kinds."""

    def __init__(self, office: Office, purchases: Purchases, suppliers: Suppliers) -> None:
        self._shelves, self._books = office.shelves, office.shelves.books
        self._purchases, self._suppliers = purchases, suppliers
        self._base_currency = office.base_currency

    def handlers(self) -> Handlers:
        """What answers, by path and method."""
        simple, advanced = self._purchases.simple, self._purchases.advanced
        return {
            "purchase": {
                "GET": self._purchases.get,
                "POST": lambda call: simple(self._open(call.body, advanced=False)),
                "PUT": lambda call: simple(self._change(call.body)),
                "DELETE": lambda call: simple(self._delete(call)),
            },
            "advanced-purchase": {
                "GET": self._purchases.get_advanced,
                "POST": lambda call: advanced(self._open(call.body, advanced=True)),
                "PUT": lambda call: advanced(self._change(call.body)),
                "DELETE": lambda call: advanced(self._delete(call)),
            },
            "purchase/order": {"GET": self._get_order, "POST": self._post_order},
            "purchase/stock": {"GET": self._get_stock, "POST": self._post_stock},
            "advanced-purchase/stock": {
                "GET": lambda call: self._tasks(call, "StockReceiving", "StockReceived"),
                "POST": self._post_receiving,
            },
            "advanced-purchase/put-away": {
                "GET": lambda call: self._tasks(call, "PutAway", "PutAway"),
                "POST": self._post_put_away,
            },
        }

    # -- the header

    def _open(self, body: Body, *, advanced: bool) -> Document:
        kind = body.get("PurchaseType")
        if advanced and kind not in (None, "Simple", "Advanced"):
            raise Refusal("Attribute PurchaseType must be Simple or Advanced.")
        header = self._header(body)
        place = self._shelves.place(body, "LocationID", "Location")
        key = self._purchases.open(place, advanced=advanced and kind != "Simple", **header)
        return self._purchases.find(key)

    def _change(self, body: Body) -> Document:
        """PUT: the header anew, before the order is authorised."""
        require(body, "ID")
        purchase = self._purchases.draft(parse_guid(body["ID"], "ID"))
        place = self._shelves.place(body, "LocationID", "Location")
        approach = {"Approach": body.get("Approach") or purchase["Approach"]}
        return self._purchases.save(
            purchase | self._header({**body, **approach}) | {"Location": place}
        )

    def _delete(self, call: Call) -> Document:
        """With Void it is void; without, an order that nothing came of is a draft again."""
        key = call.query.required_guid("ID")
        if call.query.boolean("Void"):
            self._purchases.void(key)
        else:
            self._purchases.undo(key)
        return self._purchases.find(key)

    def _header(self, body: Body) -> Document:
        supplier = self._suppliers.find(body)
        require(body, "Approach", "Location")
        if body["Approach"] not in ("INVOICE", "STOCK"):
            raise Refusal("Attribute Approach must be INVOICE or STOCK.")
        if body.get("TaxCalculation") not in (None, "Inclusive", "Exclusive"):
            raise Refusal("Attribute TaxCalculation has an unknown value.")
        currency, needed = supplier["Currency"], moment_of(body, "RequiredBy")
        rate = number(body, "CurrencyRate", 5, default=Decimal(1))  # filled in when left out
        if rate <= 0 or (currency == self._base_currency and rate != 1):
            raise Refusal("Attribute CurrencyRate is out of range.")
        rule = text(body, "TaxRule", 50) or supplier["TaxRule"]
        return {
            "SupplierID": supplier["ID"],
            "Supplier": supplier["Name"],
            "Contact": text(body, "Contact", 256) or "",
            "Phone": text(body, "Phone", 50) or "",
            "Approach": body["Approach"],
            "BlindReceipt": boolean(body, "BlindReceipt", False),
            "BaseCurrency": self._base_currency,
            "SupplierCurrency": currency,
            "TaxRule": rule and self._books.purchase_tax_rule(rule)["Name"],
            "TaxCalculation": body.get("TaxCalculation") or "Exclusive",
            "Terms": self._books.term(text(body, "Terms", 256) or supplier["PaymentTerm"]),
            "RequiredBy": midnight(needed) if needed else None,
            "Note": text(body, "Note", 1024) or "",
            "CurrencyRate": rate,
        }

    # -- the order

    def _get_order(self, call: Call) -> Document:
        """GET /purchase/order?TaskID, which is the ID of the purchase."""
        return _order(self._purchases.find(call.query.required_guid("TaskID")))

    def _post_order(self, call: Call) -> Document:
        """POST /purchase/order: replaces lines and charges; AUTHORISED puts them on order."""
        body = call.body
        require(body, "TaskID", "Status")
        if body["Status"] not in ("DRAFT", "AUTHORISED"):
            raise Refusal("Attribute Status must be DRAFT or AUTHORISED.")
        if body.get("Lines") is None:
            raise Refusal("Required attribute Lines is not provided.")
        key = parse_guid(body["TaskID"], "TaskID")
        purchase = self._purchases.draft(key)
        lines = [self._line(row) for row in rows(body, "Lines")]
        charges = [self._charge(row) for row in rows(body, "AdditionalCharges")]
        order: Document = {
            "Status": body["Status"],
            "Memo": text(body, "Memo", 1024) or "",
            "Lines": lines,
            "AdditionalCharges": charges,
            **_totals(lines + charges, purchase.get("TaxCalculation") == "Inclusive"),
        }
        if body["Status"] == "DRAFT":
            self._purchases.save(purchase | {"Order": order})
        elif not lines and not charges:
            raise Refusal("Order cannot be authorised without lines")
        else:
            self._purchases.authorise(key, order)
        return _order(self._purchases.find(key))

    def _line(self, row: Body) -> Document:
        goods = self._shelves.goods(self._shelves.sku(row))
        return {
            "ProductID": goods["ProductID"],
            "SKU": goods["SKU"],
            "Name": text(row, "Name", 1024) or goods["ProductName"],
            **self._money(row),
            "SupplierSKU": text(row, "SupplierSKU", 50) or "",
            "Comment": text(row, "Comment", 256) or "",
        }

    def _charge(self, row: Body) -> Document:
        require(row, "Description")
        return {
            "Description": self._shelves.service(str(text(row, "Description", 256))),
            "Reference": text(row, "Reference", 256) or "",
            **self._money(row),
        }

    def _money(self, row: Body) -> Document:
        require(row, "TaxRule", "Total")
        quantity, price = number(row, "Quantity", 4), number(row, "Price", 4)
        discount = number(row, "Discount", 2, default=ZERO)
        if quantity <= 0 or price < 0 or not 0 <= discount <= 100:
            raise Refusal("Quantity, Price or Discount is out of range.")
        total, sent = cents(quantity * price * (1 - discount / 100)), number(row, "Total", 4)
        if abs(sent - total) > TOLERANCE:
            raise Refusal(f"Total {sent} does not match the calculated total {total}")
        return {
            "Quantity": quantity,
            "Price": price,
            "Discount": discount,
            "Tax": number(row, "Tax", 4),
            "TaxRule": self._books.purchase_tax_rule(str(text(row, "TaxRule", 50)))["Name"],
            "Total": total,
        }

    # -- what comes

    def _get_stock(self, call: Call) -> Document:
        """GET /purchase/stock?TaskID."""
        return _stock(self._purchases.find(call.query.required_guid("TaskID")))

    def _post_stock(self, call: Call) -> Document:
        """POST /purchase/stock, for simple purchases."""
        require(call.body, "TaskID")
        purchase = self._purchases.find(parse_guid(call.body["TaskID"], "TaskID"))
        if purchase["Type"] != "Simple Purchase":
            raise Refusal("Purchase is an advanced purchase")
        return _stock(self._come(purchase, call.body, "StockReceived", self._purchases.receive))

    def _post_receiving(self, call: Call) -> Document:
        """POST /advanced-purchase/stock."""
        purchase = self._advanced(call.body)
        self._come(purchase, call.body, "StockReceived", self._purchases.receive)
        return _receipts(purchase["ID"], self._purchases.advanced(purchase), "StockReceiving")

    def _post_put_away(self, call: Call) -> Document:
        """POST /advanced-purchase/put-away: what is put away is stock."""
        purchase = self._advanced(call.body)
        self._come(purchase, call.body, "PutAway", self._purchases.put_away)
        return _receipts(purchase["ID"], self._purchases.advanced(purchase), "PutAway")

    def _advanced(self, body: Body) -> Document:
        require(body, "PurchaseID")
        purchase = self._purchases.find(parse_guid(body["PurchaseID"], "PurchaseID"))
        if purchase["Type"] != "Advanced Purchase":
            raise Refusal("Purchase is a simple purchase")
        return purchase

    def _come(
        self, purchase: Document, body: Body, part: str, work: Callable[[str, Units], None]
    ) -> Document:
        """A draft is kept; what is authorised comes. Raises Refusal."""
        require(body, "Status")
        if body["Status"] not in ("DRAFT", "AUTHORISED"):
            raise Refusal("Attribute Status must be DRAFT or AUTHORISED.")
        if purchase["Order"]["Status"] != "AUTHORISED":
            raise Refusal("Order of the purchase is not authorised")
        sent = rows(body, "Lines")
        if not sent:
            raise Refusal("Required attribute Lines is not provided.")
        lines = [self._received(purchase, row) for row in sent]
        if body["Status"] == "AUTHORISED":
            work(purchase["ID"], _summed(lines))
            return self._purchases.find(purchase["ID"])
        if purchase[part]["Status"] == "AUTHORISED":
            raise Refusal(f"{part} of the purchase is there already")
        return self._purchases.save(purchase | {part: {"Status": "DRAFT", "Lines": lines}})

    def _received(self, purchase: Document, row: Body) -> Document:
        place = purchase["Location"]
        if row.get("LocationID") or row.get("Location"):
            named = self._shelves.place(row, "LocationID", "Location")
            if self._shelves.warehouse(named) != self._shelves.warehouse(place):
                raise Refusal(f"Location must be {place}, where the purchase goes")
        quantity = number(row, "Quantity", 4)
        if quantity <= 0:
            raise Refusal("Quantity must be greater than 0")
        goods = self._shelves.goods(self._shelves.sku(row))
        return {
            "ProductID": goods["ProductID"],
            "SKU": goods["SKU"],
            "Name": goods["ProductName"],
            "Quantity": quantity,
            "Location": place,
            "Date": midnight(required_moment(row, "Date")),
        }

    def _tasks(self, call: Call, key: str, part: str) -> Document:
        purchase = self._purchases.find(call.query.required_guid("PurchaseID"))
        return {"PurchaseID": purchase["ID"], key: self._purchases.advanced(purchase)[part]}


def _summed(lines: Sequence[Document]) -> dict[str, Decimal]:
    units: dict[str, Decimal] = {}
    for line in lines:
        units[line["SKU"]] = units.get(line["SKU"], ZERO) + line["Quantity"]
    return units


def _order(purchase: Document) -> Document:
    blank = {"Memo": "", "AdditionalCharges": []} | _totals([], inclusive=False)
    known = {"TaskID": purchase["ID"], "CombineAdditionalCharges": False}
    return {**known, **blank, **purchase["Order"]}


def _totals(rows_of: list[Document], inclusive: bool) -> Document:
    amount = sum((row["Total"] for row in rows_of), ZERO)
    tax = sum((row["Tax"] for row in rows_of), ZERO)
    before = amount - tax if inclusive else amount
    return {"TotalBeforeTax": before, "Tax": tax, "Total": before + tax}


def _stock(purchase: Document) -> Document:
    return {"TaskID": purchase["ID"], **purchase["StockReceived"]}


def _receipts(key: str, shown: Document, name: str) -> Document:
    part = "StockReceived" if name == "StockReceiving" else name
    return {"PurchaseID": key, name: shown[part]}
