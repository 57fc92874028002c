"""A sale of the ERP as the decisions want it."""

from collections import defaultdict
from collections.abc import Container
from decimal import Decimal

from sfcc_cin7.fulfilment.deciding.dispatch import (
    AUTHORISED,
    VOIDED,
    Fulfilment,
    Packed,
    Refund,
    SaleRead,
    ShipLine,
)
from sfcc_cin7.systems.cin7 import fulfilments as cin7
from sfcc_cin7.systems.cin7.documents import SaleDocument
from sfcc_cin7.values.money import ZERO


def sale_read(sale: SaleDocument, services: Container[str] = ()) -> SaleRead:
    """What has to do with shipping in a sale; `services` are SKUs of what nobody packs."""
    ordered: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in sale.order.lines if sale.order else ():
        if line.sku not in services and line.quantity > 0:
            ordered[line.sku] += line.quantity
    return SaleRead(
        id=sale.id,
        voided=VOIDED in (sale.status.upper(), sale.order.status.upper() if sale.order else ""),
        combined=sale.combined_shipping_status.upper(),
        ordered=dict(ordered),
        fulfilments=tuple(_fulfilment(each) for each in sale.fulfilments),
        refunds=tuple(
            Refund(
                note.credit_note_number,
                note.total,
                tuple((part.sku, part.quantity) for part in note.restock),
            )
            for note in sale.credit_notes
            if note.status.upper() == AUTHORISED
        ),
    )


def _fulfilment(each: cin7.Fulfilment) -> Fulfilment:
    parts = each.pack.lines or each.pick.lines  # a Simple sale need not be packed by itself
    return Fulfilment(
        task_id=each.task_id,
        number=each.fulfillment_number,
        invoice=each.linked_invoice_number,
        status=each.fulfilment_status.upper(),
        packed=tuple(Packed(part.sku, part.quantity, part.box) for part in parts),
        ship_status=each.ship.status.upper(),
        ship_lines=tuple(
            ShipLine(
                id=line.id,
                boxes=line.boxes,
                carrier=line.carrier,
                number=" ".join(line.tracking_number.split()),
                url=line.tracking_url,
                shipped_on=line.shipment_date[:10],
                is_shipped=line.is_shipped,
            )
            for line in each.ship.lines
        ),
    )
