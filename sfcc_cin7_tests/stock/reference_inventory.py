"""Both systems' stock arithmetic, written for tests from what is published about it, and from
nothing else in this repository.

Storefront (Salesforce Help, "Available to Sell calculation" and "On Order Inventory"): available to
sell is allocation + backorder allocation - turnover - on order, never below 0. Turnover are net
transactions dated after the reset date. Without on-order inventory the creation of an order is such
a transaction; with it the order is on order until its export is one. A cancelled order leaves on
order; of turnover it leaves only if it was not exported by the reset date. A reset never changes
what is on order.

ERP (Cin7 Core API reference, Product Availability): available is on hand less allocated, and may be
negative; an authorised order allocates at once, whatever there is, or what there is and backorders
the rest in its own lines alone until goods arrive. Which of the two is not published.
"""

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction


@dataclass
class Record:
    """One product in one inventory list."""

    on_order_inventory: bool
    allocation: int
    reset: datetime
    movements: list[tuple[datetime, int]] = field(default_factory=list)
    on_order: dict[int, int] = field(default_factory=dict)
    exports: dict[int, datetime] = field(default_factory=dict)
    backorder: int = 0

    @property
    def total(self) -> int:
        return self.allocation + self.backorder

    @property
    def turnover(self) -> int:
        return sum(units for at, units in self.movements if at > self.reset)

    @property
    def ats(self) -> int:
        return max(0, self.total - self.turnover - sum(self.on_order.values()))

    def create(self, order: int, units: int, at: datetime) -> None:
        if self.on_order_inventory:
            self.on_order[order] = units
        else:
            self.movements.append((at, units))

    def export(self, order: int, at: datetime) -> None:
        self.exports[order] = at
        if order in self.on_order:
            self.movements.append((at, self.on_order.pop(order)))

    def cancel(self, order: int, units: int, at: datetime) -> None:
        if self.on_order.pop(order, None) is None:
            exported = self.exports.get(order)
            if exported is None or exported > self.reset:
                self.movements.append((at, -units))

    def reset_to(self, allocation: int, reset: datetime) -> None:
        assert allocation >= 0
        assert reset >= self.reset, "a reset date never goes back"
        self.allocation, self.reset = allocation, reset


@dataclass
class ErpStock:
    """Units of each SKU in the one location that feeds the list."""

    on_hand: dict[str, int]
    allocated: dict[str, int]

    def available(self, sku: str) -> int:
        return self.on_hand[sku] - self.allocated[sku]


def makeable(units: dict[str, int], recipe: dict[str, int]) -> int:
    """How many kits the units allow."""
    return min(int(Fraction(units[sku], each).__floor__()) for sku, each in recipe.items())
