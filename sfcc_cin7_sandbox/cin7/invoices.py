"""Invoices of sales (Cin7 API reference, Sale Invoice)."""

from sfcc_cin7_sandbox.cin7 import bills
from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.bills import BillReader
from sfcc_cin7_sandbox.cin7.documents import combined
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.payments import Payments
from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.tasks import PRODUCT_INFO
from sfcc_cin7_sandbox.cin7.values import (
    ZERO,
    Body,
    boolean,
    midnight,
    moment_of,
    new_id,
    number,
    parse_guid,
    require,
    text,
)
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.shelf import Document


class Invoices:
    """Bills of an authorised order. A simple sale has one, an advanced sale any number."""

    def __init__(
        self,
        sales: SaleBook,
        reader: BillReader,
        payments: Payments,
        settings: Cin7Settings,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._reader = reader
        self._payments = payments
        self._settings = settings
        self._clock = clock

    def get(self, call: Call) -> Document:
        """GET /sale/invoice; CombineAdditionalCharges shows charges among the lines."""
        sale, query = self._sales.find(call.query.required_guid("SaleID")), call.query
        info = query.boolean("IncludeProductInfo") or False
        bills_shown = shown_invoices(sale, self._payments, product_info=info)
        if query.boolean("CombineAdditionalCharges"):
            bills_shown = [combined(bill, self._reader.service) for bill in bills_shown]
        return {"SaleID": sale.id, "Invoices": bills_shown}

    def post(self, call: Call) -> Document:
        """POST /sale/invoice; the zero TaskID makes one, another replaces that draft."""
        body = call.body
        sale_id, draft = bills.asked(body, "Status", "InvoiceDate", "InvoiceDueDate")
        sale = self._sales.find(sale_id)
        return self._write(sale, bills.find(sale.invoices, draft) if draft else None, body)

    def put(self, call: Call) -> Document:
        """PUT /sale/invoice: a draft again; what is left out stays."""
        require(call.body, "SaleID", "TaskID")
        sale = self._sales.find(parse_guid(call.body["SaleID"], "SaleID"))
        draft = bills.find(sale.invoices, parse_guid(call.body["TaskID"], "TaskID"))
        return self._write(sale, draft, draft | dict(call.body))

    def delete(self, call: Call) -> Document:
        """DELETE /sale/invoice?TaskID: reopens it; with Void=true it ends (advanced sales only)."""
        task_id = call.query.required_guid("TaskID")
        sale = next(
            (s for s in self._sales if any(i["TaskID"] == task_id for i in s.invoices)), None
        )
        if sale is None:
            raise Refusal("Task with specified ID not found", 404)
        invoice = bills.find(sale.invoices, task_id)
        if invoice["Status"] == "VOIDED":
            raise Refusal("Invoice is voided")
        if any(
            note["CreditNoteInvoiceNumber"] == invoice["InvoiceNumber"]
            and note["Status"] != "VOIDED"
            for note in sale.credit_notes
        ):
            raise Refusal("Invoice has credit notes: undo them first")
        if self._payments.on(invoice["InvoiceNumber"]):
            raise Refusal("Invoice has payments: delete them first")
        void = call.query.boolean("Void") or False
        if void and sale.header["SaleType"] != "Advanced":
            raise Refusal("Only invoices of advanced sales can be voided")
        invoice["Status"] = "VOIDED" if void else "DRAFT"
        self._sales.save(sale)
        return self._document(sale)

    def issue(self, sale: Sale) -> None:
        """Accounting bills the whole order today, on the draft if there is one. Raises Refusal."""
        if sale.issued:
            raise Refusal("Invoice requires an order without an authorised invoice")
        today = midnight(self._clock.now())
        draft = next((bill for bill in sale.invoices if bill["Status"] == "DRAFT"), None)
        body = {
            "Status": "AUTHORISED",
            "InvoiceDate": today,
            "InvoiceDueDate": today,
            "Lines": sale.lines,
            "AdditionalCharges": sale.charges,
        }
        self._write(sale, draft, body)

    def _write(self, sale: Sale, draft: Document | None, body: Body) -> Document:
        if not sale.authorised:
            raise Refusal("Invoice requires an authorised order")
        if draft is not None and draft["Status"] != "DRAFT":
            raise Refusal(f"Invoice cannot be changed in status {draft['Status']}")
        others = [i for i in sale.invoices if i is not draft and i["Status"] != "VOIDED"]
        simple = sale.header["SaleType"] == "Simple"
        if simple and others:
            raise Refusal("A simple sale has one invoice only")
        if body["Status"] not in ("DRAFT", "AUTHORISED"):
            raise Refusal("Attribute Status must be DRAFT or AUTHORISED.")
        dated, due = moment_of(body, "InvoiceDate"), moment_of(body, "InvoiceDueDate")
        lock_date = self._settings.lock_date
        if dated is None or due is None or (lock_date and dated.date() <= lock_date):
            raise Refusal(f"InvoiceDate is not after the lock date {lock_date}")
        rate = number(body, "CurrencyConversionRate", 4, default=sale.header["CurrencyRate"])
        content = self._reader.content(sale, body)
        taken = bills.units(others)
        left = {line["SKU"]: line["Quantity"] - taken.get(line["SKU"], ZERO) for line in sale.lines}
        bills.check_units(content["Lines"], left, "ordered and not invoiced")
        address = sale.header["BillingAddress"]
        written = content | {
            "CombineAdditionalCharges": boolean(body, "CombineAdditionalCharges", False),
            "Memo": text(body, "Memo", 1024) or "",
            "Status": body["Status"],
            "InvoiceDate": midnight(dated),
            "InvoiceDueDate": midnight(due),
            "CurrencyConversionRate": rate,
            "BillingAddressLine1": text(body, "BillingAddressLine1", 256)
            or address["DisplayAddressLine1"],
            "BillingAddressLine2": text(body, "BillingAddressLine2", 256)
            or address["DisplayAddressLine2"],
            "LinkedFulfillmentNumber": _linked(sale, body),
        }
        if draft is None:
            number_of = sum(len(other.invoices) for other in self._sales) + 1
            own_id = sale.id if simple else new_id("invoice", number_of)
            draft = {"TaskID": own_id, "InvoiceNumber": f"INV-{number_of:05d}"}
            sale.invoices.append(draft)
        draft |= written
        self._sales.save(sale)
        return self._document(sale)

    def _document(self, sale: Sale) -> Document:
        return {"SaleID": sale.id, "Invoices": shown_invoices(sale, self._payments)}


def _linked(sale: Sale, body: Body) -> str | None:
    """The fulfilment that the invoice is for, by its number; a simple sale has only one."""
    if sale.header["SaleType"] == "Simple":
        return "1"
    number = body.get("LinkedFulfillmentNumber")
    if number in (None, ""):
        return None
    if str(number) not in [str(task["FulfillmentNumber"]) for task in sale.live_tasks]:
        raise Refusal(f"Fulfilment {number} was not found")
    return str(number)


def shown_invoices(sale: Sale, payments: Payments, *, product_info: bool = False) -> list[Document]:
    """With what was paid on each; one that is paid in full shows as PAID. What the products are
    like is shown where it is asked for."""
    more: Document = PRODUCT_INFO if product_info else {}
    shown = []
    for invoice in sale.invoices:
        paid = payments.settled(sale, invoice)
        status = invoice["Status"]
        if status == "AUTHORISED" and paid >= invoice["Total"]:
            status = "PAID"
        lines = payments.lines_on(invoice["InvoiceNumber"])
        rows_shown = [row | more for row in invoice["Lines"]]
        told = {"Status": status, "Lines": rows_shown, "Payments": lines, "Paid": paid}
        shown.append(invoice | told)
    return shown
