"""Units by SKU as the store keeps them."""

from collections.abc import Iterable
from decimal import Decimal

from sfcc_cin7.orders.translation.text import fit

LONGEST_SKU = 256
LARGEST = Decimal(10) ** 15
STEP = Decimal("0.0001")
"""What the store keeps of figures; the document keeps them as they came."""


def by_sku(taken: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """All units of each SKU together; what has no name is left out."""
    units: dict[str, Decimal] = {}
    for name, quantity in taken:
        sku = fit(name, LONGEST_SKU)
        if sku:
            so_far = units.get(sku, Decimal(0))
            units[sku] = min(so_far + quantity.quantize(STEP), LARGEST)
    return units
