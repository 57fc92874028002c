"""The job step ImportInventoryLists: what an inventory file does to lists and records.

Modes after Salesforce Help, "Import modes": MERGE makes and changes, UPDATE changes what exists,
REPLACE also deletes the records that the file does not name, DELETE deletes those it names. The
read-only elements `ats`, `on-order` and `turnover` of a record are ignored, so that turnover and
what is on order follow from the allocation's date alone, as they do after a write by the Data API.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.sfcc.inventory import NOTHING, InventoryRecord, ResetDateRefused
from sfcc_cin7_sandbox.sfcc.problems import parse_timestamp, to_milliseconds
from sfcc_cin7_sandbox.sfcc.products import Products
from sfcc_cin7_sandbox.sfcc.schemas import INVENTORY, parse
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.sfcc.stock import Stock

HEADER_FLAGS = {
    "default-instock": "default_in_stock",
    "use-bundle-inventory-only": "bundle_inventory_only",
    "on-order": "on_order",
}


@dataclass
class Report:
    """How one file fared: objects written, what was refused, and what was passed over."""

    written: int = 0
    refused: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


class Refused(ValueError):
    """One object of the file cannot be imported; the others are."""


class InventoryImport:
    """Imports inventory files."""

    def __init__(
        self, stock: Stock, products: Products, clock: Clock, settings: SfccSettings
    ) -> None:
        self._stock = stock
        self._products = products
        self._clock = clock
        self._settings = settings

    def run(self, content: bytes, mode: str, share: float = 1) -> Report:
        """Import a file, or the first part of each list when `share` is below 1.

        Raises Malformed, and then nothing is imported.
        """
        report = Report()
        for part in parse(content, INVENTORY):
            header, *records = part
            list_id = header.get("list-id", "")
            try:
                self._import_list(list_id, header, mode)
            except Refused as refused:
                report.refused.append(str(refused))
                continue
            rows = list(records[0]) if records else []
            self._import_records(list_id, rows[: int(len(rows) * share)], mode, report)
            if mode == "REPLACE" and share == 1:
                self._delete_others(list_id, {row.get("product-id", "") for row in rows})
        return report

    def _import_list(self, list_id: str, header: etree._Element, mode: str) -> None:
        known = list_id in self._stock.lists
        if not known and not (self._settings.import_creates_lists and mode in ("MERGE", "REPLACE")):
            raise Refused(f"There is no inventory list '{list_id}'.")
        if header.get("mode") == "delete":
            raise Refused(f"The inventory list '{list_id}' is in use and cannot be deleted.")
        if mode == "DELETE":
            return
        given = texts_of(header)
        changes: dict[str, Any] = {
            name: flag_of(given[element])
            for element, name in HEADER_FLAGS.items()
            if element in given
        }
        if "description" in given:
            changes["description"] = given["description"]
        self._stock.change_list(list_id, **changes)

    def _import_records(
        self, list_id: str, rows: list[etree._Element], mode: str, report: Report
    ) -> None:
        for row in rows:
            sku = row.get("product-id", "")
            if self._settings.inventory_mode == "oci":
                report.skipped.append(f"{sku}: the list is kept by Omnichannel Inventory")
            elif mode == "DELETE" or row.get("mode") == "delete":
                if self._stock.find(list_id, sku) is None:
                    report.skipped.append(f"{sku}: there is no record to delete")
                    continue
                self._stock.delete(list_id, sku)
                report.written += 1
            elif mode == "UPDATE" and self._stock.find(list_id, sku) is None:
                report.skipped.append(f"{sku}: there is no record to update")
            else:
                try:
                    self._import_record(list_id, sku, texts_of(row), anew=mode == "REPLACE")
                except (Refused, ResetDateRefused) as refused:
                    report.refused.append(f"{sku}: {refused}")
                    continue
                report.written += 1

    def _import_record(
        self, list_id: str, sku: str, given: Mapping[str, str], *, anew: bool
    ) -> None:
        """Change or make a record; `anew` sets what the file leaves out to what a new one has."""
        if self._products.get(sku) is None:
            raise Refused("there is no such product")
        kept = self._stock.find(list_id, sku)
        record = InventoryRecord(NOTHING, to_milliseconds(self._clock.now()))
        if kept and anew:
            drawn = kept.record
            record = replace(record, transactions=drawn.transactions, on_order=drawn.on_order)
        elif kept:
            record = kept.record
        changes: dict[str, Any] = {}
        if "perpetual" in given:
            changes["perpetual"] = flag_of(given["perpetual"])
        if "preorder-backorder-handling" in given:
            changes["handling"] = given["preorder-backorder-handling"]
        if "preorder-backorder-allocation" in given:
            changes["backorder_allocation"] = Decimal(given["preorder-backorder-allocation"])
        if "in-stock-date" in given:
            day = datetime.fromisoformat(given["in-stock-date"][:10])
            changes["in_stock_date"] = day.replace(tzinfo=UTC)
        if "in-stock-datetime" in given:
            changes["in_stock_date"] = moment_of(given["in-stock-datetime"])
        record = replace(record, **changes)
        amount, date = given.get("allocation"), given.get("allocation-timestamp")
        if amount is None and date is not None:
            raise Refused("an allocation-timestamp needs an allocation")
        if amount is None and (kept is None or anew):
            amount = "0"
        if amount is not None:
            reset_date = None if date is None else moment_of(date)
            record = self._stock.allocated(list_id, sku, record, Decimal(amount), reset_date)
        self._stock.keep(list_id, sku, record)

    def _delete_others(self, list_id: str, named: set[str]) -> None:
        if self._settings.inventory_mode == "oci":
            return
        for sku in [sku for sku in self._stock.records(list_id) if sku not in named]:
            self._stock.delete(list_id, sku)


def texts_of(element: etree._Element) -> dict[str, str]:
    """The text of each child, by its local name and without the white space around it."""
    return {etree.QName(child).localname: (child.text or "").strip() for child in element}


def flag_of(text: str) -> bool:
    return text in ("true", "1")


def moment_of(text: str) -> datetime:
    """An instant; one without a zone is refused, as nobody can tell which is meant."""
    try:
        return to_milliseconds(parse_timestamp(text))
    except ValueError:
        raise Refused(f"'{text}' is not an instant with its time zone") from None
