"""Which shipments of an order have goods in them.

A storefront's default shipment cannot be deleted, so one that is empty stays behind, with a method
and often with an address; and what nobody packs (a service, a bought gift certificate) belongs to a
shipment too.
"""

from collections.abc import Container

from sfcc_cin7.order_document.model import Order, Shipment


def parcels(order: Order, services: Container[str]) -> list[Shipment]:
    """The shipments with goods, in the order's sequence. `services` are the SKUs of what nobody
    packs; an order of nothing else has no parcel.

    Where there is one shipment all belongs to it, whatever it is called.
    """
    packed = {line.shipment_id for line in order.lines if line.product_id not in services}
    if len(order.shipments) == 1:
        return list(order.shipments) if packed else []
    return [shipment for shipment in order.shipments if shipment.id in packed]


def used(order: Order) -> list[Shipment]:
    """The shipments that hold anything at all: products, or gift certificates."""
    held = {line.shipment_id for line in order.lines}
    held |= {certificate.shipment_id for certificate in order.gift_certificates}
    if len(order.shipments) == 1:
        return list(order.shipments)
    return [shipment for shipment in order.shipments if shipment.id in held]
