"""The endpoints /sale and /saleList."""

from collections.abc import Callable
from datetime import timedelta

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.credit_notes import shown_credit_notes
from sfcc_cin7_sandbox.cin7.customers import Customers
from sfcc_cin7_sandbox.cin7.documents import combined, list_row, sale_document
from sfcc_cin7_sandbox.cin7.headers import read_header
from sfcc_cin7_sandbox.cin7.invoices import shown_invoices
from sfcc_cin7_sandbox.cin7.orders import Orders
from sfcc_cin7_sandbox.cin7.pages import Call, page_of
from sfcc_cin7_sandbox.cin7.payments import Payments
from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.transactions import transactions
from sfcc_cin7_sandbox.cin7.values import parse_guid, require, stamp
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.shelf import Document

_STATUS_FILTERS = {
    "QuoteStatus": "QuoteStatus",
    "OrderStatus": "OrderStatus",
    "CombinedPickStatus": "CombinedPickingStatus",
    "CombinedPackStatus": "CombinedPackingStatus",
    "CombinedShippingStatus": "CombinedShippingStatus",
    "CombinedInvoiceStatus": "CombinedInvoiceStatus",
    "CreditNoteStatus": "CreditNoteStatus",
    "Status": "Status",
    "OrderLocationID": "OrderLocationID",
}
_SEARCHED = (
    "OrderNumber",
    "Status",
    "Customer",
    "InvoiceNumber",
    "CustomerReference",
    "CreditNoteNumber",
)
_FIXED_ONCE_AUTHORISED = ("CustomerID", "TaxInclusive", "CurrencyRate", "Location")


class Sales:
    """Creating, reading, changing, undoing and listing sales."""

    def __init__(
        self,
        sales: SaleBook,
        orders: Orders,
        payments: Payments,
        books: Books,
        customers: Customers,
        service: Callable[[str], Document],
        settings: Cin7Settings,
        base_currency: str,
        clock: Clock,
        faults: Faults,
    ) -> None:
        self._sales = sales
        self._orders = orders
        self._payments = payments
        self._books = books
        self._customers = customers
        self._service = service
        self._settings = settings
        self._base_currency = base_currency
        self._clock = clock
        self._faults = faults

    def get(self, call: Call) -> Document:
        """GET /sale?ID: charges among the lines with CombineAdditionalCharges, no movements with
        HideInventoryMovements, ledger entries with IncludeTransactions."""
        query = call.query
        sale = self._sales.find(query.required_guid("ID"))
        shown = self._document(sale)
        if query.boolean("CombineAdditionalCharges"):
            shown["Order"] = combined(shown["Order"], self._service)
            for bills in ("Invoices", "CreditNotes"):
                shown[bills] = [combined(bill, self._service) for bill in shown[bills]]
        if query.boolean("HideInventoryMovements"):
            shown["InventoryMovements"] = []
        if query.boolean("IncludeTransactions"):
            shown["Transactions"] = transactions(sale)
        return shown

    def post(self, call: Call) -> Document:
        """POST /sale: the header only; ExternalID is not unique unless the settings say so.

        The fault `cin7.index_lag` delays the sale's first appearance in saleList by its size in
        seconds (2 unless set).
        """
        header = self._header(call)
        if self._settings.external_id_unique and header["ExternalID"]:
            self._refuse_known_external_id(header["ExternalID"])
        lag = timedelta(seconds=self._settings.listing_lag)
        if self._faults.hit("cin7.index_lag"):
            lag = timedelta(seconds=self._faults.size("cin7.index_lag", 2))
        sale = self._sales.open(header, lag)
        self._remember_address(call, sale)
        return self._document(sale)

    def put(self, call: Call) -> Document:
        """PUT /sale: the whole writable header again; SaleType and ServiceOnly stay."""
        require(call.body, "ID")
        sale = self._sales.find(parse_guid(call.body["ID"], "ID"))
        if sale.voided:
            raise Refusal("Sale is voided")
        header = self._header(call, put_back=True)
        if sale.authorised:
            for name in _FIXED_ONCE_AUTHORISED:
                if header[name] != sale.header[name]:
                    raise Refusal(f"{name} cannot be changed: the order is authorised")
        for name in ("SaleType", "ServiceOnly", "SkipQuote"):
            header[name] = sale.header[name]
        if header["ExternalID"] is None or not self._settings.external_id_put_changes:
            header["ExternalID"] = sale.header["ExternalID"]
        sale.header = header
        self._sales.save(sale)
        self._remember_address(call, sale)
        return self._document(sale)

    def delete(self, call: Call) -> Document:
        """DELETE /sale?ID=&Void=true voids; without Void it reopens the sale."""
        sale = self._sales.find(call.query.required_guid("ID"))
        if call.query.boolean("Void"):
            self._orders.void(sale, self._payments.of(sale))
        else:
            self._orders.reopen(sale)
        return self._document(sale)

    def list(self, call: Call) -> Document:
        """GET /saleList, ascending by order number (Cin7 API reference, Sale List)."""
        query = call.query
        created, since, until, ship_by = (
            stamp(moment) if (moment := query.moment(name)) else None
            for name in ("CreatedSince", "UpdatedSince", "UpdatedUntil", "ShipBy")
        )
        search, external = (query.text("Search") or "").casefold(), query.text("ExternalID")
        ready = query.boolean("ReadyForShipping")
        statuses = {
            field: value.casefold()
            for key, field in _STATUS_FILTERS.items()
            if (value := query.text(key)) is not None
        }
        now = stamp(self._clock.now())
        shown = self._changes_shown_until()
        found = [
            sale
            for sale in self._sales
            if sale.listed <= now
            and (created is None or sale.created >= created)
            and (since is None or sale.updated_as_of(shown) >= since)
            and (until is None or sale.updated_as_of(shown) <= until)
            and (external is None or self._same_external_id(sale, external))
            and (ship_by is None or _due(sale, ship_by))
            and (ready is None or ready == _ready_for_shipping(sale))
        ]
        if statuses or search:
            found = [sale for sale in found if self._matches(sale, statuses, search)]
        return page_of(call, "SaleList", found, self._row, self._faults)

    def _header(self, call: Call, *, put_back: bool = False) -> Document:
        return read_header(
            call.body,
            self._books,
            self._customers,
            self._settings,
            self._base_currency,
            self._clock.now(),
            put_back=put_back,
        )

    def _remember_address(self, call: Call, sale: Sale) -> None:
        """With ShipToOther false, a Line1 that the customer card lacks is added to it."""
        address = sale.header["ShippingAddress"]
        sent = call.body.get("ShippingAddress")
        if sent and address["Line1"] and not address["ShipToOther"]:
            self._customers.remember_address(sale.header["CustomerID"], address)

    def _document(self, sale: Sale) -> Document:
        return sale_document(
            sale,
            self._base_currency,
            self._payments.of(sale),
            shown_invoices(sale, self._payments, product_info=True),
            shown_credit_notes(sale, self._payments, product_info=True),
        )

    def _row(self, sale: Sale) -> Document:
        row = list_row(sale, self._base_currency, self._payments.of(sale))
        return row | {"Updated": sale.updated_as_of(self._changes_shown_until())}

    def _changes_shown_until(self) -> str:
        return stamp(self._clock.now() - timedelta(seconds=self._settings.change_lag))

    def _matches(self, sale: Sale, statuses: dict[str, str], search: str) -> bool:
        row = self._row(sale)
        return all(
            str(row[field]).casefold() == value for field, value in statuses.items()
        ) and any(search in (row[field] or "").casefold() for field in _SEARCHED)

    def _refuse_known_external_id(self, wanted: str) -> None:
        if any(self._same_external_id(sale, wanted) for sale in self._sales):
            raise Refusal("Specified attribute 'ExternalID' already exists")

    def _same_external_id(self, sale: Sale, wanted: str) -> bool:
        own = sale.header["ExternalID"] or ""
        if self._settings.external_id_case_sensitive:
            return bool(own == wanted)
        return bool(own.casefold() == wanted.casefold())


def _due(sale: Sale, day: str) -> bool:
    """On or before the day, unshipped only."""
    due = sale.header["ShipBy"]
    return due is not None and due <= day and sale.shipped != "all" and not sale.voided


def _ready_for_shipping(sale: Sale) -> bool:
    """Something is packed and has not left."""
    return any(
        task["Pack"]["Status"] == "AUTHORISED" and task["Ship"]["Status"] != "AUTHORISED"
        for task in sale.fulfilments
    )
