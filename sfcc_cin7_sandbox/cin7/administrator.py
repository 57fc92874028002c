"""What an administrator of the company does in its settings, and others notice too late."""

from collections.abc import Iterable

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.products import Products
from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7_sandbox.cin7.stock import Stock
from sfcc_cin7_sandbox.shelf import Document


class Administrator:
    """Renames, takes tax rules out of use, and revokes keys.

    Locations and keys are as before after a restart: they come from the world and the settings.
    """

    def __init__(self, products: Products, stock: Stock, books: Books, sales: SaleBook) -> None:
        self._products = products
        self._stock = stock
        self._books = books
        self._sales = sales
        self.revoked: set[str] = set()
        """Application keys that are refused, as unknown ones are."""

    def rename_product(self, sku: str, to: str) -> None:
        """A stock product gets another SKU; its bins go with it, and documents keep what was
        written. Refused while a sale still has to ship it. Raises KeyError, Refusal."""
        self._products.stocked(sku)
        if any(_waits_for(sale, sku) for sale in self._sales):
            raise Refusal(f"Product '{sku}' is on a sale that was not shipped")
        self._products.rename(sku, to)
        self._stock.rename(lambda row: row.sku == sku, sku=to)

    def rename_location(self, name: str, to: str) -> None:
        """A warehouse gets another name, and so does what stands or is promised there. Raises
        Refusal."""
        name = str(self._books.location(name)["Name"])
        self._books.rename_location(name, to)
        self._stock.rename(lambda row: row.location == name, location=to)
        for sale in list(self._sales):
            moved = [part for part in _parts(sale) if part["Location"] == name]
            for part in moved:
                part["Location"] = to
            if sale.header["Location"] == name:
                sale.header["Location"] = to
                self._sales.keep(sale)

    def use_tax_rule(self, name: str, in_use: bool) -> None:
        """A tax rule is taken out of use, or put back. Raises Refusal for an unknown one."""
        self._books.use_tax_rule(name, in_use)


def _waits_for(sale: Sale, sku: str) -> bool:
    open_ = not sale.voided and sale.shipped != "all"
    return open_ and any(line["SKU"] == sku for line in sale.lines)


def _parts(sale: Sale) -> Iterable[Document]:
    return (part for line in sale.lines for part in line.get("Allocations", ()))
