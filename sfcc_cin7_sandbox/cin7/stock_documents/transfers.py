"""Stock transfers (Cin7 API reference, Stock Transfer, Stock Transfer List).

The list has the newest first and ignores UpdatedSince; a change of status moves no row. A transfer
in transit has left its source, one that is completed has reached its target; between bins of one
warehouse nothing moves.
"""

from decimal import Decimal
from typing import Literal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.stock_documents.book import CHANGED, Office
from sfcc_cin7_sandbox.cin7.stock_documents.shelves import Units, less
from sfcc_cin7_sandbox.cin7.values import midnight
from sfcc_cin7_sandbox.shelf import Document

TransferStatus = Literal["DRAFT", "ORDERED", "IN TRANSIT", "COMPLETED"]
STEPS: tuple[TransferStatus, ...] = ("DRAFT", "ORDERED", "IN TRANSIT", "COMPLETED")


class Transfers:
    """What goes from one place of the house to another."""

    def __init__(self, office: Office) -> None:
        self._shelves, self._settings = office.shelves, office.settings
        self._clock, self._faults = office.clock, office.faults
        self._book = office.book("transfer", "TR")

    # -- what people do

    def begin(
        self, source: str, target: str, units: Units, status: TransferStatus = "DRAFT"
    ) -> str:
        """A transfer, as far as it has come; the ID. Raises KeyError, Refusal."""
        places = (self._shelves.location(source), self._shelves.location(target))
        lines = [self._line(source, sku, each) for sku, each in units.items()]

        def made(key: str, number: str) -> Document:
            return {
                "TaskID": key,
                "Number": number,
                "Status": "DRAFT",
                "From": places[0]["LocationID"],
                "FromLocation": source,
                "To": places[1]["LocationID"],
                "ToLocation": target,
                "CompletionDate": midnight(self._clock.now()),
                "Lines": lines,
                "Allocations": {},
            }

        transfer = self._book.open(made)
        if status != "DRAFT":
            self.advance(transfer["TaskID"], status)
        return str(transfer["TaskID"])

    def advance(self, key: str, status: TransferStatus) -> None:
        """It goes on to a later status. Raises Refusal."""
        transfer = self._book.find(key)
        before = transfer["Status"]
        if before not in STEPS or STEPS.index(status) <= STEPS.index(before):
            raise Refusal(f"Stock transfer cannot go from {before} to {status}")
        units = _units(transfer)
        if self._moves(transfer):
            if status == "ORDERED" and self._settings.transfer_orders_allocate:
                allocated = self._shelves.allocate(transfer["FromLocation"], units)
                transfer["Allocations"] = allocated
            if before in ("DRAFT", "ORDERED") and status in ("IN TRANSIT", "COMPLETED"):
                self._shelves.refuse_missing(transfer["FromLocation"], units)
                self._shelves.release(transfer)
                self._shelves.change(transfer["FromLocation"], less(units))
            if status == "COMPLETED":
                self._shelves.change(transfer["ToLocation"], units)
        transfer["Status"] = status
        self._book.save(key, transfer)

    def edit(self, key: str, units: Units) -> None:
        """Somebody types over the lines of a draft. Raises KeyError, Refusal."""
        transfer = self._book.find(key)
        if transfer["Status"] != "DRAFT":
            raise Refusal("Stock transfer cannot be edited")
        lines = [self._line(transfer["FromLocation"], sku, each) for sku, each in units.items()]
        transfer["Lines"] = lines
        self._book.save(key, transfer)

    def void(self, key: str) -> None:
        """Everything is where it was, and the lines are gone. Raises Refusal."""
        transfer = self._book.find(key)
        if transfer["Status"] == "VOIDED":
            raise Refusal("Stock transfer is voided")
        units = _units(transfer)
        if self._moves(transfer):
            if transfer["Status"] == "COMPLETED":
                self._shelves.refuse_missing(transfer["ToLocation"], units)
                self._shelves.change(transfer["ToLocation"], less(units))
            if transfer["Status"] in ("IN TRANSIT", "COMPLETED"):
                self._shelves.change(transfer["FromLocation"], units)
        self._shelves.release(transfer)
        transfer |= {"Status": "VOIDED", "Lines": []}
        self._book.save(key, transfer)

    # -- the endpoints

    def listing(self, call: Call) -> Document:
        """GET /stockTransferList. The fault `cin7.transfers_502` answers 502 instead."""
        if self._faults.hit("cin7.transfers_502"):
            raise Refusal("Bad gateway", 502)
        return self._book.page(
            call,
            "StockTransferList",
            self._row,
            newest_first=self._settings.transfers_listed == "newest-first",
            filters={"Status": "Status"},
        )

    def get(self, call: Call) -> Document:
        """GET /stockTransfer?TaskID."""
        transfer = self._book.find(call.query.required_guid("TaskID"))
        is_ordered = transfer["Status"] == "ORDERED"
        return self._row(transfer) | {
            "SkipOrder": not is_ordered,
            "Lines": [] if is_ordered else transfer["Lines"],
            "Order": {
                "Status": "AUTHORISED" if is_ordered else "NOT AVAILABLE",
                "Lines": _order_lines(transfer) if is_ordered else [],
            },
            "ManualJournals": [],
        }

    def _row(self, transfer: Document) -> Document:
        names = ("TaskID", "From", "FromLocation", "To", "ToLocation", "Status", "Number")
        return {name: transfer[name] for name in names} | {
            "CompletionDate": transfer["CompletionDate"],
            "DepartureDate": None,
            "InTransitAccount": "",
            "CostDistributionType": "Cost",
            "Reference": "",
            "LastModifiedOn": str(transfer[CHANGED]).rstrip("Z"),
        }

    def _moves(self, transfer: Document) -> bool:
        source, target = transfer["FromLocation"], transfer["ToLocation"]
        return self._shelves.warehouse(source) != self._shelves.warehouse(target)

    def _line(self, place: str, sku: str, units: Decimal) -> Document:
        on_hand, available = self._shelves.held(sku, place)
        return self._shelves.goods(sku) | {
            "QuantityOnHand": on_hand,
            "QuantityAvailable": available,
            "TransferQuantity": units,
            "BatchSN": None,
            "ExpiryDate": None,
            "Comments": "",
        }


def _units(transfer: Document) -> Units:
    return {line["SKU"]: line["TransferQuantity"] for line in transfer["Lines"]}


def _order_lines(transfer: Document) -> list[Document]:
    left_out = ("BatchSN", "ExpiryDate")
    return [
        {name: value for name, value in line.items() if name not in left_out}
        for line in transfer["Lines"]
    ]
