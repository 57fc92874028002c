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


def weighing_rate(
    stated: Decimal | None, amount: Decimal, tax: Decimal, taxation: Taxation
) -> Decimal:
    """The rate by which an element's tax is weighed: the stated one, unless it is none.

    A tax service may state no rate, or 0 beside a tax, or keep the rate of a shopper who is exempt:
    then it is the tax's own share of the price.
    """
    if stated is not None and bool(stated) == bool(tax):
        return stated
    without = amount if taxation == "net" else amount - tax
    return max(tax / without, ZERO) if without else ZERO


def attribute(
    total: Decimal, parts: Sequence[Taxed], taxation: Taxation, step: Decimal
) -> list[Decimal] | None:
    """The tax of each part, adding up to `total` exactly, each between zero and the part's amount.

    Starts from what the storefront states for each part. What is left (tax on the order's own
    discounts, rounding by rate group) goes to the parts whose stated tax is farthest from their
    rate in that direction; a rate only weighs, it never makes an amount. A part that bears no tax
    is given some only where no other can take it. None when no such attribution exists.
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
    taxed_gaps = [gap if tax else ZERO for gap, tax in zip(gaps, stated, strict=True)]
    for weights in (taxed_gaps, stated, gaps, room):
        if not any(weights):
            continue
        shares = share_out(rest, weights, step)
        taxes = [tax + share for tax, share in zip(stated, shares, strict=True)]
        if all(0 <= tax <= part.amount for tax, part in zip(taxes, parts, strict=True)):
            return taxes
    return None
