"""Payments of sales: before the invoice, on it, and back on a credit note."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.values import (
    ZERO,
    Body,
    midnight,
    moment_of,
    new_id,
    number,
    parse_guid,
    require,
    text,
)
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.shelf import Document, Shelf

LINE = ("ID", "Reference", "Amount", "DatePaid", "Account", "CurrencyRate", "DateCreated")


class Payments:
    """Money received, in the customer's currency (Cin7 API reference, Sale Payment)."""

    def __init__(
        self,
        sales: SaleBook,
        books: Books,
        settings: Cin7Settings,
        shelf: Shelf,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._books = books
        self._settings = settings
        self._shelf = shelf
        self._clock = clock
        self._by_sale: dict[str, list[Document]] = {}
        self._made = 0
        self.on_paid: Callable[[Sale, Document, Decimal], None] = lambda _sale, _bill, _paid: None
        """Told of every payment on an invoice, with all that is paid on it by now."""
        for payment in shelf.load("cin7.payment").values():
            self._made = max(self._made, payment["Number"])
            if not payment["Deleted"]:
                self._by_sale.setdefault(payment["SaleID"], []).append(payment)

    def of(self, sale: Sale) -> list[Document]:
        return self._by_sale.get(sale.id, [])

    def on(self, number_of: str) -> list[Document]:
        """The payments or refunds on the invoice or credit note of that number."""
        return [
            payment
            for payments in self._by_sale.values()
            for payment in payments
            if number_of in (payment["InvoiceNumber"], payment["CreditNoteNumber"])
        ]

    def sum_on(self, number_of: str) -> Decimal:
        return sum((payment["Amount"] for payment in self.on(number_of)), ZERO)

    def lines_on(self, number_of: str) -> list[Document]:
        """As the bill shows them."""
        return [{key: payment[key] for key in LINE} for payment in self.on(number_of)]

    def shown_on(self, number_of: str) -> list[Document]:
        """As the bill shows them when all is asked for."""
        outside = ("SaleID", "TaskID")
        return [
            {key: value for key, value in _document(payment).items() if key not in outside}
            for payment in self.on(number_of)
        ]

    def settled(self, sale: Sale, invoice: Document) -> Decimal:
        """What was paid on the invoice; the sale's prepayments count for its first one."""
        paid = self.sum_on(invoice["InvoiceNumber"])
        if invoice is sale.invoices[0]:
            before = (p["Amount"] for p in self.of(sale) if p["Type"] == "Prepayment")
            paid += sum(before, ZERO)
        return paid

    def get(self, call: Call) -> list[Document]:
        """GET /sale/payment: a bare array."""
        sale = self._sales.find(call.query.required_guid("SaleID"))
        return [_document(payment) for payment in self.of(sale)]

    def post(self, call: Call) -> Document:
        """POST /sale/payment; Type in any case, Amount to 2 places, CurrencyRate to 4."""
        body = call.body
        require(body, "TaskID", "Type", "Amount", "DatePaid", "Account", "CurrencyRate")
        task_id = parse_guid(body["TaskID"], "TaskID")
        sale = self._sales.by_task(task_id)
        kind = str(body["Type"]).upper()
        told = self._read(body)
        amount, rate = told["Amount"], told["CurrencyRate"]
        invoice = credit_note = None
        if kind == "PAYMENT":
            invoice = self._open_invoice(sale, task_id, amount)
        elif kind == "REFUND":
            credit_note = self._open_credit_note(sale, task_id, body, amount)
        elif kind == "PREPAYMENT":
            self._check_timing(sale)
        else:
            raise Refusal("Attribute Type must be PREPAYMENT, PAYMENT or REFUND.")
        self._made += 1
        payment = {
            "SaleID": sale.id,
            "TaskID": task_id,
            "ID": new_id("payment", self._made),
            "SaleOrderNumber": sale.order_number,
            "InvoiceNumber": invoice and invoice["InvoiceNumber"],
            "CreditNoteNumber": credit_note and credit_note["CreditNoteNumber"],
            "Type": kind.capitalize(),
            **told,
            "CurrencyRate": rate if sale.header["CurrencyRate"] != 1 else Decimal(1),
            "DateCreated": f"{self._clock.now():%Y-%m-%dT%H:%M:%S.%f}0Z",
            "CreditID": credit_note and credit_note["TaskID"],
            "Number": self._made,
            "Deleted": False,
        }
        self._by_sale.setdefault(sale.id, []).append(payment)
        self._shelf.put("cin7.payment", payment["ID"], payment)
        self._sales.save(sale)
        if invoice is not None:
            self.on_paid(sale, invoice, self.settled(sale, invoice))
        return _document(payment)

    def put(self, call: Call) -> Document:
        """PUT /sale/payment: all that a payment or refund says of itself; no prepayment."""
        body = call.body
        require(body, "ID")
        payment = self._find(parse_guid(body["ID"], "ID"))
        if payment["Type"] == "Prepayment":
            raise Refusal("Prepayment cannot be changed")
        require(body, "Amount", "DatePaid", "Account", "CurrencyRate")
        sale, changes = self._sales.find(payment["SaleID"]), self._read(body)
        more = changes["Amount"] - payment["Amount"]
        if payment["CreditNoteNumber"]:
            self._check_note(_bill_of(sale.credit_notes, payment, "CreditNoteNumber"), more)
        else:
            self._check_invoice(sale, _bill_of(sale.invoices, payment, "InvoiceNumber"), more)
        if sale.header["CurrencyRate"] == 1:
            changes["CurrencyRate"] = Decimal(1)
        if body.get("Reference") is None:
            del changes["Reference"]
        payment |= changes
        self._shelf.put("cin7.payment", payment["ID"], payment)
        self._sales.save(sale)
        return _document(payment)

    def delete(self, call: Call) -> dict[str, Any]:
        """DELETE /sale/payment?ID."""
        payment = self._find(call.query.required_guid("ID"))
        self._by_sale[payment["SaleID"]].remove(payment)
        self._shelf.put("cin7.payment", payment["ID"], payment | {"Deleted": True})
        self._sales.save(self._sales.find(payment["SaleID"]))
        return {"Success": True}

    def _find(self, payment_id: str) -> Document:
        for payments in self._by_sale.values():
            for payment in payments:
                if payment["ID"] == payment_id:
                    return payment
        raise Refusal("Payment with specified ID not found", 404)

    def _open_invoice(self, sale: Sale, task_id: str, amount: Decimal) -> Document:
        for invoice in sale.invoices:
            if invoice["Status"] == "AUTHORISED" and task_id in (sale.id, invoice["TaskID"]):
                self._check_invoice(sale, invoice, amount)
                return invoice
        raise Refusal("Payment requires an authorised invoice")

    def _open_credit_note(self, sale: Sale, task_id: str, body: Body, amount: Decimal) -> Document:
        """By CreditID, else by TaskID, else the only one there is."""
        notes = [note for note in sale.credit_notes if note["Status"] == "AUTHORISED"]
        wanted = parse_guid(body["CreditID"], "CreditID") if body.get("CreditID") else task_id
        if wanted != sale.id:
            notes = [note for note in notes if note["TaskID"] == wanted]
        if len(notes) != 1:
            raise Refusal("Refund requires an authorised credit note")
        self._check_note(notes[0], amount)
        return notes[0]

    def _check_invoice(self, sale: Sale, invoice: Document, more: Decimal) -> None:
        if more > invoice["Total"] - self.settled(sale, invoice):
            raise Refusal("Amount exceeds what is open on the invoice")

    def _check_note(self, note: Document, more: Decimal) -> None:
        if more > note["Total"] - self.sum_on(note["CreditNoteNumber"]):
            raise Refusal("Amount exceeds what is open on the credit note")

    def _read(self, body: Body) -> Document:
        """What every write says of the money. Raises Refusal."""
        amount, rate = number(body, "Amount", 2), number(body, "CurrencyRate", 4)
        if amount <= 0:
            raise Refusal("Amount must be greater than 0")
        if rate <= 0:
            raise Refusal("Attribute CurrencyRate is out of range.")
        account = self._books.payment_account(str(text(body, "Account", 50)))
        return {
            "Reference": text(body, "Reference", 256) or "",
            "Amount": amount,
            "DatePaid": midnight(moment_of(body, "DatePaid") or self._clock.now()),
            "Account": account["Code"],
            "CurrencyRate": rate,
        }

    def _check_timing(self, sale: Sale) -> None:
        if sale.voided:
            raise Refusal("Sale is voided")
        if sale.quote_status != "AUTHORISED":
            raise Refusal("Prepayment requires an authorised quote")
        if sale.issued:
            raise Refusal("Prepayment requires a non-authorised invoice")
        if self._settings.prepayment == "before-authorisation" and sale.authorised:
            raise Refusal("Prepayment requires a non-authorised order")
        if self._settings.prepayment == "after-authorisation" and not sale.authorised:
            raise Refusal("Prepayment requires an authorised order")


def _bill_of(bills: Iterable[Document], payment: Document, name: str) -> Document:
    return next(bill for bill in bills if bill[name] == payment[name])


def _document(payment: Document) -> Document:
    return {key: value for key, value in payment.items() if key not in ("Number", "Deleted")}
