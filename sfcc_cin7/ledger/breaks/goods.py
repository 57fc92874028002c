"""What left of a sale, what came back, and what was billed and credited of it, held together. Pure.

All of it is taken from one reading of the sale (Cin7 API reference: Sale Fulfilment, Sale Invoice,
Sale Credit Note), by units of each SKU. What they are worth is their share of what the sale's order
holds for the SKU, with tax and in the sale's currency; freight and other charges are no goods.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sfcc_cin7.ledger.breaks.break_classes import GOODS_BREAKS
from sfcc_cin7.merchant.ledger import GoodsClass
from sfcc_cin7.values.money import ZERO, quantum, round_half_up


@dataclass(frozen=True)
class SkuGoods:
    """One SKU of a sale, in units: `credited` and `restocked` are of authorised credit notes, and
    only what money was credited for; `announced` is to be put back by drafts of credit notes.
    `worth` is what the order holds for all that is `ordered`, with tax, and `tax` the tax in it."""

    sku: str
    ordered: Decimal
    worth: Decimal
    tax: Decimal = ZERO
    shipped: Decimal = ZERO
    invoiced: Decimal = ZERO
    credited: Decimal = ZERO
    restocked: Decimal = ZERO
    announced: Decimal = ZERO

    @property
    def released(self) -> Decimal:
        """Units that were credited and never left: nobody has to send them, or to bring them
        back."""
        return max(min(self.credited - self.restocked, self.ordered - self.shipped), ZERO)


@dataclass(frozen=True)
class Gap:
    """A difference within one sale; `since` is when a reading showed it first, and shows it
    since."""

    kind: GoodsClass
    amount: Decimal
    since: datetime


def worth_of(each: SkuGoods, units: Decimal, currency: str) -> Decimal:
    """What so many units are worth, with tax; no more than all that is ordered."""
    if each.ordered <= 0:
        return ZERO
    share = each.worth * min(units, each.ordered) / each.ordered
    return round_half_up(share, quantum(currency))


def tax_of(each: SkuGoods, units: Decimal, currency: str) -> Decimal:
    """The tax in it."""
    if each.ordered <= 0:
        return ZERO
    share = each.tax * min(units, each.ordered) / each.ordered
    return round_half_up(share, quantum(currency))


def gaps(
    goods: Sequence[SkuGoods], currency: str, before: Sequence[Gap], at: datetime
) -> list[Gap]:
    """The differences of a sale by a reading that was asked for `at` that instant; `before` are
    those of the one before. What is worth nothing is no difference."""
    since = {one.kind: one.since for one in before}
    found = dict.fromkeys(GOODS_BREAKS, ZERO)
    for each in goods:
        for kind, units in _differences(each):
            if units > 0:
                found[kind] += worth_of(each, units, currency)
    return [Gap(kind, amount, since.get(kind, at)) for kind, amount in found.items() if amount > 0]


def _differences(each: SkuGoods) -> Iterator[tuple[GoodsClass, Decimal]]:
    yield "shipped-not-invoiced", each.shipped - each.invoiced
    yield "invoiced-not-shipped", each.invoiced - each.shipped - each.released
    yield "restocked-not-credited", each.restocked - each.credited
    yield "refund-without-return", each.credited - each.restocked - each.released - each.announced
    yield "return-without-refund", each.announced
