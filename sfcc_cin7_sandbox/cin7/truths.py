"""What a sale really is, for whoever compares the systems from outside."""

from collections.abc import Sequence

from sfcc_cin7_sandbox.cin7.documents import order_document
from sfcc_cin7_sandbox.cin7.sale import Sale
from sfcc_cin7_sandbox.cin7.tasks import parcels_sent
from sfcc_cin7_sandbox.shelf import Document


def sale_truth(sale: Sale, payments: Sequence[Document]) -> Document:
    """The order with the header's identities, in the API's own attribute names.

    Beside them: of each line `Short` (units missing when it was authorised), `Payments`, how much
    is `Shipped` and was at its `Furthest` (and when), the `Parcels` that left, the authorised
    `CreditNotes`.
    """
    order = order_document(sale)
    lines = zip(order["Lines"], sale.lines, strict=True)
    return order | {
        "ID": sale.id,
        "OrderNumber": sale.order_number,
        "ExternalID": sale.header["ExternalID"],
        "CustomerReference": sale.header["CustomerReference"],
        "Customer": sale.header["Customer"],
        "CustomerCurrency": sale.header["CustomerCurrency"],
        "Location": sale.header["Location"],
        "TaxInclusive": sale.header["TaxInclusive"],
        "Status": sale.status,
        "OrderStatus": sale.order_status,
        "CombinedPickingStatus": sale.combined("PICKED"),
        "CombinedShippingStatus": sale.combined("SHIPPED"),
        "CombinedInvoiceStatus": sale.invoice_status,
        "Shipped": sale.shipped,
        "Furthest": sale.furthest,
        "FurthestAt": sale.furthest_at,
        "Parcels": parcels_sent(sale),
        "CreditNotes": [
            {"CreditNoteNumber": note["CreditNoteNumber"], "Total": note["Total"]}
            for note in sale.issued_credit_notes
        ],
        "Created": sale.created,
        "Updated": sale.updated,
        "Lines": [shown | {"Short": kept["Short"]} for shown, kept in lines],
        "Payments": [
            {"ID": payment["ID"], "Amount": payment["Amount"], "Account": payment["Account"]}
            for payment in payments
        ],
    }
