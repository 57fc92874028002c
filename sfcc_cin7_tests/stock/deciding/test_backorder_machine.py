"""Goods on their way are sold once: whatever shoppers, suppliers, warehouse, order lane and
readings do, what is offered after a push is there or on its way and promised to nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from sfcc_cin7.merchant.stock import BackorderRule
from sfcc_cin7.stock.deciding.backorders import BackorderRules, OnTheWay, Waiting
from sfcc_cin7_tests.stock.deciding.surroundings import GOODS, NOON, UNITS, Reading, WebOrder
from sfcc_cin7_tests.stock.deciding.test_oversell_machine import PROFILE, StockHouse

IN_A_MONTH = NOON + timedelta(days=30)
RULE = BackorderRule(name="on their way")


class AllocatingHouse(StockHouse):
    """The ERP allocates what it does not have: availability falls below 0."""

    def __init__(self) -> None:
        super().__init__()
        self.purchased = dict.fromkeys(GOODS, 0)

    @initialize(ordered=st.integers(0, 20))
    def order_goods(self, ordered: int) -> None:
        self.purchased = dict.fromkeys(GOODS, ordered)

    @rule(sku=st.sampled_from(GOODS), units=UNITS)
    def purchase(self, sku: str, units: int) -> None:
        self.purchased[sku] += units
        self.pass_time(0.2)

    @rule(sku=st.sampled_from(GOODS), units=UNITS)
    def delivery_arrives(self, sku: str, units: int) -> None:
        units = min(units, self.purchased[sku])
        self.purchased[sku] -= units
        self.deliver(sku, units)

    @rule(sku=st.sampled_from(GOODS), units=UNITS)
    def supplier_lets_us_down(self, sku: str, units: int) -> None:
        """Known with the next reading, as what the warehouse loses."""
        units = min(units, self.purchased[sku])
        self.purchased[sku] -= units
        for reading in (self.reading, self.last):
            if reading is not None and sku in reading.rows:
                reading.lost_since[sku] = reading.lost_since.get(sku, 0) + units
        self.pass_time(0.2)

    def read_row(self, sku: str, reading: Reading) -> None:
        super().read_row(sku, reading)
        reading.coming[sku] = self.purchased[sku]

    def more_of(self, sku: str, reading: Reading) -> dict[str, Any]:
        if sku not in GOODS or sku in self.lost:
            return {}
        return {"coming": OnTheWay(Decimal(reading.coming[sku]), IN_A_MONTH)}

    def backorder_rules(self) -> BackorderRules:
        return BackorderRules([RULE], "list", self.now)

    def supply(self, sku: str) -> int:
        return self.there(sku) + self.purchased[sku]

    def for_sale(self, sku: str, left: int) -> int:
        return max(0, left + self.purchased[sku])


class AllocatingHouseOnOrder(AllocatingHouse):
    """The same with on-order inventory."""

    on_order = True


@dataclass(frozen=True)
class BackorderedOrder(WebOrder):
    """`short` is what the ERP still owes of each SKU, `known_short` what our image of it says."""

    short: Mapping[str, int] = field(default_factory=dict)
    known_short: Mapping[str, int] = field(default_factory=dict)
    posted_at: datetime | None = None


class BackorderingHouse(AllocatingHouse):
    """The ERP allocates what it has and backorders the rest, which availability does not show."""

    orders: list[BackorderedOrder]  # type: ignore[assignment]
    new_order = BackorderedOrder

    def authorised(self, order: WebOrder) -> WebOrder:
        assert isinstance(order, BackorderedOrder)
        short = {}
        for sku, units in order.takes.items():
            got = min(units, max(0, self.erp.available(sku)))
            self.erp.allocated[sku] += got
            short[sku] = units - got
        self.pass_time(0.6)
        return replace(
            order,
            in_erp=True,
            authorised_at=self.ours,
            posted_at=self.ours,
            short=short,
            known_short=short,
        )

    def voided(self, order: WebOrder) -> WebOrder:
        assert isinstance(order, BackorderedOrder)
        for sku, units in order.takes.items():
            self.erp.allocated[sku] -= units - order.short.get(sku, 0)
        return replace(order, left_the_erp=True, authorised_at=None, short={})

    @rule()
    def ship(self) -> None:
        """A sale is sent when nothing of it is missing."""
        self.first(
            lambda order: order.in_erp and not order.left_the_erp and not any(order.short.values()),
            self.shipped,
        )

    @rule()
    def see_sales(self) -> None:
        """Our image of the ERP's sales follows: it tells how many units of a sale still wait."""
        for number, order in enumerate(self.orders):
            waiting = sum(order.short.values())
            known = {sku: min(units, waiting) for sku, units in order.known_short.items()}
            self.orders[number] = replace(order, known_short=known)
        self.pass_time(0.2)

    def pass_time(self, seconds: float) -> None:
        """The ERP gives what is free to whoever waits longest, at once."""
        for number, order in enumerate(getattr(self, "orders", ())):
            for sku, units in order.short.items():
                got = min(units, max(0, self.erp.available(sku)))
                self.erp.allocated[sku] += got
                order = replace(order, short={**order.short, sku: order.short[sku] - got})
            self.orders[number] = order
        super().pass_time(seconds)

    def more_of(self, sku: str, reading: Reading) -> dict[str, Any]:
        waiting = [
            Waiting(Decimal(order.known_short[sku]), order.posted_at)
            for order in self.orders
            if order.known_short.get(sku) and order.posted_at
        ]
        return {**super().more_of(sku, reading), "waiting": waiting}

    def owed(self, sku: str) -> int:
        return sum(order.short.get(sku, 0) for order in self.orders)

    def supply(self, sku: str) -> int:
        return super().supply(sku) - self.owed(sku)

    def for_sale(self, sku: str, left: int) -> int:
        # Of a sale that lacks units of one SKU, what arrived of another may count as waiting.
        waiting = sum(order.known_short.get(sku, 0) for order in self.orders)
        coming = max(0, self.purchased[sku] - waiting)
        return max(0, left + coming)

    def teardown(self) -> None:
        if not hasattr(self, "erp"):
            return
        for number in range(len(self.orders)):
            self.orders[number] = replace(self.orders[number], known=True)
        for _ in self.orders:
            self.learn_of_cancellation()
            self.post()
            self.void()
        self.see_sales()
        super().teardown()


class BackorderingHouseOnOrder(BackorderingHouse):
    """The same with on-order inventory."""

    on_order = True


TestAllocating = AllocatingHouse.TestCase
TestAllocating.settings = PROFILE
TestAllocatingOnOrder = AllocatingHouseOnOrder.TestCase
TestAllocatingOnOrder.settings = PROFILE
TestBackordering = BackorderingHouse.TestCase
TestBackordering.settings = PROFILE
TestBackorderingOnOrder = BackorderingHouseOnOrder.TestCase
TestBackorderingOnOrder.settings = PROFILE
