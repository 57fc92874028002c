"""What has left, in the words of the storefront: the contract of docs/fulfilment.md. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sfcc_cin7.fulfilment.deciding.dispatch import Dispatched, Parcel
from sfcc_cin7.fulfilment.deciding.sharing import left_whole, shipment_of
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.states import Stage

LONGEST_NUMBER = 256
"""Characters of a shipment's tracking number."""


def parcels_text(document: Mapping[str, Any], wanted: Dispatched) -> str:
    """Parcels of an order as JSON, always the same for the same parcels."""
    return decimal_json.dumps(_parcels(document, wanted))


def refunds_text(wanted: Dispatched) -> str:
    """What was given back as JSON: money with tax, in the order's currency."""
    return decimal_json.dumps(
        [
            {
                "creditNote": refund.number,
                "amount": refund.amount,
                "restocked": _units(refund.restocked),
            }
            for refund in wanted.refunds
        ]
    )


def same_parcels(shown: object, text: str) -> bool:
    """Whether an attribute holds the parcels of `text`, in whatever spelling of JSON."""
    try:
        return isinstance(shown, str) and bool(
            decimal_json.loads(shown) == decimal_json.loads(text)
        )
    except ValueError:
        return False


def posted_state(document: Mapping[str, Any], wanted: Dispatched, raised: Stage) -> dict[str, Any]:
    """What the cartridge is sent of an order, without the revision; `raised` is the higher of what
    is wanted and what the order shows. Nor is a shipment lowered that the order shows as shipped:
    the cartridge would refuse it all."""
    shipments = units_by_shipment(document)
    shown = {
        _id(shipment)
        for shipment in document.get("shipments") or ()
        if shipment.get("shippingStatus") == Stage.SHIPPED.word
    }
    whole = left_whole(wanted, shipments)
    numbers: dict[str, list[str]] = defaultdict(list)
    for parcel in wanted.parcels:
        name = shipment_of(parcel, shipments)
        if name is not None and parcel.number:
            numbers[name].append(parcel.number)
    return {
        "shippingStatus": raised.word,
        "parcels": _parcels(document, wanted),
        "shipments": [
            {
                "shipmentId": name,
                "shipped": whole[name] or name in shown,
                "trackingNumber": _joined(numbers[name]),
            }
            for name in shipments
        ],
    }


def units_by_shipment(document: Mapping[str, Any]) -> dict[str, dict[str, Decimal]]:
    """Units by SKU of each shipment of an order document; a line names its shipment, or belongs to
    `me`, which is the id of a shipment that names none."""
    found: dict[str, dict[str, Decimal]] = {
        _id(shipment): {} for shipment in document.get("shipments") or ()
    }
    for line in document.get("productItems") or ():
        units = found.setdefault(_id(line), {})
        sku, quantity = str(line.get("productId")), line.get("quantity")
        units[sku] = units.get(sku, ZERO) + (Decimal(quantity) if quantity else ZERO)
    return found or {"me": {}}


def _id(part: Mapping[str, Any]) -> str:
    """Of a shipment, or of the one that a line belongs to."""
    return str(part.get("shipmentId") or "me")


def _parcels(document: Mapping[str, Any], wanted: Dispatched) -> list[dict[str, Any]]:
    shipments = units_by_shipment(document)
    return [_parcel(parcel, shipment_of(parcel, shipments)) for parcel in wanted.parcels]


def _parcel(parcel: Parcel, shipment: str | None) -> dict[str, Any]:
    return {
        "fulfilment": parcel.fulfilment,
        "carrier": parcel.carrier,
        "trackingNumber": parcel.number,
        "trackingUrl": parcel.url,
        "shippedOn": parcel.shipped_on or None,
        "shipmentId": shipment,
        "lines": _units(parcel.lines),
    }


def _units(lines: Iterable[tuple[str, Decimal]]) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": _plain(units)} for sku, units in lines]


def _plain(units: Decimal) -> Decimal | int:
    return int(units) if units == int(units) else units.normalize()


def _joined(numbers: list[str]) -> str:
    """Several numbers in the one field that a shipment has: as many whole ones as go in."""
    text = ""
    for number in dict.fromkeys(numbers):
        longer = f"{text},{number}" if text else number
        if len(longer) > LONGEST_NUMBER:
            break
        text = longer
    return text
