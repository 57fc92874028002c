"""The ten price tiers of a product, by their numbers.

Names of tiers may be equal, and then Cin7 leaves `PriceTiers` out; numbers are always there.
"""

from decimal import Decimal

from sfcc_cin7.systems.cin7.fields import Document, Number
from sfcc_cin7.values.money import ZERO


class TierPrices(Document):
    """Prices of one unit; neither their currency nor whether tax is in them is said anywhere."""

    price_tier1: Number = ZERO
    price_tier2: Number = ZERO
    price_tier3: Number = ZERO
    price_tier4: Number = ZERO
    price_tier5: Number = ZERO
    price_tier6: Number = ZERO
    price_tier7: Number = ZERO
    price_tier8: Number = ZERO
    price_tier9: Number = ZERO
    price_tier10: Number = ZERO

    @property
    def tiers(self) -> dict[int, Decimal]:
        """Prices by the number of their tier; one that has none is left out."""
        prices = {number: getattr(self, f"price_tier{number}") for number in range(1, 11)}
        return {number: price for number, price in prices.items() if price}
