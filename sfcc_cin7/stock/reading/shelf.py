"""What the storefront holds of a list, whichever system keeps it."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.documents import InventoryRecord
from sfcc_cin7.systems.sfcc.oci import MOST_RECORDS


class Shelf(Protocol):
    """Reads records of inventory lists. `SfccClient` is one, for classic inventory.

    Every method raises ApiError.
    """

    def inventory_record(self, list_id: str, sku: str) -> InventoryRecord | None:
        """One record; None where there is none."""
        ...

    def inventory_records(self, list_id: str, start: int = 0) -> Iterator[InventoryRecord]:
        """All records of a list from the `start`th on, each once."""
        ...


class OciShelf:
    """Locations of Omnichannel Inventory, as if they were the lists that mirror them.

    The mirror itself follows seconds later and refuses to be asked. What a record shows as
    allocated is on hand less safety stock, true at its effective date; orders reserve of it.
    """

    def __init__(self, shop: SfccClient) -> None:
        self._shop = shop

    def inventory_record(self, list_id: str, sku: str) -> InventoryRecord | None:
        """See `Shelf`."""
        return self.some(list_id, [sku]).get(sku)

    def inventory_records(self, list_id: str, start: int = 0) -> Iterator[InventoryRecord]:
        """See `Shelf`: an export of the location, whatever part of it is wanted."""
        shown = islice(self._shop.all_availability(list_id), start, None)
        return (availability.as_record() for availability in shown)

    def some(self, list_id: str, skus: Sequence[str]) -> dict[str, InventoryRecord]:
        """The records of any number of SKUs; those that the location never had are left out."""
        found: dict[str, InventoryRecord] = {}
        for start in range(0, len(skus), MOST_RECORDS):
            shown = self._shop.availability(list_id, skus[start : start + MOST_RECORDS])
            found |= {sku: availability.as_record() for sku, availability in shown.items()}
        return found
