"""The identities that a storefront order's figures must satisfy before anything is built on them.

They are those of the Orders API's field descriptions: a gross price is its net price and tax, the
product sub-total is the sum of the lines after their own discounts, and so on up to the order
total. Totals must tie exactly. Tax may be rounded by line, by unit or by rate group (Salesforce
Help, "Unit-Level Rounding"), so where a tax total is compared with the sum of its parts, one
smallest unit of the currency is allowed for each part; the total is what counts.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal

from sfcc_cin7.order_document.final_prices import option_order_discount
from sfcc_cin7.order_document.model import Adjustment, Order, Priced
from sfcc_cin7.order_document.reason import Reason
from sfcc_cin7.values.money import ZERO, quantum, round_half_up

TaxMode = Literal["default", "adjusted-price"]


def violations(order: Order) -> list[Reason]:
    """Every identity that the order's figures break, with both figures; empty when they are sound.

    An order whose single figures are already impossible (too precise for the currency, negative)
    is not added up.
    """
    return (
        list(_impossible_figures(order))
        or list(_elements(order))
        or [*_products(order), *_tax(order), *_total(order), *_shipments(order)]
    )


def tax_mode(order: Order) -> TaxMode:
    """How the storefront taxes discounts, which only the figures tell.

    By default each line and each adjustment is taxed on its own amount. In the adjusted-price mode
    lines are taxed on what is left after all discounts, and adjustments carry no tax (Salesforce
    Help, "Line Item Tax Basis"). Without a taxable discount both come to the same: default.
    """
    taxed = [line for line in order.lines if line.tax]
    items = [*taxed, *(option for line in taxed for option in line.options)]
    discounts = [
        *(discount for item in items for discount in item.adjustments),
        *(order.adjustments if taxed else ()),
        *(each for item in order.shipping_items if item.tax for each in item.adjustments),
    ]
    least = 100 * quantum(order.currency)  # below, the tax may well round to nothing
    worth_taxing = [discount for discount in discounts if abs(discount.base) >= least]
    if worth_taxing and not any(discount.tax for discount in worth_taxing):
        return "adjusted-price"
    return "default"


def _differs(code: str, what: str, expected: Decimal, actual: Decimal) -> Iterator[Reason]:
    if expected != actual:
        sentence = f"{what} is stated as {actual} but its parts come to {expected}."
        yield Reason(code, sentence, str(expected), str(actual))


def _labelled(order: Order) -> Iterator[tuple[str, Priced]]:
    for position, line in enumerate(order.lines, start=1):
        label = f"line {position} ({line.product_id})"
        yield label, line
        for adjustment in line.adjustments:
            yield f"a discount on {label}", adjustment
        for option in line.options:
            name = f"option {option.option_id or option.product_id} of {label}"
            yield name, option
            for adjustment in option.adjustments:
                yield f"a discount on {name}", adjustment
    for position, item in enumerate(order.shipping_items, start=1):
        yield f"shipping item {position}", item
        for adjustment in item.adjustments:
            yield f"a discount on shipping item {position}", adjustment
    for position, certificate in enumerate(order.gift_certificates, start=1):
        yield f"gift certificate {position}", certificate
    for position, adjustment in enumerate(order.adjustments, start=1):
        yield f"order discount {position}", adjustment


def _settled(order: Order) -> Iterator[tuple[str, Decimal]]:
    """Figures that no discount lowers any further: none of them may be negative."""
    yield "the product sub-total", order.product_sub_total
    yield "the product total", order.product_total
    yield "the shipping total", order.shipping_total
    yield "the product tax", order.merchandise_tax
    yield "the shipping tax", order.shipping_tax
    yield "the tax total", order.tax_total
    yield "the order total", order.total
    for at, line in enumerate(order.lines, start=1):
        label = f"line {at} ({line.product_id})"
        yield f"the tax of {label}", line.tax
        yield f"the price of {label} after its own discounts", line.after_item
        yield f"the price of {label} after all discounts", line.after_order
        for option in line.options:
            name = f"option {option.option_id or option.product_id} of {label}"
            yield f"the tax of {name}", option.tax
            yield f"the price of {name} after its discounts", option.adjusted_amount
    for at, item in enumerate(order.shipping_items, start=1):
        yield f"the tax of shipping item {at}", item.tax
        yield f"the price of shipping item {at} after its discounts", item.after_item
    for at, certificate in enumerate(order.gift_certificates, start=1):
        yield f"the price of gift certificate {at}", certificate.amount
        yield f"the tax of gift certificate {at}", certificate.tax
    for at, payment in enumerate(order.payments, start=1):
        yield f"the amount of payment {at}", payment.amount or ZERO


def _impossible_figures(order: Order) -> Iterator[Reason]:
    settled = list(_settled(order))
    for name, figure in settled:
        if figure < 0:
            yield Reason("negative-amount", f"{_sentence(name)} is negative.", actual=str(figure))
    step = quantum(order.currency)
    figures = settled + [
        (f"the {part} price of {label}", getattr(element, part))
        for label, element in _labelled(order)
        for part in ("base", "net", "gross")
        if part != "base" or isinstance(element, Adjustment)
    ]
    for name, figure in figures:
        if figure % step:
            sentence = f"{_sentence(name)} has more decimals than {order.currency}."
            yield Reason("amount-too-precise", sentence, actual=str(figure))


def _sentence(name: str) -> str:
    return name[0].upper() + name[1:]


def _elements(order: Order) -> Iterator[Reason]:
    for label, element in _labelled(order):
        yield from _differs(
            "gross-mismatch",
            f"The gross price of {label}",
            element.net + element.tax,
            element.gross,
        )
    step = quantum(order.currency)
    for at, line in enumerate(order.lines, start=1):
        label = f"line {at} ({line.product_id})"
        yield from _differs(
            "line-price-mismatch",
            f"The price of {label}",
            round_half_up(line.base * line.quantity, step),
            line.amount,
        )
        yield from _differs(
            "line-discount-mismatch",
            f"The price after its own discounts of {label}",
            line.adjusted_amount,
            line.after_item,
        )
        for option in line.options:
            yield from _differs(
                "option-price-mismatch",
                f"The price of option {option.option_id or option.product_id} of {label}",
                round_half_up(option.base * line.quantity, step),
                option.amount,
            )
    for at, item in enumerate(order.shipping_items, start=1):
        yield from _differs(
            "shipping-discount-mismatch",
            f"The price after its discounts of shipping item {at}",
            item.adjusted_amount,
            item.after_item,
        )


def _sum(figures: Iterable[Decimal]) -> Decimal:
    return sum(figures, ZERO)


def _products(order: Order) -> Iterator[Reason]:
    options = _sum(option.adjusted_amount for option in order.options)
    discounts = _sum(adjustment.base for adjustment in order.adjustments)
    yield from _differs(
        "product-sub-total-mismatch",
        "The product sub-total",
        _sum(line.after_item for line in order.lines) + options,
        order.product_sub_total,
    )
    yield from _differs(
        "product-total-mismatch",
        "The product total",
        order.product_sub_total + discounts,
        order.product_total,
    )
    on_options = option_order_discount(order)
    of_one_sign = on_options * discounts > 0 and on_options + options >= 0
    if on_options and not (order.options and of_one_sign):
        yield from _differs(
            "proration-mismatch",
            "The product total",
            order.product_total - on_options,
            order.product_total,
        )


def _tax(order: Order) -> Iterator[Reason]:
    step = quantum(order.currency)
    goods = [*order.lines, *order.options]
    parts = [*goods, *(each for item in goods for each in item.adjustments), *order.adjustments]
    merchandise = _sum(part.tax for part in parts)
    if abs(merchandise - order.merchandise_tax) > len(parts) * step:
        yield from _differs(
            "merchandise-tax-mismatch", "The product tax", merchandise, order.merchandise_tax
        )
    freight = [
        *order.shipping_items,
        *(each for item in order.shipping_items for each in item.adjustments),
    ]
    shipping = _sum(part.tax for part in freight)
    if abs(shipping - order.shipping_tax) > len(freight) * step:
        yield from _differs(
            "shipping-tax-mismatch", "The shipping tax", shipping, order.shipping_tax
        )
    certificates = _sum(certificate.tax for certificate in order.gift_certificates)
    yield from _differs(
        "tax-total-mismatch",
        "The tax total",
        order.merchandise_tax + order.shipping_tax + certificates,
        order.tax_total,
    )


def _total(order: Order) -> Iterator[Reason]:
    yield from _differs(
        "shipping-total-mismatch",
        "The shipping total",
        _sum(item.after_item for item in order.shipping_items),
        order.shipping_total,
    )
    certificates = _sum(certificate.amount for certificate in order.gift_certificates)
    tax = order.tax_total if order.taxation == "net" else ZERO
    yield from _differs(
        "order-total-mismatch",
        "The order total",
        order.product_total + order.shipping_total + certificates + tax,
        order.total,
    )


def _shipments(order: Order) -> Iterator[Reason]:
    """The shipments' totals, where every shipment states them.

    A shipment's tax leaves out the order's own adjustments; what it says of bought certificates'
    tax is not documented, so it is not compared when there is any.
    """
    totals = [each.product_total for each in order.shipments if each.product_total is not None]
    if totals and len(totals) == len(order.shipments):
        yield from _differs(
            "shipment-total-mismatch",
            "The product total",
            _sum(totals),
            order.product_total,
        )
    taxes = [each.tax_total for each in order.shipments if each.tax_total is not None]
    certificates = _sum(certificate.tax for certificate in order.gift_certificates)
    if taxes and len(taxes) == len(order.shipments) and not certificates:
        expected = _sum(taxes) + _sum(adjustment.tax for adjustment in order.adjustments)
        parts = len(list(_labelled(order)))
        if abs(expected - order.tax_total) > parts * quantum(order.currency):
            yield from _differs("shipment-tax-mismatch", "The tax total", expected, order.tax_total)
