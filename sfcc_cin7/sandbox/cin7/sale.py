"""A sale as it is kept, and the statuses that follow from it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sfcc_cin7.sandbox.cin7.answers import Refusal
from sfcc_cin7.sandbox.cin7.values import new_id, stamp
from sfcc_cin7.sandbox.clock import Clock
from sfcc_cin7.sandbox.shelf import Document, Shelf

ZERO = Decimal(0)


@dataclass
class Sale:
    """One sale: header, order, fulfilment tasks and invoice.

    Lines and charges carry the attributes of the API; a line also keeps `Allocations`
    (`{Location, Bin, Quantity}` parts of reserved stock; a picked part has its `Task` number and
    whether it is `Packed`), `Shipped` (units) and `Short` (units that were missing when the order
    was authorised). Money is in `header["CustomerCurrency"]`.
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
    invoice: Document | None = None

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
    def backordered(self) -> bool:
        return any(line["BackorderQuantity"] > 0 for line in self.lines)

    def progress(self, done: str) -> str:
        """`none`, `part` or `all` of the ordered units are PICKED, PACKED, SHIPPED or FULFILLED."""
        units = [units_of(line, done) for line in self.lines]
        if not any(units):
            return "none"
        whole = all(n == line["Quantity"] for n, line in zip(units, self.lines, strict=True))
        return "all" if whole else "part"

    @property
    def shipped(self) -> str:
        return self.progress("SHIPPED")

    @property
    def started(self) -> bool:
        """Whether anything is picked, shipped or invoiced."""
        return bool(self.fulfilments) or self.invoice is not None

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
        if self.shipped == "all":
            return "COMPLETED" if self.invoice else "INVOICING"
        if self.invoice:
            return "INVOICED"
        if self.backordered:
            return "BACKORDERED"
        if self.shipped == "part":
            return "SHIPPING"
        for done, going_on in (("PACKED", "PACKING"), ("PICKED", "PICKING")):
            if (progress := self.progress(done)) != "none":
                return done if progress == "all" else going_on
        return "ORDERED"

    def combined(self, done: str) -> str:
        """A combined status, `done` being PICKED, PACKED, SHIPPED or FULFILLED."""
        if self.voided:
            return "VOIDED"
        if not self.authorised or not self.lines:
            return "NOT AVAILABLE"
        names = {"none": f"NOT {done}", "part": f"PARTIALLY {done}", "all": done}
        return names[self.progress(done)]

    @property
    def invoice_status(self) -> str:
        """In the values that real companies show, which the reference's list lacks."""
        if self.voided:
            return "VOIDED"
        if self.invoice:
            return "INVOICED"
        return "NOT INVOICED" if self.authorised else "NOT AVAILABLE"

    @property
    def tracking_numbers(self) -> str:
        return ", ".join(
            line["TrackingNumber"] for task in self.fulfilments for line in task["Ship"]["Lines"]
        )

    def payment_status(self, paid: Decimal) -> str:
        if self.voided:
            return "VOIDED"
        return "PREPAID" if paid > 0 else "UNPAID"


class SaleBook:
    """Every sale, in the order of their numbers."""

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf = shelf
        self._clock = clock
        self._by_id = {key: _kept(row) for key, row in shelf.load("cin7.sale").items()}

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
        )
        self.save(sale)
        return sale

    def save(self, sale: Sale) -> None:
        """Keeps the sale and moves its LastModifiedOn to now."""
        sale.updated = stamp(self._clock.now())
        self._by_id[sale.id] = sale
        self._shelf.put("cin7.sale", sale.id, vars(sale))


def units_of(line: Document, done: str) -> Decimal:
    """Units of a line that are PICKED, PACKED, SHIPPED or FULFILLED by now."""
    units = Decimal(line["Shipped"])
    if done not in ("SHIPPED", "FULFILLED"):
        for part in line["Allocations"]:
            if "Task" in part and (done == "PICKED" or part["Packed"]):
                units += part["Quantity"]
    return units


def _kept(row: dict[str, Any]) -> Sale:
    sale = Sale(**row)
    sale.before_tax, sale.tax = Decimal(sale.before_tax), Decimal(sale.tax)
    return sale
