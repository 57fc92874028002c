"""Shoppers for tests that need many baskets fast and the same ones every time.

Written apart from the strategies: where both agree that most baskets are booked, it is no accident
of how one of them draws.
"""

import random
from decimal import Decimal
from typing import Any, get_args

from sfcc_cin7.merchant.operating_model import PersonalField
from sfcc_cin7_tests.orders.storefront import ADDRESS, STEPS, Basket, Extra, Freight, Item
from sfcc_cin7_tests.orders.strategies import PLACES, RATES, with_order_discount

GOODS = [f"SKU-{number}" for number in range(12)]


def next_basket(dice: random.Random) -> Basket:
    """A basket of any shape; each product has one rate, as it has in a shop."""
    currency = dice.choice(("USD", "GBP", "EUR", "JPY", "VND", "KWD"))
    step = STEPS.get(currency, Decimal("0.01"))
    shipments = tuple(PLACES)[: dice.choice((1, 1, 1, 2))]
    rates = dice.sample(RATES, dice.choice((1, 1, 2, 3)))
    basket = Basket(
        currency=currency,
        taxation=dice.choice(("net", "gross")),
        items=tuple(_item(dice, step, rates, shipments) for _ in range(dice.randint(1, 7))),
        freight=tuple(
            _freight(dice, step, rates, shipment)
            for shipment in shipments
            for _ in range(dice.choice((0, 1, 1, 2)))
        ),
        certificates=tuple(dice.randint(0, 9_000) * step for _ in range(dice.choice((0, 0, 0, 2)))),
        adjusted_price=dice.random() < 0.5,
        tax_rounding=dice.choice(("line", "line", "unit", "group")),
        discount_options=dice.random() < 0.5,
        shipments=shipments,
        addresses=PLACES | {"me": ADDRESS},
    )
    return with_order_discount(basket, step, dice.choice((0, 0, 0, 5, 15, 50, 100)))


def next_decisions(dice: random.Random) -> dict[str, Any]:
    """What a merchant may decide about orders, as changes to a site's policy."""
    fields = get_args(PersonalField)
    return {
        "bundles": dice.choice(("parent", "components")),
        "option_booking": dice.choice(("charge", "sku", "parent")),
        "line_total": dice.choice(("net", "with-tax")),
        "personal_data": {"send": dice.sample(fields, dice.randint(0, len(fields)))},
    }


def _item(
    dice: random.Random, step: Decimal, rates: list[Decimal], shipments: tuple[str, ...]
) -> Item:
    sku = dice.choice(GOODS)
    quantity = Decimal(dice.choice((1, 1, 1, 2, 2, 3, 5, 12, 144)))
    unit = dice.randint(0, 30_000) * step
    price = unit * quantity
    bonus = dice.random() < 0.05
    discount = dice.choice((Decimal(0), Decimal(0), dice.randint(0, int(price / step)) * step))
    kinds = dice.sample((("wrap", "gift"), ("engraving", "text")), dice.choice((0, 0, 0, 1, 2)))
    parts = dice.sample(("PART-A", "PART-B", "PART-C"), dice.choice((0, 0, 0, 0, 2, 3)))
    return Item(
        sku=sku,
        quantity=quantity,
        unit=unit,
        rate=rates[GOODS.index(sku) % len(rates)],
        discount=price if bonus else discount,
        shipment=dice.choice(shipments),
        bonus=bonus,
        extras=tuple(Extra(kind, value, dice.randint(0, 900) * step) for kind, value in kinds),
        components=tuple((f"{sku}.{part}", quantity * dice.randint(1, 4)) for part in parts),
    )


def _freight(dice: random.Random, step: Decimal, rates: list[Decimal], shipment: str) -> Freight:
    price = dice.randint(0, 2_000)
    return Freight(
        price=price * step,
        rate=dice.choice(rates),
        discount=dice.choice((0, 0, dice.randint(0, price))) * step,
        shipment=shipment,
        kind=dice.choice(("fixed_price", "fixed_price", "surcharge")),
    )
