"""Adjustments and stock-takes as the API writes them (Cin7 API reference, Stock Adjustment, Stock
Take)."""

from decimal import Decimal

from sfcc_cin7_sandbox.cin7.answers import Refusal
from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.stock_documents.book import Office
from sfcc_cin7_sandbox.cin7.stock_documents.counts import (
    ACCOUNT,
    Counts,
    Sets,
    shown_adjustment,
    shown_take,
)
from sfcc_cin7_sandbox.cin7.values import (
    Body,
    boolean,
    midnight,
    number,
    parse_guid,
    require,
    required_moment,
    rows,
    text,
)
from sfcc_cin7_sandbox.shelf import Document


class CountCalls:
    """Drafts are kept and change nothing; what is completed is there."""

    def __init__(self, office: Office, counts: Counts) -> None:
        self._shelves, self._counts = office.shelves, counts

    def post_adjustment(self, call: Call) -> Document:
        """POST /stockadjustment: Quantity of a line is the new one, of what is available unless
        UpdateOnHand says of what is on hand."""
        status, lines, more = self._adjustment(call.body)
        key = self._counts.open_adjustment(status, lines, lines[0]["Location"], **more)
        return shown_adjustment(self._counts.adjustments.find(key))

    def put_adjustment(self, call: Call) -> Document:
        """PUT /stockadjustment: a draft is written anew, and completed perhaps."""
        require(call.body, "TaskID")
        key = parse_guid(call.body["TaskID"], "TaskID")
        adjustment = self._counts.adjustments.find(key)
        if adjustment["Status"] != "DRAFT":
            raise Refusal(f"Stock adjustment cannot be changed in status {adjustment['Status']}")
        status, lines, more = self._adjustment(call.body)
        written = adjustment | more | {"Status": status, "Lines": lines}
        if status == "COMPLETED":
            self._counts.apply(written)
        return shown_adjustment(self._counts.adjustments.save(key, written))

    def delete_adjustment(self, call: Call) -> Document:
        """DELETE /stockadjustment?ID&Void=true. Undoing one is left out: no source says what of it
        stays."""
        key = call.query.required_guid("ID")
        _only_void(call)
        self._counts.void_adjustment(key)
        return shown_adjustment(self._counts.adjustments.find(key))

    def post_take(self, call: Call) -> Document:
        """POST /stocktake: one of a warehouse begins, with what is on hand there."""
        place = self._shelves.place(call.body, "LocationID", "Location")
        found = self._shelves.everything(place)
        lines = [self._counts.line(place, sku, units, "on-hand") for sku, units in found.items()]
        key = self._counts.begin_take(place, "IN PROGRESS", lines, **self._header(call.body))
        return shown_take(self._counts.takes.find(key))

    def put_take(self, call: Call) -> Document:
        """PUT /stocktake: COMPLETED counts what its lines name, and nothing else."""
        body = call.body
        require(body, "TaskID", "Status")
        if body["Status"] not in ("DRAFT", "IN PROGRESS", "COMPLETED"):
            raise Refusal("Attribute Status has an unknown value.")
        key = parse_guid(body["TaskID"], "TaskID")
        take = self._counts.takes.find(key)
        if take["Status"] not in ("DRAFT", "IN PROGRESS"):
            raise Refusal("Stocktake is completed")
        units = self._counted(body, "NonZeroStockOnHandProducts", "Adjustment")
        for sku, each in self._counted(body, "ZeroStockOnHandProducts", "Quantity").items():
            if sku in units:
                raise Refusal(f"Product '{sku}' is used in more than one line")
            units[sku] = each
        take |= self._header(body)
        if body["Status"] == "COMPLETED":
            self._counts.complete_take(key, units)
        else:
            sent = [
                self._counts.line(take["Place"], sku, each, "on-hand")
                for sku, each in units.items()
            ]
            kept = [line for line in take["Lines"] if line["SKU"] not in units]
            self._counts.takes.save(key, take | {"Status": body["Status"], "Lines": kept + sent})
        return shown_take(self._counts.takes.find(key))

    def delete_take(self, call: Call) -> Document:
        """DELETE /stocktake?ID&Void=true: one that is not completed yet."""
        key = call.query.required_guid("ID")
        _only_void(call)
        take = self._counts.takes.find(key)
        if take["Status"] not in ("DRAFT", "IN PROGRESS"):
            raise Refusal(f"Stocktake cannot be voided in status {take['Status']}")
        return shown_take(self._counts.takes.save(key, take | {"Status": "VOIDED", "Lines": []}))

    def _adjustment(self, body: Body) -> tuple[str, list[Document], Document]:
        """Status, lines and what else a body says. Raises Refusal."""
        require(body, "EffectiveDate", "Status")
        if body["Status"] not in ("DRAFT", "COMPLETED"):
            raise Refusal("Attribute Status must be DRAFT or COMPLETED.")
        sent = rows(body, "Lines")
        if not sent:
            raise Refusal("Required attribute Lines is not provided.")
        sets: Sets = "on-hand" if boolean(body, "UpdateOnHand", False) else "available"
        lines: list[Document] = []
        for row in sent:
            place, sku = self._shelves.place(row, "LocationID", "Location"), self._shelves.sku(row)
            if any((line["Location"], line["SKU"]) == (place, sku) for line in lines):
                raise Refusal(f"Product '{sku}' is used in more than one line")
            line = self._counts.line(place, sku, _counted(row, "Quantity"), sets)
            line["UnitCost"] = number(row, "UnitCost", 4)
            line["Comments"] = text(row, "Comments", 256) or ""
            lines.append(line)
        return body["Status"], lines, self._header({**body, "Account": body.get("Account")})

    def _header(self, body: Body) -> Document:
        account = text(body, "Account", 50)
        if account is None and "Account" not in body:
            raise Refusal("Required attribute Account is not provided.")
        return {
            "EffectiveDate": midnight(required_moment(body, "EffectiveDate")),
            "Account": (account and self._shelves.books.account(account)["Code"]) or ACCOUNT,
            "Reference": text(body, "Reference", 256) or "",
            "Comment": text(body, "Comment", 1024) or "",
        }

    def _counted(self, body: Body, name: str, quantity: str) -> dict[str, Decimal]:
        units: dict[str, Decimal] = {}
        for row in rows(body, name):
            sku = self._shelves.sku(row)
            if sku in units:
                raise Refusal(f"Product '{sku}' is used in more than one line")
            units[sku] = _counted(row, quantity)
        return units


def _counted(row: Body, quantity: str) -> Decimal:
    counted = number(row, quantity, 4)
    if counted < 0:
        raise Refusal(f"{quantity} can't be less than zero.")
    return counted


def _only_void(call: Call) -> None:
    if not call.query.boolean("Void"):
        raise Refusal("Undo is not available: use Void")
