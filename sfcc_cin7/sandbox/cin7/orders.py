"""Orders of sales: saving, authorising, shipping, and giving stock back."""

from collections.abc import Iterable
from decimal import Decimal

from sfcc_cin7.sandbox.cin7.answers import Refusal
from sfcc_cin7.sandbox.cin7.books import Books
from sfcc_cin7.sandbox.cin7.documents import fulfilment_document, order_document
from sfcc_cin7.sandbox.cin7.lines import LineReader, OrderContent
from sfcc_cin7.sandbox.cin7.pages import Call
from sfcc_cin7.sandbox.cin7.products import Products
from sfcc_cin7.sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7.sandbox.cin7.settings import Cin7Settings
from sfcc_cin7.sandbox.cin7.stock import Stock
from sfcc_cin7.sandbox.cin7.values import midnight, new_id, parse_guid, require, rows, text
from sfcc_cin7.sandbox.clock import Clock
from sfcc_cin7.sandbox.shelf import Document

ZERO = Decimal(0)


class Orders:
    """What happens to the lines of a sale and to the stock behind them."""

    def __init__(
        self,
        sales: SaleBook,
        books: Books,
        products: Products,
        stock: Stock,
        settings: Cin7Settings,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._books = books
        self._products = products
        self._stock = stock
        self._settings = settings
        self._clock = clock

    def get(self, call: Call) -> Document:
        """GET /sale/order."""
        return order_document(self._sales.find(call.query.required_guid("SaleID")))

    def post(self, call: Call) -> Document:
        """POST /sale/order: replaces lines and charges; AUTHORISED allocates stock.

        Insufficient stock is no error: the rest becomes BackorderQuantity (Cin7 API reference,
        Sale Order). Raises Refusal and then nothing has changed.
        """
        body = call.body
        require(body, "SaleID", "Status")
        sale = self._sales.find(parse_guid(body["SaleID"], "SaleID"))
        if body["Status"] not in ("DRAFT", "AUTHORISED"):
            raise Refusal("Attribute Status must be DRAFT or AUTHORISED.")
        if body.get("AutoPickPackShipMode") not in (None, "NOPICK"):
            raise Refusal("The sandbox serves AutoPickPackShipMode NOPICK only.")
        if sale.header["ServiceOnly"]:
            raise Refusal("Order is not available for a service sale")
        if sale.quote_status != "AUTHORISED":
            raise Refusal("Quote is not authorised")
        if sale.order_status not in ("DRAFT", "NOT AVAILABLE"):
            raise Refusal(f"Order cannot be changed in status {sale.order_status}")
        if body.get("Lines") is None:
            raise Refusal("Required attribute Lines is not provided.")
        memo = text(body, "Memo", 1024) or ""
        content = self._reader(sale).read(rows(body, "Lines"), rows(body, "AdditionalCharges"))
        authorise = body["Status"] == "AUTHORISED"
        if authorise and not content.lines and not content.charges:
            raise Refusal("Order cannot be authorised without lines")
        self._write(sale, content)
        sale.memo = memo
        sale.order_status = body["Status"]
        if authorise:
            for line in sale.lines:
                line["BackorderQuantity"] = line["Quantity"]
                self._allocate(sale, line)
                line["Short"] = line["BackorderQuantity"]
        self._sales.save(sale)
        return order_document(sale)

    def reopen(self, sale: Sale) -> None:
        """Undo: an authorised order becomes a draft again and gives its stock back."""
        if sale.voided:
            raise Refusal("Sale is voided")
        self._give_back(sale)
        if sale.authorised:
            sale.order_status = "DRAFT"
        self._sales.save(sale)

    def void(self, sale: Sale) -> None:
        """The sale ends here and gives its stock back."""
        if sale.voided:
            raise Refusal("Sale is already voided")
        self._give_back(sale)
        sale.quote_status = sale.order_status = "VOIDED"
        self._sales.save(sale)

    def ship(self, sale: Sale) -> Decimal:
        """Picks, packs and ships everything allocated; returns the units, 0 if there were none."""
        shipped: list[Document] = []
        for line in sale.lines:
            self._stock.ship(line["SKU"], line["Allocations"])
            for part in line["Allocations"]:
                line["Shipped"] += part["Quantity"]
                shipped.append(
                    {
                        "ProductID": line["ProductID"],
                        "SKU": line["SKU"],
                        "Name": line["Name"],
                        "Location": _place(part),
                        "LocationID": self._books.location(part["Location"])["ID"],
                        "Quantity": part["Quantity"],
                        "BatchSN": None,
                        "ExpiryDate": None,
                    }
                )
            line["Allocations"] = []
        if shipped:
            task_id = new_id("fulfilment", f"{sale.id}/{len(sale.fulfilments)}")
            day = midnight(self._clock.now())
            sale.fulfilments.append(fulfilment_document(sale, task_id, shipped, day))
            self._sales.save(sale)
        return sum((row["Quantity"] for row in shipped), ZERO)

    def fill_backorders(self, skus: Iterable[str]) -> None:
        """Stock that came back goes to the oldest orders waiting for it."""
        wanted = set(skus)
        for sale in self._sales:
            waiting = [
                line
                for line in sale.lines
                if sale.authorised and line["BackorderQuantity"] > 0 and line["SKU"] in wanted
            ]
            before = sum((line["BackorderQuantity"] for line in waiting), ZERO)
            for line in waiting:
                self._allocate(sale, line)
            if sum((line["BackorderQuantity"] for line in waiting), ZERO) != before:
                self._sales.save(sale)

    def change_price(self, sale: Sale, sku: str, price: Decimal) -> None:
        """Somebody edits an authorised line in the ERP; its Tax stays. Raises KeyError."""
        line = {line["SKU"]: line for line in sale.lines}[sku]
        line["Price"] = price
        self._write(sale, self._reader(sale).total(sale.lines, sale.charges))
        self._sales.save(sale)

    def _reader(self, sale: Sale) -> LineReader:
        inclusive = sale.header["TaxInclusive"]
        return LineReader(self._books, self._products, self._settings, inclusive)

    def _write(self, sale: Sale, content: OrderContent) -> None:
        sale.lines, sale.charges = content.lines, content.charges
        sale.before_tax, sale.tax = content.before_tax, content.tax

    def _allocate(self, sale: Sale, line: Document) -> None:
        """Reserves what is there of the line's BackorderQuantity and lowers that by it."""
        locations = [sale.header["Location"]]
        if self._settings.backorder_scope == "all":
            locations += [name for name in self._books.location_names() if name not in locations]
        parts = self._stock.allocate(line["SKU"], line["BackorderQuantity"], locations)
        line["Allocations"] += parts
        line["BackorderQuantity"] -= sum((part["Quantity"] for part in parts), ZERO)

    def _give_back(self, sale: Sale) -> None:
        if any(invoice["Status"] == "AUTHORISED" for invoice in sale.invoices):
            raise Refusal("Sale has authorised invoices: undo them first")
        if sale.fulfilments:
            raise Refusal("Sale has authorised fulfilments: undo them first")
        for line in sale.lines:
            self._stock.release(line["SKU"], line["Allocations"])
            line["Allocations"] = []
            line["BackorderQuantity"] = ZERO


def _place(part: Document) -> str:
    """A bin in documents reads `Warehouse: Bin`."""
    return f"{part['Location']}: {part['Bin']}" if part["Bin"] else str(part["Location"])
