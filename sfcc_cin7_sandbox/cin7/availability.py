"""The availability list (Cin7 API reference, Product Availability)."""

from datetime import datetime
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.pages import Call, page_of
from sfcc_cin7_sandbox.cin7.past_stock import PastStock
from sfcc_cin7_sandbox.cin7.products import Products, sku_filter
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.stock import Shelved, Stock
from sfcc_cin7_sandbox.cin7.values import ZERO
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.shelf import Document


class Availability:
    """Stock as GET /ref/productavailability shows it, as old as the settings say; there is no
    modified-since."""

    def __init__(
        self,
        products: Products,
        past: PastStock,
        stock: Stock,
        books: Books,
        settings: Cin7Settings,
        faults: Faults,
    ) -> None:
        self._products = products
        self._past = past
        self._stock = stock
        self._books = books
        self._settings = settings
        self._faults = faults

    def get(self, call: Call) -> Document:
        """GET /ref/productavailability: one row for each product, location and bin.

        Services and deprecated products never appear. The fault `cin7.short_snapshot` silently
        loses rows (its size, 200 unless set), and Total with them.
        """
        query = call.query
        wanted, location = query.guid("ID"), query.text("Location")
        prefix = (query.text("Name") or "").casefold()
        category = query.text("Category")
        matches = sku_filter(self._settings, query.text("Sku"))
        found = [
            (product, row)
            for product in self._products.all()
            if product["Type"] == "Stock"
            and product.get("Status") != "Deprecated"
            and (wanted is None or product["ID"] == wanted)
            and (category is None or product["Category"] == category)
            and product["Name"].casefold().startswith(prefix)
            and matches(product["SKU"])
            for row in self._rows(product["SKU"])
            if location is None or row.location.casefold() == location.casefold()
        ]
        if query.text("Batch") is not None:
            found = [(product, row) for product, row in found if row.batch == query.text("Batch")]
        if self._faults.hit("cin7.short_snapshot"):
            lost = int(self._faults.size("cin7.short_snapshot", 200))
            start = len(found) // 3
            del found[start : start + lost]
        return page_of(call, "ProductAvailabilityList", found, self._document, self._faults)

    def event_rows(self, sku: str) -> list[Document]:
        """The rows of one product as the stock event tells them, whatever the list leaves out."""
        product = self._products.stocked(sku)
        documents = [self._document((product, row)) for row in self._stock.of(sku)]
        for document in documents:
            del document["InTransit"], document["NextDeliveryDate"]
            document["Category"] = product["Category"]
        return documents

    def _rows(self, sku: str) -> list[Shelved]:
        rows, shown = self._past.of(sku), self._settings.zero_rows
        if shown == "none":
            return [row for row in rows if row.on_hand or row.allocated or self._coming(row)[0]]
        if shown == "all":
            stocked = {row.location for row in rows}
            missing = [name for name in self._books.location_names() if name not in stocked]
            return rows + [Shelved(sku, name, None) for name in missing]
        return [
            row
            for row in rows
            if row.bin is not None or row.on_hand or row.allocated or self._coming(row)[0]
        ]

    def _makeable(self, row: Shelved) -> Decimal:
        """Units that orders could have made of the components: of a location, on its first row."""
        components = self._products.components(row.sku)
        if not components or self._settings.assembled_available == "made":
            return ZERO
        first = next(each for each in self._stock.of(row.sku) if each.location == row.location)
        return max(ZERO, self._stock.assembled(row.location, components)) if row is first else ZERO

    def _coming(self, row: Shelved) -> tuple[Decimal, datetime | None]:
        """Units on order and the next delivery, as each row of a location repeats them.

        To which bin goods on order belong is not published.
        """
        return self._past.purchased(row)

    def _document(self, found: tuple[Document, Shelved]) -> Document:
        """StockOnHand is a money value in base currency, not units."""
        product, row = found
        on_order, due = self._coming(row)
        return {
            "ID": product["ID"],
            "SKU": row.sku,
            "Name": product["Name"],
            "Barcode": product.get("Barcode"),
            "Location": row.location,
            "Bin": row.bin,
            "Batch": row.batch,
            "ExpiryDate": row.expires,
            "OnHand": row.on_hand,
            "Allocated": row.allocated,
            "Available": row.available + self._makeable(row),
            "OnOrder": on_order,
            "StockOnHand": row.on_hand * product.get("AverageCost", ZERO),
            "InTransit": ZERO,
            "NextDeliveryDate": due.strftime("%Y-%m-%dT%H:%M:%S") if due and on_order else None,
        }
