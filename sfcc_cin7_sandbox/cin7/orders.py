"""Orders of sales: saving, authorising, changing, and giving stock back."""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.documents import combined, order_document
from sfcc_cin7_sandbox.cin7.lines import LineReader, OrderContent
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.products import Products
from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook, units_gone
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.stock import Stock
from sfcc_cin7_sandbox.cin7.tasks import PRODUCT_INFO, is_void
from sfcc_cin7_sandbox.cin7.values import ZERO, parse_guid, require, rows, text
from sfcc_cin7_sandbox.shelf import Document

AUTO_MODES = ("NOPICK", "AUTOPICK", "AUTOPICKPACK", "AUTOPICKPACKSHIP")


class Orders:
    """What happens to the lines of a sale and to the stock behind them."""

    def __init__(
        self,
        sales: SaleBook,
        books: Books,
        products: Products,
        stock: Stock,
        settings: Cin7Settings,
    ) -> None:
        self._sales = sales
        self._books = books
        self._products = products
        self._stock = stock
        self._settings = settings
        self.despatch: Callable[[Sale, str], None] = lambda _sale, _mode: None
        """Called with a sale that is to go at once, and its AutoPickPackShipMode."""

    def get(self, call: Call) -> Document:
        """GET /sale/order; CombineAdditionalCharges shows charges among the lines."""
        sale = self._sales.find(call.query.required_guid("SaleID"))
        shown = order_document(sale)
        if call.query.boolean("IncludeProductInfo"):
            shown["Lines"] = [row | PRODUCT_INFO for row in shown["Lines"]]
        if call.query.boolean("CombineAdditionalCharges"):
            shown = combined(shown, self._products.service)
        return shown

    def post(self, call: Call) -> Document:
        """POST /sale/order: replaces lines and charges; AUTHORISED allocates stock.

        Insufficient stock is no error: the rest becomes BackorderQuantity (Cin7 API reference,
        Sale Order); AutoPickPackShipMode then does nothing, else it picks, packs and ships at once.
        Raises Refusal and then nothing has changed.
        """
        body = call.body
        require(body, "SaleID", "Status")
        sale = self._sales.find(parse_guid(body["SaleID"], "SaleID"))
        if body["Status"] not in ("DRAFT", "AUTHORISED"):
            raise Refusal("Attribute Status must be DRAFT or AUTHORISED.")
        mode = body.get("AutoPickPackShipMode") or "NOPICK"
        if mode not in AUTO_MODES:
            raise Refusal("Attribute AutoPickPackShipMode has an unknown value.")
        at_once = mode != "NOPICK"
        if at_once and (sale.header["SaleType"] != "Simple" or body["Status"] != "AUTHORISED"):
            raise Refusal("AutoPickPackShipMode is for simple sales that are authorised")
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
            self._authorise(sale)
        self._sales.save(sale)
        if at_once and not sale.backordered:
            self.despatch(sale, mode)
        return order_document(sale)

    def reopen(self, sale: Sale) -> None:
        """Undo: an authorised order becomes a draft again and gives its stock back."""
        if sale.voided:
            raise Refusal("Sale is voided")
        if sale.begun:
            raise Refusal(f"Sale has authorised {sale.begun}: undo them first")
        if sale.authorised:
            sale.order_status = "DRAFT"
        sale.fulfilments = [task for task in sale.fulfilments if is_void(task)]
        self._give_back(sale)

    def authorise_again(self, sale: Sale) -> None:
        """A draft that somebody had reopened is authorised as it stands."""
        if sale.order_status != "DRAFT":
            raise Refusal("Only a draft can be authorised")
        self._authorise(sale)
        self._sales.save(sale)

    def void(self, sale: Sale, payments: Sequence[Document]) -> None:
        """The sale ends here and gives its stock back; what the settings call refused is refused.

        Where it is accepted, shipped goods that no credit note put back return to the first bin;
        tasks, invoices and credit notes are void, payments stay.
        """
        if sale.voided:
            raise Refusal("Sale is already voided")
        if sale.begun and self._settings.void_when_picked == "refused":
            raise Refusal(f"Sale has authorised {sale.begun}: undo them first")
        if payments and self._settings.void_with_payments == "refused":
            raise Refusal("Sale has payments: delete them first")
        restocked = sale.restocked()
        sale.quote_status = sale.order_status = "VOIDED"
        for task in sale.fulfilments:
            for stage in ("Pick", "Pack", "Ship"):
                task[stage]["Status"] = "VOIDED"
        for bill in (*sale.invoices, *sale.credit_notes):
            bill["Status"] = "VOIDED"
        for line in sale.lines:
            out = units_gone(line) - restocked.get(line["SKU"], ZERO)
            if out > 0:
                self._stock.receive(line["SKU"], sale.header["Location"], out, None)
            line["Gone"] = []
        sale.movements.clear()
        self._give_back(sale)

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

    def change_line(
        self,
        sale: Sale,
        sku: str,
        *,
        price: Decimal | None = None,
        quantity: Decimal | None = None,
        tax: Decimal | None = None,
    ) -> None:
        """Somebody edits a line in the ERP; what is not named stays, the Tax too.

        Raises KeyError for a SKU that the sale lacks, Refusal when more is picked than is left, and
        for a void or invoiced sale.
        """
        line = {line["SKU"]: line for line in sale.lines}[sku]
        if sale.voided or sale.issued:
            raise Refusal("A void or invoiced sale cannot be edited")
        if quantity is not None:
            if quantity < max(sale.units(line, "PICKED"), self._settings.min_quantity):
                raise Refusal(f"Quantity {quantity} is not possible")
            self._resize(sale, line, quantity)
        line["Price"] = line["Price"] if price is None else price
        line["Tax"] = line["Tax"] if tax is None else tax
        self._write(sale, self._reader(sale).total(sale.lines, sale.charges))
        self._sales.save(sale)
        self.fill_backorders([sku])

    def repeat(self, sale: Sale) -> Sale:
        """A clerk types the same sale in once more, its ExternalID too."""
        again = self._sales.open(deepcopy(sale.header))
        again.lines, again.charges = deepcopy(sale.lines), deepcopy(sale.charges)
        again.before_tax, again.tax = sale.before_tax, sale.tax
        again.memo = sale.memo
        if not sale.authorised:
            again.order_status = sale.order_status
        for line in again.lines:
            line |= {"Allocations": [], "Gone": [], "Short": ZERO, "BackorderQuantity": ZERO}
        if sale.authorised:
            self._authorise(again)
        self._sales.save(again)
        return again

    def _authorise(self, sale: Sale) -> None:
        sale.order_status = "AUTHORISED"
        for line in sale.lines:
            line["BackorderQuantity"] = line["Quantity"]
            self._allocate(sale, line)
            line["Short"] = line["BackorderQuantity"]

    def _resize(self, sale: Sale, line: Document, quantity: Decimal) -> None:
        """An authorised line reserves what it needs and no more."""
        fewer = line["Quantity"] - quantity
        line["Quantity"] = quantity
        if not sale.authorised:
            return
        if fewer < 0:
            line["BackorderQuantity"] -= fewer
            self._allocate(sale, line)
            return
        waiting = min(fewer, line["BackorderQuantity"])
        line["BackorderQuantity"] -= waiting
        for part in [part for part in line["Allocations"] if "Task" not in part]:
            freed = min(fewer - waiting, part["Quantity"])
            self._stock.release(line["SKU"], [part | {"Quantity": freed}])
            part["Quantity"] -= freed
            waiting += freed
        line["Allocations"] = [part for part in line["Allocations"] if part["Quantity"]]

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
        components = self._products.components(line["SKU"])
        for name in locations if components else ():
            there = sum((row.available for row in self._stock.of(line["SKU"])
                         if row.location == name), ZERO)  # fmt: skip
            lacking = line["BackorderQuantity"] - max(there, ZERO)
            self._stock.assemble(line["SKU"], name, lacking, components)
        parts = self._stock.allocate(line["SKU"], line["BackorderQuantity"], locations)
        line["Allocations"] += parts
        line["BackorderQuantity"] -= sum((part["Quantity"] for part in parts), ZERO)

    def _give_back(self, sale: Sale) -> None:
        """Reserved units are free again, for whoever waits for them."""
        for line in sale.lines:
            self._stock.release(line["SKU"], line["Allocations"])
            line["Allocations"] = []
            line["BackorderQuantity"] = ZERO
        self._sales.save(sale)
        self.fill_backorders(line["SKU"] for line in sale.lines)
