"""What the warehouse does with a sale: pick, pack, ship, all of it or a part.

Each pick opens a fulfilment task; the second one turns a Simple sale into an Advanced one (Cin7 API
reference, Sale Fulfilment POST). Stock leaves the house when it is shipped.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.documents import fulfilment_document, pack_task, ship_task
from sfcc_cin7_sandbox.cin7.products import Products
from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7_sandbox.cin7.stock import Stock
from sfcc_cin7_sandbox.cin7.values import ZERO, midnight, new_id
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.shelf import Document

Quantities = Mapping[str, Decimal]
"""Units by SKU."""


class Fulfilment:
    """The tasks of every sale."""

    def __init__(
        self, sales: SaleBook, books: Books, products: Products, stock: Stock, clock: Clock
    ) -> None:
        self._sales = sales
        self._books = books
        self._products = products
        self._stock = stock
        self._clock = clock

    def pick(self, sale: Sale, quantities: Quantities | None = None) -> Decimal:
        """Picks what is allocated and not picked yet, or so many units of some SKUs; the units.

        Raises Refusal, and then nothing has changed.
        """
        if not sale.authorised:
            raise Refusal("Order is not authorised")
        for sku, wanted in (quantities or {}).items():
            free = sum((part["Quantity"] for _, part in self._unpicked(sale, sku)), ZERO)
            if wanted > free:
                raise Refusal(f"Only {free} of {sku} can be picked")
        number, picked = len(sale.fulfilments) + 1, []
        for line in sale.lines:
            left = None if quantities is None else quantities.get(line["SKU"], ZERO)
            for _, part in self._unpicked(sale, line["SKU"]):
                units = part["Quantity"] if left is None else min(left, part["Quantity"])
                if units:
                    left = None if left is None else left - units
                    picked.append(self._row(line, _marked(line, part, units, number)))
        if picked:
            task_id = new_id("fulfilment", f"{sale.id}/{number - 1}")
            sale.fulfilments.append(fulfilment_document(sale, task_id, picked))
            if number > 1:
                sale.header["SaleType"] = "Advanced"
            self._sales.save(sale)
        return sum((row["Quantity"] for row in picked), ZERO)

    def pack(self, sale: Sale) -> Decimal:
        """Packs everything that is picked; returns the units."""
        packed = ZERO
        for line in sale.lines:
            for part in line["Allocations"]:
                if "Task" in part and not part["Packed"]:
                    part["Packed"] = True
                    packed += part["Quantity"]
        if packed:
            for task in sale.fulfilments:
                pack_task(task)
            self._sales.save(sale)
        return packed

    def ship(self, sale: Sale, quantities: Quantities | None = None) -> Decimal:
        """Picks everything allocated, or so many units of some SKUs, and ships what is picked.

        Whatever was picked before leaves as well. Returns the units. Raises Refusal.
        """
        if sale.authorised:
            self.pick(sale, quantities)
        self.pack(sale)
        shipped = ZERO
        day = midnight(self._clock.now())
        for line in sale.lines:
            leaving = [part for part in line["Allocations"] if "Task" in part]
            self._stock.ship(line["SKU"], leaving)
            sale.movements += self._movements(sale, line, leaving, day)
            units = sum((part["Quantity"] for part in leaving), ZERO)
            line["Allocations"] = [part for part in line["Allocations"] if "Task" not in part]
            line["Shipped"] += units
            shipped += units
        if shipped:
            for number, task in enumerate(sale.fulfilments, start=1):
                ship_task(sale, task, number, day)
            self._sales.save(sale)
        return shipped

    def _movements(
        self, sale: Sale, line: Document, leaving: Sequence[Document], day: str
    ) -> list[Document]:
        """One for each task that units of a line leave with, at the product's cost of today."""
        units: dict[int, Decimal] = {}
        for part in leaving:
            units[part["Task"]] = units.get(part["Task"], ZERO) + part["Quantity"]
        cost = self._products.cost(line["SKU"])
        return [
            {
                "TaskID": sale.fulfilments[task - 1]["TaskID"],
                "ProductID": line["ProductID"],
                "Date": day,
                "COGS": moved * cost,
            }
            for task, moved in units.items()
        ]

    def _unpicked(self, sale: Sale, sku: str) -> list[tuple[Document, Document]]:
        return [
            (line, part)
            for line in sale.lines
            if line["SKU"] == sku
            for part in line["Allocations"]
            if "Task" not in part
        ]

    def _row(self, line: Document, part: Document) -> Document:
        return {
            "ProductID": line["ProductID"],
            "SKU": line["SKU"],
            "Name": line["Name"],
            "Location": _place(part),
            "LocationID": self._books.location(part["Location"])["ID"],
            "Quantity": part["Quantity"],
            "BatchSN": None,
            "ExpiryDate": None,
        }


def _marked(line: Document, part: Document, units: Decimal, task: int) -> Document:
    """Some units of a part are picked for a task; what is left of it stays a part of its own."""
    if units < part["Quantity"]:
        part["Quantity"] -= units
        part = {**part, "Quantity": units}
        line["Allocations"].append(part)
    part |= {"Task": task, "Packed": False}
    return part


def _place(part: Document) -> str:
    """A bin in documents reads `Warehouse: Bin`."""
    return f"{part['Location']}: {part['Bin']}" if part["Bin"] else str(part["Location"])
