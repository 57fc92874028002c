"""What each storefront of a world has to offer, sorted by what order shapes ask for."""

from dataclasses import dataclass
from decimal import Decimal

from sfcc_cin7_sandbox.merchant.world import Site, Sku, TaxClass, World


@dataclass(frozen=True)
class Offer:
    """One site's goods. `ordinary` ones can be posted to the ERP without anybody's help."""

    ordinary: tuple[Sku, ...]
    untaxed: tuple[Sku, ...]
    bundles: tuple[Sku, ...]
    options: tuple[Sku, ...]
    unknown_to_erp: tuple[Sku, ...]
    without_tax_rule: tuple[Sku, ...]


class Assortment:
    """A world through a shopper's eyes."""

    def __init__(self, world: World) -> None:
        self.sites = {site.id: site for site in world.sites}
        self.skus = {sku.id: sku for sku in world.skus}
        self._percentages = {rule.percent for rule in world.tax_rules}
        self.offers = {site.id: self._offer(site, world) for site in world.sites}

    def _offer(self, site: Site, world: World) -> Offer:
        unruled = {
            tax_class
            for rates in site.rates.values()
            for tax_class, rate in rates.items()
            if rate * 100 not in self._percentages
        }
        stocked = [sku for sku in world.skus if sku.in_shop and site.location in sku.stock]
        postable = [sku for sku in stocked if sku.in_erp and sku.tax_class not in unruled]
        return Offer(
            ordinary=tuple(s for s in postable if s.kind == "standard"),
            untaxed=tuple(s for s in postable if _always_free_of_tax(site, s.tax_class)),
            bundles=tuple(s for s in postable if s.kind == "bundle"),
            options=tuple(s for s in world.skus if s.kind == "option" and s.in_erp),
            unknown_to_erp=tuple(s for s in stocked if not s.in_erp),
            without_tax_rule=tuple(s for s in stocked if s.in_erp and s.tax_class in unruled),
        )


def _always_free_of_tax(site: Site, tax_class: TaxClass) -> bool:
    return all(rates[tax_class] == Decimal(0) for rates in site.rates.values())
