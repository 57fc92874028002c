"""Whose of several owners the units are that have left. Pure.

A sale may hold several orders, and an order several shipments; the ERP knows of neither. What one
owner has certainly got is what has left beyond all that the others could have of it: so nobody is
told of goods that may be somebody else's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sfcc_cin7.fulfilment.deciding.dispatch import Dispatched, Parcel
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.states import Stage

Units = Mapping[str, Decimal]
"""Units by SKU."""


def certain(shipped: Units, own: Units, others: Units) -> dict[str, Decimal]:
    """Units by SKU that are certainly this owner's, who has `own`, the others `others` together."""
    found = {}
    for sku, units in own.items():
        sure = min(units, shipped.get(sku, ZERO) - others.get(sku, ZERO))
        if sure > 0:
            found[sku] = sure
    return found


def share_of(whole: Dispatched, own: Units, others: Units) -> Dispatched:
    """What has left of one order of a sale that holds others too, of the same addressee.

    Parcels that hold none of the order's SKUs are not told. Units of a parcel are left out where it
    is not certain whose they are.
    """
    sure = certain(dict(whole.shipped), own, others)
    complete = all(sure.get(sku, ZERO) >= units for sku, units in own.items())
    if whole.stage is Stage.SHIPPED or (complete and own):
        stage = Stage.SHIPPED
        sure = dict(own)
    else:
        stage = Stage.PART_SHIPPED if sure else Stage.NOT_SHIPPED
    if stage is Stage.NOT_SHIPPED:
        return Dispatched()
    parcels = tuple(
        replace(parcel, lines=_only(parcel, own, others))
        for parcel in whole.parcels
        if not parcel.lines or any(sku in own for sku, _ in parcel.lines)
    )
    return Dispatched(stage, tuple(sorted(sure.items())), parcels)


def _only(parcel: Parcel, own: Units, others: Units) -> tuple[tuple[str, Decimal], ...]:
    return tuple((sku, units) for sku, units in parcel.lines if sku in own and sku not in others)


def shipment_of(parcel: Parcel, shipments: Mapping[str, Units]) -> str | None:
    """The one shipment of an order that a parcel belongs to; None where several may be it."""
    if len(shipments) == 1:
        return next(iter(shipments))
    holders = [
        name
        for name, units in shipments.items()
        if parcel.lines and all(sku in units for sku, _ in parcel.lines)
    ]
    shared = {
        sku for sku, _ in parcel.lines if sum(sku in units for units in shipments.values()) > 1
    }
    return holders[0] if len(holders) == 1 and not shared else None


def left_whole(seen: Dispatched, shipments: Mapping[str, Units]) -> dict[str, bool]:
    """Of each shipment of an order, whether all of it has certainly left."""
    shipped = dict(seen.shipped)
    found = {}
    for name, own in shipments.items():
        others = together([units for other, units in shipments.items() if other != name])
        sure = certain(shipped, own, others)
        found[name] = seen.stage is Stage.SHIPPED or (
            bool(own) and all(sure.get(sku, ZERO) >= units for sku, units in own.items())
        )
    return found


def together(parts: Sequence[Units]) -> dict[str, Decimal]:
    """Units by SKU of several owners."""
    total: dict[str, Decimal] = {}
    for units in parts:
        for sku, quantity in units.items():
            total[sku] = total.get(sku, ZERO) + quantity
    return total
