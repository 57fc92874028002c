"""A merchant whose tax rules go by place, and what becomes of an order there."""

from decimal import Decimal as D
from typing import Any

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.merchant.tax_rules import TaxMapping
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.proof import mismatches
from sfcc_cin7.orders.translation.sale_documents import order as sale_order
from sfcc_cin7.orders.translation.translate import Accepted, Rejected, translate
from sfcc_cin7_tests.orders.merchants import site
from sfcc_cin7_tests.orders.storefront import Document

AMERICA = [
    {"country": "US", "rate": "0", "rule": "US Exempt"},
    {"country": "US", "state": "NY", "rate": "0.08875", "rule": "NY 8.875%"},
    {"country": "US", "state": "TX", "rate": "0.0825", "rule": "TX 8.25%"},
]
BRITAIN = [
    {"country": country, "rate": rate, "rule": rule}
    for country in ("GB", "JE")
    for rate, rule in (("0.2", "20% (VAT on Income)"), ("0", "Zero Rated Income"))
]
TEXAS = ("US", "TX", "73301")


def merchant(rules: list[Any] = AMERICA, **changes: Any) -> SitePolicy:
    return site(tax_rules=[TaxMapping(**rule) for rule in rules], **changes)


def posted(document: Document, policy: SitePolicy) -> dict[str, tuple[str, D, D]]:
    """Rule, amount and tax of each line and charge of the sale, which has to prove itself."""
    result = translate(parse_order(document), policy, "brand")
    assert isinstance(result, Accepted), result
    assert mismatches(result.proof, sale_order(result.sale, "sale-1")) == []
    assert result.sale.total == document["orderTotal"]
    booked = {line.sku: (line.tax_rule, line.amount, line.tax) for line in result.sale.lines}
    for charge in result.sale.charges:
        assert charge.description not in booked
        booked[charge.description] = (charge.tax_rule, charge.amount, charge.tax)
    return booked


def waits(document: Document, policy: SitePolicy) -> list[tuple[str, str | None]]:
    """Code and wanted mapping of the reasons why an order waits."""
    result = translate(parse_order(document), policy, "brand")
    assert isinstance(result, Rejected), result
    return [(each.code, each.expected) for each in result.reasons]


def rules_of(booked: dict[str, tuple[str, D, D]]) -> dict[str, str]:
    return {name: rule for name, (rule, _, _) in booked.items()}
