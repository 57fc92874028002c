"""Adjustments, stock-takes and write-offs (Cin7 API reference, Stock Adjustment, Stock Take,
Inventory Write-Off).

Lines of the first two hold the new quantity beside the one before, never the difference; whether it
is what is on hand or what is available depends on how it was typed in, and no answer tells.
Adjustments and write-offs have no stamp of their last change, and ignore UpdatedSince.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Literal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.stock_documents.book import CHANGED, DocumentBook, Office
from sfcc_cin7_sandbox.cin7.stock_documents.shelves import Units, less
from sfcc_cin7_sandbox.cin7.values import ZERO, midnight
from sfcc_cin7_sandbox.shelf import Document

ACCOUNT = "403"
Sets = Literal["on-hand", "available"]


class Counts:
    """Whatever says that there is more or less on the shelf than was thought."""

    def __init__(self, office: Office) -> None:
        self._shelves, self._settings = office.shelves, office.settings
        self._clock = office.clock
        self.adjustments = office.book("adjustment", "ST")
        self.takes = office.book("stocktake", "ST-TAKE")
        self._write_offs = office.book("writeoff", "WO")

    # -- what people do

    def adjust(self, place: str, units: Units, sets: Sets = "on-hand") -> str:
        """There are so many units, by SKU; the ID of the adjustment. Raises KeyError, Refusal."""
        lines = [self.line(place, sku, each, sets) for sku, each in units.items()]
        return self.open_adjustment("COMPLETED", lines, place)

    def open_adjustment(
        self, status: str, lines: list[Document], place: str, **more: object
    ) -> str:
        """An adjustment of lines that `line` made, with what `more` its document says; the ID."""

        def made(key: str, number: str) -> Document:
            return {
                "TaskID": key,
                "StocktakeNumber": number,
                "EffectiveDate": midnight(self._clock.now()),
                "Status": status,
                "Place": place,
                "Lines": lines,
                **more,
            }

        adjustment = self.adjustments.open(made)
        if status == "COMPLETED":
            self.apply(adjustment)
        return str(adjustment["TaskID"])

    def apply(self, document: Document) -> None:
        """Everything that a document counts is there."""
        for place, units in _differences(document).items():
            self._shelves.change(place, units)

    def _take_back(self, document: Document) -> None:
        for place, units in _differences(document).items():
            self._shelves.change(place, less(units))

    def edit_adjustment(self, key: str, units: Units) -> None:
        """Somebody rewrites a completed adjustment: other goods, or other figures. Its row shows
        nothing of it. Raises KeyError, Refusal."""
        adjustment = self.adjustments.find(key)
        if adjustment["Status"] != "COMPLETED":
            raise Refusal("Stock adjustment cannot be edited")
        place = adjustment["Place"]
        self._take_back(adjustment)
        adjustment["Lines"] = [
            self.line(place, sku, each, "on-hand") for sku, each in units.items()
        ]
        self.apply(adjustment)
        self.adjustments.save(key, adjustment)

    def void_adjustment(self, key: str) -> None:
        """The difference is taken back, and the lines are gone. Raises Refusal."""
        adjustment = self.adjustments.find(key)
        if adjustment["Status"] == "VOIDED":
            raise Refusal("Stock adjustment is voided")
        if adjustment["Status"] == "COMPLETED":
            self._take_back(adjustment)
        adjustment |= {"Status": "VOIDED", "Lines": []}
        self.adjustments.save(key, adjustment)

    def begin_take(
        self, place: str, status: str = "DRAFT", lines: Sequence[Document] = (), **more: object
    ) -> str:
        """A stock-take of one location begins; the ID. Raises Refusal."""
        location = self._shelves.location(place)

        def made(key: str, number: str) -> Document:
            return {
                "TaskID": key,
                "StocktakeNumber": number,
                "EffectiveDate": midnight(self._clock.now()),
                "Status": status,
                "Place": place,
                "LocationID": location["LocationID"],
                "Lines": list(lines),
                **more,
            }

        return str(self.takes.open(made)["TaskID"])

    def complete_take(self, key: str, units: Units) -> None:
        """What was counted, by SKU, is there. Raises KeyError, Refusal."""
        take = self.takes.find(key)
        if take["Status"] not in ("DRAFT", "IN PROGRESS"):
            raise Refusal("Stocktake is completed")
        take["Lines"] = [
            self.line(take["Place"], sku, each, "on-hand") for sku, each in units.items()
        ]
        take["Status"] = "COMPLETED"
        self.apply(take)
        self.takes.save(key, take)

    def write_off(self, place: str, units: Units) -> str:
        """So many units are lost; the ID. Raises KeyError, Refusal."""
        location = self._shelves.location(place)
        goods = {sku: self._shelves.goods(sku) for sku in units}
        self._shelves.refuse_missing(place, units)

        def made(key: str, number: str) -> Document:
            return {
                "TaskID": key,
                "InventoryWriteOffNumber": number,
                "Status": "COMPLETED",
                **location,
                "Date": midnight(self._clock.now()),
                "Lines": [
                    {
                        "ProductID": goods[sku]["ProductID"],
                        "ProductCode": sku,
                        "Name": goods[sku]["ProductName"],
                        "Quantity": each,
                    }
                    for sku, each in units.items()
                ],
            }

        written = self._write_offs.open(made)
        self._shelves.change(place, less(units))
        return str(written["TaskID"])

    # -- the endpoints

    def list_adjustments(self, call: Call) -> Document:
        """GET /stockadjustmentList."""
        return self._book_page(call, self.adjustments, "StockAdjustmentList", _adjustment_row)

    def get_adjustment(self, call: Call) -> Document:
        """GET /stockadjustment?TaskID."""
        adjustment = self.adjustments.find(call.query.required_guid("TaskID"))
        return shown_adjustment(adjustment)

    def list_takes(self, call: Call) -> Document:
        """GET /stockTakeList."""
        return self._book_page(call, self.takes, self._settings.stock_takes_key, _take_row)

    def get_take(self, call: Call) -> Document:
        """GET /stocktake?TaskID."""
        take = self.takes.find(call.query.required_guid("TaskID"))
        return shown_take(take)

    def list_write_offs(self, call: Call) -> Document:
        """GET /inventoryWriteOffList."""
        return self._book_page(call, self._write_offs, "InventoryWriteOffs", _write_off_row)

    def get_write_off(self, call: Call) -> Document:
        """GET /inventoryWriteOff?TaskID."""
        written = self._write_offs.find(call.query.required_guid("TaskID"))
        names = ("TaskID", "InventoryWriteOffNumber", "Status", "LocationID", "Location", "Lines")
        return {name: written[name] for name in names} | {
            "EffectiveDate": written["Date"],
            "Transactions": [],
            "Errors": [],
        }

    def _book_page(
        self, call: Call, book: DocumentBook, key: str, row: Callable[[Document], Document]
    ) -> Document:
        newest = self._settings.counts_listed == "newest-first"
        return book.page(call, key, row, newest_first=newest, filters={"Status": "Status"})

    def line(self, place: str, sku: str, units: object, sets: Sets) -> Document:
        """What a document says of one product in one place. Raises KeyError, Refusal."""
        on_hand, available = self._shelves.held(sku, place)
        return (
            self._shelves.goods(sku)
            | {"QuantityOnHand": on_hand, "Available": available, "Adjustment": units}
            | self._shelves.location(place)
            | {"BatchSN": None, "ExpiryDate": None, "Comments": "", "Sets": sets}
        )


def _differences(document: Document) -> dict[str, dict[str, Decimal]]:
    """By place, units by SKU."""
    before = {"on-hand": "QuantityOnHand", "available": "Available"}
    found: dict[str, dict[str, Decimal]] = {}
    for line in document["Lines"]:
        more = line["Adjustment"] - line[before[line["Sets"]]]
        found.setdefault(line["Location"], {})[line["SKU"]] = more
    return found


def _parts(document: Document) -> tuple[list[Document], list[Document]]:
    """Lines of what was there, and lines of what was not, which have but one quantity."""
    existing, new = [], []
    for line in document["Lines"]:
        shown = {name: value for name, value in line.items() if name != "Sets"}
        if line["QuantityOnHand"] != ZERO:
            shown.pop("UnitCost", None)
            existing.append(shown)
            continue
        left_out = ("QuantityOnHand", "Available", "Adjustment")
        kept = {name: value for name, value in shown.items() if name not in left_out}
        cost = kept.pop("UnitCost", ZERO)
        new.append(kept | {"Quantity": line["Adjustment"], "UnitCost": cost, "ReceivedDate": None})
    return existing, new


def shown_adjustment(adjustment: Document) -> Document:
    """The answer of every /stockadjustment call."""
    existing, new = _parts(adjustment)
    return _adjustment_row(adjustment) | {
        "Comment": adjustment.get("Comment", ""),
        "ExistingStockLines": existing,
        "NewStockLines": new,
        "Transactions": [],
    }


def shown_take(take: Document) -> Document:
    """The answer of every /stocktake call."""
    existing, new = _parts(take)
    names = ("TaskID", "EffectiveDate", "StocktakeNumber", "Status", "LocationID")
    return {name: take[name] for name in names} | {
        "Account": take.get("Account", ACCOUNT),
        "Location": take["Place"],
        "Reference": take.get("Reference", ""),
        "NonZeroStockOnHandProducts": existing,
        "ZeroStockOnHandProducts": new,
        "Transactions": [],
    }


def _adjustment_row(adjustment: Document) -> Document:
    names = ("TaskID", "EffectiveDate", "StocktakeNumber", "Status")
    return {name: adjustment[name] for name in names} | {
        "Account": adjustment.get("Account", ACCOUNT),
        "Reference": adjustment.get("Reference", ""),
    }


def _take_row(take: Document) -> Document:
    names = ("TaskID", "EffectiveDate", "StocktakeNumber", "Status", "LocationID")
    return {name: take[name] for name in names} | {
        "Account": take.get("Account", ACCOUNT),
        "Location": take["Place"],
        "Reference": take.get("Reference", ""),
        "LastUpdatedDate": f"{str(take[CHANGED])[:10]}T00:00:00",  # a day, in the only sample
    }


def _write_off_row(written: Document) -> Document:
    names = ("TaskID", "InventoryWriteOffNumber", "Status", "LocationID", "Location", "Date")
    return {name: written[name] for name in names} | {"Notes": ""}
