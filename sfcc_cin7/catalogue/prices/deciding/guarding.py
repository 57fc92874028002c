"""What a person has to look at before a price is told, with both figures.

Nothing is held for being new: it has no figure to compare with, and the gate asks for a price. Its
margin counts all the same.
"""

from dataclasses import dataclass
from decimal import Decimal

from sfcc_cin7.catalogue.prices.deciding.table import PriceTable
from sfcc_cin7.merchant.prices import PriceBookPolicy

BELOW_FLOOR, LARGE_CHANGE = "price-below-floor", "price-change-large"
FOLLOWING = Decimal("0.001")
"""How far a price may be off, as a share, that is calculated from a cost: both are rounded."""


@dataclass(frozen=True)
class Doubt:
    """Why a price waits: a code, and the two figures in words."""

    code: str
    expected: str
    actual: str


def doubt(
    book: PriceBookPolicy, table: PriceTable, before: Decimal | None, lowest_margin: Decimal | None
) -> Doubt | None:
    """Why the price of `table` is not told by itself; None where it is.

    `before` is the price of one unit that the storefront has, None where it has none;
    `lowest_margin` is what the lowest amount of the table earns, None where the cost is not known.
    """
    floor = book.margin_floor
    if floor is not None and lowest_margin is not None and lowest_margin < floor:
        earns = f"{table.lowest:f} {book.currency} earns {lowest_margin:.1%}"
        return Doubt(BELOW_FLOOR, f"at least {floor:.1%}", earns)
    if before and abs(table.price - before) / before > book.largest_change:
        now = f"{table.price:f} {book.currency} ({table.price / before - 1:+.1%})"
        return Doubt(LARGE_CHANGE, f"{before.normalize():f} {book.currency}", now)
    return None


def follows_cost(
    price_before: Decimal | None,
    cost_before: Decimal | None,
    price: Decimal | None,
    cost: Decimal | None,
) -> bool | None:
    """Whether a tier's price moved with its cost, in the same proportion, as a calculated tier does
    when goods are received; None where nothing can be told, because one of them did not move."""
    if not (price_before and cost_before and price and cost):
        return None
    if price == price_before or cost == cost_before:
        return None
    moved, should = price / price_before, cost / cost_before
    return abs(moved / should - 1) <= FOLLOWING
