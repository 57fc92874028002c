"""Who gets the goods, and where: addresses and notes of a sale within Cin7's lengths."""

from collections.abc import Container, Iterator
from dataclasses import replace

from sfcc_cin7.merchant.operating_model import PersonalField, SitePolicy
from sfcc_cin7.order_document.model import Address, Order, Shipment
from sfcc_cin7.orders.translation.parcels import parcels, used
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
NOWHERE = Address(**dict.fromkeys(_LENGTHS, ""))
"""An address of which nothing is known."""
BOTH: tuple[PersonalField, ...] = ("billing-address", "shipping-address")


def addresses(
    order: Order, site: SitePolicy, services: Container[str] = ()
) -> tuple[Address, Address] | None:
    """Billing and shipping address, each with a first line and a country as Cin7 demands.

    Shipping is the address of the shipment with the goods (see `parcels`); of several the first
    that is sent and has a first line. Where one of the two addresses has no first line the other
    stands in, if the two do not contradict each other. Else it is booked with what is known of it,
    and its first line says where to look: what is downloaded, donated or collected goes nowhere,
    and a wallet may give no street. Without a country it is the other's, or the site's. What the
    site withholds is replaced.

    `services` are the SKUs of what nobody packs. None when there are goods, and the order says
    nothing at all about anybody's address.
    """
    goods = any(line.product_id not in services for line in order.lines)
    where = (order.billing, *(shipment.address for shipment in order.shipments))
    if goods and all(each.is_empty for each in where):
        return None
    likely = sorted(parcels(order, services) or used(order), key=_unlikely)
    shipment = next(iter(likely), None)
    stated = shipment.address if shipment else NOWHERE
    collected = shipment is not None and shipment.collected
    billing, shipping = order.billing, stated
    if not collected and not _has_first_line(billing) and _may_stand_in(stated, billing):
        billing = stated
    if not collected and not _has_first_line(stated) and _may_stand_in(order.billing, stated):
        shipping = order.billing
    paid_at = BOTH if billing is not order.billing else BOTH[:1]
    sent_to = BOTH if shipping is not stated else BOTH[1:]
    country = billing.country or shipping.country or site.country
    return (
        discreet(order, site, _fitted(billing, country, order), *paid_at),
        discreet(order, site, _fitted(shipping, country, order), *sent_to),
    )


def _unlikely(shipment: Shipment) -> tuple[bool, bool]:
    return shipment.collected, not _has_first_line(shipment.address)


def _may_stand_in(other: Address, address: Address) -> bool:
    """Whether an address tells more than one without a first line, and does not contradict it."""
    if address.is_empty:
        return True
    about = ("name", "city", "state", "postcode", "country")
    pairs = ((getattr(address, each), getattr(other, each)) for each in about)
    return _has_first_line(other) and all(
        not said or " ".join(said.split()).casefold() == " ".join(theirs.split()).casefold()
        for said, theirs in pairs
    )


def shipping_notes(order: Order, site: SitePolicy, services: Container[str] = ()) -> list[str]:
    """What the warehouse has to know, line by line: method, store, gift messages and, for several
    parcels, who gets what and where."""
    shipments = parcels(order, services) or used(order) or order.shipments
    several = len(shipments) > 1
    notes = []
    for position, shipment in enumerate(shipments, start=1):
        if several:
            notes.append(f"{position}. {_parcel(order, site, shipment)}")
        if shipment.store:
            notes.append(f"Collected in store {fit(shipment.store, _MESSAGE)}")
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


def _fitted(address: Address, country: str, order: Order) -> Address:
    texts = {name: fit(getattr(address, name), limit) for name, limit in _LENGTHS.items()}
    texts["line1"] = texts["line1"] or texts["line2"] or instead(order)
    texts["country"] = texts["country"] or country
    return replace(address, **texts)
