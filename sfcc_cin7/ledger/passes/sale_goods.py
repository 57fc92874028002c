"""The goods of a sale as the ledger keeps them: what left on which day, and what does not agree."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sfcc_cin7.ledger.breaks.goods import Gap, SkuGoods, gaps, tax_of, worth_of
from sfcc_cin7.systems.cin7.documents import OrderLine, SaleDocument
from sfcc_cin7.values.money import ZERO


@dataclass(frozen=True)
class Shipment:
    """What left on a day (`2026-01-31`), with tax, and the tax in it, in the sale's currency."""

    day: str
    amount: Decimal
    tax: Decimal


def sale_goods(sale: SaleDocument, services: Container[str] = ()) -> list[SkuGoods]:
    """Each SKU of the sale's order once; `services` are SKUs of what nobody packs. Nothing of a
    sale that is voided, or is no more than a draft."""
    if sale.order is None or not sale.authorised or _voided(sale):
        return []
    inclusive = sale.tax_calculation.lower() == "inclusive"
    found: dict[str, SkuGoods] = {}
    for line in sale.order.lines:
        if line.sku and line.sku not in services and line.quantity > 0:
            known = found.get(line.sku, SkuGoods(line.sku, ZERO, ZERO))
            found[line.sku] = replace(
                known,
                ordered=known.ordered + line.quantity,
                worth=known.worth + line.total + (ZERO if inclusive else line.tax),
                tax=known.tax + line.tax,
            )
    notes = [note for note in sale.credit_notes if note.status.upper() == "AUTHORISED"]
    drafts = [note for note in sale.credit_notes if note.status.upper() == "DRAFT"]
    shipped = _sums(each.left.items() for each in sale.fulfilments)
    invoiced = _sums(_units(each.lines) for each in sale.invoices if each.issued)
    credited = _sums(_units(note.lines) for note in notes)
    restocked = _sums(((row.sku, row.quantity) for row in note.restock) for note in notes)
    announced = _sums(((row.sku, row.quantity) for row in note.restock) for note in drafts)
    return [
        replace(
            each,
            shipped=shipped[sku],
            invoiced=invoiced[sku],
            credited=credited[sku],
            restocked=restocked[sku],
            announced=announced[sku],
        )
        for sku, each in found.items()
    ]


def shipments(
    sale: SaleDocument, goods: Sequence[SkuGoods], today: str
) -> tuple[list[Shipment], str | None]:
    """What left by its day, and the day on which the last of it did (None: something is to come).

    What says no day is taken to have left `today`. What was credited and never left is not to come;
    it ends on the day of its credit note, which is when the last of the rest may have left too.
    """
    by_sku = {each.sku: each for each in goods}
    days: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    counted: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for task in sorted(sale.fulfilments, key=lambda one: one.left_on or today):
        for sku, units in task.left.items():
            each = by_sku.get(sku)
            if each is None:
                continue
            # shares of the whole, so that parts come to the whole to the cent
            upto, counted[sku] = counted[sku], counted[sku] + units
            money = sale.customer_currency
            day = days[task.left_on or today]
            day[0] += worth_of(each, counted[sku], money) - worth_of(each, upto, money)
            day[1] += tax_of(each, counted[sku], money) - tax_of(each, upto, money)
    found = [Shipment(day, *figures) for day, figures in sorted(days.items())]
    if not goods or any(each.shipped + each.released < each.ordered for each in goods):
        return found, None
    ends = [each.day for each in found]
    if any(each.released for each in goods):
        notes = [note for note in sale.credit_notes if note.status.upper() == "AUTHORISED"]
        ends += [note.day or today for note in notes]
    return found, max(ends, default=today)


def goods_image(
    sale: SaleDocument,
    services: Container[str],
    before: Sequence[Mapping[str, Any]],
    at: datetime,
    today: str,
) -> dict[str, object]:
    """Columns of `erp_sales` about goods; `before` is what its `gaps` were until now.

    A reading from before anybody asked what was invoiced tells nothing of what does not agree.
    """
    goods = sale_goods(sale, services)
    left, whole_on = shipments(sale, goods, today)
    asked = {"invoices", "fulfilments", "credit_notes"} <= sale.model_fields_set
    kept = [
        Gap(each["kind"], Decimal(each["amount"]), datetime.fromisoformat(each["since"]))
        for each in before
    ]
    found = gaps(goods, sale.customer_currency, kept, at) if asked else []
    return {
        "gaps": [
            {"kind": one.kind, "amount": str(one.amount), "since": one.since.isoformat()}
            for one in found
        ],
        "shipments": [
            {"day": one.day, "amount": str(one.amount), "tax": str(one.tax)} for one in left
        ],
        "whole_on": whole_on,
    }


def _voided(sale: SaleDocument) -> bool:
    order = sale.order.status.upper() if sale.order else ""
    return "VOIDED" in (sale.status.upper(), order)


def _units(lines: Sequence[OrderLine]) -> list[tuple[str, Decimal]]:
    """Units that money was taken or given back for."""
    return [(line.sku, line.quantity) for line in lines if line.total > 0]


def _sums(parts: Iterable[Iterable[tuple[str, Decimal]]]) -> defaultdict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for part in parts:
        for sku, units in part:
            sums[sku] += units
    return sums
