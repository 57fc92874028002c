"""Omnichannel Inventory: what each location holds of each SKU, and what is promised of it.

Rules as published for the Inventory Availability and Impex APIs. Quantities are Decimal in the
product's unit, times are aware UTC. A location is named by its External Reference, which is the
id of the inventory list that mirrors it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from heapq import heapify, heappop, heappush
from typing import Any

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.sfcc.inventory import NOTHING
from sfcc_cin7_sandbox.shelf import Shelf

KIND, REQUESTS, RESERVATIONS = "sfcc.oci", "sfcc.oci_request", "sfcc.oci_reservation"
LAPSE = timedelta(days=30)
"""Reservations of orders that are never placed lapse after it."""


@dataclass(frozen=True)
class Future:
    """Units that are expected at a time."""

    quantity: Decimal
    expected: datetime


@dataclass(frozen=True)
class Availability:
    """One SKU at one location; `reserved` holds, by order, what is promised and not yet sent."""

    on_hand: Decimal = NOTHING
    effective: datetime | None = None
    """When `on_hand` was true at the location."""
    safety: Decimal = NOTHING
    futures: tuple[Future, ...] = ()
    reserved: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def quantity_reserved(self) -> Decimal:
        return sum(self.reserved.values(), NOTHING)

    @property
    def atf(self) -> Decimal:
        """Available to fulfil: on hand, less reserved and safety stock."""
        return self.on_hand - self.quantity_reserved - self.safety

    @property
    def ato(self) -> Decimal:
        """Available to order: what can be fulfilled, and what is expected."""
        return self.atf + sum((future.quantity for future in self.futures), NOTHING)

    def without(self, order: str) -> "Availability":
        left = {key: quantity for key, quantity in self.reserved.items() if key != order}
        return replace(self, reserved=left)

    def fulfilled(self, order: str, at: datetime) -> "Availability":
        """What the order reserved has left the location.

        A count that was true later than that has seen it leave, so that it is not lowered again.
        """
        sent = self.reserved.get(order, NOTHING)
        counted = self.effective is not None and self.effective > at
        return replace(self.without(order), on_hand=self.on_hand - (NOTHING if counted else sent))


@dataclass(frozen=True)
class Change:
    """What an update says of one SKU at one location; None says nothing."""

    location: str
    sku: str
    on_hand: Decimal | None = None
    effective: datetime | None = None
    safety: Decimal | None = None
    futures: tuple[Future, ...] | None = None


class Stale(ValueError):
    """The count was true earlier than the one that is known."""


class OciBook:
    """Every location. `changed` is told of each record that is another than before."""

    def __init__(
        self,
        locations: Iterable[str],
        shelf: Shelf,
        clock: Clock,
        changed: Callable[[str, str, Availability], None],
        *,
        stale_is_refused: bool,
    ) -> None:
        self.locations = tuple(locations)
        self._shelf = shelf
        self._clock = clock
        self._changed = changed
        self._stale_is_refused = stale_is_refused
        self._records = {
            key: _restored(document) for key, document in _by_pair(shelf.load(KIND)).items()
        }
        self._requests = set(shelf.load(REQUESTS))
        self._log = list(self._records)
        self._unplaced = [
            (datetime.fromisoformat(kept["at"]), order)
            for order, kept in shelf.load(RESERVATIONS).items()
        ]
        heapify(self._unplaced)

    @property
    def version(self) -> int:
        """Grows with every change; see `since`."""
        return len(self._log)

    def since(self, version: int) -> list[tuple[str, str]]:
        """Location and SKU of every record that changed after the version, each once."""
        return list(dict.fromkeys(self._log[version:]))

    def find(self, location: str, sku: str) -> Availability | None:
        return self._records.get((location, sku))

    def everything(self) -> list[tuple[str, str, Availability]]:
        return [(*key, record) for key, record in self._records.items()]

    def apply(self, change: Change, request: str | None = None) -> None:
        """Update or make a record. Raises Stale.

        `request` is an idempotency key: a second update under it is taken for the first one come
        again and changes nothing, whatever it says.
        """
        if request in self._requests:
            return
        record = self.find(change.location, change.sku) or Availability()
        if (
            self._stale_is_refused
            and change.effective is not None
            and record.effective is not None
            and change.effective < record.effective
        ):
            raise Stale("The effective date lies before the one that is known.")
        given = {
            name: value
            for name in ("on_hand", "effective", "safety", "futures")
            if (value := getattr(change, name)) is not None
        }
        self._keep(change.location, change.sku, replace(record, **given))
        if request is not None:
            self._requests.add(request)
            self._shelf.put(REQUESTS, request, {})

    def reserve(self, location: str, order: str, quantities: Mapping[str, Decimal]) -> list[str]:
        """Promise an order its units, all or none; returns the SKUs that fall short."""
        short = [
            sku
            for sku, wanted in quantities.items()
            if (record := self.find(location, sku)) is None or record.ato < wanted
        ]
        if short:
            return short
        for sku, quantity in quantities.items():
            record = self._records[location, sku]
            held = record.reserved.get(order, NOTHING) + quantity
            reserved = {**record.reserved, order: held}
            self._keep(location, sku, replace(record, reserved=reserved))
        now = self._clock.now()
        heappush(self._unplaced, (now, order))
        self._shelf.put(RESERVATIONS, order, {"at": now.isoformat()})
        return []

    def lower(self, location: str, order: str, most: Mapping[str, Decimal]) -> None:
        """The order keeps no more than so many units of each SKU reserved."""
        for sku, quantity in most.items():
            record = self.find(location, sku)
            if record and record.reserved.get(order, NOTHING) > quantity:
                reserved = {**record.without(order).reserved}
                if quantity:
                    reserved[order] = quantity
                self._keep(location, sku, replace(record, reserved=reserved))

    def release(self, order: str) -> None:
        """The order failed, was cancelled, or was never placed."""
        for location, sku, record in self.everything():
            if order in record.reserved:
                self._keep(location, sku, record.without(order))

    def fulfil(self, order: str, at: datetime) -> None:
        """The order was sent at that time."""
        for location, sku, record in self.everything():
            if order in record.reserved:
                self._keep(location, sku, record.fulfilled(order, at))

    def lapse(self, placed: Callable[[str], bool]) -> None:
        """Let go of what orders reserved 30 days ago and never placed."""
        while self._unplaced and self._unplaced[0][0] <= self._clock.now() - LAPSE:
            _, order = heappop(self._unplaced)
            self._shelf.delete(RESERVATIONS, order)
            if not placed(order):
                self.release(order)

    def _keep(self, location: str, sku: str, record: Availability) -> None:
        self._records[location, sku] = record
        self._log.append((location, sku))
        self._shelf.put(KIND, f"{location}/{sku}", _stored(record))
        self._changed(location, sku, record)


def _by_pair(stored: Mapping[str, dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    pairs = {}
    for key, document in stored.items():
        location, _, sku = key.partition("/")
        pairs[location, sku] = document
    return pairs


def _stored(record: Availability) -> dict[str, Any]:
    return {
        "on_hand": record.on_hand,
        "effective": record.effective and record.effective.isoformat(),
        "safety": record.safety,
        "futures": [[f.quantity, f.expected.isoformat()] for f in record.futures],
        "reserved": record.reserved,
    }


def _restored(document: Mapping[str, Any]) -> Availability:
    effective = document["effective"]
    return Availability(
        Decimal(document["on_hand"]),
        effective and datetime.fromisoformat(effective),
        Decimal(document["safety"]),
        tuple(
            Future(Decimal(quantity), datetime.fromisoformat(at))
            for quantity, at in document["futures"]
        ),
        {order: Decimal(quantity) for order, quantity in document["reserved"].items()},
    )
