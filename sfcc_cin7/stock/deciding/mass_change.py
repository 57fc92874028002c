"""Whether so much of a list would change at once that a mistake is likelier than the truth (pure).

A location renamed, a wrong stock-take file, an ERP that answers zeros: each looks like stock that
moved, reading after reading. What is counted is the change of what is for sale that we bring about,
over a rolling hour and over every way to publish; what shoppers buy is none. Shares are of what the
list had for sale before that hour. Quantities are units.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from sfcc_cin7.merchant.stock import MassChangePolicy
from sfcc_cin7.values.money import ZERO

DOUBLE = 2
FEWEST = 3
"""As many SKUs may always change."""
MARGIN = Decimal("1.1")
"""How much further what a person has released may go."""


@dataclass(frozen=True)
class Change:
    """What was for sale of a SKU, and what is to be, or is, from then on."""

    before: Decimal
    after: Decimal

    @property
    def is_fall(self) -> bool:
        return self.after < self.before

    def then(self, later: "Change") -> "Change":
        """Both one after the other, as if what shoppers bought in between had gone before."""
        return Change(max(ZERO, self.before + later.before - self.after), later.after)


@dataclass(frozen=True)
class Offer:
    """What a list has for sale: how many SKUs, and units of them."""

    skus: int
    units: Decimal


@dataclass(frozen=True)
class Extent:
    """How much changes: SKUs sold out and units fallen, SKUs at least doubled and units risen.

    `falling` and `rising` are all SKUs that do so.
    """

    emptied: int = 0
    fallen: Decimal = ZERO
    multiplied: int = 0
    risen: Decimal = ZERO
    falling: int = 0
    rising: int = 0


def joined(done: Mapping[str, Change], coming: Mapping[str, Change]) -> dict[str, Change]:
    """What was published, followed by what is to be, by SKU."""
    both = dict(done)
    for sku, change in coming.items():
        both[sku] = both[sku].then(change) if sku in both else change
    return both


def extent(changes: Iterable[Change]) -> Extent:
    """How much these changes, one for each SKU, come to."""
    emptied = multiplied = falling = rising = 0
    fallen = risen = ZERO
    for change in changes:
        more = change.after - change.before
        if more < 0:
            falling += 1
            fallen -= more
            emptied += change.after <= 0
        elif more > 0:
            rising += 1
            risen += more
            multiplied += change.after >= DOUBLE * change.before
    return Extent(emptied, fallen, multiplied, risen, falling, rising)


def before_hour(now: Offer, done: Mapping[str, Change]) -> Offer:
    """What a list had for sale before these changes, by what it has now."""
    appeared = sum(change.before <= 0 < change.after for change in done.values())
    vanished = sum(change.after <= 0 < change.before for change in done.values())
    units = now.units - sum((change.after - change.before for change in done.values()), ZERO)
    return Offer(max(0, now.skus - appeared + vanished), max(ZERO, units))


def too_much(
    found: Extent, base: Offer, policy: MassChangePolicy, released: Extent | None = None
) -> str | None:
    """Why this must not be published by itself, in a sentence; None where it may.

    `released` is what a person has looked at lately and let pass.
    """
    passed = released or Extent()
    least = _least(base, policy)
    measures = (
        # SKUs of that direction, what is measured, its limit, what was released of it, how it reads
        (
            found.emptied,
            Decimal(found.emptied),
            policy.emptied_share * base.skus,
            Decimal(passed.emptied),
            f"{found.emptied} of {base.skus} SKUs on sale would be sold out",
        ),
        (
            found.falling,
            found.fallen,
            policy.fallen_share * base.units,
            passed.fallen,
            f"{found.fallen:f} of {base.units:f} units for sale would be taken away",
        ),
        (
            found.multiplied,
            Decimal(found.multiplied),
            policy.multiplied_share * base.skus,
            Decimal(passed.multiplied),
            f"{found.multiplied} SKUs would be at least doubled, where {base.skus} are on sale",
        ),
        (
            found.rising,
            found.risen,
            policy.risen_share * base.units,
            passed.risen,
            f"{found.risen:f} units would be added to {base.units:f} for sale",
        ),
    )
    told = [
        sentence
        for skus, much, limit, let_pass, sentence in measures
        if skus >= least and much > limit and much > let_pass * MARGIN
    ]
    return f"Within an hour {', and '.join(told)}." if told else None


def _least(base: Offer, policy: MassChangePolicy) -> int:
    """SKUs that have to change: in a small list half of them are many."""
    half = int((Decimal(base.skus) / 2).to_integral_value(ROUND_CEILING))
    return max(FEWEST, min(policy.least_skus, half))
