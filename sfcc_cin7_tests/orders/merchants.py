"""Merchants for tests: the operating model's decisions for one site."""

from decimal import Decimal
from typing import Any

from sfcc_cin7.merchant.operating_model import ChargeNames, SitePolicy, TaxMapping
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.orders.translation.translate import Accepted, Rejected, translate
from sfcc_cin7_tests.orders.storefront import Basket, Document, order

RATES = ("0", "0.05", "0.0725", "0.08", "0.0825", "0.1", "0.2", "0.21")
CHARGES = ChargeNames(
    shipping="Shipping",
    surcharge="Shipping Surcharge",
    gift_certificate="Gift Certificate",
    rounding="Rounding",
)


def site(**changes: Any) -> SitePolicy:
    """A US merchant, net, in US dollars, with every rate mapped and no payments booked."""
    decisions: dict[str, Any] = {
        "id": "shop",
        "currency": "USD",
        "taxation": "net",
        "country": "US",
        "customer": "Shop Web",
        "location": "Reno DC",
        "charges": CHARGES,
        "tax_rules": [
            TaxMapping(country="US", rate=Decimal(rate), rule=f"Rule {rate}") for rate in RATES
        ],
        "options": {"wrap:gift": "Gift Wrap", "engraving-text": "Engraving"},
    }
    return SitePolicy(**(decisions | changes))


def accepted(document: Document, policy: SitePolicy) -> Accepted:
    """The translation of an order that must be accepted."""
    result = translate(parse_order(document), policy, "brand")
    assert isinstance(result, Accepted), result
    return result


def codes(document: Document, policy: SitePolicy, **known: Any) -> list[str]:
    """The reason codes of an order that must be rejected."""
    result = translate(parse_order(document), policy, "brand", **known)
    assert isinstance(result, Rejected), result
    return [reason.code for reason in result.reasons]


def policy_for(basket: Basket, **changes: Any) -> SitePolicy:
    """The merchant that would sell this basket."""
    return site(currency=basket.currency, taxation=basket.taxation, **changes)


def accept(basket: Basket, **changes: Any) -> Accepted:
    """The translation of a basket that must be accepted."""
    return accepted(order(basket), policy_for(basket, **changes))
