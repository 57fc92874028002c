"""What becomes of the goods of an authorised sale: picked, packed into boxes, shipped, undone.

A sale has one fulfilment task or several. Each is picked, then packed, then shipped, and a step
needs the one before authorised (Cin7 API reference, Sale Fulfilment). A Simple sale has one task,
whose TaskID is the sale's ID; a further task turns the sale into an Advanced one for good. Units
stay allocated until their box is shipped, and then they leave the house.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.products import Products
from sfcc_cin7_sandbox.cin7.sale import Sale, SaleBook
from sfcc_cin7_sandbox.cin7.stock import Stock
from sfcc_cin7_sandbox.cin7.tasks import (
    SENT,
    boxes,
    boxes_of,
    boxes_sent,
    by_sku,
    is_void,
    new_task,
)
from sfcc_cin7_sandbox.cin7.values import ZERO, midnight, new_id
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.shelf import Document

Plan = list[tuple[Document, Document, Decimal]]
"""An order line, a part of its allocated stock, and how many units of that."""


class Fulfilment:
    """The tasks of every sale. What is refused has changed nothing.

    Rows of a pick or pack are `{SKU, Quantity, Warehouse, Bin}` and more; a Bin of None is any bin
    of the warehouse, a Warehouse of None any place.
    """

    def __init__(
        self, sales: SaleBook, books: Books, products: Products, stock: Stock, clock: Clock
    ) -> None:
        self._sales = sales
        self._books = books
        self._products = products
        self._stock = stock
        self._clock = clock

    def open(self, sale: Sale, *, converts: bool = True) -> Document:
        """One task more. Raises Refusal before the order is authorised, or beside an open pick.

        Every new task makes the sale an Advanced one, unless it is the first and `converts` is
        false.
        """
        if not sale.authorised:
            raise Refusal("Order is not authorised")
        if any(task["Pick"]["Status"] not in ("AUTHORISED", "VOIDED") for task in sale.fulfilments):
            raise Refusal("There is a fulfilment whose pick is not authorised yet")
        if sale.fulfilments or converts:
            sale.header["SaleType"] = "Advanced"
        task = new_task(sale, sale.id)
        if sale.header["SaleType"] != "Simple":
            task["TaskID"] = new_id("fulfilment", f"{sale.id}/{task['FulfillmentNumber']}")
        sale.fulfilments.append(task)
        self._sales.save(sale)
        return task

    def pick(self, sale: Sale, task: Document, rows: Sequence[Document], authorise: bool) -> None:
        """These rows are the task's pick; authorised, their units are bound to it."""
        if not sale.authorised:
            raise Refusal("Order is not authorised")
        _changeable(task, "Pick")
        plan = self._plan(sale, rows)
        if authorise and not plan:
            raise Refusal("There is nothing to pick")
        if authorise:
            number = task["FulfillmentNumber"]
            picked = [self._row(line, _marked(line, part, n, number)) for line, part, n in plan]
            task["Pick"] = {"Status": "AUTHORISED", "Lines": picked}
            task["Pack"]["Status"] = "DRAFT"
        else:
            lines = [self._row(line, part | {"Quantity": units}) for line, part, units in plan]
            task["Pick"] = {"Status": "DRAFT", "Lines": lines}
        self._sales.save(sale)

    def pack(self, sale: Sale, task: Document, rows: Sequence[Document], authorise: bool) -> None:
        """These rows, which name their `Box` too, are the task's pack; authorised, they must be all
        that was picked."""
        if task["Pick"]["Status"] != "AUTHORISED":
            raise Refusal("Pick is not authorised")
        _changeable(task, "Pack")
        picked = task["Pick"]["Lines"]
        packed = [self._packed(row, picked) for row in rows]
        wanted, there = by_sku(packed), by_sku(picked)
        for sku, units in wanted.items():
            if units > there.get(sku, ZERO):
                raise Refusal(f"Quantity of '{sku}' exceeds what is picked")
        if authorise and wanted != there:
            raise Refusal("Everything that is picked must be packed")
        task["Pack"] = {"Status": "AUTHORISED" if authorise else "DRAFT", "Lines": packed}
        if authorise:
            task["Ship"]["Status"] = "DRAFT"
        self._sales.save(sale)

    def ship(
        self, sale: Sale, task: Document, consignments: Sequence[Document], authorise: bool
    ) -> None:
        """These consignments, `{ShipmentDate, Carrier, Boxes, TrackingNumber, IsShipped}`, are the
        task's shipment; authorised, the boxes of those that are shipped leave.

        The shipment is authorised when every box has left, else partially.
        """
        if task["Pack"]["Status"] != "AUTHORISED":
            raise Refusal("Pack is not authorised")
        if task["Ship"]["Status"] == "AUTHORISED":
            raise Refusal("Ship cannot be changed in status AUTHORISED")
        named = [name for consignment in consignments for name in boxes_of(consignment)]
        known = boxes(task)
        if unknown := [name for name in named if name not in known]:
            raise Refusal(f"Box '{unknown[0]}' is not in the pack")
        if len(set(named)) < len(named):
            raise Refusal("A box can be shipped only once")
        sent = boxes_sent(task)
        lines = [self._consignment(task, each, authorise) for each in consignments]
        now_sent = {
            name for line in lines if line["IsShipped"] for name in boxes_of(line)
        }  # fmt: skip
        if not sent <= now_sent:
            raise Refusal("A box that is shipped cannot be taken back")
        if authorise and not now_sent:
            raise Refusal("Ship cannot be authorised without a shipped box")
        if authorise:
            self._leave(sale, task, now_sent - sent)
            task["Ship"]["Status"] = SENT[0] if now_sent == set(known) else SENT[1]
        task["Ship"]["Lines"] = lines
        self._sales.save(sale)

    def track(
        self, sale: Sale, consignment: Document, *, number: str | None, carrier: str | None
    ) -> None:
        """Another tracking number, or carrier, of a row of Ship, whether it left or not."""
        if number is not None:
            consignment["TrackingNumber"] = number
        if carrier is not None:
            consignment["Carrier"] = carrier
        consignment["TrackingURL"] = self._books.tracking_url(
            consignment["Carrier"], consignment["TrackingNumber"]
        )
        self._sales.save(sale)

    def undo(self, sale: Sale, task: Document, stage: str) -> None:
        """A stage is a draft again, and those after it are not begun.

        Goods that left are back in their bins, allocated as before. Raises Refusal when nothing of
        the stage is authorised, or when a credit note has put goods of the sale back.
        """
        if is_void(task) or task[stage]["Status"] not in SENT:
            raise Refusal(f"{stage} is not authorised")
        if sale.restocked():
            raise Refusal("Goods of the sale are back in stock")
        self._return(sale, task)
        if stage != "Ship":
            task["Ship"] |= {"Status": "NOT AVAILABLE", "Lines": []}
        if stage == "Pick":
            task["Pack"] = {"Status": "NOT AVAILABLE", "Lines": []}
            for line in sale.lines:
                for part in _of(line["Allocations"], task):
                    del part["Task"]
        task[stage]["Status"] = "DRAFT"
        self._sales.save(sale)

    def void(self, sale: Sale, task: Document) -> None:
        """The task ends, and its units are allocated as before. Advanced sales only."""
        if sale.header["SaleType"] != "Advanced":
            raise Refusal("Only fulfilments of advanced sales can be voided")
        if is_void(task):
            raise Refusal("Fulfilment is voided")
        if task["Pick"]["Status"] == "AUTHORISED":
            self.undo(sale, task, "Pick")
        for stage in ("Pick", "Pack", "Ship"):
            task[stage]["Status"] = "VOIDED"
        self._sales.save(sale)

    def free(self, sale: Sale) -> list[tuple[Document, Document]]:
        """Lines and parts of their allocated stock that no task has picked."""
        return [
            (line, part)
            for line in sale.lines
            for part in line["Allocations"]
            if "Task" not in part
        ]

    def _plan(self, sale: Sale, rows: Sequence[Document]) -> Plan:
        """Which allocated parts the rows take."""
        free, plan = self.free(sale), []
        left = {id(part): part["Quantity"] for _, part in free}
        ordered = {line["SKU"] for line in sale.lines}
        for row in rows:
            if row["SKU"] not in ordered:
                raise Refusal(f"Product '{row['SKU']}' is not in the order")
            short = row["Quantity"]
            for line, part in free:
                if line["SKU"] == row["SKU"] and _fits(part, row):
                    units = min(short, left[id(part)])
                    if units > 0:
                        plan.append((line, part, units))
                        left[id(part)] -= units
                        short -= units
            if short > 0:
                raise Refusal(f"Only {row['Quantity'] - short} of {row['SKU']} can be picked")
        return plan

    def _row(self, line: Document, part: Document) -> Document:
        return {
            "ProductID": line["ProductID"],
            "SKU": line["SKU"],
            "Name": line["Name"],
            "Location": _place(part),
            "LocationID": self._books.location(part["Location"])["ID"],
            "Quantity": part["Quantity"],
            "BatchSN": None,
            "ExpiryDate": None,
        }

    def _packed(self, row: Document, picked: Sequence[Document]) -> Document:
        """The picked row that a row of the pack names, with its own units and box."""
        for found in picked:
            warehouse, _, name = found["Location"].partition(": ")
            if found["SKU"] == row["SKU"] and _fits(
                {"Location": warehouse, "Bin": name or None}, row
            ):
                return found | {"Quantity": row["Quantity"], "Box": row["Box"]}
        raise Refusal(f"Product '{row['SKU']}' is not picked from that location")

    def _consignment(self, task: Document, sent: Document, authorise: bool) -> Document:
        """A row of Ship. The same boxes keep their ID; TrackingURL is the carrier's."""
        return {
            "ID": new_id("consignment", f"{task['TaskID']}/{sent['Boxes']}"),
            "ShipmentDate": sent["ShipmentDate"],
            "Carrier": sent["Carrier"],
            "Boxes": sent["Boxes"],
            "TrackingNumber": sent["TrackingNumber"],
            "TrackingURL": self._books.tracking_url(sent["Carrier"], sent["TrackingNumber"]),
            "IsShipped": sent["IsShipped"] and authorise,
        }

    def _leave(self, sale: Sale, task: Document, leaving: set[str]) -> None:
        """The units in these boxes leave their bins, at the cost of the day."""
        day = midnight(self._clock.now())
        units = by_sku(row for row in task["Pack"]["Lines"] if row["Box"] in leaving)
        for line in sale.lines:
            left = units.get(line["SKU"], ZERO)
            gone: list[Document] = []
            for part in _of(line["Allocations"], task):
                taken = min(left, part["Quantity"])
                if taken > 0:
                    gone.append(part | {"Quantity": taken})
                    part["Quantity"] -= taken
                    left -= taken
            if not gone:
                continue
            line["Allocations"] = [part for part in line["Allocations"] if part["Quantity"]]
            line["Gone"] += gone
            self._stock.ship(line["SKU"], gone)
            moved = sum((part["Quantity"] for part in gone), ZERO)
            sale.movements.append(
                {
                    "TaskID": task["TaskID"],
                    "ProductID": line["ProductID"],
                    "Date": day,
                    "COGS": moved * self._products.cost(line["SKU"]),
                }
            )

    def _return(self, sale: Sale, task: Document) -> None:
        """What left with the task is in its bins again; it never moved."""
        for line in sale.lines:
            back = _of(line["Gone"], task)
            self._stock.take_back(line["SKU"], back)
            line["Allocations"] += back
            line["Gone"] = [part for part in line["Gone"] if part not in back]
        sale.movements = [
            movement for movement in sale.movements if movement["TaskID"] != task["TaskID"]
        ]
        for consignment in task["Ship"]["Lines"]:
            consignment["IsShipped"] = False


def _changeable(task: Document, stage: str) -> None:
    if task[stage]["Status"] not in ("DRAFT", "NOT AVAILABLE"):
        raise Refusal(f"{stage} cannot be changed in status {task[stage]['Status']}")


def _of(parts: Iterable[Document], task: Document) -> list[Document]:
    return [part for part in parts if part.get("Task") == task["FulfillmentNumber"]]


def _fits(part: Document, row: Document) -> bool:
    """Whether stock lies where a row says."""
    warehouse, name = row["Warehouse"], row["Bin"]
    return warehouse in (None, part["Location"]) and name in (None, part["Bin"])


def _marked(line: Document, part: Document, units: Decimal, task: int) -> Document:
    """Some units of a part are picked for a task; what is left of it stays a part of its own."""
    if units < part["Quantity"]:
        part["Quantity"] -= units
        part = {**part, "Quantity": units}
        line["Allocations"].append(part)
    part["Task"] = task
    return part


def _place(part: Document) -> str:
    """A bin in documents reads `Warehouse: Bin`."""
    return f"{part['Location']}: {part['Bin']}" if part["Bin"] else str(part["Location"])
