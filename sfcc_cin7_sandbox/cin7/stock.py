"""Units by SKU, location and bin, and the availability list made of them."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.values import ZERO
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.shelf import Document, Shelf

PURCHASES = "cin7.purchases"


@dataclass
class Shelved:
    """What stands in one bin; `allocated` units belong to authorised orders. `expires` is the day
    of the batch, as the API writes it."""

    sku: str
    location: str
    bin: str | None
    on_hand: Decimal = ZERO
    allocated: Decimal = ZERO
    batch: str | None = None
    expires: str | None = None

    @property
    def available(self) -> Decimal:
        """Negative when a count found less than orders were promised."""
        return self.on_hand - self.allocated

    @property
    def key(self) -> str:
        place = f"{self.sku}|{self.location}|{self.bin or ''}"
        return f"{place}|{self.batch}" if self.batch else place


class Stock:
    """Every bin of the company. Quantities are units, never money."""

    def __init__(self, world: World, shelf: Shelf, books: Books) -> None:
        self._shelf = shelf
        self._books = books
        self._by_sku: dict[str, list[Shelved]] = {}
        self.on_change: Callable[[list[Shelved]], None] = lambda _rows: None
        """Told of all bins that are kept."""
        self._purchased: dict[tuple[str, str], tuple[Decimal, datetime | None]] = {}
        for key, row in shelf.load(PURCHASES).items():
            sku, _, location = key.rpartition("|")
            due = row["due"] and datetime.fromisoformat(row["due"])
            self._purchased[sku, location] = (Decimal(row["units"]), due)
        kept = shelf.load("cin7.stock")
        for row in kept.values() if kept else []:
            self._add(
                Shelved(
                    row["sku"],
                    row["location"],
                    row["bin"],
                    Decimal(row["on_hand"]),
                    Decimal(row["allocated"]),
                    row.get("batch"),
                    row.get("expires"),
                )
            )
        if not kept:
            self._seed(world)

    def rows(self) -> Iterator[Shelved]:
        """Every bin that ever held a SKU."""
        for rows in self._by_sku.values():
            yield from rows

    def of(self, sku: str) -> list[Shelved]:
        """The bins of one SKU, ordered by location and bin."""
        return self._by_sku.get(sku, [])

    def allocate(
        self, sku: str, quantity: Decimal, locations: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Reserves what is available, at most `quantity`, from the locations in their order; of
        batches the one that expires first, and also what has.

        Returns the parts as `{Location, Bin, Quantity}`; their sum may fall short.
        """
        parts: list[dict[str, Any]] = []
        for location in locations:
            free = sorted(self._at(sku, location), key=lambda row: row.expires or "9999")
            available = sum((row.available for row in free), ZERO)
            for row in free:
                taken = min(row.available, quantity, available)
                if taken > 0:
                    row.allocated += taken
                    quantity -= taken
                    available -= taken
                    part = {"Location": location, "Bin": row.bin, "Quantity": taken}
                    parts.append(part | ({"Batch": row.batch} if row.batch else {}))
                    self._save([row])
        return parts

    def release(self, sku: str, parts: Iterable[dict[str, Any]]) -> None:
        """Gives back what `allocate` reserved."""
        for part in parts:
            row = self._bin(sku, part["Location"], part["Bin"], part.get("Batch"))
            row.allocated -= part["Quantity"]
            self._save([row])

    def ship(self, sku: str, parts: Iterable[dict[str, Any]]) -> None:
        """Reserved units leave the house."""
        for part in parts:
            row = self._bin(sku, part["Location"], part["Bin"], part.get("Batch"))
            row.allocated -= part["Quantity"]
            row.on_hand -= part["Quantity"]
            self._save([row])

    def take_back(self, sku: str, parts: Iterable[dict[str, Any]]) -> None:
        """Units that `ship` sent never left: they are in their bins again, and reserved."""
        for part in parts:
            row = self._bin(sku, part["Location"], part["Bin"])
            row.allocated += part["Quantity"]
            row.on_hand += part["Quantity"]
            self._save([row])

    def purchase(
        self, sku: str, location: str, quantity: Decimal, due: datetime | None = None
    ) -> None:
        """A supplier is to deliver so many units more; `due` is when the next ones come."""
        ordered, before = self.purchased(sku, location)
        self._purchased[sku, location] = (ordered + quantity, due or before)
        at = self._purchased[sku, location][1]
        self._shelf.put(
            PURCHASES,
            f"{sku}|{location}",
            {"units": ordered + quantity, "due": at and at.isoformat()},
        )
        self._save([self._bin(sku, location, self._first_bin(location))])

    def purchased(self, sku: str, location: str) -> tuple[Decimal, datetime | None]:
        """Units that suppliers are to deliver to a location, and when the next ones come."""
        return self._purchased.get((sku, location), (ZERO, None))

    def receive(
        self,
        sku: str,
        location: str,
        quantity: Decimal,
        bin_name: str | None,
        batch: str | None = None,
        expires: str | None = None,
    ) -> None:
        """Goods arrive, of what is on order first; without a bin they go to the first one of the
        location."""
        waited_for = min(quantity, self.purchased(sku, location)[0])
        if waited_for > 0:
            self.purchase(sku, location, -waited_for)
        row = self._bin(sku, location, bin_name or self._first_bin(location), batch)
        row.on_hand += quantity
        row.expires = expires or row.expires
        self._save([row])

    def assemble(
        self, sku: str, location: str, wanted: Decimal, components: Mapping[str, Decimal]
    ) -> None:
        """Makes so many of a product out of its components, or as many as these allow."""
        made = min(wanted, self.assembled(location, components))
        if made <= 0:
            return
        rows = [self._bin(sku, location, self._first_bin(location))]
        rows[0].on_hand += made
        for component, units in components.items():
            left = units * made
            for row in self._at(component, location):
                taken = min(max(row.available, ZERO), left)
                row.on_hand -= taken
                left -= taken
                rows.append(row)
        self._save(rows)

    def assembled(self, location: str, components: Mapping[str, Decimal]) -> Decimal:
        """How many of a product its components at a location allow."""
        return min(
            sum((row.available for row in self._at(sku, location)), ZERO) // units
            for sku, units in components.items()
        )

    def adjust(self, sku: str, location: str, on_hand: Decimal) -> None:
        """A count finds this many units at the location, whatever was promised."""
        rows = self._at(sku, location) or [self._bin(sku, location, self._first_bin(location))]
        missing = sum((row.on_hand for row in rows), ZERO) - on_hand
        if missing <= 0:
            rows[0].on_hand -= missing
        for row in rows:
            taken = min(max(row.available, ZERO), max(missing, ZERO))
            row.on_hand -= taken
            missing -= taken
        for row in rows:
            taken = min(row.on_hand, max(missing, ZERO))
            row.on_hand -= taken
            missing -= taken
        self._save(rows)

    def rename(
        self,
        meant: Callable[[Shelved], bool],
        *,
        sku: str | None = None,
        location: str | None = None,
    ) -> None:
        """Bins get another SKU or location; the units in them stay."""
        moved = [row for row in self.rows() if meant(row)]
        for row in moved:
            self._shelf.delete("cin7.stock", row.key)
            self._by_sku[row.sku].remove(row)
        for row in moved:
            changed = replace(row, sku=sku or row.sku, location=location or row.location)
            self._add(changed)
            self._save([changed])

    def totals(self) -> list[Document]:
        """`{SKU, Location, OnHand, Allocated, Available}` for each SKU and location."""
        sums: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
        for row in self.rows():
            on_hand, allocated = sums.get((row.sku, row.location), (ZERO, ZERO))
            sums[row.sku, row.location] = (on_hand + row.on_hand, allocated + row.allocated)
        return [
            {
                "SKU": sku,
                "Location": location,
                "OnHand": on_hand,
                "Allocated": allocated,
                "Available": on_hand - allocated,
            }
            for (sku, location), (on_hand, allocated) in sums.items()
        ]

    def _at(self, sku: str, location: str) -> list[Shelved]:
        return [row for row in self.of(sku) if row.location == location]

    def _bin(
        self, sku: str, location: str, bin_name: str | None, batch: str | None = None
    ) -> Shelved:
        for row in self.of(sku):
            if (row.location, row.bin, row.batch) == (location, bin_name, batch):
                return row
        row = Shelved(sku, location, bin_name, batch=batch)
        self._add(row)
        return row

    def _first_bin(self, location: str) -> str | None:
        return next(iter(self._books.bins(location)), None)

    def _add(self, row: Shelved) -> None:
        rows = self._by_sku.setdefault(row.sku, [])
        rows.append(row)
        rows.sort(key=lambda other: (other.location, other.bin or "", other.batch or ""))

    def _save(self, rows: Iterable[Shelved]) -> None:
        kept = list(rows)
        self._shelf.put_many("cin7.stock", {row.key: vars(row) for row in kept})
        self.on_change(kept)

    def _seed(self, world: World) -> None:
        """Spreads the world's stock over up to as many bins as the location has."""
        chance = random.Random(world.seed)  # noqa: S311 - repeatable worlds, not secrets
        for sku in world.skus:
            if not sku.in_erp:
                continue
            for location, units in sku.stock.items():
                bins: list[str | None] = list(self._books.bins(location)) or [None]
                used = chance.sample(bins, chance.randint(1, len(bins)))
                share, rest = divmod(units, len(used))
                for position, name in enumerate(used):
                    on_hand = Decimal(share + rest if position == 0 else share)
                    self._add(Shelved(sku.id, location, name, on_hand))
        self._save(self.rows())
