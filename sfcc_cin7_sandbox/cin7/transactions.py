"""The ledger entries behind the bills of a sale (Cin7 API reference, Sale, IncludeTransactions)."""

from collections.abc import Iterator
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.opening_books import RECEIVABLE_ACCOUNT, TAX_ACCOUNT
from sfcc_cin7_sandbox.cin7.sale import Sale
from sfcc_cin7_sandbox.cin7.values import cents, new_id
from sfcc_cin7_sandbox.shelf import Document


def transactions(sale: Sale) -> list[Document]:
    """What authorised invoices debit to the receivables, and credit notes with the other sign."""
    invoices = ((bill, bill["InvoiceDate"], Decimal(1)) for bill in sale.issued)
    notes = ((bill, bill["CreditNoteDate"], Decimal(-1)) for bill in sale.issued_credit_notes)
    return [
        {
            "TaskID": bill["TaskID"],
            "TransactionID": new_id("transaction", f"{bill['TaskID']}/{number}"),
            "Debit": RECEIVABLE_ACCOUNT,
            "Credit": account,
            "Description": description,
            "Amount": cents(sign * amount),
            "EffectiveDate": day,
        }
        for bill, day, sign in (*invoices, *notes)
        for number, (account, description, amount) in enumerate(_entries(sale, bill))
        if amount
    ]


def _entries(sale: Sale, bill: Document) -> Iterator[tuple[str, str, Decimal]]:
    """Account, description and amount of each line and charge without tax, and of all tax."""
    inclusive = sale.header["TaxInclusive"]
    for row in (*bill["Lines"], *bill["AdditionalCharges"]):
        amount = row["Quantity"] * row["Price"] * (1 - row["Discount"] / Decimal(100))
        net = amount - row["Tax"] if inclusive else amount
        yield row["Account"], row.get("SKU") or row["Description"], net
    yield TAX_ACCOUNT, "Tax", bill["Tax"]
