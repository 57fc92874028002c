"""Whatever the warehouse does and undoes, the company's goods and statuses add up."""

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_tests.depth import STOCK_EXAMPLES
from sfcc_cin7_tests.sandbox.cin7_company import Company, line

PLACES = ("London DC", "Reno DC")
ADVANCED, SIMPLE = 0, 1
QUANTITIES = st.none() | st.dictionaries(
    st.sampled_from(["TENT-2P", "STOVE"]), st.integers(0, 3).map(Decimal), min_size=1
)


class Goods(RuleBasedStateMachine):
    """Two sales, one of each type, and a backorder in both."""

    def __init__(self) -> None:
        super().__init__()
        self.company = Company(calls_per_window=10_000, void_when_picked="accepted")
        self.cin7 = self.company.cin7
        self.received = Decimal(0)
        self.sales = []
        for kind in ("Advanced", "Simple"):
            sale = self.company.new_sale(SaleType=kind)
            self.company.authorise(sale, line(quantity=4), line("STOVE", quantity=3))
            self.sales.append(sale["ID"])

    def attempt(self, work, *args, **more) -> None:
        """What is refused must have changed nothing."""
        before = self.cin7.truth()
        try:
            work(*args, **more)
        except Refusal:
            assert self.cin7.truth()["stock"] == before["stock"]

    which = st.sampled_from([ADVANCED, SIMPLE])

    @rule(sale=which, quantities=QUANTITIES)
    def pick(self, sale, quantities):
        self.attempt(self.cin7.pick, self.sales[sale], quantities)

    @rule(sale=which, parcels=st.integers(1, 3))
    def pack(self, sale, parcels):
        self.attempt(self.cin7.pack, self.sales[sale], parcels)

    @rule(sale=which, quantities=QUANTITIES, parcels=st.integers(1, 3), leaving=st.integers(1, 2))
    def ship(self, sale, quantities, parcels, leaving):
        boxes = {"parcels": parcels, "leaving": leaving}
        self.attempt(self.cin7.ship, self.sales[sale], quantities, **boxes)

    @rule(sale=which, fulfilment=st.integers(1, 3), stage=st.sampled_from(["Pick", "Pack", "Ship"]))
    def undo(self, sale, fulfilment, stage):
        self.attempt(self.cin7.despatch.undo, self.sales[sale], stage, fulfilment=fulfilment)

    @rule(sale=which, fulfilment=st.integers(1, 3))
    def void(self, sale, fulfilment):
        self.attempt(self.cin7.despatch.void, self.sales[sale], fulfilment=fulfilment)

    @rule(units=st.integers(1, 3))
    def receive(self, units):
        self.cin7.receive("STOVE", "London DC", Decimal(units))
        self.received += units

    @rule(sale=which)
    def invoice(self, sale):
        self.attempt(self.cin7.invoice, self.sales[sale])

    @rule(sale=which, restock=st.booleans())
    def credit(self, sale, restock):
        one = {"TENT-2P": Decimal(1)}
        self.attempt(self.cin7.credit, self.sales[sale], one, restock=restock)

    @invariant()
    def every_unit_is_somewhere(self):
        stock = self.cin7.stock_truth()
        sales = [self.cin7._sales.find(sale_id) for sale_id in self.sales]
        for sku, seeded in (("TENT-2P", 14), ("STOVE", 3)):
            there = sum((row["OnHand"] for row in stock if row["SKU"] == sku), Decimal(0))
            allocated = sum((row["Allocated"] for row in stock if row["SKU"] == sku), Decimal(0))
            rows = [row for sale in sales for row in sale.lines if row["SKU"] == sku]
            gone = sum((part["Quantity"] for row in rows for part in row["Gone"]), Decimal(0))
            parts = (part["Quantity"] for row in rows for part in row["Allocations"])
            back = sum((sale.restocked().get(sku, Decimal(0)) for sale in sales), Decimal(0))
            came = self.received if sku == "STOVE" else Decimal(0)
            assert there == seeded + came - gone + back
            assert allocated == sum(parts, Decimal(0))

    @invariant()
    def every_line_is_waited_for_allocated_or_gone(self):
        for sale_id in self.sales:
            for row in self.cin7._sales.find(sale_id).lines:
                parts = [*row["Allocations"], *row["Gone"]]
                held = sum((part["Quantity"] for part in parts), Decimal(0))
                assert held + row["BackorderQuantity"] == row["Quantity"]
                assert all(part["Quantity"] > 0 for part in parts)

    @invariant()
    def what_is_shown_as_sent_is_what_left(self):
        for sale in self.cin7.sales_truth():
            shown: dict[str, Decimal] = {}
            for parcel in sale["Parcels"]:
                for sku, units in parcel["Units"].items():
                    shown[sku] = shown.get(sku, Decimal(0)) + units
            kept = self.cin7._sales.find(sale["ID"])
            for row in kept.lines:
                assert shown.get(row["SKU"], 0) == kept.units(row, "SHIPPED")
                picked, packed = kept.units(row, "PICKED"), kept.units(row, "PACKED")
                assert kept.units(row, "SHIPPED") <= packed <= picked <= row["Quantity"]

    @invariant()
    def the_costs_are_those_of_what_left(self):
        for sale_id in self.sales:
            sale = self.cin7._sales.find(sale_id)
            left = sum((m["COGS"] for m in sale.movements if m["COGS"] > 0), Decimal(0))
            units = sum((sale.units(row, "SHIPPED") for row in sale.lines), Decimal(0))
            assert left == units * Decimal("7.50")


Goods.TestCase.settings = settings(
    max_examples=max(STOCK_EXAMPLES // 5, 10), stateful_step_count=20, deadline=None
)
TestGoods = Goods.TestCase
