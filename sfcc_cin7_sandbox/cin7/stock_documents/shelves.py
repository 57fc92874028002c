"""What documents of stock do to the bins, and how their lines name goods and places."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.products import Products
from sfcc_cin7_sandbox.cin7.stock import Stock
from sfcc_cin7_sandbox.cin7.values import ZERO, Body, number, parse_guid, require, text
from sfcc_cin7_sandbox.shelf import Document

Units = Mapping[str, Decimal]
"""Units by SKU."""
OF_A_BIN = ": "
"""Documents name a bin as `Warehouse: Bin`."""


class Shelves:
    """The house as its documents see it. `restocked` is told of SKUs that came."""

    def __init__(
        self,
        stock: Stock,
        books: Books,
        products: Products,
        restocked: Callable[[list[str]], None],
    ) -> None:
        self.stock = stock
        self.books = books
        self._products = products
        self._restocked = restocked

    def warehouse(self, place: str) -> str:
        """The warehouse of a place. Raises Refusal."""
        return str(self.books.location(place.partition(OF_A_BIN)[0])["Name"])

    def location(self, place: str) -> Document:
        """`LocationID` and `Location` of a place. Raises Refusal."""
        warehouse = self.books.location(place.partition(OF_A_BIN)[0])
        return {"LocationID": warehouse["ID"], "Location": place}

    def goods(self, sku: str) -> Document:
        """`ProductID`, `SKU` and `ProductName`. Raises KeyError, Refusal."""
        product = self._products.stocked(sku)
        return {"ProductID": product["ID"], "SKU": sku, "ProductName": product["Name"]}

    def place(self, body: Body, id_name: str, name: str) -> str:
        """The place that a body names by the ID of a warehouse or bin, or as `Warehouse: Bin`.
        Raises Refusal."""
        if body.get(id_name):
            warehouse, bin_name = self.books.place(parse_guid(body[id_name], id_name))
        else:
            require(body, name)
            named, _, bin_name = str(text(body, name, 256)).partition(OF_A_BIN)
            warehouse = self.warehouse(named)
        if not bin_name:
            return warehouse
        if bin_name not in self.books.bins(warehouse):
            raise Refusal(f"Location {bin_name} was not found in Locations reference book")
        return f"{warehouse}{OF_A_BIN}{bin_name}"

    def units(self, lines: Sequence[Body], quantity: str) -> dict[str, Decimal]:
        """Units by SKU of the lines of a body, each above 0. Raises Refusal."""
        units: dict[str, Decimal] = {}
        for line in lines:
            sku = self.sku(line)
            if sku in units:
                raise Refusal(f"Product '{sku}' is used in more than one line")
            units[sku] = number(line, quantity, 4)
            if units[sku] <= 0:
                raise Refusal(f"{quantity} must be greater than 0")
        return units

    def sku(self, line: Body) -> str:
        """The stock product that a line names by ProductID or SKU. Raises Refusal."""
        return str(self._products.on_line(line)["SKU"])

    def service(self, name: str) -> str:
        """The service product that a charge names. Raises Refusal."""
        return str(self._products.service(name)["Name"])

    def everything(self, place: str) -> dict[str, Decimal]:
        """Units on hand in a warehouse, by SKU, where there are some."""
        warehouse = self.warehouse(place)
        found: dict[str, Decimal] = {}
        for row in self.stock.rows():
            if row.location == warehouse and row.on_hand:
                found[row.sku] = found.get(row.sku, ZERO) + row.on_hand
        return found

    def held(self, sku: str, place: str) -> tuple[Decimal, Decimal]:
        """Units on hand in a warehouse, and those that are available."""
        rows = [row for row in self.stock.of(sku) if row.location == self.warehouse(place)]
        return (
            sum((row.on_hand for row in rows), ZERO),
            sum((row.available for row in rows), ZERO),
        )

    def change(self, place: str, units: Units) -> None:
        """So many units come, or go where they are below 0."""
        warehouse = self.warehouse(place)
        for sku, more in units.items():
            if more:
                self.stock.adjust(sku, warehouse, self.held(sku, warehouse)[0] + more)
        if came := [sku for sku, more in units.items() if more > 0]:
            self._restocked(came)

    def allocate(self, place: str, units: Units) -> Document:
        """What a document holds back of these units from now on, for `release`."""
        warehouse = self.warehouse(place)
        return {sku: self.stock.allocate(sku, each, [warehouse]) for sku, each in units.items()}

    def release(self, document: Document) -> None:
        """A document holds nothing back any more."""
        for sku, parts in document["Allocations"].items():
            self.stock.release(sku, parts)
        document["Allocations"] = {}

    def refuse_missing(self, place: str, units: Units) -> None:
        """A task takes no more than is there. Raises Refusal."""
        for sku, wanted in units.items():
            if self.held(sku, place)[0] < wanted:
                raise Refusal(f"There is not enough stock on hand of {sku} in {place}")


def less(units: Units) -> dict[str, Decimal]:
    """The same units the other way round."""
    return {sku: -each for sku, each in units.items()}
