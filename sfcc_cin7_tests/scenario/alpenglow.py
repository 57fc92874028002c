"""Alpenglow's shoppers on one side and its Cin7 on the other, without a database in between."""

import random
from decimal import Decimal
from typing import Any

from sfcc_cin7.merchant.operating_model import ChargeNames, SitePolicy, TaxMapping
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.translate import Translation, translate
from sfcc_cin7_sandbox.merchant.catalogue import BRAND, MISSING_TAX_RULE, build_world
from sfcc_cin7_sandbox.merchant.world import Site, World
from sfcc_cin7_sandbox.shoppers.assortment import Assortment
from sfcc_cin7_sandbox.shoppers.shapes import PLANTED, SHAPES
from sfcc_cin7_sandbox.shoppers.shoppers import next_order
from sfcc_cin7_tests.sandbox.cin7_company import Company

Document = dict[str, Any]
BOOKABLE = [shape for shape in SHAPES if shape not in PLANTED]
RULES = {
    ("GB", "0.2"): "20% (VAT on Income)",
    ("GB", "0"): "Zero Rated Income",
    ("US", "0.0725"): "CA Sales Tax 7.25%",
    ("US", "0.08875"): "NY Sales Tax 8.875%",
    ("US", "0.0825"): "TX Sales Tax 8.25%",
    ("US", "0"): "Tax Exempt (US)",
    ("JP", "0.1"): "JP Consumption Tax 10%",
    ("JP", "0.08"): MISSING_TAX_RULE.name,
    ("JP", "0"): "JP Exempt 0%",
}
CURRENCY_RATES = {"GBP": Decimal(1), "USD": Decimal("0.74"), "JPY": Decimal("0.005")}


def policy(world: World, site: Site, **decisions: Any) -> SitePolicy:
    """The operating model of one of the sandbox's sites."""
    return SitePolicy(
        **decisions,
        id=site.id,
        currency=site.currency,
        taxation=site.taxation,
        country=site.country,
        customer=site.customer,
        location=site.location,
        tax_rules=[
            TaxMapping(country=country, rate=Decimal(rate), rule=rule)
            for (country, rate), rule in RULES.items()
        ],
        charges=ChargeNames(
            shipping="Shipping",
            surcharge="Shipping Surcharge",
            gift_certificate="Gift Certificate",
            rounding="Rounding",
        ),
        options={sku.id: sku.name for sku in world.skus if sku.kind == "option"},
        payment_accounts={
            "CREDIT_CARD": "1200",
            "PayPal": "1200",
            "DW_APPLE_PAY": "1200",
            "GIFT_CERTIFICATE": "1210",
        },
        currency_rate=CURRENCY_RATES[site.currency],
    )


class Merchant:
    """Alpenglow: `decisions` are its operating model's, `settings` its Cin7 account's."""

    def __init__(self, decisions: dict[str, Any] | None = None, **settings: Any) -> None:
        self.world = build_world(seed=11, skus=400)
        self.policies = {
            site.id: policy(self.world, site, **decisions or {}) for site in self.world.sites
        }
        self.known_rules = {rule.name for rule in self.world.tax_rules}
        self._assortment = Assortment(self.world)
        self._dice = random.Random(11)
        self.erp = Company(of=self.world, **settings)

    def order(self, shape: str | None) -> Document:
        """What the storefront returns for the next shopper's placed order."""
        basket = next_order(self._assortment, self._dice, lambda *_: Decimal(1000), shape=shape)
        placed = {"status": "new", "creationDate": "2026-03-01T09:30:00.000Z"}
        return basket | placed | {"orderNo": f"{self._dice.randrange(10**8):08d}"}

    def translate(self, document: Document) -> Translation:
        parsed = parse_order(document)
        return translate(parsed, self.policies[parsed.site], BRAND, self.known_rules)
