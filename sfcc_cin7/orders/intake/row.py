"""A storefront document as the queue stores it. Judging it comes later."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.booking_rule import BookedLines, booking_rule
from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.parsing import salvage_order
from sfcc_cin7.order_document.version import version
from sfcc_cin7.orders.records.queue import ReceivedOrder
from sfcc_cin7.orders.records.units import STEP, by_sku
from sfcc_cin7.orders.translation.text import fit
from sfcc_cin7.orders.translation.translate import external_id
from sfcc_cin7.values import decimal_json

LONGEST_WORD = 64
LONGEST_ORDER_NUMBER = 256
LONGEST_REQUEST = 20_000
"""Characters of what is asked to be given back; what was longer cannot be read, and says so."""
NO_CURRENCY = "XXX"
"""ISO 4217's own code for it."""


class NoOrderNumber(ValueError):
    """The order's number cannot be kept: it is empty, too long, or holds what is no character."""


def as_received(
    brand: str, site: SitePolicy, document: Mapping[str, Any], now: datetime
) -> ReceivedOrder:
    """What the queue keeps of a document that has at least its `orderNo`.

    `now` stands in for a creation time that cannot be read. What a database would refuse is made
    harmless, because one order must not stop the others.

    Raises:
        NoOrderNumber: nobody could find this order again.
    """
    order = salvage_order(document, now).order
    if not order.number or order.number != fit(str(document["orderNo"]), LONGEST_ORDER_NUMBER):
        raise NoOrderNumber("orderNo cannot be kept")
    text = decimal_json.dumps(document)
    created = order.created_at or now
    due = created + timedelta(minutes=site.hold_minutes)
    window = _window(site, order)
    return ReceivedOrder(
        order_key=external_id(brand, site.id, order.number),
        site=site.id,
        order_no=order.number,
        currency=fit(order.currency, LONGEST_WORD) or NO_CURRENCY,
        order_total=order.total.quantize(STEP),
        created_at=created,
        modified_at=order.modified_at or created,
        shop_status=fit(order.status, LONGEST_WORD),
        document=text,
        document_hash=hashlib.sha256(text.encode()).hexdigest(),
        shown_version=version(document),
        due_at=due + window if window else due,
        promise_at=_promise(site, order),
        shopper=_shopper(site, order),
        units=by_sku((line.product_id, line.quantity) for line in order.lines),
        booked=BookedLines(order.lines, booking_rule(site)),
        to_batch=window is not None,
        refunds_asked=_refunds_asked(site, document),
    )


def _window(site: SitePolicy, order: Order) -> timedelta | None:
    """How long the order waits for others to share a sale with; None when it is posted alone."""
    policy = site.consolidation
    if policy is None:
        return None
    if policy.largest_order and order.total > policy.largest_order:
        return None
    methods = [shipment.method for shipment in order.shipments]
    if policy.shipping_methods and any(each not in policy.shipping_methods for each in methods):
        return None
    return timedelta(minutes=policy.window_minutes)


def _promise(site: SitePolicy, order: Order) -> datetime | None:
    """When the first of the order's shipments has to be on its way."""
    methods = [shipment.method for shipment in order.shipments]
    hours = [site.dispatch_promises[each] for each in methods if each in site.dispatch_promises]
    return order.placed_at + timedelta(hours=min(hours)) if hours else None


def _refunds_asked(site: SitePolicy, document: Mapping[str, Any]) -> str | None:
    """What customer service asks to be given back, as it came; None where nothing is asked."""
    name = site.fulfilment.refunds_asked_attribute
    asked = document.get(name) if name else None
    return fit(str(asked), LONGEST_REQUEST) or None if asked else None


def _shopper(site: SitePolicy, order: Order) -> str | None:
    """Whose order it is, as a hash; only where the shoppers' sequence matters."""
    who = order.customer_no or order.customer_email
    if not site.keep_shopper_sequence or not who:
        return None
    return hashlib.sha256(f"{site.id}:{who.casefold()}".encode(errors="replace")).hexdigest()[:16]
