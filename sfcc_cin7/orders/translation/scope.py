"""Which orders may be booked at all, before any of their figures is looked at."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.model import GiftCertificate, Line, Order, ShippingItem
from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.orders.translation.parcels import parcels
from sfcc_cin7.orders.translation.text import is_plain, length
from sfcc_cin7.values.money import is_known

EXTERNAL_ID_LENGTH = 256
MOST_LINES = 1000
"""More lines than this are not sent in one document; Cin7 publishes no limit of its own."""


def out_of_scope(
    order: Order, site: SitePolicy, reference: str, services: Container[str] = ()
) -> list[Reason]:
    """Why an order is none that a site books; `reference` is the ExternalID it would have,
    `services` are the SKUs of what nobody packs."""
    return [*_state(order, site), *_identity(order, reference), *_shipments(order, site, services)]


def _state(order: Order, site: SitePolicy) -> Iterator[Reason]:
    if order.status == "cancelled":
        yield Reason("order-cancelled", "The order is cancelled.")
    elif order.status not in ("new", "completed"):
        sentence = "Only a placed order may be booked."
        yield Reason("order-not-placed", sentence, "new", order.status)
    if order.site != site.id:
        yield Reason("site-mismatch", "The order is of another site.", site.id, order.site)
    if not is_known(order.currency):
        sentence = "Nobody knows how many decimals the order's currency has."
        yield Reason("currency-unknown", sentence, site.currency, order.currency)
    elif order.currency != site.currency:
        sentence = f"The operating model has no currency {order.currency} for {site.id}."
        yield Reason("currency-unmapped", sentence, site.currency, order.currency)
    if order.taxation != site.taxation:
        sentence = f"The operating model says that {site.id} is {site.taxation}."
        yield Reason("taxation-mismatch", sentence, site.taxation, order.taxation)


def _identity(order: Order, reference: str) -> Iterator[Reason]:
    if length(reference) > EXTERNAL_ID_LENGTH:
        yield Reason("reference-too-long", "The order number does not fit into the ExternalID.")
    if not is_plain(order.number):
        sentence = "The order number holds characters that cannot be sent or stored."
        yield Reason("reference-unreadable", sentence)
    if len(order.lines) > MOST_LINES:
        sentence = "The order has too many lines for one document."
        yield Reason("too-many-lines", sentence, str(MOST_LINES), str(len(order.lines)))
    if not _items(order):
        yield Reason("order-empty", "The order holds nothing that could be booked.")
    if twice := _twice(item.id for item in _items(order) if item.id):
        sentence = "The order states an item twice, so its figures may count something twice."
        yield Reason("item-duplicated", sentence, actual=", ".join(twice))
    if twice := _twice(shipment.id for shipment in order.shipments):
        sentence = "Two shipments have one id, so nobody can say what goes where."
        yield Reason("shipment-duplicated", sentence, actual=", ".join(twice))


def _shipments(order: Order, site: SitePolicy, services: Container[str]) -> Iterator[Reason]:
    used = {item.shipment_id for item in _items(order)}
    known = {shipment.id for shipment in order.shipments}
    if len(known) > 1 and not used <= known:
        sentence = "Something belongs to a shipment that the order does not have."
        yield Reason("shipment-unknown", sentence, actual=", ".join(sorted(used - known)))
    packed = parcels(order, services)
    if len(packed) > 1 and site.several_shipments == "review":
        sentence = "The operating model leaves orders with several shipments to a person."
        yield Reason("several-shipments", sentence, "1", str(len(packed)))


def _items(order: Order) -> list[Line | ShippingItem | GiftCertificate]:
    return [*order.lines, *order.shipping_items, *order.gift_certificates]


def _twice(ids: Iterable[str]) -> list[str]:
    return [id_ for id_, count in Counter(ids).items() if count > 1]
