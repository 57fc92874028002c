"""The merchant both emulators serve: sites, SKUs, locations, tax rules, seeded by one number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

TaxClass = Literal["standard", "reduced", "zero"]
Rounding = Literal["line", "unit", "rate-group"]
SkuKind = Literal["standard", "bundle", "option", "service"]


@dataclass(frozen=True)
class Location:
    """A Cin7 warehouse; availability rows are split over its bins."""

    name: str
    bins: tuple[str, ...]


@dataclass(frozen=True)
class TaxRule:
    """A Cin7 sale tax rule; `percent` is 0-100."""

    name: str
    percent: Decimal


@dataclass(frozen=True)
class Sku:
    """One sellable thing, known to either system or both.

    `prices` are list prices by currency, containing tax where the site's taxation is gross.
    `stock` are units on hand by location name. A bundle has its own stock (its inventory record is
    the only one that counts); an option or service has none.
    """

    id: str
    name: str
    kind: SkuKind
    tax_class: TaxClass
    prices: Mapping[str, Decimal]
    cost: Decimal
    ean: str
    master_id: str | None = None
    stock: Mapping[str, int] = field(default_factory=dict)
    components: tuple[tuple[str, int], ...] = ()
    in_shop: bool = True
    in_erp: bool = True


@dataclass(frozen=True)
class Site:
    """One storefront.

    `rates` maps a state code ("*" = anywhere) to a rate (0.2 = 20 %) by tax class. `rounding` is
    what tax is rounded for: a line, a unit, or all that has one rate.
    """

    id: str
    currency: str
    taxation: Literal["net", "gross"]
    tax_mode: Literal["default", "adjusted-price"]
    country: str
    inventory_list: str
    on_order: bool
    location: str
    customer: str
    rates: Mapping[str, Mapping[TaxClass, Decimal]]
    rounding: Rounding = "line"


@dataclass(frozen=True)
class World:
    """Everything that exists before the first shopper arrives."""

    seed: int
    base_currency: str
    sites: tuple[Site, ...]
    skus: tuple[Sku, ...]
    locations: tuple[Location, ...]
    tax_rules: tuple[TaxRule, ...]
    price_tiers: tuple[str, ...]
    bank_accounts: tuple[tuple[str, str], ...]
    """(code, name) of accounts that may receive payments."""
