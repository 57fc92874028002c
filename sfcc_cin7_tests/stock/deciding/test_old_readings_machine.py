"""The same house, where availability may be of any instant of the last minute and a half, and what
the warehouse loses is written down: nothing is offered that is not there, all of it in the end."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from sfcc_cin7.stock.deciding.offering import SkuState
from sfcc_cin7.stock.deciding.old_readings import agrees, shown_from
from sfcc_cin7.stock.deciding.plan import Plan
from sfcc_cin7.stock.deciding.published import Published
from sfcc_cin7_tests.depth import STOCK_EXAMPLES
from sfcc_cin7_tests.stock.deciding.surroundings import GOODS, UNITS, Reading
from sfcc_cin7_tests.stock.deciding.test_oversell_machine import PROFILE, StockHouse

AGE, RISE = 90, 30


class OldHouse(StockHouse):
    """What a page shows was so at an instant of the last `AGE` seconds, another one each time."""

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[tuple[datetime, int]]] = {sku: [] for sku in GOODS}
        self.falls: dict[str, list[tuple[Decimal, datetime]]] = {sku: [] for sku in GOODS}
        self.lag: float = AGE

    def pass_time(self, seconds: float) -> None:
        super().pass_time(seconds)
        if hasattr(self, "erp"):
            for sku in GOODS:
                self.history[sku].append((self.now, self.erp.available(sku)))

    @rule(lag=st.sampled_from((0, 30, 60, AGE)))
    def stand_still(self, lag: float) -> None:
        """From now on availability is so old, until it is otherwise."""
        self.lag = lag

    @rule(sku=st.sampled_from(GOODS), units=UNITS, pauses=st.lists(st.integers(1, 45), max_size=3))
    def sell_and_read_again(self, sku: str, units: int, pauses: list[int]) -> None:
        """An order goes all its way; readings of before and after it follow each other."""
        self.order(sku, units)
        for work in ("receive_order", "post", "export", "note_export"):
            getattr(self, work)()
        for pause in pauses:
            self.pass_time(pause)
            self.read_and_push()

    def read_row(self, sku: str, reading: Reading) -> None:
        shown = self.now - timedelta(seconds=self.lag)
        rows = [units for at, units in self.history[sku] if at <= shown]
        reading.rows[sku] = rows[-1] if rows else self.erp.available(sku)

    def gone(self, sku: str, units: int) -> None:
        """Somebody writes it off or moves it away, and the trail reads that."""
        self.erp.on_hand[sku] -= units
        self.pass_time(0.2)
        self.falls[sku].append((Decimal(units), self.ours))

    def with_steadiness(self, states: dict[str, Any], started: datetime) -> dict[str, Any]:
        return super().with_steadiness(states, shown_from(started, AGE))

    def decided_state(self, sku: str, reading: Reading, state: SkuState) -> SkuState:
        shows_from = shown_from(reading.started, AGE)
        told = self.told.get(sku)
        return replace(
            state,
            shows_from=shows_from,
            falls=self.falls.get(sku, ()),
            is_new_reading=agrees(shows_from, told.rise_read_at if told else None, RISE),
        )

    def tell(self, made: Plan) -> None:
        super().tell(made)
        assert self.last is not None
        for push in made.pushes:
            at = push.rise_read_at if push.rise_seen is not None else None
            self.told[push.sku] = replace(self.told[push.sku], rise_read_at=at)
        for sku, rise in made.rises.items():
            before: Published = self.told[sku]
            at = None if rise is None else before.rise_read_at or self.last.started
            self.told[sku] = replace(before, rise_read_at=at)


class OldOnOrderHouse(OldHouse):
    """The same with on-order inventory."""

    on_order = True


FEWER: Any = settings(PROFILE, max_examples=max(12, STOCK_EXAMPLES // 4))
TestOldStock = OldHouse.TestCase
TestOldStock.settings = FEWER
TestOldStockOnOrder = OldOnOrderHouse.TestCase
TestOldStockOnOrder.settings = FEWER
