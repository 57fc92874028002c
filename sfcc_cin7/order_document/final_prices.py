"""What lines and options of an order cost after all discounts, the order's own included."""

from decimal import Decimal

from sfcc_cin7.order_document.model import Line, Option, Order, ShippingItem
from sfcc_cin7.values.money import ZERO, share_out
from sfcc_cin7.values.tax_shares import Taxed, weighing_rate


def option_order_discount(order: Order) -> Decimal:
    """The part of the order's adjustments that fell on options (zero or of their sign).

    An option states no price after the order's discount, so it is what the lines leave over.
    """
    lines = sum((line.after_order for line in order.lines), ZERO)
    options = sum((option.adjusted_amount for option in order.options), ZERO)
    return order.product_total - lines - options


def _taken_off(order: Order) -> list[Decimal]:
    """How much of each line's tax discounts of the order take off that take off tax and nothing
    else, as when one line of two is exported: prices hold their tax, so it is part of the line's
    share of the discounts. Zeros where that leaves a doubt.

    Beside a promotion, which every line has its part of by its price, a line's tax is taken off
    whole or not at all, whichever its share is nearer to.
    """
    nothing = [ZERO] * len(order.lines)
    taxes = [line.adjusted_tax for line in order.lines]
    shares = [line.after_item - line.after_order for line in order.lines]
    removing = [each for each in order.adjustments if each.tax and each.base == each.tax]
    promotions = [each for each in order.adjustments if each not in removing]
    if order.taxation == "net" or not removing or any(each.tax for each in promotions):
        return nothing
    taken = shares
    if promotions:
        promoted = sum((each.base for each in promotions), ZERO)
        whole = sum((line.after_item for line in order.lines), ZERO) or Decimal(1)
        rest = [
            share + promoted * line.after_item / whole
            for share, line in zip(shares, order.lines, strict=True)
        ]
        taken = [tax if left > tax / 2 else ZERO for left, tax in zip(rest, taxes, strict=True)]
    each_fits = all(
        0 <= off <= min(share, tax) for off, share, tax in zip(taken, shares, taxes, strict=True)
    )
    is_all = sum(taken, ZERO) == -sum((each.base for each in removing), ZERO)
    return taken if each_fits and is_all else nothing


def final_prices(order: Order, step: Decimal) -> list[Taxed]:
    """All lines, then all options (`Order.options`): amounts in the order's taxation and currency,
    whose smallest amount is `step`, with the tax stated for each and the rate it is weighed by.

    They come to the order's product total if its figures are sound. The order's discount on options
    is shared out among them by their prices. An option states no rate: it is its line's.

    Raises:
        ValueError: that discount cannot be shared out: a price is negative or smaller than its
            share, or a figure is finer than the currency. `violations` has a reason for each.
    """
    options = [(line, option) for line in order.lines for option in line.options]
    prices = [option.adjusted_amount for _, option in options]
    if options:
        shares = share_out(option_order_discount(order), prices, step)
        prices = [price + share for price, share in zip(prices, shares, strict=True)]
        if min(prices) < 0:
            raise ValueError("options cannot bear more of a discount than their prices")
    return [
        *(
            Taxed(line.after_order, line.adjusted_tax - off, weight(order, line))
            for line, off in zip(order.lines, _taken_off(order), strict=True)
        ),
        *(
            Taxed(price, option.adjusted_tax, weight(order, option, line.rate))
            for (line, option), price in zip(options, prices, strict=True)
        ),
    ]


def weight(
    order: Order, element: Line | Option | ShippingItem, rate: Decimal | None = None
) -> Decimal:
    """The rate that an element's tax is weighed by; `rate` is the stated one of an option."""
    stated = rate if isinstance(element, Option) else element.rate
    return weighing_rate(stated, element.amount, element.tax, order.taxation)
