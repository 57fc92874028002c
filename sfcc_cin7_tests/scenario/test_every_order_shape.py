"""Orders of every shape that the sandbox's shoppers place, booked in the sandbox's Cin7.

The storefront's arithmetic and Cin7's are the sandbox's own, so they test the translation between
them from both sides.
"""

import random
from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7.operating_model import ChargeNames, SitePolicy, TaxMapping
from sfcc_cin7.orders.model import parse_order
from sfcc_cin7.orders.proof import backordered, mismatches
from sfcc_cin7.orders.sale_documents import header, order, payment
from sfcc_cin7.orders.translate import Accepted, Rejected, Translation, translate
from sfcc_cin7.sandbox.assortment import Assortment
from sfcc_cin7.sandbox.catalogue import BRAND, MISSING_TAX_RULE, build_world
from sfcc_cin7.sandbox.shapes import PLANTED, SHAPES
from sfcc_cin7.sandbox.shoppers import next_order
from sfcc_cin7.sandbox.world import Site, World
from sfcc_cin7_tests.sandbox.cin7_company import Company

Document = dict[str, Any]
ORDERS_PER_SHAPE = 12
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


def policy(world: World, site: Site) -> SitePolicy:
    """The operating model of one of the sandbox's sites."""
    return SitePolicy(
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
    """Alpenglow: shoppers on one side, Cin7 on the other."""

    def __init__(self) -> None:
        self.world = build_world(seed=11, skus=400)
        self.policies = {site.id: policy(self.world, site) for site in self.world.sites}
        self.known_rules = {rule.name for rule in self.world.tax_rules}
        self._assortment = Assortment(self.world)
        self._dice = random.Random(11)
        self.erp = Company(of=self.world)

    def order(self, shape: str | None) -> Document:
        """What the storefront returns for the next shopper's placed order."""
        basket = next_order(self._assortment, self._dice, lambda *_: Decimal(1000), shape=shape)
        placed = {"status": "new", "creationDate": "2026-03-01T09:30:00.000Z"}
        return basket | placed | {"orderNo": f"{self._dice.randrange(10**8):08d}"}

    def translate(self, document: Document) -> Translation:
        parsed = parse_order(document)
        return translate(parsed, self.policies[parsed.site], BRAND, self.known_rules)


@pytest.fixture(scope="module")
def merchant() -> Merchant:
    return Merchant()


BOOKABLE = [shape for shape in SHAPES if shape not in PLANTED]


@pytest.mark.parametrize("shape", [*BOOKABLE, None])
def test_orders_of_every_shape_are_booked_with_equal_totals(
    merchant: Merchant, shape: str | None
) -> None:
    for _ in range(ORDERS_PER_SHAPE):
        document = merchant.order(shape)
        result = merchant.translate(document)
        assert isinstance(result, Accepted), (document["siteId"], result)

        sale = result.sale
        sale_id = merchant.erp.post("/sale", header(sale))["ID"]
        answer = merchant.erp.post("/sale/order", order(sale, sale_id))
        assert mismatches(result.proof, answer) == []
        assert (answer["Total"], answer["Tax"]) == (document["orderTotal"], document["taxTotal"])
        for booked in sale.payments:
            merchant.erp.post("/sale/payment", payment(sale, booked, sale_id, sale.order_date))
        assert sum(booked.amount for booked in sale.payments) == document["orderTotal"]


def test_an_order_whose_tax_rule_the_erp_lacks_waits_with_the_name_of_the_rule(
    merchant: Merchant,
) -> None:
    result = merchant.translate(merchant.order("missing-tax-rule"))

    assert isinstance(result, Rejected)
    [reason] = result.reasons
    assert reason.code == "tax-rule-unknown"
    assert MISSING_TAX_RULE.name in reason.sentence


def test_an_oversold_line_is_a_backorder_and_no_mismatch(merchant: Merchant) -> None:
    document = merchant.order("plain")
    document["productItems"][0]["productId"] = "NOMAD-TARP-01"
    result = merchant.translate(document)
    assert isinstance(result, Accepted)
    body = order(result.sale, merchant.erp.post("/sale", header(result.sale))["ID"])
    body["Lines"][0]["Quantity"] = Decimal(10_000)  # type: ignore[index]
    body["Lines"][0]["Total"] = result.sale.lines[0].price * 10_000  # type: ignore[index]

    answer = merchant.erp.post("/sale/order", body)

    assert backordered(answer)["NOMAD-TARP-01"] > 0
