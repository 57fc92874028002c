"""From the price of a tier to the price of a book, and what that earns.

A tier is a price in the book's currency (nothing is converted), with or without tax. Tax is put in
or taken out at the region's rate, then the price goes to one of those that the merchant has
(docs/decisions/61-prices.md).
"""

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from sfcc_cin7.catalogue.prices.deciding.table import ONE, PriceTable, table_of
from sfcc_cin7.merchant.prices import PriceBookPolicy, PriceRounding
from sfcc_cin7.values.money import ZERO, quantum, round_half_up


def priced(
    book: PriceBookPolicy, tiers: Mapping[int, Decimal], tax_rule: str = ""
) -> PriceTable | None:
    """What a book asks for a product with these tier prices (by number, above zero); None where its
    tier has none. `tax_rule` is the ERP's sale tax rule of the product.

    A quantity whose tier has no price, or none that is lower, is left out: nobody pays more for
    more.
    """
    if (single := tiers.get(book.tier, ZERO)) <= 0:
        return None
    rate = tax_rate(book, tax_rule)
    price = _asked(book, single, rate)
    if price <= 0:
        return None
    amounts = [(ONE, price)]
    for least, tier in sorted(book.quantities.items()):
        if (of_tier := tiers.get(tier, ZERO)) > 0:
            lower = _asked(book, of_tier, rate)
            if ZERO < lower < amounts[-1][1]:
                amounts.append((Decimal(least), lower))
    return table_of(amounts, book.begins, book.until)


def tax_rate(book: PriceBookPolicy, tax_rule: str) -> Decimal:
    """The share (0.2 is 20 %) by which products of an ERP tax rule are taxed in the book's
    region; zero where the merchant gave none, because none is needed."""
    return book.tax_rates.get(tax_rule, book.tax_rate or ZERO)


def margin(
    book: PriceBookPolicy,
    price: Decimal,
    cost: Decimal | None,
    rate: Decimal,
    tax: Decimal,
) -> Decimal | None:
    """The share of its net price that a unit earns; None where its cost is not known.

    `cost` is in the ERP's base currency, which shows zero for what it never received;
    `rate` are units of it for one unit of the book's currency; `tax` is the tax's rate.
    """
    if cost is None or cost <= 0:
        return None
    net = (price / (1 + tax) if book.prices == "gross" else price) * rate
    return 1 - cost / net


def rounded(price: Decimal, rule: PriceRounding | None, currency: str) -> Decimal:
    """The price of the merchant's that is next to this one; zero or less is none.

    A price below the first of those that there are becomes that one.
    """
    if rule is None:
        return round_half_up(price, quantum(currency))
    steps = (price - rule.ending) / rule.step
    below, above = (steps.to_integral_value(way) for way in (ROUND_FLOOR, ROUND_CEILING))
    if rule.to == "down":
        chosen = below
    elif rule.to == "up":
        chosen = above
    else:
        chosen = above if above - steps <= steps - below else below
    found = chosen * rule.step + rule.ending
    return found if found > 0 else (rule.ending or rule.step)


def _asked(book: PriceBookPolicy, tier_price: Decimal, rate: Decimal) -> Decimal:
    if book.tier_prices in (None, book.prices):
        price = tier_price
    elif book.prices == "gross":
        price = tier_price * (1 + rate)
    else:
        price = tier_price / (1 + rate)
    return rounded(price, book.rounding, book.currency)
