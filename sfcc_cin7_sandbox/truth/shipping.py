"""What the storefront says of an order's shipments and refunds, against what the ERP did.

Nothing may be said too early, whoever says it. Whether everything is said is judged only of sites
whose storefront is told, which the integration claims. What the warehouse undid after it was told
is not judged: the storefront is not to be lowered, and a person decides.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

import simplejson

Document = Mapping[str, Any]
Told = Literal["shipments", "refunds"]
ShippingFinding = Literal[
    "shipped_early", "captured_early", "shipment_untold", "parcels_differ", "refunds_differ"
]

PARCELS, REFUNDS, CANCELLED = "c_cin7Parcels", "c_cin7Refunds", "c_cancelledItems"
_SHOP = ("not_shipped", "part_shipped", "shipped")
_ERP = ("none", "part", "all")


def judge_shipping(
    order: Document, sale: Document, told: Collection[Told], *, settled: bool, shared: bool
) -> Iterator[tuple[ShippingFinding, str]]:
    """Each finding with a detail.

    `settled` tells that both had time since they last changed; `shared` that the sale stands for
    other orders too, so that only what nothing of it left can be told early.
    """
    if sale.get("Furthest") is None:
        return
    shop = _rank(_SHOP, order.get("shippingStatus"))
    furthest, now = _rank(_ERP, sale["Furthest"]), _rank(_ERP, sale["Shipped"])
    number, status = sale["OrderNumber"], order.get("shippingStatus")
    if shop > furthest and (furthest == 0 or not shared):
        yield "shipped_early", f"{status} in the shop, {number} never was"
    captured = order.get("captured")
    if captured and not shared and (furthest < 2 or captured < sale["FurthestAt"]):
        yield "captured_early", f"money taken at {captured}, before {number} had left"
    if shared or not settled:
        return
    if "shipments" in told and furthest == now:
        if shop < now:
            yield (
                "shipment_untold",
                f"{status} in the shop, {number} is shipped ({sale['Shipped']})",
            )
        elif now:
            yield from _parcels(order, sale)
    if "refunds" in told:
        yield from _refunds(order, sale)


def less_cancelled(order: Document, ordered: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Units by SKU without those that customer service noted as cancelled, if that can be read."""
    left = dict(ordered)
    try:
        for row in _read(order.get(CANCELLED)):
            left[row["sku"]] = left.get(row["sku"], Decimal(0)) - Decimal(row["quantity"])
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return dict(ordered)
    return left


def _parcels(order: Document, sale: Document) -> Iterator[tuple[ShippingFinding, str]]:
    """Numbers and units: each parcel of the ERP once, and nothing else."""
    try:
        told = [
            (
                str(parcel["trackingNumber"]),
                {row["sku"]: row["quantity"] for row in parcel["lines"]},
            )
            for parcel in _read(order.get(PARCELS))
        ]
    except (LookupError, TypeError, ValueError):
        yield "parcels_differ", f"{PARCELS} cannot be read"
        return
    real = [(parcel["TrackingNumber"], parcel["Units"]) for parcel in sale["Parcels"]]
    numbers = [Counter(number for number, _ in rows if number) for rows in (told, real)]
    if numbers[0] != numbers[1]:
        shown = [", ".join(sorted(each.elements())) or "none" for each in numbers]
        yield "parcels_differ", f"numbers {shown[0]} in the shop, {shown[1]} in the ERP"
    units = [_sum(units for _, units in rows) for rows in (told, real)]
    for sku in sorted(units[0].keys() | units[1].keys()):
        shop, erp = (each.get(sku, Decimal(0)) for each in units)
        if shop != erp:
            yield "parcels_differ", f"{sku}: {shop} sent in the shop, {erp} in the ERP"


def _refunds(order: Document, sale: Document) -> Iterator[tuple[ShippingFinding, str]]:
    try:
        told = sum((Decimal(str(row["amount"])) for row in _read(order.get(REFUNDS))), Decimal(0))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        yield "refunds_differ", f"{REFUNDS} cannot be read"
        return
    real = sum((note["Total"] for note in sale["CreditNotes"]), Decimal(0))
    if told != real:
        yield "refunds_differ", f"refunds {told} in the shop, credit notes {real} in the ERP"


def _read(text: Any) -> Any:
    return simplejson.loads(text, use_decimal=True) if text is not None else []


def _sum(all_units: Iterator[Mapping[str, Any]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for units in all_units:
        for sku, quantity in units.items():
            sums[sku] = sums.get(sku, Decimal(0)) + Decimal(quantity)
    return sums


def _rank(names: tuple[str, ...], value: Any) -> int:
    return names.index(value) if value in names else 0
