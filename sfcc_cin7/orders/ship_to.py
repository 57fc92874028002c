"""Who gets the goods, and where: addresses and notes of a sale within Cin7's lengths."""

from dataclasses import replace

from sfcc_cin7.orders.model import Address, Order, Shipment
from sfcc_cin7.orders.text import fit

NOTES = 1024
_MESSAGE = 200
_LENGTHS = {
    "name": 256,
    "company": 128,
    "line1": 256,
    "line2": 256,
    "city": 256,
    "state": 256,
    "postcode": 20,
    "country": 256,
    "phone": 50,
}
"""Longest texts of an address (Cin7 API reference, Sale)."""


def addresses(order: Order, country: str) -> tuple[Address, Address] | None:
    """Billing and shipping address, each with a first line and a country as Cin7 demands.

    Where one of the two has no first line the other stands in; without a country it is the site's.
    None when the order has no address at all.
    """
    candidates = [order.billing, *(shipment.address for shipment in order.shipments)]
    usable = [address for address in candidates if address.line1 or address.line2]
    if not usable:
        return None
    delivered = [address for address in usable if address is not order.billing]
    billing = usable[0]
    shipping = delivered[0] if delivered else billing
    return _fitted(billing, country), _fitted(shipping, country)


def destination(order: Order, shipment_id: str) -> Address:
    """Where a shipment goes; the billing address when the storefront says nothing."""
    for shipment in order.shipments:
        if shipment.id == shipment_id and shipment.address.country:
            return shipment.address
    return order.billing


def shipping_notes(order: Order) -> str:
    """What the warehouse has to know: method, gift messages and, for several shipments, who gets
    what and where. Not cut to NOTES: when it is longer, a person decides."""
    several = len(order.shipments) > 1
    notes = []
    for position, shipment in enumerate(order.shipments, start=1):
        if several:
            notes.append(f"{position}. {_parcel(order, shipment)}")
        if shipment.method:
            notes.append(f"Ship by {shipment.method}")
        if shipment.gift_message:
            notes.append(f"Gift message: {fit(shipment.gift_message, _MESSAGE)}")
    notes += [
        f"Gift message with {line.product_id}: {fit(line.gift_message, _MESSAGE)}"
        for line in order.lines
        if line.gift_message
    ]
    return "\n".join(notes)


def _parcel(order: Order, shipment: Shipment) -> str:
    goods = ", ".join(
        f"{line.quantity.normalize():f} x {line.product_id}"
        for line in order.lines
        if line.shipment_id == shipment.id
    )
    address = shipment.address
    place = (address.line1, address.line2, address.city, address.state, address.postcode)
    parts = (address.name, address.company, *place, address.country)
    return f"{goods or 'Nothing'} to {', '.join(part for part in parts if part)}"


def _fitted(address: Address, country: str) -> Address:
    texts = {name: fit(getattr(address, name), limit) for name, limit in _LENGTHS.items()}
    texts["line1"] = texts["line1"] or texts["line2"]
    texts["country"] = texts["country"] or country
    return replace(address, **texts)
