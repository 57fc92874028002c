"""Decides what an inventory list is to be told: from what the ERP has to single allocations.

Everything comes in as values; who reads them from the store, and who sends the pushes, is in
`deciding` and `publish`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7.merchant.stock import KitPolicy, SafetyRule
from sfcc_cin7.stock.deciding.allocation import (
    Decision,
    OrderedUnits,
    allocation,
    counted,
    cut,
    decide,
    implied_offer,
    reset_date,
    supply,
)
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
from sfcc_cin7.stock.deciding.kits import kits_of, taken_by_kits
from sfcc_cin7.stock.deciding.mass_change import Change
from sfcc_cin7.stock.deciding.old_readings import Fall, fallen
from sfcc_cin7.stock.deciding.published import Published
from sfcc_cin7.stock.deciding.safety import Rules, free, shown
from sfcc_cin7.values.backorder import NO_BACKORDER, Backorder
from sfcc_cin7.values.money import ZERO

FAR_AHEAD = timedelta(minutes=5)
"""A reset date that lies further ahead of a reading is a mistake, as local time stamped as UTC."""
RENEWED_AFTER = timedelta(hours=24)
"""A figure that lives on orders since its reset is published anew before those are forgotten."""


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
class ListState:
    """What is the same for every SKU of a list. `settled`: every order until then is known."""

    on_order: bool
    settled: datetime


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


NO_OFFERS: Mapping[str, Offered] = {}


@dataclass(frozen=True)
class Push:
    """One allocation to send; `before` is what the storefront was told last.

    With a `backorder`, None where those fields are not ours, more than the allocation is for sale.
    """

    sku: str
    allocation: Decimal
    reset_at: datetime
    before: Published | None
    rise_seen: Decimal | None = None
    rule: str | None = None
    withheld: Decimal = ZERO
    """Units that are there and not offered; see `writers.writer.Figure`."""
    backorder: Backorder | None = None
    read_at: datetime | None = None
    """When the reading began that this was decided upon."""
    available: Decimal | None = None
    """What it showed; None for a kit."""
    rise_read_at: datetime | None = None
    """When the reading began that `rise_seen` was seen in."""
    offered: Decimal | None = None
    """What was told last, as it would read with this reset date; None where nothing was told."""

    @property
    def total(self) -> Decimal:
        """Units for sale, there and on their way."""
        return self.allocation + (self.backorder.units if self.backorder else ZERO)

    @property
    def change(self) -> Change | None:
        """How what is for sale changes; None where it does not, or nobody knows what it was."""
        if self.offered is None or self.offered == self.total:
            return None
        return Change(self.offered, self.total)


@dataclass
class Plan:
    """Pushes to send, rises to remember (None: none is seen any more), and what nobody knows."""

    pushes: list[Push] = field(default_factory=list)
    rises: dict[str, Decimal | None] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    """By SKU, the rule that decided."""
    held: int = 0
    """Rises that wait for a second reading, and corrections that wait for their reset date."""
    unknown: list[str] = field(default_factory=list)
    """SKUs whose stock is not known: what was published stays."""


def plan(
    skus: Mapping[str, SkuState],
    where: ListState,
    rules: Rules,
    kits: Mapping[str, KitPolicy],
    backorders: BackorderRules | None = None,
    assembling: Assembling = NOTHING_IS_ASSEMBLED,
    before: Mapping[str, Offered] = NO_OFFERS,
) -> Plan:
    """What to tell a list of these SKUs. A kit's components and a component's kits are there too,
    or what they may take of each other is not known; so it is with what the ERP assembles.

    `before` is what the rules had offered until a moment ago, where one has begun or ended.
    """
    made = Plan()
    offers = offers_of(skus, rules, kits, backorders, assembling)
    for sku, state in sorted(skus.items()):
        offered = offers.get(sku)
        if offered is None:
            made.unknown.append(sku)
            continue
        made.rules[sku] = offered.rule
        decision, reset_at, waits = decide_sku(state, offered, where, before.get(sku))
        if decision.publish is not None:
            units, backorder = split(decision.publish, state, offered, where.on_order, reset_at)
            made.pushes.append(
                Push(
                    sku,
                    units,
                    reset_at,
                    state.told,
                    decision.rise_seen,
                    offered.rule,
                    max(ZERO, offered.supply - max(ZERO, offered.there)),
                    backorder,
                    state.read_at,
                    state.available,
                    _rise_read_at(state),
                    _offered_by_now(state, where, reset_at),
                )
            )
        elif state.told is not None and decision.rise_seen != state.told.rise_seen:
            made.rises[sku] = decision.rise_seen
        made.held += waits or decision.rise_seen is not None
    return made


def _offered_by_now(state: SkuState, where: ListState, reset_at: datetime) -> Decimal | None:
    """What may be for sale at most while nothing is published."""
    if state.told is None:
        return None
    told, on_order = state.told, where.on_order
    return implied_offer(
        told.total, told.reset_at, state.orders, on_order=on_order, reset_at=reset_at
    ).high


def _rise_read_at(state: SkuState) -> datetime | None:
    """A rise that this reading does not confirm is still of the reading that showed it."""
    before = state.told.rise_read_at if state.told else None
    shown_by = state.shown_by or state.read_at
    return shown_by if state.is_new_reading or before is None else before


def offers_of(
    skus: Mapping[str, SkuState],
    rules: Rules,
    kits: Mapping[str, KitPolicy],
    backorders: BackorderRules | None = None,
    assembling: Assembling = NOTHING_IS_ASSEMBLED,
) -> dict[str, Offered]:
    """What is to be offered by SKU; a SKU whose stock is not known is left out.

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
    taken = taken_by_kits(kits, {sku: _made_or_told(skus.get(sku), made[sku]) for sku in kits})
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
    for sku, count in made.items():
        if count is not None and sku in skus:
            rule = rules.of_kit(sku, skus[sku].category)
            units = shown(free(count, rule), rule)
            offers[sku] = Offered(count, units, rule.name, units)
    return offers


def _made_or_told(kit: SkuState | None, made: Decimal | None) -> Decimal | None:
    """A kit of which a component is not known keeps what it was told: so do its components."""
    if made is not None or kit is None or kit.told is None:
        return made
    return kit.told.total


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


def decide_sku(
    sku: SkuState, offered: Offered, where: ListState, before: Offered | None = None
) -> tuple[Decision, datetime, bool]:
    """Whether to publish a SKU, the reset date that goes with it, and whether it has to wait.

    What it rises by since the rules had it `before` waits for no second reading, if it is steady.

    What is published is all that is for sale, of what is there and of what is on its way.
    """
    told, on_order = sku.told, where.on_order
    prior = [at for at in (told.reset_at if told else None, sku.shown_reset) if at]
    reset_at = reset_date(where.settled, sku.orders, max(prior, default=None), on_order)
    wanted = allocation(offered.units, sku.orders, on_order=on_order, reset_at=reset_at)
    is_later = (told is None or sku.drifts) and not on_order and reset_at > cut(where.settled)
    if is_later and reset_at <= sku.read_at + FAR_AHEAD:
        # An order that we do not know may lie before that date.
        return Decision(None, told.rise_seen if told else None), reset_at, True
    if told is None or is_later:
        # A date so far ahead cannot be waited for, and whoever stamped it offers what he likes.
        return Decision(wanted), reset_at, False
    implied = implied_offer(
        told.total, told.reset_at, sku.orders, on_order=on_order, reset_at=reset_at
    )
    is_old = reset_at - told.reset_at > RENEWED_AFTER
    if is_old and implied.low == implied.high == wanted != told.total:
        return Decision(wanted), reset_at, False
    decision = decide(wanted, implied, told.rise_seen, is_new_reading=sku.is_new_reading)
    if before is not None and sku.is_steady and wanted > implied.low == implied.high:
        by_itself = allocation(before.units, sku.orders, on_order=on_order, reset_at=reset_at)
        seen = max(ZERO, min(wanted, by_itself) - implied.low)
        if wanted - seen > (decision.publish or implied.low):
            decision = Decision(wanted - seen, seen or None)
    if sku.drifts and decision.publish is None:
        return changed(decision, publish=implied.low), reset_at, False  # a rise still waits
    if decision.publish is None and _is_said_otherwise(
        sku, told, split(implied.low, sku, offered, on_order, reset_at), on_order, reset_at
    ):
        decision = changed(decision, publish=implied.low)  # as much, of which more or less is there
    return decision, reset_at, False


def split(
    total: Decimal, sku: SkuState, offered: Offered, on_order: bool, reset_at: datetime
) -> tuple[Decimal, Backorder | None]:
    """How much of what is for sale is allocated as being there, and what is backordered.

    Whatever is no longer ours to sell before it is there is taken back once.
    """
    was_ours = sku.told is not None and sku.told.backorder not in (None, NO_BACKORDER)
    if offered.promised is None:
        return total, NO_BACKORDER if offered.is_ours or was_ours else None
    there = allocation(offered.there, sku.orders, on_order=on_order, reset_at=reset_at)
    allocated = min(total, there)
    if allocated == total:
        return total, NO_BACKORDER
    return allocated, changed(offered.promised, units=total - allocated)


def _is_said_otherwise(
    sku: SkuState,
    told: Published,
    said: tuple[Decimal, Backorder | None],
    on_order: bool,
    reset_at: datetime,
) -> bool:
    """Whether shoppers would read something else: what can be sent now, or until when the rest."""
    units, backorder = said
    if backorder is None or backorder == told.backorder == NO_BACKORDER:
        return False
    now = told.allocation - counted(sku.orders, on_order=on_order, reset_at=told.reset_at)
    then = units - counted(sku.orders, on_order=on_order, reset_at=reset_at)
    if told.backorder is None or max(now, ZERO) != max(then, ZERO):
        return True
    terms = (backorder.handling, backorder.expected_at)
    return terms != (told.backorder.handling, told.backorder.expected_at)
