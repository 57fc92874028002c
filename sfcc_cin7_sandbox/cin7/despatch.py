"""The warehouse at its screens: it picks, packs and ships sales, in parts or whole, and undoes."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.fulfilment import Fulfilment
from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.cin7.tasks import boxes, boxes_sent
from sfcc_cin7_sandbox.cin7.values import ZERO, midnight
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.shelf import Document

Quantities = Mapping[str, Decimal]
"""Units by SKU."""


class Despatch:
    """What the warehouse does with a sale, named by its ID. Everything raises Refusal."""

    def __init__(
        self,
        sales: SaleBook,
        fulfilment: Fulfilment,
        books: Books,
        settings: Cin7Settings,
        clock: Clock,
    ) -> None:
        self._sales = sales
        self._fulfilment = fulfilment
        self._books = books
        self._settings = settings
        self._clock = clock

    def pick(self, sale_id: str, quantities: Quantities | None = None) -> Decimal:
        """Picks what is allocated and not picked yet, or so many units of some SKUs; the units."""
        sale = self._sales.find(sale_id)
        if not sale.authorised:
            raise Refusal("Order is not authorised")
        rows = _all(self._fulfilment.free(sale)) if quantities is None else _some(quantities)
        if not rows:
            return ZERO
        self._check(sale, quantities or {})
        task = next((t for t in sale.live_tasks if t["Pick"]["Status"] != "AUTHORISED"), None)
        task = task or self._fulfilment.open(sale, converts=False)
        self._fulfilment.pick(sale, task, rows, authorise=True)
        return sum((row["Quantity"] for row in rows), ZERO)

    def pack(self, sale_id: str, parcels: int = 1) -> Decimal:
        """Packs everything that is picked, each task into so many boxes; the units."""
        sale, packed = self._sales.find(sale_id), ZERO
        for task in sale.live_tasks:
            stages = (task["Pick"]["Status"], task["Pack"]["Status"])
            if stages == ("AUTHORISED", "DRAFT"):
                rows = _boxed(task["Pick"]["Lines"], parcels)
                self._fulfilment.pack(sale, task, rows, authorise=True)
                packed += sum((row["Quantity"] for row in rows), ZERO)
        return packed

    def ship(
        self,
        sale_id: str,
        quantities: Quantities | None = None,
        *,
        parcels: int = 1,
        leaving: int | None = None,
        tracking: Sequence[str] | None = None,
        carrier: str | None = None,
    ) -> Decimal:
        """Picks everything allocated, or so many units of some SKUs, and ships what is picked.

        Whatever was picked or packed before leaves as well. Each task is packed into `parcels`
        boxes, of which the first `leaving` leave now, else all. `tracking` are the boxes' numbers
        in turn, none for those beyond them; without it each box gets one. Returns the units.
        """
        sale = self._sales.find(sale_id)
        if carrier is not None:
            carrier = self._books.listed(carrier, self._books.named.names("carrier"), "Carrier")
        if sale.authorised:
            self.pick(sale_id, quantities)
        self.pack(sale_id, parcels)
        before = _shipped(sale)
        for task in sale.live_tasks:
            if task["Pack"]["Status"] == "AUTHORISED" and task["Ship"]["Status"] != "AUTHORISED":
                rows = self._consignments(sale, task, leaving, tracking, carrier)
                self._fulfilment.ship(sale, task, rows, authorise=True)
        return _shipped(sale) - before

    def at_once(self, sale: Sale, mode: str) -> None:
        """An order is picked, packed or shipped with its authorisation (AutoPickPackShipMode)."""
        self.pick(sale.id)
        if mode != "AUTOPICK":
            self.pack(sale.id)
        if mode == "AUTOPICKPACKSHIP":
            self.ship(sale.id, tracking=[])

    def track(
        self,
        sale_id: str,
        tracking: str,
        *,
        fulfilment: int = 1,
        box: str | None = None,
        carrier: str | None = None,
    ) -> None:
        """Somebody types a tracking number in, for a box or for all of a fulfilment."""
        sale, task = self._task(sale_id, fulfilment)
        if carrier is not None:
            carrier = self._books.listed(carrier, self._books.named.names("carrier"), "Carrier")
        found = [line for line in task["Ship"]["Lines"] if box in (None, line["Boxes"])]
        if not found:
            raise Refusal("Shipment line was not found")
        for line in found:
            self._fulfilment.track(sale, line, number=tracking, carrier=carrier)

    def undo(self, sale_id: str, stage: str = "Ship", *, fulfilment: int = 1) -> None:
        """Somebody with the right to do so undoes Ship, Pack or Pick of a fulfilment."""
        sale, task = self._task(sale_id, fulfilment)
        if stage not in ("Pick", "Pack", "Ship"):
            raise Refusal(f"There is no stage {stage}")
        self._fulfilment.undo(sale, task, stage)

    def void(self, sale_id: str, *, fulfilment: int = 1) -> None:
        """Somebody voids a fulfilment of an Advanced sale."""
        self._fulfilment.void(*self._task(sale_id, fulfilment))

    def _task(self, sale_id: str, number: int) -> tuple[Sale, Document]:
        sale = self._sales.find(sale_id)
        for task in sale.fulfilments:
            if task["FulfillmentNumber"] == number:
                return sale, task
        raise Refusal(f"The sale has no fulfilment {number}")

    def _check(self, sale: Sale, quantities: Quantities) -> None:
        """No task is opened for what cannot be picked."""
        for sku, wanted in quantities.items():
            parts = [part for line, part in self._fulfilment.free(sale) if line["SKU"] == sku]
            free = sum((part["Quantity"] for part in parts), ZERO)
            if wanted > free:
                raise Refusal(f"Only {free} of {sku} can be picked")

    def _consignments(
        self,
        sale: Sale,
        task: Document,
        leaving: int | None,
        tracking: Sequence[str] | None,
        carrier: str | None,
    ) -> list[Document]:
        """One for each box; those that left before stay as they are."""
        sent, rows, fresh = boxes_sent(task), [], 0
        known = {line["Boxes"]: line for line in task["Ship"]["Lines"] if line["IsShipped"]}
        for position, box in enumerate(boxes(task)):
            if box in sent:
                rows += [known[box]] if box in known else []
                continue
            number = _number(sale, task, position) if tracking is None else ""
            if tracking is not None and fresh < len(tracking):
                number = tracking[fresh]
            fresh += 1
            rows.append(
                {
                    "ShipmentDate": midnight(self._clock.now()),
                    "Carrier": carrier
                    or sale.header["Carrier"]
                    or self._books.named.names("carrier")[0],
                    "Boxes": box,
                    "TrackingNumber": number,
                    "IsShipped": leaving is None or fresh <= leaving,
                }
            )
        joined = [line for line in known.values() if "," in line["Boxes"]]
        return [*joined, *rows]


def _all(free: Sequence[tuple[Document, Document]]) -> list[Document]:
    return [
        {"SKU": line["SKU"], "Quantity": part["Quantity"]}
        | {"Warehouse": part["Location"], "Bin": part["Bin"]}
        for line, part in free
    ]


def _some(quantities: Quantities) -> list[Document]:
    return [
        {"SKU": sku, "Quantity": units, "Warehouse": None, "Bin": None}
        for sku, units in quantities.items()
        if units > 0
    ]


def _boxed(picked: Sequence[Document], parcels: int) -> list[Document]:
    """The picked rows, dealt out in whole units over so many boxes, or fewer for fewer units."""
    total = sum((row["Quantity"] for row in picked), ZERO)
    capacity = max((total / parcels).to_integral_value(ROUND_CEILING), Decimal(1))
    rows, box, room = [], 1, capacity
    for row in picked:
        left = row["Quantity"]
        warehouse, _, name = row["Location"].partition(": ")
        while left > 0:
            if room <= 0:
                box, room = box + 1, capacity
            units = min(left, room)
            place = {"Warehouse": warehouse, "Bin": name or None, "Box": f"Box {box}"}
            rows.append({"SKU": row["SKU"], "Quantity": units} | place)
            left -= units
            room -= units
    return rows


def _number(sale: Sale, task: Document, position: int) -> str:
    first = f"TRACK-{sale.number:05d}-{task['FulfillmentNumber']}"
    return f"{first}-{position + 1}" if position else first


def _shipped(sale: Sale) -> Decimal:
    return sum((sale.units(line, "SHIPPED") for line in sale.lines), ZERO)
