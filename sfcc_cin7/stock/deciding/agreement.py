"""Whether the operating model and both systems mean the same by a list and its locations (pure).

Availability names locations by their names (Cin7 API reference, Product Availability), and a name
can be changed in Cin7 at any time; a list's sites and flags are Business Manager's. Where they mean
something else than the model, every figure would be wrong at once.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

from sfcc_cin7.merchant.stock import InventoryListPolicy


@dataclass(frozen=True)
class Place:
    """A location of the ERP by its id. `known_as` is what it was called when it was first seen."""

    erp_id: str
    name: str
    known_as: str
    is_listed: bool = True


class Described(Protocol):
    """A list as Business Manager has it; `assigned_sites` is None where it does not tell."""

    @property
    def id(self) -> str: ...
    @property
    def assigned_sites(self) -> Collection[str] | None: ...
    @property
    def on_order_enabled(self) -> bool: ...
    @property
    def default_in_stock(self) -> bool: ...


def location_disagreements(policy: InventoryListPolicy, places: Collection[Place]) -> Iterator[str]:
    """A sentence for each location of a list that the ERP does not have, or means another by."""
    listed = {place.name: place for place in places if place.is_listed}
    for name in policy.locations:
        was = next((place for place in places if place.known_as == name), None)
        is_now = listed.get(name)
        if is_now is None:
            yield f"{policy.id}: the ERP has no location {name!r}{_instead(name, was, listed)}."
        elif was is not None and was.erp_id != is_now.erp_id:
            yield (
                f"{policy.id}: {name!r} is another location of the ERP than it was; the one that it"
                f" was is called {was.name!r} now. Name the one that is meant, or release the list."
            )


def _instead(name: str, was: Place | None, listed: Collection[str]) -> str:
    if was is not None and was.is_listed:
        return f"; it was renamed to {was.name!r}: rename it back, or write that into the model"
    if was is not None:
        return "; it was there, and is deprecated or deleted"
    alike = [each for each in listed if _letters(each) == _letters(name)]
    near = alike or [each for each in listed if _letters(name) and _letters(name) in _letters(each)]
    known = ", ".join(repr(each) for each in sorted(near or listed))
    return f"; {'did you mean' if near else 'it has'} {known}"


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def list_disagreements(policy: InventoryListPolicy, described: Described) -> Iterator[str]:
    """A sentence for each thing that Business Manager says otherwise of a list."""
    assigned = described.assigned_sites
    if assigned is not None:
        for site in sorted(set(policy.sites) - set(assigned)):
            yield (
                f"{policy.id}: site {site} does not sell from it in Business Manager; assign the"
                " list to the site, or correct `sites`."
            )
        for site in sorted(set(assigned) - set(policy.sites)):
            yield (
                f"{policy.id}: site {site} sells from it in Business Manager, and its orders would"
                " be deducted by nobody; add the site to `sites`, or give it another list."
            )
    if policy.on_order is not None and policy.on_order != described.on_order_enabled:
        has = "has" if described.on_order_enabled else "has no"
        yield f"{policy.id}: it {has} on-order inventory, and `on_order` says otherwise."


def endless(described: Described) -> str | None:
    """A list that offers without end whatever has no record. It is told; nothing is held by it,
    since each figure that is published ends it for one SKU."""
    if not described.default_in_stock:
        return None
    return (
        f"{described.id}: products without a record are in stock by default, and sold without end;"
        " switch `Default In-Stock` off in Business Manager."
    )
