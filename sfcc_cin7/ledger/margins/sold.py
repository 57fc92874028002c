"""What a shopper bought and what it brought in, line by line, from the order's own document.

The revenue of a line is what the shopper paid for it after every discount, its share of the
order's discounts included, without tax (Salesforce Commerce API, Orders: `priceAfterOrderDiscount`
and `adjustedMerchandizeTotalTax`). All lines come to exactly what the order charges for products
without tax, or none is used. Amounts are in the order's currency.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sfcc_cin7.merchant.ledger import MarginPolicy
from sfcc_cin7.order_document.booking_rule import BookedUnits, BookingRule
from sfcc_cin7.order_document.final_prices import final_prices
from sfcc_cin7.order_document.model import Line, Order
from sfcc_cin7.order_document.parsing import salvage_order
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.money import ZERO, quantum
from sfcc_cin7.values.tax_shares import attribute

GIVEN = "(given)"
"""In the place of a price book: bonus products, which no price book prices."""
NOT_STATED = "(not stated)"
"""The order names no price book, and the operating model none for its site."""
RESTS_ON = ("taxation", "productItems", "productTotal")
"""The fields of the document that the lines' revenue rests on."""
PRODUCT_TAX = ("adjustedMerchandizeTotalTax", "taxTotal")
"""And those that it also rests on where prices hold their tax: the second tells the first where
that is not stated."""


@dataclass(frozen=True)
class RevenueLine:
    """Units of something that the storefront sold, and what they brought in.

    `sku` is what the shopper bought, `parts` are the ERP's SKUs and units that were booked for it
    and bear its cost; none for a service, which has none.
    """

    sku: str
    price_book: str
    units: Decimal
    revenue: Decimal
    parts: tuple[BookedUnits, ...]


class NotExact(Exception):
    """The document does not say to the cent what its lines brought in; the message says why."""


def revenue_lines(
    document: str, site: str, currency: str, rule: BookingRule, policy: MarginPolicy
) -> list[RevenueLine]:
    """Every product line, and each priced option that is not part of its product's price.

    Raises:
        NotExact: the document cannot be read, or its lines do not come to its totals.
    """
    try:
        salvaged = salvage_order(decimal_json.loads(document))
    except ValueError:
        raise NotExact("The document cannot be read.") from None
    order = salvaged.order
    gross = order.taxation == "gross"
    trouble = salvaged.trouble(*RESTS_ON, *(PRODUCT_TAX if gross else ()))
    if trouble is not None:
        raise NotExact(f"What the lines' revenue rests on cannot be read: {trouble}.")
    try:
        revenue = _revenue(order, currency)
    except ValueError:
        raise NotExact("The order's discounts cannot be those of its lines.") from None
    return list(_lines(order, revenue, site, rule, policy))


def _revenue(order: Order, currency: str) -> list[Decimal]:
    """Without tax: of all lines, then of all options. Raises NotExact, and ValueError."""
    prices = final_prices(order, quantum(currency))
    amounts = [each.amount for each in prices]
    if sum(amounts, ZERO) != order.product_total:
        raise NotExact("The lines do not come to the order's product total.")
    if order.taxation == "net":
        return amounts
    taxes = attribute(order.merchandise_tax, prices, order.taxation, quantum(currency))
    if taxes is None:
        raise NotExact("The order's product tax cannot be that of its lines.")
    return [amount - tax for amount, tax in zip(amounts, taxes, strict=True)]


def _lines(
    order: Order, revenue: list[Decimal], site: str, rule: BookingRule, policy: MarginPolicy
) -> Iterator[RevenueLine]:
    of_options = iter(revenue[len(order.lines) :])
    for line, of_line in zip(order.lines, revenue, strict=False):
        options = [(option, next(of_options)) for option in line.options]
        within = rule.options == "parent"
        yield RevenueLine(
            sku=line.product_id,
            price_book=_price_book(line, site, policy),
            units=line.quantity,
            revenue=of_line + sum((each for _, each in options if within), ZERO),
            parts=tuple(rule.goods(line)),
        )
        for option, of_option in () if within else options:
            booked = rule.option(line, option)
            yield RevenueLine(
                sku=option.product_id,
                price_book=_price_book(line, site, policy),
                units=line.quantity,
                revenue=of_option,
                parts=(booked,) if booked else (),
            )


def _price_book(line: Line, site: str, policy: MarginPolicy) -> str:
    """The book that priced a line. Order lines name none by themselves: only a discount of the type
    `price_book_price` does, or a custom attribute that the merchant's cartridge writes."""
    if line.bonus:
        return GIVEN
    of_discount = next((each.price_book for each in line.adjustments if each.price_book), "")
    stated = line.custom.get(policy.price_book_attribute or "")
    return str(of_discount or stated or policy.price_books.get(site) or NOT_STATED)
