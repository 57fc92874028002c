"""Kits: bundles of the storefront that the ERP has no stock of, only of what is in them.

A kit can be made as often as the scarcest of its components allows: the minimum over components of
floor(units / units in a kit). It is always computed anew from the components' units; what changed
between two such minima says nothing about any component.

A component is also sold by itself, and perhaps in other kits. Each kit may use its share of what is
free of it, and by itself it is offered less what its kits may take: no unit is offered twice.
"""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Protocol

from sfcc_cin7.merchant.stock import KitPolicy
from sfcc_cin7.values.money import ZERO

WHOLE_SHARE = Decimal(100)


class Recipe(Protocol):
    """Units by SKU in one of what is made."""

    @property
    def components(self) -> Mapping[str, Decimal]: ...


def kits_of(kit: KitPolicy, free: Mapping[str, Decimal]) -> Decimal | None:
    """How many kits may be offered; below 0 where a component is oversold. None where a component's
    stock is not known: what is not known is not guessed."""
    if any(sku not in free for sku in kit.components):
        return None
    return kits_at_most(kit, free)


def kits_at_most(kit: KitPolicy, free: Mapping[str, Decimal]) -> Decimal | None:
    """The same by those components whose stock is known; None where it is of none."""
    known = ((sku, units) for sku, units in kit.components.items() if sku in free)
    return min((_whole(_share(free[sku], kit) / units) for sku, units in known), default=None)


def taken_by_kits(
    kits: Mapping[str, Recipe], made: Mapping[str, Decimal | None]
) -> dict[str, Decimal]:
    """Units by component that kits may take; `made` are the kits that are offered."""
    taken: dict[str, Decimal] = {}
    for name, kit in kits.items():
        count = max(made.get(name) or ZERO, ZERO)
        for sku, units in kit.components.items():
            taken[sku] = taken.get(sku, ZERO) + units * count
    return taken


def _share(free: Decimal, kit: KitPolicy) -> Decimal:
    return free * kit.percent / WHOLE_SHARE if free > ZERO else free


def _whole(units: Decimal) -> Decimal:
    return units.to_integral_value(ROUND_FLOOR)
