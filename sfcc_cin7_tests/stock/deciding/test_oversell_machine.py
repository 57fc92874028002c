"""Whatever the interleaving of shoppers, orders, warehouse, readings and pushes: what is offered
after a push is there, and once all is quiet everything that is there is offered."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from sfcc_cin7.stock.deciding.backorders import BackorderRules
from sfcc_cin7.stock.deciding.offering import NO_OFFERS, SkuState, offers_of
from sfcc_cin7.stock.deciding.plan import ListState, Plan, plan
from sfcc_cin7.stock.deciding.published import Published
from sfcc_cin7_tests.depth import STOCK_EXAMPLES
from sfcc_cin7_tests.stock.deciding.surroundings import (
    BUFFER,
    GOODS,
    KIT,
    MUG,
    NOON,
    PERCENT,
    POT,
    RECIPE,
    UNITS,
    Reading,
    Surroundings,
    WebOrder,
)
from sfcc_cin7_tests.stock.reference_inventory import ErpStock, Record

SETTLE = timedelta(seconds=60)


class StockHouse(Surroundings):
    """One list, two goods and a kit made of them; time passes with everything that happens."""

    on_order = False

    @initialize(
        mugs=st.integers(0, 60), pots=st.integers(0, 40), ahead=st.sampled_from((0, 0, -45, 45))
    )
    def open(self, mugs: int, pots: int, ahead: int) -> None:
        """Our clock is so many seconds ahead of the storefront's."""
        self.ahead = timedelta(seconds=ahead)
        self.erp = ErpStock({MUG: mugs, POT: pots}, {MUG: 0, POT: 0})
        long_ago = NOON - timedelta(days=1)
        self.shop = {sku: Record(self.on_order, 0, long_ago) for sku in (*GOODS, KIT)}
        self.orders: list[WebOrder] = []
        self.told: dict[str, Published] = {}
        self.reading: Reading | None = None
        self.last: Reading | None = None
        self.pushed_of: Reading | None = None
        self.pass_time(120)
        self.read_and_push()

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    # What shoppers and the order lane do

    @rule(sku=st.sampled_from((MUG, MUG, POT, KIT)), units=UNITS)
    def order(self, sku: str, units: int) -> None:
        if self.shop[sku].ats >= units:
            self.shop[sku].create(len(self.orders), units, self.now)
            self.orders.append(self.new_order(sku, units, self.now, ahead=self.ahead))
        self.pass_time(0.2)

    new_order: Callable[..., WebOrder] = WebOrder

    @rule()
    def receive_order(self) -> None:
        self.first(lambda order: not order.known, lambda order: replace(order, known=True))

    @rule()
    def post(self) -> None:
        self.first(
            lambda order: order.known and not order.in_erp and order.cancelled_by is None,
            self.authorised,
        )

    def authorised(self, order: WebOrder) -> WebOrder:
        for sku, units in order.takes.items():
            self.erp.allocated[sku] += units
        self.pass_time(0.6)  # until we have the answer
        return replace(order, in_erp=True, authorised_at=self.ours)

    @rule()
    def export(self) -> None:
        for number, order in enumerate(self.orders):
            wanted = order.authorised_at and not order.exported and order.cancelled_at is None
            if wanted:
                self.pass_time(0.3)
                self.shop[order.sku].export(number, self.now)
                self.orders[number] = replace(order, exported=True)
                return

    @rule()
    def note_export(self) -> None:
        self.first(
            lambda order: order.exported and order.exported_at is None,
            lambda order: replace(order, exported_at=self.ours),
        )

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        alive = [n for n, order in enumerate(self.orders) if order.cancelled_at is None]
        if alive:
            number = data.draw(st.sampled_from(alive))
            order = self.orders[number]
            self.shop[order.sku].cancel(number, order.units, self.now)
            self.orders[number] = replace(order, cancelled_at=self.now)
        self.pass_time(0.2)

    @rule()
    def learn_of_cancellation(self) -> None:
        self.first(
            lambda order: order.known and order.cancelled_at and order.cancelled_by is None,
            lambda order: replace(order, cancelled_by=order.cancelled_at),
        )

    @rule(seconds=st.integers(1, 200))
    def edit_cancelled_order(self, seconds: int) -> None:
        """Whoever edits it moves the only time that we have of its cancellation."""
        self.pass_time(seconds)
        self.first(
            lambda order: order.cancelled_by is not None,
            lambda order: replace(order, cancelled_by=self.now),
        )

    @rule()
    def void(self) -> None:
        self.first(
            lambda order: order.cancelled_by and order.in_erp and not order.left_the_erp,
            self.voided,
        )

    def voided(self, order: WebOrder) -> WebOrder:
        for sku, units in order.takes.items():
            self.erp.allocated[sku] -= units
        return replace(order, left_the_erp=True, authorised_at=None)

    @rule()
    def ship(self) -> None:
        """What is sent leaves hand and allocation alike, even of orders cancelled too late."""
        self.first(lambda order: order.in_erp and not order.left_the_erp, self.shipped)

    def shipped(self, order: WebOrder) -> WebOrder:
        for sku, units in order.takes.items():
            self.erp.allocated[sku] -= units
            self.erp.on_hand[sku] -= units
        return replace(order, left_the_erp=True)

    # What the warehouse does

    @rule(sku=st.sampled_from(GOODS), units=UNITS)
    def deliver(self, sku: str, units: int) -> None:
        self.erp.on_hand[sku] += units
        self.pass_time(0.2)

    @rule(sku=st.sampled_from(GOODS), units=UNITS)
    def lose(self, sku: str, units: int) -> None:
        self.gone(sku, units)

    def gone(self, sku: str, units: int) -> None:
        self.erp.on_hand[sku] -= units
        for reading in (self.reading, self.last):
            if reading is not None and sku in reading.rows:
                reading.lost_since[sku] = reading.lost_since.get(sku, 0) + units
        self.pass_time(0.2)

    @rule(seconds=st.sampled_from((1, 5, 30, 59, 61, 150)))
    def wait(self, seconds: int) -> None:
        self.pass_time(seconds)

    # What the stock lane does

    @precondition(lambda self: self.reading is None)
    @rule()
    def start_reading(self) -> None:
        self.reading = Reading(self.ours, {}, {})
        self.pass_time(0.1)

    @precondition(lambda self: self.reading is not None)
    @rule()
    def read_a_page(self) -> None:
        assert self.reading is not None
        for sku in GOODS:
            if sku not in self.reading.rows:
                self.read_row(sku, self.reading)
                break
        self.pass_time(0.5)

    def read_row(self, sku: str, reading: Reading) -> None:
        reading.rows[sku] = self.counted(sku)

    @precondition(lambda self: self.reading is not None and len(self.reading.rows) == len(GOODS))
    @rule()
    def finish_reading(self) -> None:
        assert self.reading is not None
        self.note(self.reading.rows, self.reading.started)
        self.last, self.reading = self.reading, None
        self.pass_time(0.1)

    @precondition(lambda self: self.last is not None)
    @rule()
    def push(self) -> None:
        assert self.last is not None
        self.tell(self.decided(self.last))
        self.pushed_of = self.last
        for sku in GOODS:
            self.check_offer(sku)
        self.pass_time(0.3)

    @rule(
        meanwhile=st.lists(
            st.sampled_from(("receive_order", "post", "export", "note_export", "void")), max_size=3
        ),
        pages=st.integers(0, 2),
    )
    def read_and_push(self, meanwhile: Sequence[str] = (), pages: int = 0) -> None:
        """A whole reading; the order lane goes on after so many pages of it."""
        self.reading = None
        self.start_reading()
        for page in range(3):
            if page == pages:
                for work in meanwhile:
                    getattr(self, work)()
            if page < len(GOODS):
                self.read_a_page()
        self.finish_reading()
        self.push()

    @rule(works=st.lists(st.sampled_from(("post", "export", "note_export")), max_size=4))
    def work_off(self, works: Sequence[str]) -> None:
        """The order lane takes what there is."""
        for work in ("receive_order", *works):
            getattr(self, work)()

    def decided(self, reading: Reading) -> Plan:
        unknown = [order.created_at for order in self.orders if not order.known]
        settled = reading.started - self.ahead - SETTLE
        if not self.on_order and unknown:
            settled = min(settled, min(unknown) - timedelta(milliseconds=1))
        states = {
            sku: self.decided_state(
                sku,
                reading,
                SkuState(
                    available=self.available(sku, reading),
                    read_at=reading.started,
                    is_new_reading=reading is not self.pushed_of,
                    orders=[units for order in self.orders if (units := order.of(sku))],
                    told=self.told.get(sku),
                    shown_reset=self.shop[sku].reset,
                    **self.more_of(sku, reading),
                ),
            )
            for sku in (*GOODS, KIT)
        }
        states = self.with_steadiness(states, reading.started)
        rules, backorders = self.held_back(self.ours), self.backorder_rules()
        before = (
            offers_of(states, self.held_back(self.decided_at), self.kits, backorders)
            if self.began_or_ended
            else NO_OFFERS
        )
        self.decided_at = self.ours
        where = ListState(self.on_order, settled)
        return plan(states, where, rules, self.kits, backorders, before=before)

    def available(self, sku: str, reading: Reading) -> Decimal | None:
        if sku not in GOODS:
            return None
        return Decimal(0) if sku in self.lost else Decimal(reading.rows[sku])

    def decided_state(self, sku: str, reading: Reading, state: SkuState) -> SkuState:
        """What a SKU is decided by: readings here show what was when they began."""
        return state

    def more_of(self, sku: str, reading: Reading) -> dict[str, Any]:
        """What else is known of a SKU."""
        return {}

    def backorder_rules(self) -> BackorderRules | None:
        return None

    def tell(self, made: Plan) -> None:
        for push in made.pushes:
            self.shop[push.sku].reset_to(int(push.allocation), push.reset_at)
            self.shop[push.sku].backorder = int(push.backorder.units) if push.backorder else 0
            self.told[push.sku] = Published(
                push.allocation, push.reset_at, push.rise_seen, push.backorder
            )
        for sku, rise in made.rises.items():
            self.told[sku] = replace(self.told[sku], rise_seen=rise)

    # What must hold

    def check_offer(self, sku: str) -> None:
        """By itself and in kits, no more is offered than there is.

        Three things no push can know or help: what was lost after the reading; what we have not
        heard of, which is cancellations (the storefront offers their units anew at once), orders of
        kits (it does not count them under the components) and, where there is a kit, orders beyond
        what their own record offers by now; and units that a cancellation gives back where an
        allocation would have to be below 0 to hide them.
        """
        assert self.last is not None
        offered = self.shop[sku].ats + self.shop[KIT].ats * RECIPE[sku]
        unheard = sum(
            order.takes.get(sku, 0)
            for order in self.orders
            if (order.cancelled_at and order.cancelled_by is None)
            or (not order.known and (order.sku == KIT or self.shop[KIT].ats))
        )
        given_back = sum(
            max(0, -self.shop[name].turnover) * each
            for name, each in ((sku, 1), (KIT, RECIPE[sku]))
            if self.shop[name].total == 0
        )
        beyond_us = self.last.lost_since.get(sku, 0) + unheard + given_back
        assert offered <= max(0, self.supply(sku)) + beyond_us

    def supply(self, sku: str) -> int:
        """All that may be sold in truth."""
        return self.there(sku)

    def for_sale(self, sku: str, left: int) -> int:
        """What is for sale once all is quiet, of which so much is `left` of what is there."""
        return max(0, left)

    def there(self, sku: str) -> int:
        on_their_way = sum(
            order.takes.get(sku, 0)
            for order in self.orders
            if not order.in_erp and order.cancelled_at is None
        )
        return self.erp.available(sku) - on_their_way

    def teardown(self) -> None:
        """All is posted, exported, voided and read: what is there is offered, less the buffer."""
        if not hasattr(self, "erp"):
            return
        self.settle_down()
        for number in range(len(self.orders)):
            self.orders[number] = replace(self.orders[number], known=True)
        for _ in self.orders:
            self.learn_of_cancellation()
            self.post()
            self.export()
            self.note_export()
            self.void()
        if self.reading is not None:
            self.read_a_page()
            self.read_a_page()
            self.finish_reading()
        for _ in range(6):
            self.pass_time(120)
            self.read_and_push()
        free = {sku: self.there(sku) - BUFFER for sku in GOODS}
        shares = {sku: free[sku] * PERCENT // (100 * each) for sku, each in RECIPE.items()}
        kits = max(0, min(shares.values()))
        assert self.shop[KIT].ats == kits
        for sku in GOODS:
            assert self.shop[sku].ats == self.for_sale(sku, free[sku] - kits * RECIPE[sku])

    def first(self, wanted, changed) -> None:
        for number, order in enumerate(self.orders):
            if wanted(order):
                self.orders[number] = changed(order)
                break
        self.pass_time(0.1)


class OnOrderHouse(StockHouse):
    """The same with on-order inventory."""

    on_order = True


PROFILE = settings(
    max_examples=STOCK_EXAMPLES,
    database=None,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


TestStock = StockHouse.TestCase
TestStock.settings = PROFILE
TestStockOnOrder = OnOrderHouse.TestCase
TestStockOnOrder.settings = PROFILE
