"""A sale as it is kept, and the statuses that follow from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.values import ZERO, new_id, stamp
from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.shelf import Document, Shelf

PROGRESS = ("none", "part", "all")
_STAGES = {"PICKED": "Pick", "PACKED": "Pack", "SHIPPED": "Ship"}
_GOING_ON = {"PICKED": "PICKING", "PACKED": "PACKING", "SHIPPED": "SHIPPING"}


@dataclass
class Sale:
    """One sale: header, order, fulfilment tasks, invoices, credit notes and inventory movements.

    Lines and charges carry the attributes of the API; a line also keeps `Allocations`
    (`{Location, Bin, Quantity}` parts of reserved stock; a picked part has the number of its
    `Task`), `Gone` (such parts that were shipped) and `Short` (units that were missing when the
    order was authorised). Money is in `header["CustomerCurrency"]`.
    """

    id: str
    number: int
    created: str
    updated: str
    listed: str
    """When saleList starts to show it."""
    header: Document
    quote_status: str
    order_status: str = "NOT AVAILABLE"
    memo: str = ""
    lines: list[Document] = field(default_factory=list)
    charges: list[Document] = field(default_factory=list)
    before_tax: Decimal = ZERO
    tax: Decimal = ZERO
    fulfilments: list[Document] = field(default_factory=list)
    invoices: list[Document] = field(default_factory=list)
    credit_notes: list[Document] = field(default_factory=list)
    movements: list[Document] = field(default_factory=list)
    """Goods that left for a task or came back for a credit note: `{TaskID, ProductID, Date, COGS}`,
    cost in the base currency."""
    stamps: list[str] = field(default_factory=list)
    """Of every change, the first one first."""
    furthest: str = "none"
    """The most of it that ever was shipped (`none`, `part`, `all`), whatever was undone since."""
    furthest_at: str = ""
    fulfilled_status: str = "AUTHORISED"
    """What the status of its order is shown as once all of it is shipped."""
    """When it had come so far."""

    @property
    def order_number(self) -> str:
        return f"SO-{self.number:05d}"

    @property
    def total(self) -> Decimal:
        return self.before_tax + self.tax

    @property
    def voided(self) -> bool:
        return self.order_status == "VOIDED"

    @property
    def authorised(self) -> bool:
        return self.order_status == "AUTHORISED"

    @property
    def shown_order_status(self) -> str:
        """That of the order, as reads show it."""
        done = self.authorised and self.shipped == "all"
        return self.fulfilled_status if done else self.order_status

    @property
    def backordered(self) -> bool:
        return any(line["BackorderQuantity"] > 0 for line in self.lines)

    def updated_as_of(self, moment: str) -> str:
        """The stamp of the last change until then; of the first one where all were later."""
        return next((each for each in reversed(self.stamps) if each <= moment), self.stamps[0])

    def progress(self, done: str) -> str:
        """`none`, `part` or `all` of the ordered units are PICKED, PACKED, SHIPPED or FULFILLED."""
        units = [self.units(line, done) for line in self.lines]
        if not any(units):
            return "none"
        whole = all(n == line["Quantity"] for n, line in zip(units, self.lines, strict=True))
        return "all" if whole else "part"

    def units(self, line: Document, done: str) -> Decimal:
        """Units of a line that are PICKED, PACKED, SHIPPED or FULFILLED by now."""
        if done in ("SHIPPED", "FULFILLED"):
            return units_gone(line)
        stage = _STAGES[done]
        return sum(
            (
                row["Quantity"]
                for task in self.fulfilments
                if task[stage]["Status"] == "AUTHORISED"
                for row in task[stage]["Lines"]
                if row["SKU"] == line["SKU"]
            ),
            ZERO,
        )

    @property
    def shipped(self) -> str:
        return self.progress("SHIPPED")

    @property
    def issued(self) -> list[Document]:
        """The authorised invoices."""
        return [bill for bill in self.invoices if bill["Status"] == "AUTHORISED"]

    @property
    def issued_credit_notes(self) -> list[Document]:
        """The authorised credit notes."""
        return [bill for bill in self.credit_notes if bill["Status"] == "AUTHORISED"]

    @property
    def invoiced(self) -> Decimal:
        """Total of the authorised invoices."""
        return sum((bill["Total"] for bill in self.issued), ZERO)

    @property
    def credited(self) -> Decimal:
        """Total of the authorised credit notes."""
        return sum((bill["Total"] for bill in self.issued_credit_notes), ZERO)

    def restocked(self) -> dict[str, Decimal]:
        """Units by SKU that authorised credit notes put back into stock."""
        units: dict[str, Decimal] = {}
        for note in self.issued_credit_notes:
            for row in note["Restock"]:
                units[row["SKU"]] = units.get(row["SKU"], ZERO) + row["Quantity"]
        return units

    @property
    def begun(self) -> str | None:
        """What stands on the order, so that it has to be undone before the order can be."""
        if self.issued:
            return "invoices"
        picked = any(task["Pick"]["Status"] == "AUTHORISED" for task in self.fulfilments)
        return "fulfilments" if picked else None

    @property
    def status(self) -> str:
        """Status of the sale (Cin7 API reference, Sale status values)."""
        if self.voided:
            return "VOIDED"
        if self.authorised:
            return self._authorised_status
        if self.order_status == "DRAFT":
            return "ORDERING"
        return "ESTIMATED" if self.quote_status == "AUTHORISED" else "ESTIMATING"

    @property
    def _authorised_status(self) -> str:
        if self.issued:
            if self.shipped != "all":
                return "INVOICED"
            credited = self.issued_credit_notes and self.credited >= self.invoiced
            return "CREDITED" if credited else "COMPLETED"
        if self.shipped == "all":
            return "INVOICING"
        if self.backordered:
            return "BACKORDERED"
        if self.shipped == "part":
            return "SHIPPING"
        for done, going_on in (("PACKED", "PACKING"), ("PICKED", "PICKING")):
            if (progress := self.progress(done)) != "none":
                return done if progress == "all" else going_on
        return "ORDERED"

    def combined(self, done: str) -> str:
        """A combined status, `done` being PICKED, PACKED, SHIPPED or FULFILLED.

        PICKING and so on tell of a draft while nothing of the stage is authorised.
        """
        if self.voided:
            return "VOIDED"
        if not self.authorised or not self.lines:
            return "NOT AVAILABLE"
        names = {"none": f"NOT {done}", "part": f"PARTIALLY {done}", "all": done}
        progress, stage = self.progress(done), _STAGES.get(done)
        if progress == "none" and stage and any(t[stage]["Lines"] for t in self.live_tasks):
            return _GOING_ON[done]
        return names[progress]

    @property
    def live_tasks(self) -> list[Document]:
        """The fulfilment tasks that are not void."""
        return [task for task in self.fulfilments if task["Pick"]["Status"] != "VOIDED"]

    @property
    def invoice_status(self) -> str:
        """In the values that real companies show, which the reference's list lacks."""
        if self.voided:
            return "VOIDED"
        if self.issued:
            return "INVOICED / CREDITED" if self.issued_credit_notes else "INVOICED"
        return "NOT INVOICED" if self.authorised else "NOT AVAILABLE"

    @property
    def credit_note_status(self) -> str:
        """That of the latest credit note."""
        return str(self.credit_notes[-1]["Status"]) if self.credit_notes else "NOT AVAILABLE"

    @property
    def tracking_numbers(self) -> str:
        """Of every consignment, as far as the attribute is long; many are cut off."""
        numbers = (
            line["TrackingNumber"] for task in self.live_tasks for line in task["Ship"]["Lines"]
        )
        return ", ".join(dict.fromkeys(filter(None, numbers)))[:256]

    def payment_status(self, paid: Decimal) -> str:
        if self.voided:
            return "VOIDED"
        if self.issued:
            if paid >= self.invoiced - self.credited:
                return "PAID" if paid == self.invoiced - self.credited else "NOT REFUNDED"
            return "PARTIALLY PAID" if paid > 0 else "UNPAID"
        return "PREPAID" if paid > 0 else "UNPAID"


class SaleBook:
    """Every sale, in the order of their numbers."""

    def __init__(self, shelf: Shelf, clock: Clock, fulfilled_status: str = "AUTHORISED") -> None:
        self._shelf = shelf
        self._clock = clock
        self._fulfilled_status = fulfilled_status
        self._by_id = {key: _kept(row) for key, row in shelf.load("cin7.sale").items()}
        self.on_change: Callable[[Sale], None] = lambda _sale: None
        """Told of every sale that is kept."""

    def __iter__(self) -> Iterator[Sale]:
        return iter(self._by_id.values())

    def next_number(self) -> int:
        return len(self._by_id) + 1

    def find(self, sale_id: str) -> Sale:
        """Raises Refusal."""
        sale = self._by_id.get(sale_id)
        if sale is None:
            raise Refusal("Sale with specified ID not found", 404)
        return sale

    def by_task(self, task_id: str) -> Sale:
        """The sale of that ID, or the one of which a fulfilment, invoice or credit note has it.

        Raises Refusal.
        """
        if task_id in self._by_id:
            return self._by_id[task_id]
        for sale in self._by_id.values():
            tasks = (*sale.fulfilments, *sale.invoices, *sale.credit_notes)
            if any(task["TaskID"] == task_id for task in tasks):
                return sale
        return self.find(task_id)

    def open(self, header: Document, listed_after: timedelta = timedelta()) -> Sale:
        """A new sale with a header and no order yet."""
        now, number = self._clock.now(), self.next_number()
        sale = Sale(
            id=new_id("sale", number),
            number=number,
            created=stamp(now),
            updated=stamp(now),
            listed=stamp(now + listed_after),
            header=header,
            quote_status="AUTHORISED" if header["SkipQuote"] else "DRAFT",
            fulfilled_status=self._fulfilled_status,
        )
        self.save(sale)
        return sale

    def save(self, sale: Sale) -> None:
        """Keeps the sale and moves its LastModifiedOn to now."""
        sale.updated = stamp(self._clock.now())
        if PROGRESS.index(sale.shipped) > PROGRESS.index(sale.furthest):
            sale.furthest, sale.furthest_at = sale.shipped, sale.updated
        sale.stamps.append(sale.updated)
        self._by_id[sale.id] = sale
        self.keep(sale)
        self.on_change(sale)

    def keep(self, sale: Sale) -> None:
        """Writes down what changed although nobody touched the sale."""
        self._shelf.put("cin7.sale", sale.id, vars(sale))


def units_gone(line: Document) -> Decimal:
    """Units of a line that were shipped."""
    return sum((part["Quantity"] for part in line["Gone"]), ZERO)


def _kept(row: dict[str, Any]) -> Sale:
    sale = Sale(**row)
    sale.stamps = sale.stamps or [sale.updated]
    for line in sale.lines:
        if "Gone" not in line:  # kept by a sandbox that counted what was shipped
            place = {"Location": sale.header["Location"], "Bin": None, "Task": 1}
            line["Gone"] = [place | {"Quantity": line["Shipped"]}] if line["Shipped"] else []
    sale.before_tax, sale.tax = Decimal(sale.before_tax), Decimal(sale.tax)
    return sale
