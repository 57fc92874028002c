"""What a storefront may sell of goods that are on their way: a value that every part speaks of."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sfcc_cin7.values.money import ZERO

Handling = Literal["none", "preorder", "backorder"]
"""As Commerce Cloud calls it: `preorder` are goods that were never on sale, `backorder` goods that
have run out. What is to be sold so counts as available only where it is one of the two."""


@dataclass(frozen=True)
class Backorder:
    """`units` are for sale beyond what is there, and expected at `expected_at` (aware UTC).

    With `none` nothing is, and there is no date.
    """

    handling: Handling = "none"
    units: Decimal = ZERO
    expected_at: datetime | None = None


NO_BACKORDER = Backorder()


def backorder(handling: str, units: Decimal, expected_at: datetime | None) -> Backorder:
    """A record's three fields as one value; equal where they mean the same to a shopper."""
    if handling == "none" or not units:
        return NO_BACKORDER
    known: Handling = "preorder" if handling == "preorder" else "backorder"
    return Backorder(known, units, expected_at)
