"""Which part of an order bears which part of its tax."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sfcc_cin7.values.money import ZERO, share_out

Taxation = Literal["net", "gross"]


@dataclass(frozen=True)
class Taxed:
    """Something sold: its final amount, the tax the storefront states for it and its rate."""

    amount: Decimal
    tax: Decimal
    rate: Decimal


def tax_inside(amount: Decimal, rate: Decimal, taxation: Taxation) -> Decimal:
    """The unrounded tax on an amount: on top of it when prices are net, within it when gross."""
    return amount * rate if taxation == "net" else amount - amount / (1 + rate)


def attribute(
    total: Decimal, parts: Sequence[Taxed], taxation: Taxation, step: Decimal
) -> list[Decimal] | None:
    """The tax of each part, adding up to `total` exactly, each between zero and the part's amount.

    Starts from what the storefront states for each part. What is left (tax on the order's own
    discounts, rounding by rate group) goes to the parts whose stated tax is farthest from their
    rate in that direction; a rate only weighs, it never makes an amount. None when no such
    attribution exists.
    """
    stated = [min(max(part.tax, ZERO), part.amount) for part in parts]
    rest = total - sum(stated)
    if not rest:
        return stated
    if not parts:
        return None
    direction = Decimal(1).copy_sign(rest)
    ideal = [tax_inside(part.amount, part.rate, taxation) for part in parts]
    gaps = [max(direction * (each - tax), ZERO) for each, tax in zip(ideal, stated, strict=True)]
    room = [part.amount - tax if rest > 0 else tax for part, tax in zip(parts, stated, strict=True)]
    for weights in (gaps, room):
        shares = share_out(rest, weights, step)
        taxes = [tax + share for tax, share in zip(stated, shares, strict=True)]
        if all(0 <= tax <= part.amount for tax, part in zip(taxes, parts, strict=True)):
            return taxes
    return None
