"""Whether a mistake is told from an ordinary day by how much of a shop changes within an hour.

Shops of three sizes live through simulated days of ten hours: another channel sells, deliveries
come, shelves are counted, and a few times a year a season ends or a collection arrives. Into days
of their own fall accidents: a location renamed or mistyped in the model, an ERP that answers zeros,
SKUs with a prefix, the stock of another list, everything doubled. Judged is the change alone, with
the defaults of the operating model, by the code that holds a list; that the product also knows the
ERP's locations by their ids is left out, as if it did not. A day that is held for a person is
released and goes on. Pure: no database, no network.

    python benchmarks/mass_changes.py [--days 1000] [--accidents 200]
"""

import argparse
import random
from collections.abc import Callable, Mapping
from decimal import Decimal

from _house import tell

from sfcc_cin7.merchant.stock import MassChangePolicy
from sfcc_cin7.stock.deciding.mass_change import (
    Change,
    Offer,
    before_hour,
    extent,
    joined,
    too_much,
)

Stock = dict[str, int]
SIZES = (60, 300, 2_000)
HOURS = 10
PASSES = 4
"""Passes of an hour that publish something; what an hour changes is spread over them."""
POLICY = MassChangePolicy()
ZERO = Decimal(0)


def offer(stock: Mapping[str, int]) -> Offer:
    on_sale = [units for units in stock.values() if units > 0]
    return Offer(len(on_sale), Decimal(sum(on_sale)))


def changes(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, Change]:
    return {
        sku: Change(Decimal(units), Decimal(after.get(sku, 0)))
        for sku, units in before.items()
        if units != after.get(sku, 0)
    }


def is_held(shop: Stock, wanted: Stock, done: Mapping[str, Change]) -> bool:
    """Whether a pass that would bring the shop from one to the other is held."""
    found = extent(joined(done, changes(shop, wanted)).values())
    return too_much(found, before_hour(offer(shop), done), POLICY) is not None


def new_shop(dice: random.Random, skus: int) -> Stock:
    """A third sells out now and then, most have some tens, a few have thousands."""
    return {
        f"SKU-{n}": dice.choice((0, 3, 8, 20, 40, 60, 90)) if n % 50 else 3_000 for n in range(skus)
    }


def about(dice: random.Random, expected: float) -> int:
    """A whole number that is so many on average: a small shop gets its deliveries too."""
    return int(expected) + (dice.random() < expected % 1)


def ordinary(dice: random.Random, stock: Stock, part: float) -> Stock:
    """What a part of an hour does: other channels sell, deliveries come, shelves are counted."""
    after = dict(stock)
    skus = list(stock)
    for sku in dice.sample(skus, about(dice, len(skus) * 0.02 * part)):
        after[sku] = max(0, after[sku] - dice.choice((1, 1, 2, 6)))
    low = [sku for sku in skus if after[sku] < 10]
    for sku in dice.sample(low, min(len(low), about(dice, len(skus) * 0.02 * part))):
        after[sku] += dice.choice((12, 24, 48, 96))
    for sku in dice.sample(skus, about(dice, len(skus) * 0.01 * part)):
        after[sku] = max(0, after[sku] + dice.choice((-5, -2, -1, 1, 2)))
    return after


def stock_take(dice: random.Random, stock: Stock) -> Stock:
    """A fifth of the shelves is counted at once, one in twelve of them is found empty."""
    after = dict(stock)
    for sku in dice.sample(list(stock), len(stock) // 5):
        found = after[sku] + dice.choice((-4, -2, -1, -1, 0, 0, 0, 1, 1, 2))
        after[sku] = 0 if dice.random() < 1 / 12 else max(0, found)
    return after


def season(dice: random.Random, stock: Stock) -> Stock:
    """A collection goes to the outlet, or arrives: now and then more than the merchant's share, and
    then a person has to say so."""
    after = dict(stock)
    part = dice.choice((20, 12, 8, 6))
    goes = dice.random() < 0.5
    for sku in dice.sample(list(stock), len(stock) // part):
        after[sku] = 0 if goes else after[sku] + 40
    return after


def one_day(dice: random.Random, shop: Stock) -> tuple[Stock, bool]:
    """The shop in the evening, and whether a person was asked."""
    kind = dice.random()
    special = stock_take if kind < 0.04 else season if kind < 0.055 else None
    at, asked = dice.randrange(HOURS), False
    for hour in range(HOURS):
        done: dict[str, Change] = {}
        for each in range(PASSES):
            wanted = ordinary(dice, shop, 1 / PASSES)
            if special is not None and (hour, each) == (at, 0):
                wanted = special(dice, wanted)
            asked = is_held(shop, wanted, done) or asked
            done = joined(done, changes(shop, wanted))
            shop = wanted
    return shop, asked


def emptied(_: random.Random, stock: Stock) -> Stock:
    return dict.fromkeys(stock, 0)


def prefixed(_: random.Random, stock: Stock) -> Stock:
    return {f"X{sku}": units for sku, units in stock.items()}


def of_another_list(dice: random.Random, stock: Stock) -> Stock:
    return new_shop(dice, len(stock)) | {sku: 0 for sku in stock if dice.random() < 0.3}


def doubled(_: random.Random, stock: Stock) -> Stock:
    return {sku: units * 2 for sku, units in stock.items()}


ACCIDENTS: dict[str, Callable[[random.Random, Stock], Stock]] = {
    "renamed": emptied,
    "mistyped": emptied,
    "zeroed": emptied,
    "prefixed": prefixed,
    "wrong list": of_another_list,
    "doubled": doubled,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=1_000)
    parser.add_argument("--accidents", type=int, default=200)
    given = parser.parse_args()
    dice = random.Random(17)
    shops = {size: new_shop(dice, size) for size in SIZES}
    held = 0
    for day in range(given.days):
        size = SIZES[day % len(SIZES)]
        shops[size], asked = one_day(dice, shops[size])
        held += asked
    published = []
    for number in range(given.accidents):
        name = list(ACCIDENTS)[number % len(ACCIDENTS)]
        shop = shops[SIZES[number % len(SIZES)]]
        if not is_held(shop, ACCIDENTS[name](dice, shop), {}):
            published.append(name)
    tell(
        "accidents_published",
        len(published),
        "accidents",
        accidents=given.accidents,
        kinds=",".join(sorted({*published})) or "none",
    )
    tell("days_held", held, "days", days=given.days)


if __name__ == "__main__":
    main()
