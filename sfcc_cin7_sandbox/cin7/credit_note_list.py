"""The list of credit notes, in rows of saleList (Cin7 API reference, Sale Credit Note List)."""

from collections.abc import Callable
from datetime import timedelta

from sfcc_cin7_sandbox.cin7.documents import list_row
from sfcc_cin7_sandbox.cin7.pages import Call, page_of
from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.values import stamp
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.shelf import Document

_OUTSIDE = ("SaleInvoicesTotalAmount", "CombinedPaymentTotal")
_SEARCHED = ("OrderNumber", "Status", "Customer", "InvoiceNumber", "CustomerReference")


class CreditNoteList:
    """One row for each credit note; times are those of its sale."""

    def __init__(
        self,
        sales: SaleBook,
        payments_of: Callable[[Sale], list[Document]],
        base_currency: str,
        settings: Cin7Settings,
        clock: Clock,
        faults: Faults,
    ) -> None:
        self._sales = sales
        self._payments_of = payments_of
        self._base_currency = base_currency
        self._settings = settings
        self._clock = clock
        self._faults = faults

    def get(self, call: Call) -> Document:
        """GET /saleCreditNoteList, ascending by order number; the rows' key is SaleList."""
        query = call.query
        created, since, until = (
            stamp(moment) if (moment := query.moment(name)) else None
            for name in ("CreatedSince", "UpdatedSince", "UpdatedUntil")
        )
        shown = stamp(self._clock.now() - timedelta(seconds=self._settings.change_lag))
        rows = [
            self._row(sale, note) | {"Updated": sale.updated_as_of(shown)}
            for sale in self._sales
            if sale.credit_notes
            and (created is None or sale.created >= created)
            and (since is None or sale.updated_as_of(shown) >= since)
            and (until is None or sale.updated_as_of(shown) <= until)
            for note in sale.credit_notes
        ]
        search = (query.text("Search") or "").casefold()
        for name in ("CreditNoteStatus", "Status"):
            wanted = (query.text(name) or "").casefold()
            rows = [row for row in rows if wanted in ("", str(row[name]).casefold())]
        if search:
            names = (*_SEARCHED, "CreditNoteNumber")
            rows = [row for row in rows if any(search in (row[n] or "").casefold() for n in names)]
        return page_of(call, "SaleList", rows, dict, self._faults)

    def _row(self, sale: Sale, note: Document) -> Document:
        row = list_row(sale, self._base_currency, self._payments_of(sale))
        kept = {name: value for name, value in row.items() if name not in _OUTSIDE}
        return kept | {
            "CreditNoteNumber": note["CreditNoteNumber"],
            "CreditNoteStatus": note["Status"],
            "RestockStatus": note["Status"] if note["Restock"] else "NOT AVAILABLE",
        }
