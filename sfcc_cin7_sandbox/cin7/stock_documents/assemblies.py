"""Assemblies (Cin7 API reference, Finished Goods, Finished Goods List).

Components go, and the product comes, when one is completed. The list has the oldest first, ignores
UpdatedSince and has no stamp of the last change; whether an assembly that is authorised or in
progress has its components allocated already is not documented.
"""

from decimal import Decimal
from typing import Literal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.stock_documents.book import Office
from sfcc_cin7_sandbox.cin7.stock_documents.shelves import Units, less
from sfcc_cin7_sandbox.cin7.values import midnight
from sfcc_cin7_sandbox.shelf import Document

AssemblyStatus = Literal["DRAFT", "AUTHORISED", "IN PROGRESS", "COMPLETED"]
STEPS: tuple[AssemblyStatus, ...] = ("DRAFT", "AUTHORISED", "IN PROGRESS", "COMPLETED")


class Assemblies:
    """What is made of other goods of the house."""

    def __init__(self, office: Office) -> None:
        self._shelves, self._settings = office.shelves, office.settings
        self._clock = office.clock
        self._book = office.book("assembly", "FG")

    # -- what people do

    def begin(
        self,
        place: str,
        sku: str,
        quantity: Decimal,
        components: Units,
        status: AssemblyStatus = "DRAFT",
    ) -> str:
        """`quantity` units of `sku` are to be made of these units altogether; the ID. Raises
        KeyError, Refusal."""
        goods = self._shelves.goods(sku)
        location = self._shelves.location(place)
        lines = [self._line(each, units) for each, units in components.items()]

        def made(key: str, number: str) -> Document:
            return {
                "TaskID": key,
                "AssemblyNumber": number,
                "Status": "DRAFT",
                "ProductID": goods["ProductID"],
                "ProductCode": sku,
                "ProductName": goods["ProductName"],
                **location,
                "Quantity": quantity,
                "Date": midnight(self._clock.now()),
                "PickLines": lines,
                "Allocations": {},
            }

        assembly = self._book.open(made)
        if status != "DRAFT":
            self.advance(assembly["TaskID"], status)
        return str(assembly["TaskID"])

    def advance(self, key: str, status: AssemblyStatus) -> None:
        """It goes on to a later status. Raises Refusal."""
        assembly = self._book.find(key)
        before = assembly["Status"]
        if before not in STEPS or STEPS.index(status) <= STEPS.index(before):
            raise Refusal(f"Finished goods task cannot go from {before} to {status}")
        units, place = _components(assembly), assembly["Location"]
        if status == "COMPLETED":
            self._shelves.refuse_missing(place, units)
            self._shelves.release(assembly)
            self._shelves.change(place, less(units))
            self._shelves.change(place, {assembly["ProductCode"]: assembly["Quantity"]})
        elif before == "DRAFT" and self._settings.assemblies_allocate:
            assembly["Allocations"] = self._shelves.allocate(place, units)
        assembly["Status"] = status
        self._book.save(key, assembly)

    def void(self, key: str) -> None:
        """The product is taken apart again, and the lines are gone. Raises Refusal."""
        assembly = self._book.find(key)
        if assembly["Status"] == "VOIDED":
            raise Refusal("Finished goods task is voided")
        made, place = {assembly["ProductCode"]: assembly["Quantity"]}, assembly["Location"]
        if assembly["Status"] == "COMPLETED":
            self._shelves.refuse_missing(place, made)
            self._shelves.change(place, less(made))
            self._shelves.change(place, _components(assembly))
        self._shelves.release(assembly)
        assembly |= {"Status": "VOIDED", "PickLines": []}
        self._book.save(key, assembly)

    # -- the endpoints

    def listing(self, call: Call) -> Document:
        """GET /finishedGoodsList."""
        return self._book.page(
            call,
            "FinishedGoods",
            self._row,
            newest_first=self._settings.counts_listed == "newest-first",
            filters={"Status": "Status"},
        )

    def get(self, call: Call) -> Document:
        """GET /finishedGoods?TaskID."""
        assembly = self._book.find(call.query.required_guid("TaskID"))
        left_out = ("Date", "UnitCost", "BatchSN", "ExpiryDate")
        row = {name: value for name, value in self._row(assembly).items() if name not in left_out}
        return row | {
            "CompletionDate": assembly["Date"],
            "OrderLines": [],
            "PickLines": assembly["PickLines"],
            "Transactions": [],
            "Errors": [],
        }

    def _row(self, assembly: Document) -> Document:
        names = ("TaskID", "AssemblyNumber", "ProductID", "ProductCode", "ProductName", "Quantity")
        places = ("LocationID", "Location", "Date", "Status")
        return {name: assembly[name] for name in (*names, *places)} | {
            "BatchSN": assembly["AssemblyNumber"],
            "ExpiryDate": None,
            "UnitCost": 0,
            "Notes": "",
        }

    def _line(self, sku: str, units: Decimal) -> Document:
        goods = self._shelves.goods(sku)
        return {
            "ProductID": goods["ProductID"],
            "ProductCode": sku,
            "Name": goods["ProductName"],
            "BinID": None,
            "Bin": None,
            "BatchSN": None,
            "ExpiryDate": None,
            "Quantity": units,
            "Unit": "Item",
            "Cost": 0,
        }


def _components(assembly: Document) -> Units:
    return {line["ProductCode"]: line["Quantity"] for line in assembly["PickLines"]}
