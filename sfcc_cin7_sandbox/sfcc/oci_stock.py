"""Inventory lists in the mode where Omnichannel Inventory keeps the stock.

The lists are read-only mirrors that follow a little later. Orders reserve at the location; nothing
is on order, and an export moves nothing (Salesforce Help, Omnichannel Inventory).
"""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7_sandbox.clock import Clock
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.sfcc.inventory import NOTHING, InventoryRecord
from sfcc_cin7_sandbox.sfcc.oci import Availability, Change, OciBook
from sfcc_cin7_sandbox.sfcc.problems import to_milliseconds
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.sfcc.stock import Kept, OutOfStock, Stock, more
from sfcc_cin7_sandbox.shelf import Shelf


class OciStock(Stock):
    """Every inventory list as the mirror of the location of its name; `oci` has the truth."""

    def __init__(self, world: World, shelf: Shelf, clock: Clock, settings: SfccSettings) -> None:
        super().__init__(world, shelf, clock, settings)
        self._clock = clock
        self._lag = timedelta(seconds=settings.oci_mirror_lag)
        self._pending: deque[tuple[datetime, str, str, Decimal]] = deque()
        refused = settings.oci_stale_update == "refused"
        self.oci = OciBook(self.lists, shelf, clock, self._schedule, stale_is_refused=refused)
        if not self.oci.version:
            for list_id, sku, record in list(self.everything()):
                count = Change(list_id, sku, record.allocation, record.reset_date)
                self.oci.apply(count)
        for location, sku, availability in self.oci.everything():
            self._mirror(location, sku, availability.ato)

    def take(
        self,
        list_id: str,
        order: str,
        quantities: Mapping[str, Decimal],
        *,
        exported: bool = False,  # noqa: ARG002 - an export makes no difference here
    ) -> None:
        """An order reserves its products, all or none. Raises OutOfStock."""
        if short := self.oci.reserve(list_id, order, quantities):
            raise OutOfStock(short)

    def export(self, list_id: str, order: str, quantities: Mapping[str, Decimal]) -> None:
        """Nothing moves: what is reserved stays so until it is sent."""

    def release(
        self,
        list_id: str,  # noqa: ARG002 - an order's reservation is known by its number
        order: str,
        quantities: Mapping[str, Decimal],  # noqa: ARG002
        exported_at: datetime | None,  # noqa: ARG002
    ) -> None:
        """The order failed or was cancelled: nothing is reserved for it any more."""
        self.oci.release(order)

    def redraw(
        self,
        list_id: str,
        order: str,
        drawn: Mapping[str, Decimal],
        wanted: Mapping[str, Decimal],
        *,
        exported: bool,  # noqa: ARG002 - an export makes no difference here
        exported_at: datetime | None,  # noqa: ARG002
    ) -> None:
        """An edited order reserves what is wanted now; what was sent is gone. Raises OutOfStock."""
        if rises := more(drawn, wanted):
            self.take(list_id, order, rises)
        self.oci.lower(list_id, order, {sku: wanted.get(sku, NOTHING) for sku in drawn})

    def set_allocation(
        self, list_id: str, sku: str, amount: Decimal, dated: datetime | None = None
    ) -> Kept:
        """Somebody counts; the mirror follows later."""
        at = to_milliseconds(dated or self._clock.now())
        self.oci.apply(Change(list_id, sku, amount, at))
        return self._records[list_id][sku]

    def settle(self, placed: Callable[[str], bool]) -> None:
        """Let lapse what was never placed, and mirror what has had its time."""
        self.oci.lapse(placed)
        while self._pending and self._pending[0][0] <= self._clock.now():
            _, location, sku, ato = self._pending.popleft()
            self._mirror(location, sku, ato)

    def _schedule(self, location: str, sku: str, record: Availability) -> None:
        self._pending.append((self._clock.now() + self._lag, location, sku, record.ato))

    def _mirror(self, location: str, sku: str, ato: Decimal) -> None:
        kept = self.find(location, sku)
        allocation = max(NOTHING, ato)
        if kept is None or kept.record.allocation != allocation:
            now = to_milliseconds(self._clock.now())
            self.keep(location, sku, InventoryRecord(allocation, now))
