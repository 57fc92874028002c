"""What is to be offered of each SKU, apart from what holds a change back (pure).

What the ERP has, less what takes of it, is shared among kits, what the ERP assembles, and what is
sold by itself. Quantities are units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.merchant.stock import KitPolicy, SafetyRule
from sfcc_cin7.stock.deciding.allocation import OrderedUnits, supply
from sfcc_cin7.stock.deciding.assemblies import (
    NOTHING_IS_ASSEMBLED,
    Assembling,
    made_since_read,
    owed,
    to_be_made,
)
from sfcc_cin7.stock.deciding.backorders import (
    NOTHING_COMES,
    BackorderRules,
    OnTheWay,
    Waiting,
    backordered,
    promise,
    together,
)
from sfcc_cin7.stock.deciding.kits import kits_at_most, kits_of, taken_by_kits
from sfcc_cin7.stock.deciding.old_readings import Fall, fallen
from sfcc_cin7.stock.deciding.published import Published
from sfcc_cin7.stock.deciding.safety import Rules, free, shown
from sfcc_cin7.values.backorder import Backorder
from sfcc_cin7.values.money import ZERO


@dataclass(frozen=True)
class SkuState:
    """All that decides about one SKU of a list, and is no other SKU's matter.

    `available` units are those of the ERP, in a reading begun at `read_at`; None: not known.
    `drifts`: the storefront holds something else than it was told, or may do so. `shown_reset` is
    the reset date that it was seen to hold, or may hold.
    """

    available: Decimal | None
    read_at: datetime
    is_new_reading: bool = True
    """Whether it, and all that it is made of, was read again since a rise was seen."""
    orders: Sequence[OrderedUnits] = ()
    told: Published | None = None
    drifts: bool = False
    shown_reset: datetime | None = None
    category: str | None = None
    is_steady: bool = False
    """Whether two readings agree on what it has, and what it is made of."""
    is_sold: bool = True
    """Whether shoppers can buy it by itself."""
    coming: OnTheWay = NOTHING_COMES
    waiting: Sequence[Waiting] = ()
    """What the ERP has backordered of it, where that is not in `available`."""
    shows_from: datetime | None = None
    """The earliest instant that the reading may show; None: `read_at`."""
    shown_by: datetime | None = None
    """When the last of the readings began of it and what it is made of; None: `read_at`."""
    falls: Sequence[Fall] = ()
    """What documents of the ERP took, whether or not the reading shows it."""

    @property
    def as_of(self) -> datetime:
        """What happened later may not be in `available`."""
        return self.read_at if self.shows_from is None else self.shows_from

    def supply_of(self, available: Decimal) -> Decimal:
        """What may be sold of units `available` in the reading, which documents and orders may
        have taken since."""
        return supply(available - fallen(self.falls, self.as_of), self.orders, self.as_of)


@dataclass(frozen=True)
class Offered:
    """What is to be offered of one SKU: `units`, of a `supply` that is there, as the rule has it.

    `there` of them can be sent now; the others are `promised`, None where nothing may be.
    `is_ours` tells whether the merchant wants us to say what may be backordered.
    """

    supply: Decimal
    units: Decimal
    rule: str
    there: Decimal
    promised: Backorder | None = None
    is_ours: bool = False
    is_known: bool = True
    """Else there are no more, and perhaps less: what was told falls to it, and never rises."""


NO_OFFERS: Mapping[str, Offered] = {}


def offers_of(
    skus: Mapping[str, SkuState],
    rules: Rules,
    kits: Mapping[str, KitPolicy],
    backorders: BackorderRules | None = None,
    assembling: Assembling = NOTHING_IS_ASSEMBLED,
) -> dict[str, Offered]:
    """What is to be offered by SKU; a SKU whose stock is not known is left out, but for a kit of
    which there is less than it was told for sure.

    Kits are made of what rules leave of their components, apart from caps: a cap says how much is
    shown of a component, not how much there is. What is on its way is sold by itself, in no kit.
    What the ERP assembles at an order is made of what kits leave, and no kit is made of that.
    """
    deciding = {sku: rules.of(sku, state.category) for sku, state in skus.items()}
    products = assembling.products
    made_since = made_since_read(skus, products)
    supplies = {  # of what nobody knows the stock of, nothing is there for orders on their way
        sku: state.supply_of(state.available or ZERO) - made_since.get(sku, ZERO)
        for sku, state in skus.items()
        if sku not in kits
    }
    due = owed(products, supplies)
    supplies = {
        sku: units - due.get(sku, ZERO)
        for sku, units in supplies.items()
        if skus[sku].available is not None
    }
    left = {sku: free(units, deciding[sku]) for sku, units in supplies.items()}
    made = {sku: kits_of(kit, left) for sku, kit in kits.items()}
    kept = {
        sku: _kept(skus.get(sku), kits_at_most(kits[sku], left))
        for sku, count in made.items()
        if count is None
    }
    taken = taken_by_kits(kits, made | kept)
    left = {sku: units - taken.get(sku, ZERO) for sku, units in left.items()}
    unsold = {sku for sku, state in skus.items() if not state.is_sold}
    assembled = to_be_made(products, left, assembling.percent, unsold)
    for_them = taken_by_kits(products, assembled)
    offers = {}
    for sku, units in supplies.items():
        free_of_it = left[sku] - for_them.get(sku, ZERO)
        if sku in assembled:
            before, units = free(units, deciding[sku]), max(ZERO, units) + assembled[sku]
            free_of_it += free(units, deciding[sku]) - before
        offers[sku] = _offered(skus[sku], sku, units, free_of_it, deciding[sku], backorders)
    for sku, count in (made | kept).items():
        if count is None or sku not in skus or (sku in kept and not _is_less(count, skus[sku])):
            continue
        rule = rules.of_kit(sku, skus[sku].category)
        units = shown(free(count, rule), rule)
        offers[sku] = Offered(count, units, rule.name, units, is_known=sku not in kept)
    return offers


def _kept(kit: SkuState | None, at_most: Decimal | None) -> Decimal | None:
    """A kit of which a component is not known keeps what it was told, as far as the others allow:
    so do its components."""
    if kit is None or kit.told is None:
        return None
    return kit.told.total if at_most is None else min(kit.told.total, at_most)


def _is_less(count: Decimal, kit: SkuState) -> bool:
    return kit.told is not None and count < kit.told.total


def _offered(
    state: SkuState,
    sku: str,
    supply: Decimal,
    left: Decimal,
    rule: SafetyRule,
    backorders: BackorderRules | None,
) -> Offered:
    selling = backorders.of(sku, state.category) if backorders else None
    promised = None
    if backorders is not None and selling is not None:
        behind = backordered(state.waiting, state.as_of)
        promised = promise(state.coming, behind, left, selling, backorders.now)
    return Offered(
        supply,
        shown(together(left, promised), rule),
        rule.name,
        shown(left, rule),
        promised,
        selling is not None,
    )
