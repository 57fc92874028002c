"""Decides what an inventory list is to be told: from what the ERP has to single allocations.

Everything comes in as values; who reads them from the store, and who sends the pushes, is in
`deciding` and `publish`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7.stock.allocation import (
    NOTHING,
    Decision,
    OrderedUnits,
    allocation,
    cut,
    decide,
    implied_offer,
    reset_date,
    supply,
)
from sfcc_cin7.stock.kits import kits_of, taken_by_kits
from sfcc_cin7.stock.safety import Rules, free, shown
from sfcc_cin7.stock_policies import KitPolicy
from sfcc_cin7.store.stock import Published

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
    orders: Sequence[OrderedUnits] = ()
    told: Published | None = None
    drifts: bool = False
    shown_reset: datetime | None = None
    category: str | None = None


@dataclass(frozen=True)
class ListState:
    """What is the same for every SKU of a list. `settled`: every order until then is known."""

    on_order: bool
    settled: datetime


@dataclass(frozen=True)
class Offered:
    """What is to be offered of one SKU: `units`, of a `supply`, as the rule has it."""

    supply: Decimal
    units: Decimal
    rule: str


@dataclass(frozen=True)
class Push:
    """One allocation to send; `before` is what the storefront was told last."""

    sku: str
    allocation: Decimal
    reset_at: datetime
    before: Published | None
    rise_seen: Decimal | None = None
    rule: str | None = None
    withheld: Decimal = NOTHING
    """Units that are there and not offered; see `writers.writer.Figure`."""


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
    skus: Mapping[str, SkuState], where: ListState, rules: Rules, kits: Mapping[str, KitPolicy]
) -> Plan:
    """What to tell a list of these SKUs. A kit's components and a component's kits are there too,
    or what they may take of each other is not known."""
    made = Plan()
    offers = offers_of(skus, rules, kits)
    for sku, state in sorted(skus.items()):
        offered = offers.get(sku)
        if offered is None:
            made.unknown.append(sku)
            continue
        made.rules[sku] = offered.rule
        decision, reset_at, waits = decide_sku(state, offered.units, where)
        if decision.publish is not None:
            made.pushes.append(
                Push(
                    sku,
                    decision.publish,
                    reset_at,
                    state.told,
                    decision.rise_seen,
                    offered.rule,
                    max(NOTHING, offered.supply - offered.units),
                )
            )
        elif state.told is not None and decision.rise_seen != state.told.rise_seen:
            made.rises[sku] = decision.rise_seen
        made.held += waits or decision.rise_seen is not None
    return made


def offers_of(
    skus: Mapping[str, SkuState], rules: Rules, kits: Mapping[str, KitPolicy]
) -> dict[str, Offered]:
    """What is to be offered by SKU; a SKU whose stock is not known is left out.

    Kits are made of what rules leave of their components, apart from caps: a cap says how much is
    shown of a component, not how much there is.
    """
    deciding = {sku: rules.of(sku, state.category) for sku, state in skus.items()}
    supplies = {
        sku: supply(state.available, state.orders, state.read_at)
        for sku, state in skus.items()
        if sku not in kits and state.available is not None
    }
    left = {sku: free(units, deciding[sku]) for sku, units in supplies.items()}
    made = {sku: kits_of(kit, left) for sku, kit in kits.items()}
    taken = taken_by_kits(kits, made)
    offers = {
        sku: Offered(
            units, shown(left[sku] - taken.get(sku, NOTHING), deciding[sku]), deciding[sku].name
        )
        for sku, units in supplies.items()
    }
    for sku, count in made.items():
        if count is not None and sku in skus:
            rule = rules.of_kit(sku, skus[sku].category)
            offers[sku] = Offered(count, shown(free(count, rule), rule), rule.name)
    return offers


def decide_sku(
    sku: SkuState, offered: Decimal, where: ListState
) -> tuple[Decision, datetime, bool]:
    """Whether to publish a SKU, the reset date that goes with it, and whether it has to wait."""
    told, on_order = sku.told, where.on_order
    prior = [at for at in (told.reset_at if told else None, sku.shown_reset) if at]
    reset_at = reset_date(where.settled, sku.orders, max(prior, default=None), on_order)
    wanted = allocation(offered, sku.orders, on_order=on_order, reset_at=reset_at)
    if told is None or sku.drifts:
        if not on_order and reset_at > cut(where.settled):
            # An order that we do not know may lie before that date.
            return Decision(None, told.rise_seen if told else None), reset_at, True
        return Decision(wanted), reset_at, False
    implied = implied_offer(
        told.allocation, told.reset_at, sku.orders, on_order=on_order, reset_at=reset_at
    )
    is_old = reset_at - told.reset_at > RENEWED_AFTER
    if is_old and implied.low == implied.high == wanted != told.allocation:
        return Decision(wanted), reset_at, False
    decision = decide(wanted, implied, told.rise_seen, is_new_reading=sku.is_new_reading)
    return decision, reset_at, False
