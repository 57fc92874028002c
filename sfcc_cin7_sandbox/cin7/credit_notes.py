"""Credit notes of sales: money given back, and goods put back (Cin7 API reference)."""

from collections.abc import Sequence
from decimal import Decimal

from sfcc_cin7_sandbox.cin7 import bills
from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.bills import BillReader
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.documents import combined
from sfcc_cin7_sandbox.cin7.orders import Orders
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.payments import Payments
from sfcc_cin7_sandbox.cin7.places import read_place, shown_place
from sfcc_cin7_sandbox.cin7.products import Products
from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.stock import Stock
from sfcc_cin7_sandbox.cin7.tasks import PRODUCT_INFO
from sfcc_cin7_sandbox.cin7.values import (
    ZERO,
    Body,
    midnight,
    moment_of,
    new_id,
    number,
    rows,
    text,
)
from sfcc_cin7_sandbox.shelf import Document


class CreditNotes:
    """Each belongs to one authorised or paid invoice and never exceeds it."""

    def __init__(
        self,
        sales: SaleBook,
        reader: BillReader,
        orders: Orders,
        products: Products,
        stock: Stock,
        books: Books,
        payments: Payments,
        settings: Cin7Settings,
    ) -> None:
        self._sales = sales
        self._reader = reader
        self._orders = orders
        self._products = products
        self._stock = stock
        self._books = books
        self._payments = payments
        self._settings = settings

    def get(self, call: Call) -> Document:
        """GET /sale/creditnote; Payments and CreditNoteBalance only with IncludePaymentInfo."""
        sale, query = self._sales.find(call.query.required_guid("SaleID")), call.query
        notes = shown_credit_notes(
            sale,
            self._payments,
            payment_info=query.boolean("IncludePaymentInfo") or False,
            product_info=query.boolean("IncludeProductInfo") or False,
        )
        if query.boolean("CombineAdditionalCharges"):
            notes = [combined(note, self._products.service) for note in notes]
        return {"SaleID": sale.id, "CreditNotes": notes}

    def post(self, call: Call) -> Document:
        """POST /sale/creditnote; the zero TaskID makes one, another replaces that draft."""
        body = call.body
        sale_id, task_id = bills.asked(body, "CreditNoteInvoiceNumber", "Status", "CreditNoteDate")
        sale = self._sales.find(sale_id)
        draft = bills.find(sale.credit_notes, task_id) if task_id else None
        if draft is not None and draft["Status"] != "DRAFT":
            raise Refusal(f"Credit note cannot be changed in status {draft['Status']}")
        others = [n for n in sale.credit_notes if n is not draft and n["Status"] != "VOIDED"]
        if sale.header["SaleType"] == "Simple" and others:
            raise Refusal("A simple sale has one credit note only")
        invoice = self._invoice(sale, str(text(body, "CreditNoteInvoiceNumber", 256)))
        if body["Status"] not in ("DRAFT", "AUTHORISED"):
            raise Refusal("Attribute Status must be DRAFT or AUTHORISED.")
        dated = moment_of(body, "CreditNoteDate")
        lock_date = self._settings.lock_date
        if dated is None or (lock_date and dated.date() <= lock_date):
            raise Refusal(f"CreditNoteDate is not after the lock date {lock_date}")
        rate = number(body, "CreditNoteConversionRate", 4, default=sale.header["CurrencyRate"])
        content = self._reader.content(sale, body)
        self._check_rest(sale, invoice, draft, content)
        restock = [self._restocked(row) for row in rows(body, "Restock")]
        most = {line["SKU"]: line["Quantity"] for line in content["Lines"]}
        bills.check_units(_by_sku(restock), most, "credited")
        written = content | {
            "CombineAdditionalCharges": body["CombineAdditionalCharges"],
            "CreditNoteInvoiceNumber": invoice["InvoiceNumber"],
            "Memo": text(body, "Memo", 1024) or "",
            "Status": body["Status"],
            "CreditNoteDate": midnight(dated),
            "CreditNoteConversionRate": rate,
            "Restock": restock,
        }
        if draft is None:
            made = sum(len(other.credit_notes) for other in self._sales) + 1
            draft = {"TaskID": new_id("credit", made), "CreditNoteNumber": f"CR-{made:05d}"}
            sale.credit_notes.append(draft)
        draft |= written
        if draft["Status"] == "AUTHORISED" and self._settings.restock_movements:
            sale.movements += self._movements(sale, draft)
        self._sales.save(sale)
        if draft["Status"] == "AUTHORISED":
            self._put_back(restock)
        return self._document(sale)

    def delete(self, call: Call) -> Document:
        """DELETE /sale/creditnote?TaskID: reopens it; with Void=true it ends (advanced sales)."""
        task_id = call.query.required_guid("TaskID")
        sale = self._sales.by_task(task_id)
        note = bills.find(sale.credit_notes, task_id)
        if note["Status"] == "VOIDED":
            raise Refusal("Credit note is voided")
        if self._payments.on(note["CreditNoteNumber"]):
            raise Refusal("Credit note has refunds: delete them first")
        if note["Status"] == "AUTHORISED" and note["Restock"]:
            raise Refusal("The goods of the credit note are back in stock")
        void = call.query.boolean("Void") or False
        if void and sale.header["SaleType"] != "Advanced":
            raise Refusal("Only credit notes of advanced sales can be voided")
        note["Status"] = "VOIDED" if void else "DRAFT"
        self._sales.save(sale)
        return self._document(sale)

    def _invoice(self, sale: Sale, invoice_number: str) -> Document:
        for invoice in sale.invoices:
            if invoice["InvoiceNumber"] == invoice_number and invoice["Status"] == "AUTHORISED":
                return invoice
        raise Refusal("Credit note requires an authorised invoice")

    def _check_rest(
        self, sale: Sale, invoice: Document, draft: Document | None, content: Document
    ) -> None:
        others = [
            note
            for note in sale.credit_notes
            if note is not draft
            and note["Status"] != "VOIDED"
            and note["CreditNoteInvoiceNumber"] == invoice["InvoiceNumber"]
        ]
        taken, billed = bills.units(others), bills.units([invoice])
        left = {sku: quantity - taken.get(sku, ZERO) for sku, quantity in billed.items()}
        bills.check_units(content["Lines"], left, "invoiced and not credited")
        if sum((note["Total"] for note in others), ZERO) + content["Total"] > invoice["Total"]:
            raise Refusal("The credit notes exceed their invoice")

    def _restocked(self, row: Body) -> Document:
        """One row of Restock: a stock product, units above 0, where it was sold from (Location) and
        where it goes (RestockLocation); one of the two is enough, each by name or ID."""
        product = self._products.on_line(row)
        sold_from = read_place(self._books, row)
        place = read_place(self._books, row, "RestockLocation") or sold_from
        if place is None:
            raise Refusal("Required attribute Location is not provided.")
        sold_from = sold_from or place
        quantity = number(row, "Quantity", 4)
        if quantity <= 0:
            raise Refusal("Quantity must be greater than 0")
        return {
            "ProductID": product["ID"],
            "SKU": product["SKU"],
            "Name": product["Name"],
            "Location": shown_place(sold_from),
            "LocationID": self._books.location(sold_from[0])["ID"],
            "Quantity": quantity,
            "BatchSN": None,
            "ExpiryDate": None,
            "RestockLocation": shown_place(place),
            "RestockLocationID": self._books.location(place[0])["ID"],
        }

    def _movements(self, sale: Sale, note: Document) -> list[Document]:
        """What comes back takes the cost with it at which it left."""
        ordered = {line["SKU"]: line["Quantity"] for line in sale.lines}
        rows = []
        for row in note["Restock"]:
            of_product = (
                Decimal(movement["COGS"])
                for movement in sale.movements
                if movement["ProductID"] == row["ProductID"] and movement["COGS"] > 0
            )
            each = sum(of_product, ZERO) / ordered.get(row["SKU"], row["Quantity"])
            rows.append(
                {
                    "TaskID": note["TaskID"],
                    "ProductID": row["ProductID"],
                    "Date": note["CreditNoteDate"],
                    "COGS": -round(each * row["Quantity"], 4),
                }
            )
        return rows

    def _put_back(self, restock: Sequence[Document]) -> None:
        for row in restock:
            name, _, bin_name = row["RestockLocation"].partition(": ")
            self._stock.receive(row["SKU"], name, row["Quantity"], bin_name or None)
        self._orders.fill_backorders(row["SKU"] for row in restock)

    def _document(self, sale: Sale) -> Document:
        return {"SaleID": sale.id, "CreditNotes": shown_credit_notes(sale, self._payments)}


def shown_credit_notes(
    sale: Sale, payments: Payments, *, payment_info: bool = False, product_info: bool = False
) -> list[Document]:
    """With what was refunded on each, and more of that or of the products where it is asked for."""
    more: Document = PRODUCT_INFO if product_info else {}
    return [
        note
        | {
            "Refunds": payments.lines_on(note["CreditNoteNumber"]),
            "Lines": [row | more for row in note["Lines"]],
            "Restock": [row | more for row in note["Restock"]],
        }
        | (_payment_info(note, payments) if payment_info else {})
        for note in sale.credit_notes
    ]


def _payment_info(note: Document, payments: Payments) -> Document:
    number_of = note["CreditNoteNumber"]
    return {
        "Payments": payments.shown_on(number_of),
        "CreditNoteBalance": note["Total"] - payments.sum_on(number_of),
    }


def _by_sku(restock: Sequence[Document]) -> list[Document]:
    return [
        {"SKU": sku, "Quantity": quantity}
        for sku, quantity in bills.units([{"Status": "DRAFT", "Lines": restock}]).items()
    ]
