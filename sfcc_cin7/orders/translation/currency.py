"""What one unit of an order's currency is worth in the ERP's books."""

from decimal import Decimal

from sfcc_cin7.merchant.currency_rates import CurrencyRates
from sfcc_cin7.orders.translation.draft import Draft


def currency_rate(draft: Draft, rates: CurrencyRates | None) -> Decimal:
    """Base currency units for one unit of the order's currency, to five places.

    The site's constant, or where the site has a file of rates the newest on or before the day (UTC)
    that the order was placed. `rates` are that file's.
    """
    policy = draft.site.currency_rates
    if policy is None:
        return draft.site.currency_rate
    currency, day = draft.order.currency, draft.order.placed_at.date()
    found = rates.on(currency, day) if rates is not None else None
    if found is None:
        sentence = f"There is no rate of {currency} on or before the day of the order."
        draft.refuse("currency-rate-missing", sentence, day)
        return Decimal(1)
    if (day - found.day).days > policy.max_age_days:
        sentence = f"The newest rate of {currency} is older than {policy.max_age_days} days."
        draft.refuse("currency-rate-stale", sentence, day, found.day)
    return found.rate
