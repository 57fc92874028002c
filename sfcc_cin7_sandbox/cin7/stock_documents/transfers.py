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
from sfcc_cin7_sandbox.cin7.values import (
    Body,
    boolean,
    midnight,
    moment_of,
    parse_guid,
    require,
    required_moment,
    rows,
    text,
)
from sfcc_cin7_sandbox.shelf import Document

TransferStatus = Literal["DRAFT", "ORDERED", "IN TRANSIT", "COMPLETED"]
STEPS: tuple[TransferStatus, ...] = ("DRAFT", "ORDERED", "IN TRANSIT", "COMPLETED")


_NOTHING_MORE: Document = {
    "DepartureDate": None,
    "RequiredByDate": None,
    "InTransitAccount": "",
    "CostDistributionType": "Cost",
    "Reference": "",
    "SkipOrder": True,
}
_SHOWN = (
    "CompletionDate",
    "DepartureDate",
    "InTransitAccount",
    "CostDistributionType",
    "Reference",
)


class Transfers:
    """What goes from one place of the house to another."""

    def __init__(self, office: Office) -> None:
        self._shelves, self._settings = office.shelves, office.settings
        self._clock, self._faults = office.clock, office.faults
        self._book = office.book("transfer", "TR")

    # -- what people do

    def begin(
        self,
        source: str,
        target: str,
        units: Units,
        status: TransferStatus = "DRAFT",
        **more: object,
    ) -> str:
        """A transfer, as far as it has come, with what `more` its document says; the ID. Raises
        KeyError, Refusal."""
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
                **_NOTHING_MORE,
                **more,
            }

        if status == "COMPLETED" or status == "IN TRANSIT":
            self._shelves.refuse_missing(source, units)
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

    def undo(self, key: str) -> Document:
        """Everything is where it was, and the transfer a draft. Raises Refusal."""
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
        transfer["Status"] = "DRAFT"
        return self._book.save(key, transfer)

    def void(self, key: str) -> None:
        """Everything is where it was, and the lines are gone. Raises Refusal."""
        self._book.save(key, self.undo(key) | {"Status": "VOIDED", "Lines": []})

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

    def post(self, call: Call) -> Document:
        """POST /stockTransfer: as far as Status says; with SkipOrder false it is ordered first."""
        source, target, more = self._read(call.body)
        status = call.body["Status"]
        if status != "DRAFT" and not more["SkipOrder"]:
            raise Refusal("Order of the stock transfer is not authorised")
        units = self._shelves.units(rows(call.body, "Lines"), "TransferQuantity")
        return self._shown(self._book.find(self.begin(source, target, units, status, **more)))

    def put(self, call: Call) -> Document:
        """PUT /stockTransfer: a draft is written anew; Status may take any transfer further."""
        require(call.body, "TaskID")
        key = parse_guid(call.body["TaskID"], "TaskID")
        transfer = self._book.find(key)
        source, target, more = self._read({**call.body, "SkipOrder": transfer["SkipOrder"]})
        units = self._shelves.units(rows(call.body, "Lines"), "TransferQuantity")
        before, status = transfer["Status"], call.body["Status"]
        if before == "DRAFT":
            places = (self._shelves.location(source), self._shelves.location(target))
            written = transfer | more | {"FromLocation": source, "ToLocation": target}
            written |= {"From": places[0]["LocationID"], "To": places[1]["LocationID"]}
            written["Lines"] = [self._line(source, sku, each) for sku, each in units.items()]
            if status != "DRAFT" and not transfer["SkipOrder"]:
                raise Refusal("Order of the stock transfer is not authorised")
            if status in ("IN TRANSIT", "COMPLETED"):
                self._shelves.refuse_missing(source, units)
            self._book.save(key, written)
        elif units != _units(transfer):
            raise Refusal("Stock transfer cannot be edited")
        if status != before:
            self.advance(key, status)
        return self._shown(self._book.find(key))

    def delete(self, call: Call) -> Document:
        """DELETE /stockTransfer?ID&Void: void it; without Void it is a draft again."""
        key = call.query.required_guid("ID")
        if call.query.boolean("Void"):
            self.void(key)
        else:
            self.undo(key)
        return self._shown(self._book.find(key))

    def get_order(self, call: Call) -> Document:
        """GET /stockTransfer/order?TaskID."""
        return self._order(self._book.find(call.query.required_guid("TaskID")))

    def post_order(self, call: Call) -> Document:
        """POST /stockTransfer/order: what a draft is to bring; AUTHORISED orders it."""
        require(call.body, "TaskID", "Status")
        key = parse_guid(call.body["TaskID"], "TaskID")
        if call.body["Status"] not in ("DRAFT", "AUTHORISED"):
            raise Refusal("Attribute Status must be DRAFT or AUTHORISED.")
        if self._book.find(key)["SkipOrder"]:
            raise Refusal("Order is not available for this stock transfer")
        self.edit(key, self._shelves.units(rows(call.body, "Lines"), "TransferQuantity"))
        if call.body["Status"] == "AUTHORISED":
            self.advance(key, "ORDERED")
        return self._order(self._book.find(key))

    def get(self, call: Call) -> Document:
        """GET /stockTransfer?TaskID."""
        return self._shown(self._book.find(call.query.required_guid("TaskID")))

    def _read(self, body: Body) -> tuple[str, str, Document]:
        """Source, target, and what else a body says. Raises Refusal."""
        require(body, "Status", "CompletionDate")
        if body["Status"] not in ("DRAFT", "IN TRANSIT", "COMPLETED"):
            raise Refusal("Attribute Status has an unknown value.")
        if body.get("Lines") is None:
            raise Refusal("Required attribute Lines is not provided.")
        source = self._shelves.place(body, "From", "FromLocation")
        target = self._shelves.place(body, "To", "ToLocation")
        if source == target:
            raise Refusal("Stock cannot be transferred to where it is")
        cost = body.get("CostDistributionType") or "Cost"
        if cost not in ("Cost", "Quantity", "Weight", "Volume"):
            raise Refusal("Attribute CostDistributionType has an unknown value.")
        account = text(body, "InTransitAccount", 50) or ""
        departs, needed = moment_of(body, "DepartureDate"), moment_of(body, "RequiredByDate")
        return (
            source,
            target,
            {
                "CompletionDate": midnight(required_moment(body, "CompletionDate")),
                "DepartureDate": midnight(departs) if departs else None,
                "RequiredByDate": midnight(needed) if needed else None,
                "InTransitAccount": account and self._shelves.books.account(account)["Code"],
                "CostDistributionType": cost,
                "Reference": text(body, "Reference", 256) or "",
                "SkipOrder": boolean(body, "SkipOrder", True),
            },
        )

    def _shown(self, transfer: Document) -> Document:
        is_ordered = transfer["Status"] == "ORDERED"
        return self._row(transfer) | {
            "SkipOrder": transfer["SkipOrder"] and not is_ordered,
            "RequiredByDate": transfer["RequiredByDate"],
            "Lines": [] if is_ordered else transfer["Lines"],
            "Order": {
                "Status": "AUTHORISED" if is_ordered else "NOT AVAILABLE",
                "Lines": _order_lines(transfer) if is_ordered else [],
            },
            "ManualJournals": [],
        }

    def _order(self, transfer: Document) -> Document:
        ordered = transfer["Status"] != "DRAFT" and not transfer["SkipOrder"]
        return {
            "TaskID": transfer["TaskID"],
            "Status": "AUTHORISED" if ordered else "DRAFT",
            "Lines": _order_lines(transfer),
            "LastModifiedOn": str(transfer[CHANGED]).rstrip("Z"),
        }

    def _row(self, transfer: Document) -> Document:
        names = ("TaskID", "From", "FromLocation", "To", "ToLocation", "Status", "Number")
        return {name: transfer[name] for name in names} | {
            **{name: transfer[name] for name in _SHOWN},
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
