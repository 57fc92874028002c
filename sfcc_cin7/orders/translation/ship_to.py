"""Who gets the goods, and where: addresses and notes of a sale within Cin7's lengths."""

from collections.abc import Iterator
from dataclasses import replace

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.model import Address, Order, Shipment
from sfcc_cin7.orders.translation.personal import discreet, instead, sent
from sfcc_cin7.orders.translation.text import fit, listed

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


def addresses(order: Order, site: SitePolicy) -> tuple[Address, Address] | None:
    """Billing and shipping address, each with a first line and a country as Cin7 demands.

    Where one of the two has no first line the other stands in; without a country it is the site's.
    What the site withholds is replaced. None when the order has no address at all.
    """
    candidates = [order.billing, *(shipment.address for shipment in order.shipments)]
    usable = [_fitted(each, site.country) for each in candidates if _has_first_line(each)]
    if not usable:
        return None
    bills_itself = _has_first_line(order.billing)
    delivered = usable[1:] if bills_itself else usable
    billing, shipping = usable[0], (delivered or usable)[0]
    paid_at = ("billing-address",) if bills_itself else ("billing-address", "shipping-address")
    sent_to = ("shipping-address",) if delivered else ("billing-address", "shipping-address")
    return discreet(order, site, billing, *paid_at), discreet(order, site, shipping, *sent_to)


def destination(order: Order, shipment_id: str) -> Address:
    """Where a shipment goes; the billing address when the storefront says nothing.

    Where there is one shipment all belongs to it, whatever it is called.
    """
    for shipment in order.shipments:
        its_own = shipment.id == shipment_id or len(order.shipments) == 1
        if its_own and shipment.address.country:
            return shipment.address
    return order.billing


def shipping_notes(order: Order, site: SitePolicy) -> list[str]:
    """What the warehouse has to know, line by line: method, gift messages and, for several
    shipments, who gets what and where."""
    several = len(order.shipments) > 1
    notes = []
    for position, shipment in enumerate(order.shipments, start=1):
        if several:
            notes.append(f"{position}. {_parcel(order, site, shipment)}")
        if shipment.method:
            notes.append(f"Ship by {fit(shipment.method, _MESSAGE)}")
        if shipment.gift_message:
            notes.append(f"Gift message: {_message(order, site, shipment.gift_message)}")
    notes += [
        f"Gift message with {line.product_id}: {_message(order, site, line.gift_message)}"
        for line in order.lines
        if line.gift_message
    ]
    return notes


def fits(notes: list[str]) -> bool:
    """Whether the notes go into Cin7's field whole."""
    return listed(notes, NOTES, "\n") == listed(notes, len("\n".join(notes)) * 2 + 1, "\n")


def _message(order: Order, site: SitePolicy, message: str) -> str:
    return fit(sent(site, "gift-messages", message, instead(order)), _MESSAGE)


def _parcel(order: Order, site: SitePolicy, shipment: Shipment) -> str:
    goods = ", ".join(
        f"{line.quantity.normalize():f} x {line.product_id}"
        for line in order.lines
        if line.shipment_id == shipment.id
    )
    label = ", ".join(part for part in _label(order, site, shipment.address) if part)
    return f"{goods or 'Nothing'} to {label}"


def _label(order: Order, site: SitePolicy, address: Address) -> Iterator[str]:
    """The parts of an address that may be sent."""
    shown = discreet(order, site, address, "shipping-address")
    if shown.name != shown.line1:  # both are withheld: it is said once
        yield shown.name
    place = (shown.line1, shown.line2, shown.city, shown.state, shown.postcode, shown.country)
    yield from (shown.company, *place)


def _has_first_line(address: Address) -> bool:
    return bool(fit(address.line1, 256) or fit(address.line2, 256))


def _fitted(address: Address, country: str) -> Address:
    texts = {name: fit(getattr(address, name), limit) for name, limit in _LENGTHS.items()}
    texts["line1"] = texts["line1"] or texts["line2"]
    texts["country"] = texts["country"] or country
    return replace(address, **texts)
