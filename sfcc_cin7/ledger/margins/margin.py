"""Which cost a sold unit bears, in which currency, and which margins cannot be right.

Costs are the ERP's, in its base currency; revenue is in the order's. A cost that is not known, or
cannot be brought into the order's currency by a known rate, leaves the margin unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from sfcc_cin7.ledger.margins.sold import GIVEN
from sfcc_cin7.merchant.ledger import MarginPolicy
from sfcc_cin7.values.money import ZERO

Basis = Literal["shipped", "booked", "catalogue", "service", "no cost", "no rate"]
"""Where a cost is from, the best first, or why there is none."""
UNKNOWN = ("no cost", "no rate")


@dataclass(frozen=True)
class KnownCosts:
    """What is known of one ERP SKU of an order, each for one unit in the base currency.

    `shipped` is what left the shelf for this sale, `booked` the average when the sale was last
    read, `catalogue` the product's average now. Nothing, or zero, is no cost: Cin7 shows zero for
    what it never received.
    """

    shipped: Decimal | None = None
    booked: Decimal | None = None
    catalogue: Decimal | None = None
    service: bool = False


def unit_cost(known: KnownCosts) -> tuple[Decimal | None, Basis]:
    """The cost of a unit in the base currency, and where it is from."""
    if known.shipped:
        return known.shipped, "shipped"
    if known.booked:
        return known.booked, "booked"
    if known.catalogue:
        return known.catalogue, "catalogue"
    return (ZERO, "service") if known.service else (None, "no cost")


def rate(
    currency: str,
    base_currency: str,
    sale_rate: Decimal | None,
    model_rate: Decimal | None,
) -> Decimal | None:
    """Base currency for one unit of the order's: the sale's own, else the operating model's.

    `sale_rate` is None where no sale was read or its currencies are others than these two.
    """
    if currency == base_currency:
        return Decimal(1)
    return sale_rate or model_rate


def line_cost(
    parts: Sequence[tuple[Decimal, KnownCosts]], in_base: Decimal | None
) -> tuple[Decimal | None, Basis]:
    """The cost of a line in the order's currency (exact, unrounded), and the weakest basis of its
    parts (units that were not put back on the shelf, and what is known of them)."""
    if not parts:
        return ZERO, "service"
    costs = [(units, *unit_cost(known)) for units, known in parts]
    weakest = max((basis for _, _, basis in costs), key=_ORDER.index)
    if weakest == "no cost":
        return None, weakest
    if in_base is None:
        return None, "no rate"
    base = sum((units * cost for units, cost, _ in costs if cost is not None), ZERO)
    return base / in_base, weakest


_ORDER: tuple[Basis, ...] = ("service", "shipped", "booked", "catalogue", "no cost", "no rate")


class Group(NamedTuple):
    """What margins are told by."""

    sku: str
    site: str
    price_book: str
    currency: str


@dataclass(frozen=True)
class Margin:
    """Sums of some days. Only lines whose cost is known count in `revenue` and `cost` (the order's
    currency) and `base_cost`; `unknown` is the revenue of the others."""

    group: Group
    units: Decimal
    revenue: Decimal
    cost: Decimal
    base_cost: Decimal
    unknown: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        """Gross margin: revenue less cost."""
        return self.revenue - self.cost

    @property
    def share(self) -> Decimal | None:
        """Gross margin as a share of revenue; None without revenue."""
        return self.amount / self.revenue if self.revenue else None

    @property
    def in_base(self) -> Decimal:
        """Base currency for one unit of this one, as its costs were converted."""
        return self.base_cost / self.cost if self.cost else Decimal(1)


@dataclass(frozen=True)
class Implausible:
    """A margin that somebody should look at; `at_risk` is in the order's currency."""

    margin: Margin
    before: Margin | None
    problem: Literal["negative", "far from its history"]
    sentence: str
    at_risk: Decimal

    @property
    def base_at_risk(self) -> Decimal:
        """In the base currency, so that rows of several currencies can be ordered and added."""
        return self.at_risk * self.margin.in_base


def implausible(
    recent: Sequence[Margin], history: Mapping[Group, Margin], policy: MarginPolicy
) -> list[Implausible]:
    """Every margin below zero, or far from what the same group had before; most money first."""
    found = list(_implausible(recent, history, policy))
    return sorted(found, key=lambda one: (-one.base_at_risk, one.margin.group))


def _implausible(
    recent: Sequence[Margin], history: Mapping[Group, Margin], policy: MarginPolicy
) -> Iterator[Implausible]:
    for one in recent:
        before = history.get(one.group)
        if one.group.price_book == GIVEN:  # given away on purpose: its cost is told, not judged
            continue
        if one.amount < 0:
            sentence = (
                f"Sold for less than it costs: {one.revenue:f} for {one.units.normalize():f} units"
                f" that cost {one.cost:.2f} {one.group.currency}."
            )
            yield Implausible(one, before, "negative", sentence, -one.amount)
            continue
        if before is None or one.share is None or before.share is None:
            continue
        away = abs(one.share - before.share)
        if away > policy.far and min(one.units, before.units) >= policy.least_units:
            sentence = (
                f"Its margin is {one.share:.0%} of revenue, but was {before.share:.0%} in the"
                f" {policy.history_days} days before."
            )
            yield Implausible(one, before, "far from its history", sentence, away * one.revenue)


def mostly_unknown(recent: Sequence[Margin], policy: MarginPolicy) -> dict[str, Decimal]:
    """The share of revenue whose cost is unknown, of currencies where it is more than allowed."""
    shares = unknown_shares(recent)
    return {code: share for code, share in shares.items() if share > policy.most_unknown}


def unknown_shares(recent: Sequence[Margin]) -> dict[str, Decimal]:
    """By currency, the share of revenue whose cost is unknown."""
    known: dict[str, Decimal] = {}
    unknown: dict[str, Decimal] = {}
    for one in recent:
        code = one.group.currency
        known[code] = known.get(code, ZERO) + one.revenue
        unknown[code] = unknown.get(code, ZERO) + one.unknown
    return {
        code: unknown[code] / (known[code] + unknown[code])
        for code in sorted(known)
        if known[code] + unknown[code]
    }
