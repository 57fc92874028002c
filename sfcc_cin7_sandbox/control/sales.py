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
            "pack": (self.pack, ("parcels",)),
            "ship": (self.ship, ("quantities", "parcels", "leaving", "tracking", "carrier")),
            "tracking": (self.tracking, ("tracking", "fulfilment", "box", "carrier")),
            "undo-fulfilment": (self.undo_fulfilment, ("fulfilment", "stage")),
            "void-fulfilment": (self.void_fulfilment, ("fulfilment",)),
            "invoice": (self.invoice, ("fulfilment",)),
            "credit": (
                self.credit,
                ("quantities", "freight", "restock", "location", "refund_from"),
            ),
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

    def pack(self, sale: str, body: Body) -> None:
        """`{"parcels"?: 1}`: everything picked is packed, each fulfilment into so many boxes."""
        self._cin7.pack(sale, _count(body, "parcels"))

    def ship(self, sale: str, body: Body) -> None:
        """`{"quantities"?: {"<SKU>": 1}}`: picked, packed and shipped at once, or so much of it.

        Also `"parcels"?`: boxes, `"leaving"?`: how many of them leave now, `"tracking"?`: their
        numbers in turn (`[]` for none; else each gets one), `"carrier"?`.
        """
        tracking = body.get("tracking")
        if tracking is not None and not (
            isinstance(tracking, list) and all(isinstance(each, str) for each in tracking)
        ):
            raise Nonsense("tracking must be a list of texts.")
        self._cin7.ship(
            sale,
            _quantities(body),
            parcels=_count(body, "parcels"),
            leaving=int(number_of(body, "leaving")) if "leaving" in body else None,
            tracking=tracking,
            carrier=text_if_given(body, "carrier"),
        )

    def tracking(self, sale: str, body: Body) -> None:
        """`{"tracking", "fulfilment"?: 1, "box"?, "carrier"?}`: a number is typed in or over."""
        self._cin7.despatch.track(
            sale,
            text_of(body, "tracking"),
            fulfilment=_count(body, "fulfilment"),
            box=text_if_given(body, "box"),
            carrier=text_if_given(body, "carrier"),
        )

    def undo_fulfilment(self, sale: str, body: Body) -> None:
        """`{"fulfilment"?: 1, "stage"?: "Ship"}`: Ship, Pack or Pick is undone at the screens."""
        stage = text_if_given(body, "stage") or "Ship"
        self._cin7.despatch.undo(sale, stage, fulfilment=_count(body, "fulfilment"))

    def void_fulfilment(self, sale: str, body: Body) -> None:
        """`{"fulfilment"?: 1}`: a fulfilment of an Advanced sale is voided at the screens."""
        self._cin7.despatch.void(sale, fulfilment=_count(body, "fulfilment"))

    def invoice(self, sale: str, body: Body) -> None:
        """`{"fulfilment"?: 1}`: accounting invoices the whole order, or what left with that."""
        self._cin7.invoice(sale, _count(body, "fulfilment") if "fulfilment" in body else None)

    def credit(self, sale: str, body: Body) -> None:
        """`{"quantities"?, "freight"?, "restock"?, "location"?, "refund_from"?}`: goods came back.

        Everything billed, or so much of it, is credited; put back unless `restock` is false; the
        money is booked back from the account `refund_from`, if one is named.
        """
        self._cin7.credit(
            sale,
            _quantities(body),
            freight=body.get("freight", False) is True,
            restock=body.get("restock", True) is True,
            location=text_if_given(body, "location"),
            refund_from=text_if_given(body, "refund_from"),
        )

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


def _count(body: Body, name: str) -> int:
    """A whole number of at least 1, which is also the default."""
    number = number_of(body, name, default=1)
    if number < 1 or number != int(number):
        raise Nonsense(f"{name} must be a whole number of at least 1.")
    return int(number)


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
