"""What a sale of the ERP tells of costs and of what was given back, by SKU.

Movements name a task and a product but no units (Cin7 API reference, Sale: InventoryMovements), so
their cost is believed only when every unit has shipped, and only if they come to the sale's own
COGSAmount. Restocking movements may be among them or not, and of either sign, which is not
documented; those of a credit note's task are left out.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sfcc_cin7.systems.cin7.documents import OrderLine, SaleDocument
from sfcc_cin7.values.money import ZERO, quantum, round_half_up

CENT = Decimal("0.01")


@dataclass(frozen=True)
class SaleLine:
    """One SKU of a sale. Costs are of one unit in the base currency, `credited` is in the sale's
    currency and without tax; only authorised credit notes count."""

    sku: str
    units: Decimal
    shipped_cost: Decimal | None
    average_cost: Decimal | None
    credited_units: Decimal
    credited: Decimal
    restocked_units: Decimal


def sale_lines(sale: SaleDocument) -> list[SaleLine]:
    """Each SKU of the sale's order once, also where somebody put a second line of it there."""
    if sale.order is None:
        return []
    notes = [note for note in sale.credit_notes if note.status.upper() == "AUTHORISED"]
    credited_units: dict[str, Decimal] = defaultdict(Decimal)
    credited: dict[str, Decimal] = defaultdict(Decimal)
    restocked: dict[str, Decimal] = defaultdict(Decimal)
    for note in notes:
        for line in note.lines:
            credited_units[line.sku] += line.quantity
            credited[line.sku] += _without_tax(sale, line)
        for row in note.restock:
            restocked[row.sku] += row.quantity
    shipped = _shipped(sale)
    units: dict[str, Decimal] = defaultdict(Decimal)
    lines: dict[str, OrderLine] = {}
    for line in sale.order.lines:
        if line.sku and line.quantity > 0:
            units[line.sku] += line.quantity
            lines.setdefault(line.sku, line)
    return [
        SaleLine(
            sku=sku,
            units=units[sku],
            shipped_cost=_each(shipped.get(line.product_id), units[sku]),
            average_cost=line.average_cost,
            credited_units=credited_units[sku],
            credited=credited[sku],
            restocked_units=restocked[sku],
        )
        for sku, line in lines.items()
    ]


def rate_of(sale: SaleDocument) -> Decimal | None:
    """Base currency for one unit of the sale's; None where the sale does not state it."""
    stated = "currency_rate" in sale.model_fields_set and sale.currency_rate > 0
    return sale.currency_rate if stated else None


def _shipped(sale: SaleDocument) -> Mapping[str, Decimal]:
    """Cost of goods sold by product, once everything has shipped; empty where it cannot be used."""
    if sale.combined_shipping_status.upper() != "SHIPPED":
        return {}
    returning = {note.task_id for note in sale.credit_notes}
    left: dict[str, Decimal] = defaultdict(Decimal)
    for movement in sale.inventory_movements:
        if movement.task_id not in returning:
            left[movement.product_id] += movement.cogs
    everything = sum((movement.cogs for movement in sale.inventory_movements), ZERO)
    sums = (sum(left.values(), ZERO), everything)
    agrees = any(abs(each - sale.cogs_amount) <= CENT * max(len(left), 1) for each in sums)
    return left if agrees else {}


def _each(cost: Decimal | None, units: Decimal) -> Decimal | None:
    return cost / units if cost and cost > 0 else None


def _without_tax(sale: SaleDocument, line: OrderLine) -> Decimal:
    """Quantity x price less discount, to the currency's smallest amount, tax taken out of it where
    the sale's prices hold it."""
    step = min(quantum(sale.customer_currency), CENT)
    amount = round_half_up(line.quantity * line.price * (1 - line.discount / 100), step)
    return amount - line.tax if sale.tax_calculation.lower() == "inclusive" else amount
