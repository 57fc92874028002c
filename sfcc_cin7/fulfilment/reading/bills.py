"""Invoices and credit notes of a sale of the ERP as the decisions want them."""

from collections.abc import Iterable
from decimal import Decimal

from sfcc_cin7.fulfilment.deciding.dispatch import AUTHORISED, VOIDED
from sfcc_cin7.fulfilment.deciding.refunds_asked import Bill, Billed, BilledLine
from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.systems.cin7.documents import Charge, OrderLine, SaleDocument
from sfcc_cin7.values.money import ZERO

SIMPLE, EXCLUSIVE = "Simple Sale", "Exclusive"


def billed(sale: SaleDocument, site: SitePolicy, currency: str) -> Billed:
    """What is invoiced and credited; freight is what `charges` of the site calls shipping."""
    exclusive = sale.tax_calculation == EXCLUSIVE
    freight_names = {site.charges.shipping, site.charges.surcharge}
    notes = [note for note in sale.credit_notes if note.status.upper() not in (VOIDED, "")]

    def freight(charges: Iterable[Charge]) -> Decimal:
        return sum(
            (
                each.total + (each.tax if exclusive else ZERO)
                for each in charges
                if each.description in freight_names
            ),
            ZERO,
        )

    return Billed(
        currency=currency,
        invoices=tuple(
            Bill(
                each.invoice_number, _lines(each.lines, exclusive), freight(each.additional_charges)
            )
            for each in sale.invoices
            if each.issued
        ),
        notes=tuple(
            Bill(
                note.credit_note_number,
                _lines(note.lines, exclusive),
                freight(note.additional_charges),
                of=note.credit_note_invoice_number,
                memo=note.memo,
                total=note.total,
            )
            for note in notes
            if note.status.upper() == AUTHORISED
        ),
        is_simple=sale.type == SIMPLE,
        has_note=bool(notes),
    )


def _lines(lines: Iterable[OrderLine], exclusive: bool) -> tuple[BilledLine, ...]:
    """Where prices include tax, it is inside of `net` already."""
    return tuple(
        BilledLine(line.sku, line.quantity, line.total, line.tax if exclusive else ZERO)
        for line in lines
        if line.quantity > 0
    )
