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
    """What discounts of the order that take off tax and nothing else take off each line, as when
    one line is exported: their share of its price is tax. Zeros where the order has any other
    discount, or prices without tax, or more is taken off a line than it bears."""
    nothing = [ZERO] * len(order.lines)
    if order.taxation == "net" or any(each.base != each.tax for each in order.adjustments):
        return nothing
    shares = [line.after_item - line.after_order for line in order.lines]
    fits = all(
        0 <= share <= line.adjusted_tax for share, line in zip(shares, order.lines, strict=True)
    )
    whole = -sum((each.base for each in order.adjustments), ZERO)
    return shares if fits and sum(shares, ZERO) == whole else nothing


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
