"""What money of any currency weighs in the ERP's base currency: to compare, never to book."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sfcc_cin7.merchant.currency_rates import load_currency_rates
from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.problems import ConfigurationError


class BaseCurrency:
    """The rates of a day: each site's constant, or the newest of its file on or before the day.

    A currency without a rate (also where the file cannot be read) weighs as the base currency: an
    inbox that shows too much beats one that shows nothing.
    """

    def __init__(self, model: OperatingModel, day: date) -> None:
        self._rates: Mapping[str, Decimal] = {
            site.currency: rate
            for every in model.sites
            for site in every.in_each_currency
            if (rate := _rate(site, day)) is not None
        }

    def weight(self, amount: Decimal | None, currency: str | None) -> Decimal:
        """The amount in base currency, not rounded; nothing weighs nothing."""
        return (amount or ZERO) * self._rates.get(currency or "", Decimal(1))


def _rate(site: SitePolicy, day: date) -> Decimal | None:
    if site.currency_rates is None:
        return site.currency_rate
    try:
        found = load_currency_rates(site.currency_rates.file).on(site.currency, day)
    except ConfigurationError:
        return None
    return found.rate if found else None
