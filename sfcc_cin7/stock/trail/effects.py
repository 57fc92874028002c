"""What a document of the ERP does to what is available (pure). Quantities are units.

Available is what is on hand less what is allocated. Each effect is a range, because documents do
not tell everything (Cin7 API reference; what others measured is in docs/systems/cin7.md):

- a sale takes its units where it is authorised, a credit note gives back what it restocks;
- of a purchase counts what was put away, and what went back to the supplier;
- a transfer in transit has left its source, a completed one has reached its target, and whether one
  that is ordered has its units allocated nobody says. Between bins of a warehouse nothing moves,
  but into those that are not for sale, and out of them;
- adjustments and stock-takes hold the new value beside the one before: of what is on hand, or of
  what is available, which nobody says either;
- an assembly takes components and brings its product when it is completed; whether it has them
  allocated before nobody says;
- void blanks the lines: what the document did before is taken back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sfcc_cin7.merchant.stock import NotForSalePolicy, is_named
from sfcc_cin7.systems.cin7.documents import Document, SaleDocument
from sfcc_cin7.systems.cin7.stock_documents import (
    AdjustmentDocument,
    AssemblyDocument,
    CodeLine,
    GoodsLine,
    PurchaseDocument,
    StockTakeDocument,
    TransferDocument,
    TransferLine,
    WriteOffDocument,
)
from sfcc_cin7.values.money import ZERO

ALLOCATES = frozenset({"AUTHORISED", "FULFILLED", "CLOSED"})
"""Statuses of a sale's order that have taken its units."""
OF_A_BIN = ": "


@dataclass(frozen=True)
class Goods:
    """A product in a warehouse, as a document names it; `product_id` may be empty."""

    product_id: str
    sku: str
    location: str


@dataclass(frozen=True)
class Effect:
    """Units that a document adds, at least and at most; it takes them where they are below 0."""

    least: Decimal
    most: Decimal

    def __add__(self, other: "Effect") -> "Effect":
        return Effect(self.least + other.least, self.most + other.most)


NOTHING = Effect(ZERO, ZERO)
Effects = Mapping[Goods, Effect]


EVERY_BIN = NotForSalePolicy(bins=[], batches=[])
"""All is for sale, wherever it stands."""


def effects(document: Document, policy: NotForSalePolicy = EVERY_BIN) -> dict[Goods, Effect]:
    """What a document does to what is for sale by a policy; nothing where it does nothing yet, or
    any more.

    Raises:
        TypeError: nobody knows documents of this type.
    """
    found: dict[Goods, Effect] = {}
    for goods, effect in _moves(document, policy):
        found[goods] = found.get(goods, NOTHING) + effect
    return found


def fall(before: Effect, now: Effect) -> Decimal:
    """The most that a document can have taken since it was seen before."""
    return max(ZERO, before.most - now.least)


def _moves(document: Document, policy: NotForSalePolicy) -> Iterable[tuple[Goods, Effect]]:
    if isinstance(document, SaleDocument):
        return _of_sale(document)
    if isinstance(document, PurchaseDocument):
        return _of_purchase(document)
    if isinstance(document, TransferDocument):
        return _of_transfer(document, policy)
    if isinstance(document, AdjustmentDocument | StockTakeDocument):
        return _of_count(document)
    if isinstance(document, WriteOffDocument):
        if document.status != "COMPLETED":
            return ()
        return _lines(document.lines, document.location, -1)
    if isinstance(document, AssemblyDocument):
        return _of_assembly(document)
    raise TypeError(f"no effect is known of {type(document).__name__}")


def _of_sale(sale: SaleDocument) -> Iterable[tuple[Goods, Effect]]:
    if sale.order is not None and sale.order.status in ALLOCATES and sale.status != "VOIDED":
        for line in sale.order.lines:
            taken = -max(ZERO, line.quantity - line.backorder_quantity)
            yield _goods(line.product_id, line.sku, sale.location), _certain(taken)
    for note in sale.credit_notes:
        if note.status == "AUTHORISED":
            for back in note.restock:
                yield _goods("", back.sku, sale.location), _certain(back.quantity)


def _of_purchase(purchase: PurchaseDocument) -> Iterable[tuple[Goods, Effect]]:
    for receipt in purchase.put_away:
        if receipt.status == "AUTHORISED":
            yield from _lines(receipt.lines, purchase.location, 1)
    for note in purchase.credit_note:
        if note.status == "AUTHORISED":
            yield from _lines(note.unstock, purchase.location, -1)


def _of_transfer(
    transfer: TransferDocument, policy: NotForSalePolicy
) -> Iterable[tuple[Goods, Effect]]:
    source, target = transfer.from_location, transfer.to_location
    leaves = arrives = True
    if _warehouse(source) == _warehouse(target):
        apart = _is_apart(source, policy), _is_apart(target, policy)
        leaves, arrives = apart == (False, True), apart == (True, False)
    if transfer.status == "ORDERED" and leaves:
        for line in transfer.order.lines if transfer.order else ():
            yield _of_line(line, source), Effect(-line.transfer_quantity, ZERO)
    if transfer.status in ("IN TRANSIT", "COMPLETED") and leaves:
        for line in transfer.lines:
            yield _of_line(line, source), _certain(-line.transfer_quantity)
    if transfer.status == "COMPLETED" and arrives:
        for line in transfer.lines:
            yield _of_line(line, target), _certain(line.transfer_quantity)


def _of_count(count: AdjustmentDocument | StockTakeDocument) -> Iterable[tuple[Goods, Effect]]:
    if count.status != "COMPLETED":
        return
    for line in count.existing:
        either = (line.adjustment - line.quantity_on_hand, line.adjustment - line.available)
        goods = _goods(line.product_id, line.sku, line.location)
        yield goods, Effect(min(either), max(either))
    yield from _lines(count.new, "", 1)


def _of_assembly(assembly: AssemblyDocument) -> Iterable[tuple[Goods, Effect]]:
    if assembly.status == "COMPLETED":
        yield from _lines(assembly.picked, assembly.location, -1)
        goods = _goods(assembly.product_id, assembly.sku, assembly.location)
        yield goods, _certain(assembly.quantity)
    elif assembly.status in ("AUTHORISED", "IN PROGRESS"):
        for line in assembly.picked:
            goods = _goods(line.product_id, line.sku, assembly.location)
            yield goods, Effect(-line.quantity, ZERO)


def _lines(
    lines: Iterable[GoodsLine | CodeLine], location: str, sign: int
) -> Iterable[tuple[Goods, Effect]]:
    for line in lines:
        place = line.location if isinstance(line, GoodsLine) and line.location else location
        yield _goods(line.product_id, line.sku, place), _certain(sign * line.quantity)


def _of_line(line: TransferLine, location: str) -> Goods:
    return _goods(line.product_id, line.sku, location)


def _goods(product_id: str, sku: str, location: str) -> Goods:
    return Goods(product_id, sku, _warehouse(location))


def _warehouse(location: str) -> str:
    return location.partition(OF_A_BIN)[0]


def _is_apart(place: str, policy: NotForSalePolicy) -> bool:
    """Whether a place is a bin that is not for sale; see `deciding.counting`."""
    bin_name = place.partition(OF_A_BIN)[2]
    return bool(bin_name) and any(is_named(name, policy.bins) for name in (bin_name, place))


def _certain(units: Decimal) -> Effect:
    return Effect(units, units)
