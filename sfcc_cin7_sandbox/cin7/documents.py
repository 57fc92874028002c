"""Sales as the API shows them: the document, its order and its row in saleList."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.sale import Sale
from sfcc_cin7_sandbox.cin7.tasks import PRODUCT_INFO, shown_tasks
from sfcc_cin7_sandbox.cin7.values import ZERO
from sfcc_cin7_sandbox.shelf import Document

_LINE = (
    "ProductID",
    "SKU",
    "Name",
    "Quantity",
    "Price",
    "Discount",
    "Tax",
    "AverageCost",
    "TaxRule",
    "Comment",
    "DropShip",
    "BackorderQuantity",
    "Total",
)
_CHARGE = ("Description", "Price", "Quantity", "Discount", "Tax", "Total", "TaxRule", "Comment")
_HEADER = (
    "Customer",
    "CustomerID",
    "Contact",
    "Phone",
    "Email",
    "DefaultAccount",
    "SkipQuote",
    "BillingAddress",
    "ShippingAddress",
    "ShippingNotes",
    "CustomerCurrency",
    "TaxRule",
    "Terms",
    "PriceTier",
    "ShipBy",
    "Location",
    "SaleOrderDate",
    "Note",
    "CustomerReference",
    "Carrier",
    "CurrencyRate",
    "SalesRepresentative",
    "ExternalID",
    "ServiceOnly",
    "AdditionalAttributes",
)
_PAYMENT = ("ID", "Reference", "Amount", "DatePaid", "Account", "CurrencyRate", "DateCreated")


def paid(payments: Sequence[Document]) -> Decimal:
    """Received, less what was given back."""
    signed = (-p["Amount"] if p["Type"] == "Refund" else p["Amount"] for p in payments)
    return sum(signed, ZERO)


def sale_document(
    sale: Sale,
    base_currency: str,
    payments: Sequence[Document],
    invoices: Sequence[Document] = (),
    credit_notes: Sequence[Document] = (),
) -> Document:
    """The answer of every /sale call (Cin7 API reference, Sale)."""
    header = {name: sale.header[name] for name in _HEADER}
    cost = (Decimal(movement["COGS"]) for movement in sale.movements)
    kind = "Service" if sale.header["ServiceOnly"] else sale.header["SaleType"]
    order = {key: value for key, value in order_document(sale).items() if key != "SaleID"}
    order["Lines"] = [
        line | {"Backorder": line["BackorderQuantity"] > 0} | PRODUCT_INFO
        for line in order["Lines"]
    ]
    return header | {
        "ID": sale.id,
        "BaseCurrency": base_currency,
        "TaxCalculation": "Inclusive" if sale.header["TaxInclusive"] else "Exclusive",
        "LastModifiedOn": sale.updated,
        "COGSAmount": sum(cost, ZERO),
        "Status": sale.status,
        **_statuses(sale, payments),
        "CombinedTrackingNumbers": sale.tracking_numbers,
        "Type": f"{kind} Sale",
        "SourceChannel": None,
        "Quote": {
            "Memo": "",
            "Status": sale.quote_status,
            "Prepayments": [
                {key: row[key] for key in _PAYMENT}
                for row in payments
                if row["Type"] == "Prepayment"
            ],
            "Lines": [],
            "AdditionalCharges": [],
            "TotalBeforeTax": 0,
            "Tax": 0,
            "Total": 0,
        },
        "Order": order,
        "Fulfilments": shown_tasks(sale, product_info=True),
        "Invoices": invoices,
        "CreditNotes": credit_notes,
        "ManualJournals": {"Status": "NOT AVAILABLE", "Lines": []},
        "Attachments": [],
        "InventoryMovements": [movement | PRODUCT_INFO for movement in sale.movements],
        "Transactions": [],
    }


def order_document(sale: Sale) -> Document:
    """The answer of every /sale/order call (Cin7 API reference, Sale Order)."""
    return {
        "SaleID": sale.id,
        "SaleOrderNumber": sale.order_number,
        "Memo": sale.memo,
        "Status": sale.shown_order_status,
        "Lines": [{key: line[key] for key in _LINE} for line in sale.lines],
        "AdditionalCharges": [{key: row[key] for key in _CHARGE} for row in sale.charges],
        "TotalBeforeTax": sale.before_tax,
        "Tax": sale.tax,
        "Total": sale.total,
    }


def combined(part: Document, service: Callable[[str], Document]) -> Document:
    """An order or bill whose charges are shown among its lines (CombineAdditionalCharges);
    `service` finds the product that a charge names."""
    lines = part["Lines"]
    for charge in part["AdditionalCharges"]:
        product = service(charge["Description"])
        row: Document = {"ProductID": product["ID"], "SKU": product["SKU"]}
        row |= {"Name": charge["Description"], "AverageCost": 0}
        row |= {name: charge[name] for name in charge if name != "Description"}
        lines = [*lines, row]
    return part | {"Lines": lines, "AdditionalCharges": []}


def list_row(sale: Sale, base_currency: str, payments: Sequence[Document]) -> Document:
    """A row of saleList: no lines, no additional attributes (Cin7 API reference, Sale List)."""
    header, issued = sale.header, sale.issued
    kind = "Service" if header["ServiceOnly"] else header["SaleType"]
    return {
        "SaleID": sale.id,
        "OrderNumber": sale.order_number,
        "Status": sale.status,
        "OrderDate": header["SaleOrderDate"],
        "InvoiceDate": issued[-1]["InvoiceDate"] if issued else None,
        "Customer": header["Customer"],
        "CustomerID": header["CustomerID"],
        "InvoiceNumber": _numbers(issued, "InvoiceNumber"),
        "CustomerReference": header["CustomerReference"],
        "InvoiceAmount": sale.invoiced - sale.credited,
        "PaidAmount": paid(payments),
        "SaleInvoicesTotalAmount": sale.invoiced,
        "InvoiceDueDate": issued[-1]["InvoiceDueDate"] if issued else None,
        "ShipBy": header["ShipBy"],
        "BaseCurrency": base_currency,
        "CustomerCurrency": header["CustomerCurrency"],
        "CreditNoteNumber": _numbers(sale.issued_credit_notes, "CreditNoteNumber"),
        "Updated": sale.updated,
        "QuoteStatus": sale.quote_status,
        "OrderStatus": sale.shown_order_status,
        **_statuses(sale, payments),
        "CombinedPaymentTotal": paid(payments),
        "CreditNoteStatus": sale.credit_note_status,
        "Type": f"{kind} Sale",
        "CombinedTrackingNumbers": sale.tracking_numbers,
        "SourceChannel": None,
        "ExternalID": header["ExternalID"],
        "OrderLocationID": header["LocationID"],
    }


def _numbers(bills: Sequence[Document], name: str) -> str | None:
    return ", ".join(bill[name] for bill in bills) or None


def _statuses(sale: Sale, payments: Sequence[Document]) -> Document:
    return {
        "CombinedPickingStatus": sale.combined("PICKED"),
        "CombinedPackingStatus": sale.combined("PACKED"),
        "CombinedShippingStatus": sale.combined("SHIPPED"),
        "FulFilmentStatus": sale.combined("FULFILLED"),
        "CombinedInvoiceStatus": sale.invoice_status,
        "CombinedPaymentStatus": sale.payment_status(paid(payments)),
    }
