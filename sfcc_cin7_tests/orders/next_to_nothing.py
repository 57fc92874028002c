"""Orders whose discounts leave tax on goods that cost nothing any more."""

from decimal import Decimal

from sfcc_cin7.values.money import quantum
from sfcc_cin7_tests.orders.storefront import Document


def taxed_on_next_to_nothing(document: Document) -> bool:
    """Whether discounts took goods down to a few of the smallest units, and left their tax: it is
    what rounding left then, and no percent gives it."""
    few = 10 * quantum(document["currency"])
    items = (*document["productItems"], *document["shippingItems"])
    return any(
        each["tax"] and min(remaining(each)) < few
        for each in (
            *items,
            *(option for item in items for option in item.get("optionItems") or []),
        )
    )


def remaining(element: Document) -> list[Decimal]:
    """What is left of an element's price after its own discounts, and after the order's."""
    names = ("grossPrice", "priceAfterItemDiscount", "priceAfterOrderDiscount")
    return [abs(Decimal(element[name])) for name in names if name in element]
