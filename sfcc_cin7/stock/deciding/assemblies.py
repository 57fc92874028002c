"""Products that the ERP makes of others by itself, when an order takes more than there are (pure).

A pack of six is there, or is made of six loose ones at the authorisation of its sale (Cin7 API
reference, Product: AutoAssembly). Whether its availability counts what could be made is not
published; rows that do were seen. So a product of a bill of materials has what has been made of it,
and what may be made is a share of what is free of its components, which they are not offered of as
well: no unit is promised twice. What orders take of it beyond what has been made, they take of its
components. Quantities are units.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Protocol

from sfcc_cin7.stock.deciding.allocation import OrderedUnits
from sfcc_cin7.stock.deciding.old_readings import Fall
from sfcc_cin7.values.money import ZERO

WHOLE_SHARE = Decimal(100)


@dataclass(frozen=True)
class Assembly:
    """Units by SKU in one of a product; `is_made` where an order makes what it lacks."""

    components: Mapping[str, Decimal]
    is_made: bool = True


@dataclass(frozen=True)
class Assembling:
    """All that the ERP assembles, and which share of a component may be used for it."""

    products: Mapping[str, Assembly]
    percent: Decimal


NOTHING_IS_ASSEMBLED = Assembling({}, WHOLE_SHARE)


def owed(assemblies: Mapping[str, Assembly], supplies: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Units by component that orders take of it because their own product is not there.

    `supplies` are what has been made, less orders on their way; below 0 that many are to be made.
    """
    due: dict[str, Decimal] = {}
    for sku in _products_first(assemblies):
        assembly = assemblies[sku]
        lacking = due.get(sku, ZERO) - supplies.get(sku, ZERO)
        if assembly.is_made and lacking > 0:
            for component, units in assembly.components.items():
                due[component] = due.get(component, ZERO) + units * lacking
    return due


class Read(Protocol):
    """What is known of a SKU: the earliest instant that its reading may show, and what took of it,
    orders and documents."""

    @property
    def as_of(self) -> datetime: ...
    @property
    def orders(self) -> Sequence[OrderedUnits]: ...
    @property
    def falls(self) -> Sequence[Fall]: ...


def made_since_read(
    skus: Mapping[str, Read], assemblies: Mapping[str, Assembly]
) -> dict[str, Decimal]:
    """Units by component that may have gone into products after it was read: of what took products
    and is surely in the product's reading, and may not be in that of the component."""
    gone: dict[str, Decimal] = {}
    for name, product in assemblies.items():
        if name not in skus or not product.is_made:
            continue
        for sku, units in product.components.items():
            if sku in skus:
                taken = _taken_between(skus[name], skus[sku].as_of, skus[name].as_of)
                gone[sku] = gone.get(sku, ZERO) + units * taken
    return gone


def _taken_between(product: Read, since: datetime, until: datetime) -> Decimal:
    """As `allocation.supply` and `old_readings.fallen` part what a reading shows from the rest."""
    ordered = (
        order.taken
        for order in product.orders
        if order.authorised_at is not None and since <= order.authorised_at < until
    )
    fallen = (units for units, at in product.falls if since < at <= until)
    return sum(ordered, ZERO) + sum(fallen, ZERO)


def to_be_made(
    assemblies: Mapping[str, Assembly],
    left: Mapping[str, Decimal],
    percent: Decimal,
    unsold: Collection[str] = (),
) -> dict[str, Decimal]:
    """How many of each product may be made of what is `left` of its components.

    Together they may use `percent` of a component, or all of one that nobody can buy by itself;
    each as much as the next, and what one leaves goes to the others. What nobody can buy is not
    made. A component that nobody knows the stock of makes nothing.
    """
    makes = {
        sku: each for sku, each in sorted(assemblies.items()) if each.is_made and sku not in unsold
    }
    waiting: dict[str, int] = {}
    for each in makes.values():
        for sku in each.components:
            waiting[sku] = waiting.get(sku, 0) + 1
    pool = {
        sku: max(ZERO, left.get(sku, ZERO)) * (WHOLE_SHARE if sku in unsold else percent)
        / WHOLE_SHARE
        for sku in waiting
    }  # fmt: skip
    made = {}
    for name, each in makes.items():
        made[name] = min(
            (pool[sku] / waiting[sku] / units).to_integral_value(ROUND_FLOOR)
            for sku, units in each.components.items()
        )
        for sku, units in each.components.items():
            pool[sku] -= made[name] * units
            waiting[sku] -= 1
    return made


def _products_first(assemblies: Mapping[str, Assembly]) -> Iterator[str]:
    """Each before its components; where they go round in a circle, in any order."""
    done: set[str] = set()
    parents: dict[str, list[str]] = {}
    for name, each in assemblies.items():
        for sku in each.components:
            if sku in assemblies:
                parents.setdefault(sku, []).append(name)

    def above(sku: str) -> Iterator[str]:
        if sku in done:
            return
        done.add(sku)
        for parent in parents.get(sku, ()):
            yield from above(parent)
        yield sku

    for name in sorted(assemblies):
        yield from above(name)
