"""The merchant of the sandbox: Alpenglow, an outdoor outfitter with three storefronts.

Everything follows from one number, so that two sandboxes with one seed sell the same things at the
same prices. Some troubles are planted on purpose: see `GHOST_SKU`, `DRIFTING_SKU` and
`MISSING_TAX_RULE`.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import count, product

from sfcc_cin7_sandbox.merchant.goods import (
    BUNDLES,
    COLOURS,
    FOOD,
    GARMENTS,
    GUIDES,
    HARDWARE,
    OPTIONS,
    SERIES,
    SERVICES,
    Garment,
)
from sfcc_cin7_sandbox.merchant.world import Location, Site, Sku, SkuKind, TaxClass, TaxRule, World

BRAND = "alpenglow"

GHOST_SKU = "GHOST-LANTERN-01"
"""Planted: sold in every shop, unknown to the ERP."""
DRIFTING_SKU = "NOMAD-TARP-01"
"""Planted: somebody edits its allocation on `DRIFTING_LIST` by hand."""
DRIFTING_LIST = "inventory-uk"
MISSING_TAX_RULE = TaxRule("JP Reduced Tax 8%", Decimal(8))
"""Planted: the ERP has no rule for food sold in Japan."""

SMALLEST = 120
"""Fewer SKUs leave no room for every kind."""

CENT = Decimal("0.01")
LONDON, RENO, OSAKA = ALL = ("London DC", "Reno DC", "Osaka DC")
LOCATIONS = (
    Location(LONDON, ("A-01", "B-07", "MEZZ-3")),
    Location(RENO, ("R1-04", "R2-11", "OVERFLOW")),
    Location(OSAKA, ("1-A", "1-B", "2-C")),
)

SITES = (
    Site(
        id="alpenglow-uk",
        currency="GBP",
        taxation="gross",
        tax_mode="default",
        country="GB",
        inventory_list="inventory-uk",
        on_order=True,
        location=LONDON,
        customer="Alpenglow UK Web",
        rates={"*": {"standard": Decimal("0.2"), "reduced": Decimal(0), "zero": Decimal(0)}},
    ),
    Site(
        id="alpenglow-us",
        currency="USD",
        taxation="net",
        tax_mode="adjusted-price",
        country="US",
        inventory_list="inventory-us",
        on_order=False,
        location=RENO,
        customer="Alpenglow US Web",
        rates={
            "CA": {"standard": Decimal("0.0725"), "reduced": Decimal(0), "zero": Decimal(0)},
            "NY": {"standard": Decimal("0.08875"), "reduced": Decimal(0), "zero": Decimal(0)},
            "TX": {"standard": Decimal("0.0825"), "reduced": Decimal(0), "zero": Decimal(0)},
            "OR": {"standard": Decimal(0), "reduced": Decimal(0), "zero": Decimal(0)},
        },
    ),
    Site(
        id="alpenglow-jp",
        currency="JPY",
        taxation="gross",
        tax_mode="default",
        country="JP",
        inventory_list="inventory-jp",
        on_order=False,
        location=OSAKA,
        customer="Alpenglow JP Web",
        rates={"*": {"standard": Decimal("0.1"), "reduced": Decimal("0.08"), "zero": Decimal(0)}},
    ),
)

TAX_RULES = (
    TaxRule("20% (VAT on Income)", Decimal(20)),
    TaxRule("Zero Rated Income", Decimal(0)),
    TaxRule("CA Sales Tax 7.25%", Decimal("7.25")),
    TaxRule("NY Sales Tax 8.875%", Decimal("8.875")),
    TaxRule("TX Sales Tax 8.25%", Decimal("8.25")),
    TaxRule("Tax Exempt (US)", Decimal(0)),
    TaxRule("JP Consumption Tax 10%", Decimal(10)),
    TaxRule("JP Exempt 0%", Decimal(0)),
)


@lru_cache(maxsize=8)
def build_world(seed: int = 7, skus: int = 5000) -> World:
    """The merchant before the first shopper arrives, with exactly `skus` SKUs.

    The kinds every order shape needs come first, so that a small world has them too. A world never
    changes, so the latest ones are remembered.

    Raises:
        ValueError: `skus` is below `SMALLEST`.
    """
    if skus < SMALLEST:
        raise ValueError(f"A world needs at least {SMALLEST} SKUs, not {skus}.")
    dice = random.Random(seed)  # noqa: S311 - repeatable goods, not secrets
    goods = _goods(dice)
    return World(
        seed=seed,
        base_currency="GBP",
        sites=SITES,
        skus=tuple(next(goods) for _ in range(skus)),
        locations=LOCATIONS,
        tax_rules=TAX_RULES,
        price_tiers=("UK Retail", "US Retail", "JP Retail"),
        bank_accounts=(("1200", "Card clearing"), ("1210", "Gift card liability")),
    )


def _goods(dice: random.Random) -> Iterator[Sku]:
    """Without an end: after all series come their second editions, their third and so on."""
    make = _Maker(dice)
    for name in SERVICES:
        yield make.sku(name, name, Decimal(0), kind="service", in_shop=False)
    for code, name, pounds in OPTIONS:
        yield make.sku(code, name, Decimal(pounds), kind="option", in_shop=False)
    yield make.sku(
        GHOST_SKU, "Ghost Lantern", Decimal("34.95"), stock=dict.fromkeys(ALL, 5000), in_erp=False
    )
    yield make.sku(
        DRIFTING_SKU, "Nomad Tarp 3 x 3 m", Decimal("89.00"), stock=dict.fromkeys(ALL, 400)
    )
    hardware = {}
    for code, name, pounds in HARDWARE:
        hardware[code] = make.sku(code, name, Decimal(pounds), stock=make.stock(ALL))
    yield from hardware.values()
    for code, name, pounds in FOOD:
        yield make.sku(code, name, Decimal(pounds), stock=make.stock(ALL), tax_class="reduced")
    for code, name, pounds in GUIDES:
        yield make.sku(code, name, Decimal(pounds), stock=make.stock(ALL), tax_class="zero")
    for code, name, components in BUNDLES:
        apart = sum((hardware[part].prices["GBP"] * n for part, n in components), Decimal(0))
        yield make.sku(
            code,
            name,
            (apart * Decimal("0.9")).quantize(Decimal(1)) - CENT,
            stock=make.stock(ALL),
            kind="bundle",
            components=components,
        )
    numbers = count()
    for edition in count(1):  # as many as a world is large
        for series, garment in product(SERIES, GARMENTS):
            name = series if edition == 1 else f"{series} {edition}"
            yield from _variants(make, next(numbers), name, garment)


def _variants(make: "_Maker", number: int, series: str, garment: Garment) -> Iterator[Sku]:
    """One master in some colours and all its sizes; not every warehouse keeps every master."""
    where = [LONDON] + [RENO] * (number % 5 != 4) + [OSAKA] * (number % 6 == 0)
    master = f"{garment.code}-{series.upper().replace(' ', '')}"
    pounds = Decimal(make.dice.choice(garment.pounds))
    for (short, colour), size in product(make.dice.sample(COLOURS, 3), garment.sizes):
        yield make.sku(
            f"{master}-{short}-{size.upper().replace(' ', '')}",
            f"{series} {garment.name}, {colour}, {size}",
            pounds,
            stock=make.stock(where),
            master_id=master,
        )


class _Maker:
    """Gives each SKU its prices, cost, barcode and opening stock."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self._numbers = count(1)

    def stock(self, locations: Sequence[str]) -> dict[str, int]:
        """Units on hand: mostly plenty, now and then nearly none."""
        scarce = 0.06
        return {
            location: self.dice.randint(0, 5)
            if self.dice.random() < scarce
            else self.dice.randint(20, 400)
            for location in locations
        }

    def sku(
        self,
        code: str,
        name: str,
        pounds: Decimal,
        *,
        stock: Mapping[str, int] | None = None,
        kind: SkuKind = "standard",
        tax_class: TaxClass = "standard",
        master_id: str | None = None,
        components: tuple[tuple[str, int], ...] = (),
        in_shop: bool = True,
        in_erp: bool = True,
    ) -> Sku:
        return Sku(
            id=code,
            name=name,
            kind=kind,
            tax_class=tax_class,
            prices=list_prices(pounds),
            cost=(pounds * Decimal("0.42")).quantize(CENT),
            ean=ean13(next(self._numbers)),
            master_id=master_id,
            stock=stock or {},
            components=components,
            in_shop=in_shop,
            in_erp=in_erp,
        )


def list_prices(pounds: Decimal) -> dict[str, Decimal]:
    """A price list by currency: dollars end in the pennies of the pound price, yen in tens."""
    return {
        "GBP": pounds.quantize(CENT),
        "USD": ((pounds * Decimal("1.25")).to_integral_value() + pounds % 1).quantize(CENT),
        "JPY": (pounds * 19).to_integral_value() * 10,
    }


def ean13(number: int) -> str:
    """A valid EAN-13 in Alpenglow's own number ranges, of 100,000 each."""
    digits = str(501234500000 + number)
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
