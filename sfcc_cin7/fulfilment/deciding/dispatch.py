"""From a sale of the ERP to parcels and to the units that have left. Pure.

The same SKU may lie in several fulfilments of one sale, so what has shipped is the sum over the
fulfilments whose ship stage is authorised, never one of them alone (Cin7 API reference, Sale
Fulfilment). Of one that is partially authorised only the boxes count that are said to have left.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import quote

from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.states import Stage

AUTHORISED, PARTIALLY = "AUTHORISED", "PARTIALLY AUTHORISED"
VOIDED = "VOIDED"
SHIPPED = "SHIPPED"
"""The sale's combined shipping status when nothing of it is left to ship."""


@dataclass(frozen=True)
class Packed:
    """Units of a SKU in a box; the box is empty where nothing was packed by itself."""

    sku: str
    quantity: Decimal
    box: str = ""


@dataclass(frozen=True)
class ShipLine:
    """One line of a ship stage: a box, or several joined by commas, and the number they go under.
    `shipped_on` is the day as the ERP gives it, `2026-01-31`, or empty."""

    id: str
    boxes: str = ""
    carrier: str = ""
    number: str = ""
    url: str = ""
    shipped_on: str = ""
    is_shipped: bool = False


@dataclass(frozen=True)
class Fulfilment:
    """One fulfilment task of a sale. `packed` are the units of its pack stage, or of its pick stage
    where nothing was packed."""

    task_id: str
    number: int
    invoice: str = ""
    status: str = ""
    packed: tuple[Packed, ...] = ()
    ship_status: str = ""
    ship_lines: tuple[ShipLine, ...] = ()

    @property
    def voided(self) -> bool:
        return VOIDED in (self.status, self.ship_status)


@dataclass(frozen=True)
class Refund:
    """An authorised credit note: what the shopper gets back, with tax and in the sale's currency,
    and units by SKU that came back onto the shelf."""

    number: str
    amount: Decimal
    restocked: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class SaleRead:
    """A sale as it was read. `ordered` are units by SKU of what is put into parcels; empty where
    the ERP shows no lines. `combined` is its combined shipping status."""

    id: str
    voided: bool = False
    combined: str = ""
    ordered: Mapping[str, Decimal] = field(default_factory=dict)
    fulfilments: tuple[Fulfilment, ...] = ()
    refunds: tuple[Refund, ...] = ()


@dataclass(frozen=True)
class Parcel:
    """What left under one number. `lines` are its units by SKU, as far as boxes tell; `invoice` is
    the invoice of its fulfilment, if there is one yet."""

    sale_id: str
    task_id: str
    line_id: str
    number: str
    fulfilment: int
    invoice: str = ""
    carrier: str = ""
    url: str = ""
    shipped_on: str = ""
    lines: tuple[tuple[str, Decimal], ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it a parcel that was told before, or another one."""
        return self.sale_id, self.task_id, self.line_id, self.number

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it stands in the ERP: a number may be corrected there."""
        return self.key[:3]


@dataclass(frozen=True)
class Dispatched:
    """What has left of an order: its stage, units by SKU (ascending), and parcels; and what was
    given back of it since."""

    stage: Stage = Stage.NOT_SHIPPED
    shipped: tuple[tuple[str, Decimal], ...] = ()
    parcels: tuple[Parcel, ...] = ()
    refunds: tuple[Refund, ...] = ()

    @property
    def unnumbered(self) -> int:
        """How many parcels have no number yet."""
        return sum(not parcel.number for parcel in self.parcels)


NOTHING = Dispatched()
"""Nothing has left."""


def dispatched(
    sale: SaleRead, carriers: Mapping[str, str] | None = None, *, numbered_only: bool = False
) -> Dispatched:
    """What has left of a sale.

    `carriers` are templates of a carrier's address for a number (`https://.../{number}`), for where
    the ERP gives none. `numbered_only` leaves out a fulfilment of which a parcel has no number yet.
    """
    if sale.voided:
        return NOTHING
    units: dict[str, Decimal] = defaultdict(lambda: ZERO)
    parcels: list[Parcel] = []
    everything = True
    for each in sorted(sale.fulfilments, key=lambda task: (task.number, task.task_id)):
        left = _left(each)
        waits = numbered_only and any(not line.number for line, _ in left)
        if waits or _is_open(each, sale.ordered):
            everything = False
        if waits:
            continue
        parcels += [_parcel(sale.id, each, line, lines, carriers or {}) for line, lines in left]
        for sku, quantity in _units(each, left).items():
            units[sku] += quantity
    shipped = {sku: quantity for sku, quantity in units.items() if quantity}
    whole = everything and sale.combined == SHIPPED and _covers(shipped, sale.ordered)
    return Dispatched(
        _stage(shipped, parcels, whole), _sorted(shipped), tuple(parcels), sale.refunds
    )


def _is_open(each: Fulfilment, ordered: Mapping[str, Decimal]) -> bool:
    """Whether something may still leave with it: a task without units holds none of what is known
    to be ordered."""
    done = each.voided or each.ship_status == AUTHORISED
    return not done and bool(each.packed or not ordered)


def _stage(shipped: Mapping[str, Decimal], parcels: Sequence[Parcel], whole: bool) -> Stage:
    if not shipped and not parcels:
        return Stage.NOT_SHIPPED
    return Stage.SHIPPED if whole else Stage.PART_SHIPPED


def _covers(shipped: Mapping[str, Decimal], ordered: Mapping[str, Decimal]) -> bool:
    return all(shipped.get(sku, ZERO) >= units for sku, units in ordered.items())


Left = list[tuple[ShipLine, tuple[tuple[str, Decimal], ...] | None]]
"""Lines of a ship stage that have left, with their units; None where boxes do not tell."""


def _left(each: Fulfilment) -> Left:
    if each.voided or each.ship_status not in (AUTHORISED, PARTIALLY):
        return []
    gone = [line for line in each.ship_lines if line.is_shipped or each.ship_status == AUTHORISED]
    if len(each.ship_lines) == 1 and len(gone) == 1:
        return [(gone[0], _sorted(_sum(each.packed)))]
    known = {part.box for part in each.packed}
    return [(line, _inside(each.packed, _boxes(line.boxes, known))) for line in gone]


def _units(each: Fulfilment, left: Left) -> Mapping[str, Decimal]:
    """Units of a fulfilment that have left: all of an authorised one, else those of its boxes."""
    if each.voided:
        return {}
    if each.ship_status == AUTHORISED:
        return _sum(each.packed)
    boxes: set[str] = set()
    known = {part.box for part in each.packed}
    for line, _ in left:
        boxes |= _boxes(line.boxes, known)
    return _sum([part for part in each.packed if part.box and part.box in boxes])


def _boxes(told: str, known: Collection[str]) -> set[str]:
    """The boxes that a line names: one whose own name has a comma is not taken apart."""
    if told in known:
        return {told}
    return {name.strip() for name in told.split(",") if name.strip()}


def _inside(
    packed: Sequence[Packed], boxes: Collection[str]
) -> tuple[tuple[str, Decimal], ...] | None:
    inside = [part for part in packed if part.box and part.box in boxes]
    return _sorted(_sum(inside)) if inside else None


def _parcel(
    sale_id: str,
    each: Fulfilment,
    line: ShipLine,
    lines: tuple[tuple[str, Decimal], ...] | None,
    carriers: Mapping[str, str],
) -> Parcel:
    template = carriers.get(line.carrier, "") if line.number else ""
    return Parcel(
        sale_id=sale_id,
        task_id=each.task_id,
        line_id=line.id,
        number=line.number,
        fulfilment=each.number,
        invoice=each.invoice,
        carrier=line.carrier,
        url=line.url or template.replace("{number}", quote(line.number, safe="")),
        shipped_on=line.shipped_on,
        lines=lines or (),
    )


def _sum(packed: Sequence[Packed]) -> dict[str, Decimal]:
    units: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for part in packed:
        units[part.sku] += part.quantity
    return dict(units)


def _sorted(units: Mapping[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    return tuple(sorted(units.items()))
