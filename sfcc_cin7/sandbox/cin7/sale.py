"""A sale as it is kept, and the statuses that follow from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sfcc_cin7.sandbox.cin7.answers import Refusal
from sfcc_cin7.sandbox.cin7.values import stamp
from sfcc_cin7.sandbox.clock import Clock
from sfcc_cin7.sandbox.shelf import Document, Shelf

ZERO = Decimal(0)


@dataclass
class Sale:
    """One sale: header, order and what has been shipped.

    Lines and charges carry the attributes of the API; a line also keeps `Allocations`
    (`{Location, Bin, Quantity}` parts of reserved stock), `Shipped` (units) and `Short` (units
    that were missing when the order was authorised). Money is in `header["CustomerCurrency"]`.
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

    @property
    def shipped(self) -> str:
        """`none`, `part` or `all` of the ordered units."""
        if not any(line["Shipped"] for line in self.lines):
            return "none"
        whole = all(line["Shipped"] == line["Quantity"] for line in self.lines)
        return "all" if whole else "part"

    @property
    def status(self) -> str:
        """Status of the sale (Cin7 API reference, Sale status values)."""
        if self.voided:
            return "VOIDED"
        if self.authorised:
            if self.invoiced:
                credited = self.credited >= self.invoiced
                done = "CREDITED" if credited else "COMPLETED"
                return done if self.shipped == "all" else "INVOICED"
            if self.shipped == "all":
                return "INVOICING"
            return "BACKORDERED" if self.backordered else "ORDERED"
        if self.order_status == "DRAFT":
            return "ORDERING"
        return "ESTIMATED" if self.quote_status == "AUTHORISED" else "ESTIMATING"

    def combined(self, done: str) -> str:
        """A combined status, `done` being PICKED, PACKED, SHIPPED or FULFILLED."""
        if self.voided:
            return "VOIDED"
        if not self.authorised or not self.lines:
            return "NOT AVAILABLE"
        return {"none": f"NOT {done}", "part": f"PARTIALLY {done}", "all": done}[self.shipped]

    @property
    def invoice_status(self) -> str:
        if self.voided:
            return "VOIDED"
        if self.invoiced:
            return "INVOICED / CREDITED" if self.credited else "INVOICED"
        return "NOT INVOICED" if self.authorised else "NOT AVAILABLE"

    @property
    def invoiced(self) -> Decimal:
        """Total of the authorised invoices."""
        return _total(self.invoices)

    @property
    def credited(self) -> Decimal:
        """Total of the authorised credit notes."""
        return _total(self.credit_notes)

    @property
    def tracking_numbers(self) -> str:
        return ", ".join(
            line["TrackingNumber"] for task in self.fulfilments for line in task["Ship"]["Lines"]
        )

    def payment_status(self, paid: Decimal) -> str:
        if self.voided:
            return "VOIDED"
        if self.invoiced:
            if paid >= self.invoiced - self.credited:
                return "PAID" if paid == self.invoiced - self.credited else "NOT REFUNDED"
            return "PARTIALLY PAID" if paid > 0 else "UNPAID"
        return "PREPAID" if paid > 0 else "UNPAID"


class SaleBook:
    """Every sale, in the order of their numbers."""

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf = shelf
        self._clock = clock
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
        """The sale of that ID, or the one whose invoice or credit note has it. Raises Refusal."""
        if task_id in self._by_id:
            return self._by_id[task_id]
        for sale in self._by_id.values():
            if any(bill["TaskID"] == task_id for bill in (*sale.invoices, *sale.credit_notes)):
                return sale
        return self.find(task_id)

    def save(self, sale: Sale) -> None:
        """Keeps the sale and moves its LastModifiedOn to now."""
        sale.updated = stamp(self._clock.now())
        self._by_id[sale.id] = sale
        self._shelf.put("cin7.sale", sale.id, vars(sale))
        self.on_change(sale)


def _total(bills: list[Document]) -> Decimal:
    return sum((bill["Total"] for bill in bills if bill["Status"] == "AUTHORISED"), ZERO)


def _kept(row: dict[str, Any]) -> Sale:
    sale = Sale(**row)
    sale.before_tax, sale.tax = Decimal(sale.before_tax), Decimal(sale.tax)
    return sale
