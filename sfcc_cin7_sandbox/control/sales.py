"""Strings for the ERP's people: the warehouse, accounting, and clerks who type over things."""

from collections.abc import Callable
from decimal import Decimal

from starlette.routing import BaseRoute

from sfcc_cin7_sandbox.cin7 import Cin7Emulator
from sfcc_cin7_sandbox.control.requests import (
    Body,
    Nonsense,
    number_of,
    only,
    route,
    text_if_given,
    text_of,
)
from sfcc_cin7_sandbox.shelf import Document

Work = Callable[[str, Body], object]


class SaleControl:
    """Handlers below `/_control/sales/`; each names its `sale` by ID.

    They answer with the sale's statuses, total and tax afterwards.
    """

    def __init__(self, cin7: Cin7Emulator) -> None:
        self._cin7 = cin7

    @property
    def routes(self) -> list[BaseRoute]:
        works: dict[str, tuple[Work, tuple[str, ...]]] = {
            "pick": (self.pick, ("quantities",)),
            "pack": (self.pack, ()),
            "ship": (self.ship, ("quantities",)),
            "invoice": (self.invoice, ()),
            "line": (self.line, ("sku", "price", "quantity", "tax")),
            "comment": (self.comment, ("comment", "sku")),
            "void": (self.void, ()),
            "undo": (self.undo, ()),
            "authorise": (self.authorise, ()),
            "repeat": (self.repeat, ()),
        }
        return [
            route("POST", f"sales/{name}", self._working(work, fields))
            for name, (work, fields) in works.items()
        ]

    def pick(self, sale: str, body: Body) -> None:
        """`{"quantities"?: {"<SKU>": 1}}`: everything allocated, or so much of it, is picked."""
        self._cin7.pick(sale, _quantities(body))

    def pack(self, sale: str, _body: Body) -> None:
        """Everything picked is packed."""
        self._cin7.pack(sale)

    def ship(self, sale: str, body: Body) -> None:
        """`{"quantities"?: {"<SKU>": 1}}`: picked, packed and shipped at once, or so much of it."""
        self._cin7.ship(sale, _quantities(body))

    def invoice(self, sale: str, _body: Body) -> None:
        """Accounting invoices the whole order."""
        self._cin7.invoice(sale)

    def line(self, sale: str, body: Body) -> None:
        """`{"sku", "price"?, "quantity"?, "tax"?}`: somebody types over a line."""
        given = {
            name: number_of(body, name) for name in ("price", "quantity", "tax") if name in body
        }
        self._cin7.edit_sale(sale, sku=text_of(body, "sku"), **given)

    def comment(self, sale: str, body: Body) -> None:
        """`{"comment", "sku"?}`: somebody types over the note, or the comment of a line."""
        self._cin7.comment_sale(sale, text_of(body, "comment"), text_if_given(body, "sku"))

    def void(self, sale: str, _body: Body) -> None:
        """Somebody voids it."""
        self._cin7.void_sale(sale)

    def undo(self, sale: str, _body: Body) -> None:
        """Somebody reopens it."""
        self._cin7.undo_sale(sale)

    def authorise(self, sale: str, _body: Body) -> None:
        """What was reopened is authorised again."""
        self._cin7.authorise_sale(sale)

    def repeat(self, sale: str, _body: Body) -> None:
        """A clerk types it in once more, ExternalID and all."""
        self._cin7.repeat_sale(sale)

    def _working(self, work: Work, fields: tuple[str, ...]) -> Callable[[Body], Body]:
        def handle(body: Body) -> Body:
            only(body, "sale", *fields)
            sale = text_of(body, "sale")
            try:
                work(sale, body)
            except KeyError as unknown:
                raise Nonsense(f"The sale has no line of {unknown}.") from None
            return _shown(next(row for row in self._cin7.sales_truth() if row["ID"] == sale))

        return handle


def _quantities(body: Body) -> dict[str, Decimal] | None:
    given = body.get("quantities")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise Nonsense("quantities must be an object.")
    return {sku: number_of(given, sku) for sku in given}


def _shown(sale: Document) -> Body:
    names = ("Status", "OrderStatus", "CombinedPickingStatus", "CombinedShippingStatus")
    return {name: sale[name] for name in (*names, "CombinedInvoiceStatus", "Total", "Tax")}
