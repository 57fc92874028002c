"""Availability as it was some time ago, for accounts whose list is a snapshot.

One live account saw availability stand still for ten to fifteen minutes at times (uncertain.md of
the reference). Here all of it is always as old as the settings say; after a restart it is new once.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.stock import Shelved, Stock
from sfcc_cin7_sandbox.clock import Clock

Coming = tuple[Decimal, datetime | None]


class PastStock:
    """The bins as they were `age` seconds ago; with an age of 0 as they are."""

    def __init__(self, stock: Stock, clock: Clock, age: float) -> None:
        self._stock = stock
        self._clock = clock
        self._age = timedelta(seconds=age)
        self.then: Callable[[list[Shelved]], None] = lambda _rows: None
        """Who else is told of bins that are kept."""
        self._waiting: deque[tuple[datetime, Shelved, Coming]] = deque()
        self._shown: dict[str, dict[str, tuple[Shelved, Coming]]] = {}
        if self._age:
            for row in stock.rows():
                self._show(replace(row), stock.purchased(row.sku, row.location))

    def changed(self, rows: list[Shelved]) -> None:
        """These bins were kept."""
        if self._age:
            now = self._clock.now()
            for row in rows:
                coming = self._stock.purchased(row.sku, row.location)
                self._waiting.append((now, replace(row), coming))
        self.then(rows)

    def of(self, sku: str) -> list[Shelved]:
        """The bins of one SKU, ordered by location and bin."""
        if not self._age:
            return self._stock.of(sku)
        self._catch_up()
        rows = (row for row, _ in self._shown.get(sku, {}).values())
        return sorted(rows, key=lambda row: (row.location, row.bin or ""))

    def purchased(self, row: Shelved) -> Coming:
        """What suppliers were to deliver to the location of a bin."""
        if not self._age:
            return self._stock.purchased(row.sku, row.location)
        shown = self._shown.get(row.sku, {}).get(row.key)
        return shown[1] if shown else (Decimal(0), None)

    def _catch_up(self) -> None:
        until = self._clock.now() - self._age
        while self._waiting and self._waiting[0][0] <= until:
            _, row, coming = self._waiting.popleft()
            self._show(row, coming)

    def _show(self, row: Shelved, coming: Coming) -> None:
        self._shown.setdefault(row.sku, {})[row.key] = (row, coming)
