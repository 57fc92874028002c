"""Which SKUs a call is best spent on first (pure)."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from sfcc_cin7.values.money import ZERO


def by_cover(
    skus: Collection[str], available: Mapping[str, Decimal], sold: Mapping[str, Decimal]
) -> list[str]:
    """The SKUs that are sold out soonest first: what is `available` by what was `sold` lately.

    What sells without cover, an offer of nothing or less, can be oversold at this moment. What did
    not sell comes last, the scarcest first; SKUs that are alike keep their order.
    """

    def urgency(sku: str) -> tuple[bool, Decimal]:
        units, rate = max(available.get(sku, ZERO), ZERO), sold.get(sku, ZERO)
        return (rate <= 0, units / rate if rate > 0 else units)

    return sorted(skus, key=urgency)
