"""One product inventory record: what was allocated, what was sold since, what is left to sell.

Rules as published for classic inventory (Salesforce Help, "On Order Inventory" and "Available to
Sell calculation"; Script API, ProductInventoryRecord). Quantities are Decimal in the product's
unit, times are aware UTC. A record is a value: every change returns a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

Handling = Literal["none", "preorder", "backorder"]

ENDLESS = Decimal(999999)
"""How the platform writes the available-to-sell quantity of a perpetual product."""

NOTHING = Decimal(0)
HISTORY = timedelta(hours=48)


class ResetDateRefused(ValueError):
    """The allocation reset date lies in the future, too far back, or before the prior one."""


@dataclass(frozen=True)
class Transaction:
    """A dated movement of turnover; a positive quantity was sold, a negative one came back."""

    order: str
    quantity: Decimal
    at: datetime


@dataclass(frozen=True)
class InventoryRecord:
    """The stock of one product in one inventory list.

    `on_order` holds, by order, what was ordered and not yet exported; it stays empty in lists
    whose on-order inventory is off. A reset never changes it.
    """

    allocation: Decimal
    reset_date: datetime
    perpetual: bool = False
    handling: Handling = "none"
    backorder_allocation: Decimal = NOTHING
    in_stock_date: datetime | None = None
    transactions: tuple[Transaction, ...] = ()
    on_order: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def turnover(self) -> Decimal:
        """Net transactions dated after the reset date; negative when more came back than left."""
        return sum((t.quantity for t in self.transactions if t.at > self.reset_date), NOTHING)

    @property
    def quantity_on_order(self) -> Decimal:
        return sum(self.on_order.values(), NOTHING)

    @property
    def stock_level(self) -> Decimal:
        """max(0, allocation - turnover - on order)."""
        return max(NOTHING, self.allocation - self.turnover - self.quantity_on_order)

    @property
    def ats(self) -> Decimal:
        """Available to sell; the preorder or backorder part counts only when it is handled."""
        if self.perpetual:
            return ENDLESS
        extra = NOTHING if self.handling == "none" else self.backorder_allocation
        return max(NOTHING, self.allocation + extra - self.turnover - self.quantity_on_order)

    def take(
        self, order: str, quantity: Decimal, at: datetime, *, on_order: bool
    ) -> "InventoryRecord":
        """An order was created: it waits on order until its export, or is turnover at once."""
        if on_order:
            held = self.on_order.get(order, NOTHING) + quantity
            return replace(self, on_order={**self.on_order, order: held})
        return self._recorded(order, quantity, at)

    def export(self, order: str, at: datetime) -> "InventoryRecord":
        """The order was exported: what it held on order becomes turnover dated now."""
        if order not in self.on_order:
            return self
        return self._without(order)._recorded(order, self.on_order[order], at)

    def release(
        self, order: str, quantity: Decimal, at: datetime, *, exported_at: datetime | None
    ) -> "InventoryRecord":
        """The order failed or was cancelled.

        What it held on order is free again. Otherwise turnover falls, unless the order had been
        exported by the reset date: then the system that counts the stock gives it back.
        """
        if order in self.on_order:
            return self._without(order)
        if exported_at is not None and exported_at <= self.reset_date:
            return self
        return self._recorded(order, -quantity, at)

    def reset(self, amount: Decimal, reset_date: datetime) -> "InventoryRecord":
        """A new allocation, true at `reset_date`: earlier transactions no longer count."""
        kept = tuple(t for t in self.transactions if t.at > reset_date - HISTORY)
        return replace(self, allocation=amount, reset_date=reset_date, transactions=kept)

    def _recorded(self, order: str, quantity: Decimal, at: datetime) -> "InventoryRecord":
        transaction = Transaction(order, quantity, at)
        return replace(self, transactions=(*self.transactions, transaction))

    def _without(self, order: str) -> "InventoryRecord":
        left = {key: quantity for key, quantity in self.on_order.items() if key != order}
        return replace(self, on_order=left)


def check_reset_date(
    reset_date: datetime, prior: datetime | None, now: datetime, age: timedelta = HISTORY
) -> None:
    """Raises ResetDateRefused unless the date is past, recent and not before the prior one.

    The rule of Script API ProductInventoryRecord.setAllocation.
    """
    if reset_date > now:
        raise ResetDateRefused(f"The reset date lies {reset_date - now} in the future.")
    if reset_date < now - age:
        raise ResetDateRefused(f"The reset date is older than {age / timedelta(hours=1):g} hours.")
    if prior is not None and reset_date < prior:
        raise ResetDateRefused("The reset date lies before the reset date of the record.")
