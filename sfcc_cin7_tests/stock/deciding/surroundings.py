"""What goes on around a list's orders: bins, another warehouse, the catalogue, the merchant's rules
by the clock, and a clock of ours that is not the storefront's."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from sfcc_cin7.merchant.stock import KitPolicy, NotForSalePolicy, SafetyRule
from sfcc_cin7.stock.deciding.allocation import OrderedUnits
from sfcc_cin7.stock.deciding.counting import Counting
from sfcc_cin7.stock.deciding.safety import Rules, changing_between
from sfcc_cin7.stock.reading.levels import summed
from sfcc_cin7.systems.cin7.documents import AvailabilityRow
from sfcc_cin7_tests.stock.reference_inventory import ErpStock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MUG, POT, KIT = "MUG", "POT", "KIT"
GOODS = (MUG, POT)
RECIPE = {MUG: 2, POT: 1}
PERCENT = 40
BUFFER = 1
UNITS = st.integers(1, 6)
HERE, THERE = "London DC", "Reno DC"
COUNTING = Counting(NotForSalePolicy(), date(2026, 3, 2))
RISE = timedelta(seconds=30)


def kits_of_share(percent: int) -> dict[str, KitPolicy]:
    components = {sku: Decimal(units) for sku, units in RECIPE.items()}
    return {KIT: KitPolicy(components=components, percent=Decimal(percent))}


@dataclass(frozen=True)
class WebOrder:
    """One order of one product, and what our store knows of it."""

    sku: str
    units: int
    created_at: datetime
    known: bool = False
    in_erp: bool = False
    """Whether a sale was ever made of it."""
    authorised_at: datetime | None = None
    exported: bool = False
    exported_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_by: datetime | None = None
    """What we know of the cancellation; None before we have heard of it."""
    left_the_erp: bool = False
    ahead: timedelta = timedelta(0)
    """How far our clock is ahead, by which it was authorised and exported."""

    @property
    def takes(self) -> dict[str, int]:
        if self.sku == KIT:
            return {sku: each * self.units for sku, each in RECIPE.items()}
        return {self.sku: self.units}

    def of(self, sku: str) -> OrderedUnits | None:
        """As the store tells the decision about it."""
        sold = self.units if self.sku == sku else 0
        booked = self.takes.get(sku, 0)
        if not self.known or (not sold and not booked):
            return None
        return OrderedUnits(
            Decimal(sold),
            self.created_at,
            authorised_at=self.authorised_at,
            exported_at=self.exported_at,
            cancelled_by=self.cancelled_by,
            booked=Decimal(booked),
            ahead=self.ahead,
        )


@dataclass
class Reading:
    started: datetime
    rows: dict[str, int]
    lost_since: dict[str, int]
    coming: dict[str, int] = field(default_factory=dict)
    """Units on order with suppliers, where a house has any."""


class Surroundings(RuleBasedStateMachine):
    """The moves that are nobody's order; whoever inherits it has an `erp` and lets time pass."""

    erp: ErpStock
    now: datetime

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.ahead = timedelta(0)
        self.quarantined = dict.fromkeys(GOODS, 0)
        self.elsewhere = dict.fromkeys(GOODS, 0)
        self.lost: set[str] = set()
        self.kits = kits_of_share(PERCENT)
        self.dated: list[SafetyRule] = []
        self.decided_at = NOON
        self.same_since: dict[str, tuple[int, datetime]] = {}

    def pass_time(self, seconds: float) -> None:
        raise NotImplementedError

    def gone(self, sku: str, units: int) -> None:
        """Units are not for sale any more, which the next reading tells."""
        raise NotImplementedError

    @property
    def ours(self) -> datetime:
        """What our clock shows."""
        return self.now + self.ahead

    # Bins and locations

    @rule(sku=st.sampled_from(GOODS), units=UNITS)
    def quarantine(self, sku: str, units: int) -> None:
        units = min(units, max(0, self.erp.on_hand[sku]))
        self.quarantined[sku] += units
        self.gone(sku, units)

    @rule(sku=st.sampled_from(GOODS))
    def pass_inspection(self, sku: str) -> None:
        self.erp.on_hand[sku] += self.quarantined[sku]
        self.quarantined[sku] = 0
        self.pass_time(0.2)

    @rule(sku=st.sampled_from(GOODS), units=UNITS)
    def transfer_away(self, sku: str, units: int) -> None:
        units = min(units, max(0, self.erp.on_hand[sku]))
        self.elsewhere[sku] += units
        self.gone(sku, units)

    @rule(sku=st.sampled_from(GOODS))
    def transfer_back(self, sku: str) -> None:
        self.erp.on_hand[sku] += self.elsewhere[sku]
        self.elsewhere[sku] = 0
        self.pass_time(0.2)

    def counted(self, sku: str) -> int:
        """What a reading of all bins and locations comes to, at the location of the list."""

        def row(on_hand: int, allocated: int = 0, **place: str) -> AvailabilityRow:
            numbers = {"OnHand": on_hand, "Allocated": allocated, "Available": on_hand - allocated}
            return AvailabilityRow.model_validate({"ID": sku, "SKU": sku, **numbers, **place})

        rows = [
            row(self.erp.on_hand[sku], self.erp.allocated[sku], Location=HERE, Bin="A-1"),
            row(self.quarantined[sku], Location=HERE, Bin="Quarantine"),
            row(self.elsewhere[sku], Location=THERE),
        ]
        return int(summed(rows, COUNTING)[sku, HERE].available)

    # The catalogue

    @rule(sku=st.sampled_from(GOODS))
    def rename_in_the_erp(self, sku: str) -> None:
        self.lost.add(sku)
        self.pass_time(0.2)

    @rule()
    def name_all_as_before(self) -> None:
        self.lost.clear()
        self.pass_time(0.2)

    # What the merchant decides

    @rule(percent=st.sampled_from((10, PERCENT, 90)))
    def change_kit(self, percent: int) -> None:
        self.kits = kits_of_share(percent)

    @rule(sku=st.sampled_from((*GOODS, KIT)), seconds=st.sampled_from((20, 90, 200)))
    def launch_later(self, sku: str, seconds: int) -> None:
        until = self.ours + timedelta(seconds=seconds)
        self.dated = [SafetyRule(name="launch", skus=[sku], cap=Decimal(0), until=until)]

    def held_back(self, at: datetime) -> Rules:
        return Rules(self.dated, "list", Decimal(BUFFER), at)

    @property
    def began_or_ended(self) -> bool:
        """Whether a rule did, since the last decision."""
        return bool(changing_between(self.dated, self.decided_at, self.ours))

    # What two readings agree on

    def note(self, rows: Mapping[str, int], started: datetime) -> None:
        """A reading was finished."""
        for sku, units in rows.items():
            if sku not in self.same_since or self.same_since[sku][0] != units:
                self.same_since[sku] = (units, started)

    def with_steadiness(self, states: dict[str, Any], started: datetime) -> dict[str, Any]:
        agreed = {sku for sku, (_, since) in self.same_since.items() if started - since >= RISE}
        return {
            sku: replace(state, is_steady=({*RECIPE} if sku == KIT else {sku}) <= agreed)
            for sku, state in states.items()
        }

    def settle_down(self) -> None:
        """All is as it was meant to be."""
        self.lost.clear()
        self.kits = kits_of_share(PERCENT)
