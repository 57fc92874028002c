"""Which ERP tax rule stands for a rate; which line bears which tax is told by `tax_shares`."""

from decimal import Decimal

from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.model import Address
from sfcc_cin7.values.tax_shares import Taxed, attribute, tax_inside

__all__ = ["Taxed", "attribute", "tax_inside", "tax_rule"]


def tax_rule(site: SitePolicy, destination: Address, rate: Decimal) -> str | None:
    """The ERP tax rule mapped for a rate where the goods go: the state's own rule, else the
    country's. None when nothing is mapped; there is no nearest rate.

    Rates are compared as decimals, so 0.20 is 0.2; older storefronts write countries in lower case.
    """
    country = (destination.country or site.country).upper()
    state = destination.state.upper()
    mapped = {
        each.state.upper() if each.state else "": each.rule
        for each in site.tax_rules
        if each.country == country and each.rate == rate
    }
    return mapped.get(state) or mapped.get("")
