"""What the storefront may sell of goods that are on order at a supplier. Quantities are units.

The allocation stays physical: goods on their way are a part of their own (Salesforce Help,
"Available to Sell calculation": allocation + preorder or backorder allocation - turnover - on
order). They are offered by rule only, with the date that the ERP expects them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from sfcc_cin7.stock_policies import ArrivalPolicy

NOTHING = Decimal(0)
WHOLE_SHARE = Decimal(100)


@dataclass(frozen=True)
class Arrivals:
    """What an inventory record says of goods on their way; `handling` none offers none of them."""

    handling: Literal["none", "backorder", "preorder"] = "none"
    units: Decimal = NOTHING
    in_stock_date: datetime | None = None


def arrivals(
    policy: ArrivalPolicy, on_order: Decimal, expected: datetime | None, short: Decimal
) -> Arrivals:
    """What may be sold of `on_order` units, of which `short` are owed to orders already.

    Without a date nothing is offered: shoppers would be promised a day that nobody knows.
    """
    free = (on_order * policy.percent / WHOLE_SHARE).to_integral_value(ROUND_FLOOR) - short
    if policy.most is not None:
        free = min(free, policy.most)
    if expected is None or free <= NOTHING:
        return Arrivals()
    return Arrivals(policy.handling, free, expected + timedelta(days=policy.days_after))
