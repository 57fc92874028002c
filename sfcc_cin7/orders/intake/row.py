"""A storefront document as the queue stores it. Judging it comes later."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.version import version
from sfcc_cin7.orders.records.queue import ReceivedOrder
from sfcc_cin7.orders.translation.text import fit
from sfcc_cin7.orders.translation.translate import external_id
from sfcc_cin7.values import decimal_json

LONGEST_SKU = 256
LONGEST_WORD = 64
LONGEST_ORDER_NUMBER = 256
LARGEST = Decimal(10) ** 15
STEP = Decimal("0.0001")
"""What the store keeps of figures; the document keeps them as they came."""
YEARS = range(1990, 3000)


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
    number = document["orderNo"]
    if not number or number != fit(number, LONGEST_ORDER_NUMBER):
        raise NoOrderNumber("orderNo cannot be kept")
    text = decimal_json.dumps(document)
    created = _instant(document.get("creationDate"), now)
    due = created + timedelta(minutes=site.hold_minutes)
    window = _window(site, document)
    return ReceivedOrder(
        order_key=external_id(brand, site.id, number),
        site=site.id,
        order_no=number,
        currency=fit(str(document.get("currency") or "XXX"), LONGEST_WORD),
        order_total=_number(document.get("orderTotal")),
        created_at=created,
        modified_at=_instant(document.get("lastModified"), created),
        shop_status=fit(str(document.get("status")), LONGEST_WORD),
        document=text,
        document_hash=hashlib.sha256(text.encode()).hexdigest(),
        shown_version=version(document),
        due_at=due + window if window else due,
        promise_at=_promise(site, document, created),
        shopper=_shopper(site, document),
        units=_units(document),
        booked=_booked(site, document),
        to_batch=window is not None,
    )


def _window(site: SitePolicy, document: Mapping[str, Any]) -> timedelta | None:
    """How long the order waits for others to share a sale with; None when it is posted alone."""
    policy = site.consolidation
    if policy is None:
        return None
    if policy.largest_order and _number(document.get("orderTotal")) > policy.largest_order:
        return None
    methods = [
        _mapping(shipment.get("shippingMethod")).get("id")
        for shipment in _rows(document, "shipments")
    ]
    if policy.shipping_methods and any(each not in policy.shipping_methods for each in methods):
        return None
    return timedelta(minutes=policy.window_minutes)


def _promise(site: SitePolicy, document: Mapping[str, Any], created: datetime) -> datetime | None:
    """When the first of the order's shipments has to be on its way."""
    methods = (
        _mapping(shipment.get("shippingMethod")) for shipment in _rows(document, "shipments")
    )
    hours = [
        site.dispatch_promises[method["id"]]
        for method in methods
        if isinstance(method.get("id"), str) and method["id"] in site.dispatch_promises
    ]
    if not hours:
        return None
    placed = _instant(document.get("placeDate"), created)
    return placed + timedelta(hours=min(hours))


def _shopper(site: SitePolicy, document: Mapping[str, Any]) -> str | None:
    """Whose order it is, as a hash; only where the shoppers' sequence matters."""
    if not site.keep_shopper_sequence:
        return None
    customer = _mapping(document.get("customerInfo"))
    who = customer.get("customerNo") or customer.get("email")
    if not isinstance(who, str):
        return None
    return hashlib.sha256(f"{site.id}:{who.casefold()}".encode(errors="replace")).hexdigest()[:16]


def _units(document: Mapping[str, Any]) -> dict[str, Decimal]:
    """Units by SKU that the storefront's inventory holds back for this order."""
    units: dict[str, Decimal] = {}
    for item in _rows(document, "productItems"):
        sku = item.get("productId")
        if isinstance(sku, str):
            sku = fit(sku, LONGEST_SKU)
            quantity = max(_number(item.get("quantity")), Decimal(0))
            units[sku] = min(units.get(sku, Decimal(0)) + quantity, LARGEST)
    return units


def _booked(site: SitePolicy, document: Mapping[str, Any]) -> dict[str, Decimal]:
    """Units by SKU that the ERP's sale takes: see `pieces` for where bundles and options go."""
    units: dict[str, Decimal] = {}

    def take(sku: object, quantity: Decimal) -> None:
        if isinstance(sku, str) and quantity > 0:
            sku = fit(sku, LONGEST_SKU)
            units[sku] = min(units.get(sku, Decimal(0)) + quantity, LARGEST)

    for item in _rows(document, "productItems"):
        quantity = _number(item.get("quantity"))
        parts = _rows(item, "bundledProductItems") if site.bundles == "components" else []
        for part in parts or [item]:
            take(part.get("productId"), _number(part.get("quantity")))
        if site.option_booking == "sku":
            for option in _rows(item, "optionItems"):
                take(_option_sku(site, option), quantity)
    return units


def _option_sku(site: SitePolicy, option: Mapping[str, Any]) -> object:
    """The SKU that an option is booked under; None for one that costs nothing and is not mapped."""
    product = option.get("productId")
    chosen = f"{option.get('optionId')}:{option.get('optionValueId')}"
    mapped = site.options.get(chosen) or site.options.get(str(product))
    priced = _number(option.get("netPrice")) or _number(option.get("grossPrice"))
    return mapped or (product if priced else None)


def _rows(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = document.get(name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    fits = number.is_finite() and abs(number) < LARGEST
    return number.quantize(STEP) if fits else Decimal(0)


def _instant(value: object, otherwise: datetime) -> datetime:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return otherwise
    if instant.year not in YEARS:
        return otherwise
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
