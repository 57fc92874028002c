"""Decides what an inventory list is to be told: from what the ERP has to single allocations.

Everything comes in as values; who reads them from the store, and who sends the pushes, is in
`deciding` and `publish`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as changed
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7.merchant.stock import KitPolicy
from sfcc_cin7.stock.deciding.allocation import (
    Decision,
    allocation,
    counted,
    cut,
    decide,
    implied_offer,
    reset_date,
)
from sfcc_cin7.stock.deciding.assemblies import NOTHING_IS_ASSEMBLED, Assembling
from sfcc_cin7.stock.deciding.backorders import BackorderRules
from sfcc_cin7.stock.deciding.mass_change import Change
from sfcc_cin7.stock.deciding.offering import NO_OFFERS, Offered, SkuState, offers_of
from sfcc_cin7.stock.deciding.published import Published
from sfcc_cin7.stock.deciding.safety import Rules
from sfcc_cin7.values.backorder import NO_BACKORDER, Backorder
from sfcc_cin7.values.money import ZERO

FAR_AHEAD = timedelta(minutes=5)
"""A reset date that lies further ahead of a reading is a mistake, as local time stamped as UTC."""
RENEWED_AFTER = timedelta(hours=24)
"""A figure that lives on orders since its reset is published anew before those are forgotten."""


@dataclass(frozen=True)
class ListState:
    """What is the same for every SKU of a list. `settled`: every order until then is known."""

    on_order: bool
    settled: datetime


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
        decision, reset_at, waits = decide_sku(state, offered, where, before.get(sku))
        by_now = _offered_by_now(state, where, reset_at)
        if not offered.is_known and not _falls(decision, by_now):
            made.unknown.append(sku)
            continue
        made.rules[sku] = offered.rule
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
                    by_now,
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


def _falls(decision: Decision, by_now: Decimal | None) -> bool:
    return decision.publish is not None and by_now is not None and decision.publish < by_now


def _rise_read_at(state: SkuState) -> datetime | None:
    """A rise that this reading does not confirm is still of the reading that showed it."""
    before = state.told.rise_read_at if state.told else None
    shown_by = state.shown_by or state.read_at
    return shown_by if state.is_new_reading or before is None else before


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
