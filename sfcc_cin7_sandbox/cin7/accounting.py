"""Accounting and customer care at the screens: they bill what was ordered and credit returns."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from sfcc_cin7_sandbox.cin7 import bills
from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.credit_notes import CreditNotes
from sfcc_cin7_sandbox.cin7.invoices import Invoices
from sfcc_cin7_sandbox.cin7.pages import Call, Query
from sfcc_cin7_sandbox.cin7.payments import Payments
from sfcc_cin7_sandbox.cin7.sale import SaleBook
from sfcc_cin7_sandbox.cin7.tasks import boxes_sent, by_sku
from sfcc_cin7_sandbox.cin7.values import ZERO, cents, midnight
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.shelf import Document

_NAMES = ("Price", "Discount", "TaxRule", "Comment", "Account")


class Accounting:
    """What is billed and credited of a sale, named by its ID. Everything raises Refusal."""

    def __init__(
        self,
        sales: SaleBook,
        invoices: Invoices,
        credit_notes: CreditNotes,
        payments: Payments,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._invoices = invoices
        self._credit_notes = credit_notes
        self._payments = payments
        self._clock = clock

    def invoice(self, sale_id: str, fulfilment: int | None = None) -> None:
        """The whole order is billed, or what left with one fulfilment of an Advanced sale; the
        charges are on the first invoice."""
        sale = self._sales.find(sale_id)
        if fulfilment is None:
            self._invoices.issue(sale)
            return
        task = next((t for t in sale.live_tasks if t["FulfillmentNumber"] == fulfilment), None)
        if task is None:
            raise Refusal(f"Fulfilment {fulfilment} was not found")
        gone = boxes_sent(task)
        units = by_sku(row for row in task["Pack"]["Lines"] if row["Box"] in gone)
        others = [bill for bill in sale.invoices if bill["Status"] != "VOIDED"]
        account, day = sale.header["DefaultAccount"], midnight(self._clock.now())
        self._invoices.post(
            _call(
                {
                    "SaleID": sale.id,
                    "TaskID": bills.NEW,
                    "CombineAdditionalCharges": False,
                    "Status": "AUTHORISED",
                    "InvoiceDate": day,
                    "InvoiceDueDate": day,
                    "LinkedFulfillmentNumber": fulfilment,
                    "Lines": [
                        _share(line | {"Account": account}, units[line["SKU"]], others)
                        | {"SKU": line["SKU"]}
                        for line in sale.lines
                        if line["SKU"] in units
                    ],
                    "AdditionalCharges": [] if others else sale.charges,
                }
            )
        )

    def credit(
        self,
        sale_id: str,
        quantities: Mapping[str, Decimal] | None = None,
        *,
        freight: bool = False,
        restock: bool = True,
        location: str | None = None,
        refund_from: str | None = None,
    ) -> str:
        """Units of some SKUs, or all that is billed and not credited, are credited and put back.

        `freight` credits the charges too; goods go to `location`, else to where they were sold
        from. `refund_from` is the account from which the money is booked back at once. Returns the
        number of the credit note.
        """
        sale = self._sales.find(sale_id)
        if not sale.issued:
            raise Refusal("Credit note requires an authorised invoice")
        invoice, day = sale.issued[-1], midnight(self._clock.now())
        others = [
            note
            for note in sale.credit_notes
            if note["CreditNoteInvoiceNumber"] == invoice["InvoiceNumber"]
        ]
        taken = bills.units(others)
        wanted = quantities
        if wanted is None:
            left = {row["SKU"]: row["Quantity"] for row in invoice["Lines"]}
            wanted = {sku: units - taken.get(sku, ZERO) for sku, units in left.items()}
        lines = [
            _share(row, wanted[row["SKU"]], others) | {"SKU": row["SKU"]}
            for row in invoice["Lines"]
            if wanted.get(row["SKU"])
        ]
        charges = [
            {"Description": row["Description"], **_part(row, row["Quantity"], row["Tax"])}
            for row in (invoice["AdditionalCharges"] if freight else ())
        ]
        place = location or sale.header["Location"]
        self._credit_notes.post(
            _call(
                {
                    "SaleID": sale.id,
                    "TaskID": bills.NEW,
                    "CombineAdditionalCharges": False,
                    "CreditNoteInvoiceNumber": invoice["InvoiceNumber"],
                    "Status": "AUTHORISED",
                    "CreditNoteDate": day,
                    "Lines": lines,
                    "AdditionalCharges": charges,
                    "Restock": [
                        {"SKU": row["SKU"], "Quantity": row["Quantity"], "RestockLocation": place}
                        for row in (lines if restock else ())
                    ],
                }
            )
        )
        note = sale.credit_notes[-1]
        if refund_from:
            self._payments.post(
                _call(
                    {
                        "TaskID": note["TaskID"],
                        "Type": "REFUND",
                        "Amount": note["Total"],
                        "DatePaid": day,
                        "Account": refund_from,
                        "CurrencyRate": note["CreditNoteConversionRate"],
                    }
                )
            )
        return str(note["CreditNoteNumber"])


def _share(row: Document, units: Decimal, others: Iterable[Document]) -> Document:
    """So many units of a billed line; with the last of them comes what is left of its tax."""
    before = [
        each
        for bill in others
        if bill["Status"] != "VOIDED"
        for each in bill["Lines"]
        if each["SKU"] == row["SKU"]
    ]
    gone = sum((each["Quantity"] for each in before), ZERO)
    tax = cents(row["Tax"] * units / row["Quantity"])
    if gone + units == row["Quantity"]:
        tax = row["Tax"] - sum((each["Tax"] for each in before), ZERO)
    return _part(row, units, tax)


def _part(row: Document, quantity: Decimal, tax: Decimal) -> Document:
    amount = quantity * row["Price"] * (1 - row["Discount"] / Decimal(100))
    part = {name: row[name] for name in _NAMES}
    return part | {"Quantity": quantity, "Tax": tax, "Total": cents(amount)}


def _call(body: Document) -> Call:
    return Call(Query(()), body)
