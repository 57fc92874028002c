"""The inventory lists of the organisation: records by product, and the orders that draw on them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.sfcc.inventory import (
    ENDLESS,
    NOTHING,
    InventoryRecord,
    Transaction,
    check_reset_date,
)
from sfcc_cin7_sandbox.sfcc.problems import to_milliseconds
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf

KIND, LISTS = "sfcc.inventory", "sfcc.inventory_list"


class OutOfStock(Exception):
    """Less is available to sell than an order wants of the products named in `skus`."""

    def __init__(self, skus: list[str]) -> None:
        super().__init__(f"Not enough available to sell: {', '.join(skus)}")
        self.skus = skus


@dataclass(frozen=True)
class InventoryList:
    """One list; `on_order` tells whether its orders wait on order until they are exported.

    With `default_in_stock` a product without a record is for sale without end.
    """

    id: str
    on_order: bool
    sites: tuple[str, ...]
    created_at: datetime
    default_in_stock: bool = False
    bundle_inventory_only: bool = True
    description: str = ""


@dataclass(frozen=True)
class Kept:
    """A record with the times that the platform keeps for every object."""

    record: InventoryRecord
    created_at: datetime
    modified_at: datetime


class Stock:
    """Every inventory list, with its records by product."""

    def __init__(self, world: World, shelf: Shelf, clock: Clock, settings: SfccSettings) -> None:
        self._shelf = shelf
        self._clock = clock
        self._settings = settings
        now = self._now()
        self.lists = {
            site.inventory_list: InventoryList(
                site.inventory_list,
                site.on_order,
                tuple(s.id for s in world.sites if s.inventory_list == site.inventory_list),
                now,
            )
            for site in reversed(world.sites)
        }
        for list_id, changed in shelf.load(LISTS).items():
            known = self.lists.get(list_id) or InventoryList(list_id, False, (), now)
            self.lists[list_id] = replace(known, **changed)
        self._records: dict[str, dict[str, Kept]] = {list_id: {} for list_id in self.lists}
        stored = shelf.load(KIND)
        if stored:
            for key, document in stored.items():
                list_id, _, sku = key.partition("/")
                self._records[list_id][sku] = _restored(document)
        else:
            self._seed(world, now)

    def _seed(self, world: World, now: datetime) -> None:
        for site in reversed(world.sites):
            self._records[site.inventory_list] = {
                sku.id: Kept(InventoryRecord(Decimal(sku.stock[site.location]), now), now, now)
                for sku in world.skus
                if sku.in_shop and sku.kind in ("standard", "bundle") and site.location in sku.stock
            }
        self._shelf.put_many(
            KIND,
            {
                f"{list_id}/{sku}": _stored(kept)
                for list_id, records in self._records.items()
                for sku, kept in records.items()
            },
        )

    def change_list(self, list_id: str, **changes: Any) -> None:
        """Set properties of a list, which is made without sites and records when it is new."""
        found = self.lists.get(list_id) or InventoryList(list_id, False, (), self._now())
        self.lists[list_id] = changed = replace(found, **changes)
        self._records.setdefault(list_id, {})
        kept = ("on_order", "default_in_stock", "bundle_inventory_only", "description")
        self._shelf.put(LISTS, list_id, {name: getattr(changed, name) for name in kept})

    def find(self, list_id: str, sku: str) -> Kept | None:
        return self._records[list_id].get(sku)

    def records(self, list_id: str) -> Mapping[str, Kept]:
        """All records of a list by product, in the order in which they were made."""
        return self._records[list_id]

    def everything(self) -> Iterator[tuple[str, str, InventoryRecord]]:
        for list_id, records in self._records.items():
            for sku, kept in records.items():
                yield list_id, sku, kept.record

    def ats(self, list_id: str, sku: str) -> Decimal:
        """Units available to sell. Raises KeyError for an unknown list."""
        kept = self._records[list_id].get(sku)
        if kept is None:
            return ENDLESS if self.lists[list_id].default_in_stock else NOTHING
        return kept.record.ats

    def check_reset_date(self, list_id: str, sku: str, reset_date: datetime | None) -> None:
        """Raises ResetDateRefused for a date that the settings do not let pass; None is now."""
        if reset_date is not None and self._settings.reset_date_checks:
            kept = self.find(list_id, sku)
            prior = kept.record.reset_date if kept else None
            check_reset_date(reset_date, prior, self._clock.now(), self._settings.reset_date_age)

    def allocated(
        self,
        list_id: str,
        sku: str,
        record: InventoryRecord,
        amount: Decimal,
        reset_date: datetime | None,
    ) -> InventoryRecord:
        """The record with a new allocation, not kept yet. Raises ResetDateRefused."""
        self.check_reset_date(list_id, sku, reset_date)
        kept = self.find(list_id, sku)
        if reset_date is None:
            keeps = self._settings.reset_date_omitted == "kept"
            reset_date = kept.record.reset_date if kept and keeps else self._now()
        return record.reset(amount, reset_date)

    def set_allocation(
        self, list_id: str, sku: str, amount: Decimal, dated: datetime | None = None
    ) -> Kept:
        """Reset what is allocated, as of now or that date; makes the record when there is none."""
        kept = self.find(list_id, sku)
        now = dated or self._now()
        record = kept.record if kept else InventoryRecord(amount, now)
        return self.keep(list_id, sku, record.reset(amount, now))

    def keep(self, list_id: str, sku: str, record: InventoryRecord) -> Kept:
        """Store a changed or new record."""
        now = self._now()
        before = self.find(list_id, sku)
        kept = Kept(record, before.created_at if before else now, now)
        self._records[list_id][sku] = kept
        self._shelf.put(KIND, f"{list_id}/{sku}", _stored(kept))
        return kept

    def delete(self, list_id: str, sku: str) -> None:
        del self._records[list_id][sku]
        self._shelf.delete(KIND, f"{list_id}/{sku}")

    def take(
        self,
        list_id: str,
        order: str,
        quantities: Mapping[str, Decimal],
        *,
        exported: bool = False,
    ) -> None:
        """An order draws its products, all or none. Raises OutOfStock.

        An order that was exported before it was cancelled and reinstated draws turnover.
        """
        short = [sku for sku, wanted in quantities.items() if self.ats(list_id, sku) < wanted]
        if short:
            raise OutOfStock(short)
        on_order = self.lists[list_id].on_order and not exported
        now = self._now()
        for sku, quantity in quantities.items():
            kept = self.find(list_id, sku)
            if kept:
                taken = kept.record.take(order, quantity, now, on_order=on_order)
                self.keep(list_id, sku, taken)

    def export(self, list_id: str, order: str, quantities: Mapping[str, Decimal]) -> None:
        """The order was exported: what it holds on order becomes turnover."""
        now = self._now()
        for sku in quantities:
            kept = self.find(list_id, sku)
            if kept and order in kept.record.on_order:
                self.keep(list_id, sku, kept.record.export(order, now))

    def release(
        self,
        list_id: str,
        order: str,
        quantities: Mapping[str, Decimal],
        exported_at: datetime | None,
    ) -> None:
        """The order failed or was cancelled: give back what it drew."""
        now = self._now()
        for sku, quantity in quantities.items():
            kept = self.find(list_id, sku)
            if kept:
                released = kept.record.release(order, quantity, now, exported_at=exported_at)
                self.keep(list_id, sku, released)

    def redraw(
        self,
        list_id: str,
        order: str,
        drawn: Mapping[str, Decimal],
        wanted: Mapping[str, Decimal],
        *,
        exported: bool,
        exported_at: datetime | None,
    ) -> None:
        """Staff edit an order: what it draws becomes what is wanted now.

        Raises OutOfStock, and then nothing has changed.
        """
        self.take(list_id, order, more(drawn, wanted), exported=exported)
        now = self._now()
        for sku, held in drawn.items():
            kept, left = self.find(list_id, sku), wanted.get(sku, NOTHING)
            if kept is None or left >= held:
                continue
            record = kept.record
            if order in record.on_order:
                free = record.release(order, held, now, exported_at=None)
                record = free.take(order, left, now, on_order=True) if left else free
            else:
                record = record.release(order, held - left, now, exported_at=exported_at)
            self.keep(list_id, sku, record)

    def _now(self) -> datetime:
        return to_milliseconds(self._clock.now())


def more(drawn: Mapping[str, Decimal], wanted: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Units by product that are wanted beyond what is drawn."""
    rises = {sku: quantity - drawn.get(sku, NOTHING) for sku, quantity in wanted.items()}
    return {sku: rise for sku, rise in rises.items() if rise > 0}


def _stored(kept: Kept) -> dict[str, Any]:
    record = kept.record
    return {
        "allocation": record.allocation,
        "reset_date": record.reset_date.isoformat(),
        "perpetual": record.perpetual,
        "handling": record.handling,
        "backorder_allocation": record.backorder_allocation,
        "in_stock_date": record.in_stock_date and record.in_stock_date.isoformat(),
        "transactions": [[t.order, t.quantity, t.at.isoformat()] for t in record.transactions],
        "on_order": record.on_order,
        "created_at": kept.created_at.isoformat(),
        "modified_at": kept.modified_at.isoformat(),
    }


def _restored(document: Mapping[str, Any]) -> Kept:
    in_stock_date = document["in_stock_date"]
    record = InventoryRecord(
        allocation=Decimal(document["allocation"]),
        reset_date=datetime.fromisoformat(document["reset_date"]),
        perpetual=document["perpetual"],
        handling=document["handling"],
        backorder_allocation=Decimal(document["backorder_allocation"]),
        in_stock_date=in_stock_date and datetime.fromisoformat(in_stock_date),
        transactions=tuple(
            Transaction(order, Decimal(quantity), datetime.fromisoformat(at))
            for order, quantity, at in document["transactions"]
        ),
        on_order={order: Decimal(held) for order, held in document["on_order"].items()},
    )
    return Kept(
        record,
        datetime.fromisoformat(document["created_at"]),
        datetime.fromisoformat(document["modified_at"]),
    )
