"""From what was told of an order and what has left of it now, to what is to be told. Pure.

What was told is never taken back by itself: a merchant's capture of money may hang on it. Where
less has left than was told, somebody undid a shipment in the ERP, and a person has to look.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from sfcc_cin7.fulfilment.deciding.dispatch import Dispatched, Parcel
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.states import Stage


@dataclass(frozen=True)
class Decision:
    """What is to be told from now on (`wanted`; what was told, where nothing is new), and units by
    SKU that were told and have not left any more (`undone`); `lowered`: the whole stage fell."""

    wanted: Dispatched
    undone: tuple[tuple[str, Decimal], ...] = ()
    lowered: bool = False

    @property
    def needs_person(self) -> bool:
        """Whether a shipment that was told was undone."""
        return bool(self.undone) or self.lowered


def decide(
    told: Dispatched,
    seen: Dispatched,
    tellable: Dispatched | None = None,
    *,
    partial: bool = True,
) -> Decision:
    """What to tell of an order.

    `told` is what the storefront was told, or may have been told by a call that was not answered.
    `tellable` is the part of `seen` that may be told; None: all of it. `partial`: whether a shopper
    is told of parcels before everything has left.
    """
    may = seen if tellable is None else tellable
    undone = _missing(told, seen)
    lowered = seen.stage < told.stage
    if undone or lowered or may.stage < told.stage or _missing(told, may):
        return Decision(_kept(told, may), undone, lowered)
    if not partial and may.stage is not Stage.SHIPPED:
        return Decision(replace(told, refunds=may.refunds))
    return Decision(may)


def _missing(told: Dispatched, seen: Dispatched) -> tuple[tuple[str, Decimal], ...]:
    now = dict(seen.shipped)
    short = ((sku, units - now.get(sku, ZERO)) for sku, units in told.shipped)
    return tuple((sku, units) for sku, units in short if units > 0)


def _kept(told: Dispatched, seen: Dispatched) -> Dispatched:
    """All that was told, with numbers as they are now, and parcels that are new.

    A parcel stands for a told one where it has the same place in the ERP, or the same number: a
    shipment that is made again has another place.
    """
    places = {parcel.place for parcel in seen.parcels}
    numbers = {parcel.number for parcel in seen.parcels if parcel.number}
    gone = [each for each in told.parcels if not _stands_for(each, places, numbers)]
    units = dict(told.shipped)
    for sku, quantity in seen.shipped:
        units[sku] = max(units.get(sku, ZERO), quantity)
    return Dispatched(
        max(told.stage, seen.stage),
        tuple(sorted(units.items())),
        (*gone, *seen.parcels),
        seen.refunds,
    )


def _stands_for(told: Parcel, places: set[tuple[str, str, str]], numbers: set[str]) -> bool:
    return told.place in places or told.number in numbers
