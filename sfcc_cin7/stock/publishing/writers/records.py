"""Record by record: a PATCH for each SKU, several at a time. For a handful of changes."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from sfcc_cin7.stock.publishing.writers.doubt import settle
from sfcc_cin7.stock.publishing.writers.writer import (
    Done,
    Figure,
    Outcome,
    chunks,
    done,
    in_parallel,
)
from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.errors import ApiError
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.documents import InventoryRecord
from sfcc_cin7.values.clock import Clock

AT_ONCE = 8


class RecordWriter:
    """Writes with PATCH, and PUT where there is no record yet."""

    def __init__(self, shop: SfccClient, clock: Clock) -> None:
        self._shop = shop
        self._clock = clock

    def write(self, list_id: str, figures: Sequence[Figure]) -> Iterator[Outcome]:
        """See `Writer`."""
        write = partial(self._settle, list_id)
        return in_parallel(AT_ONCE, write, chunks(figures, 1))

    def attempt(self, list_id: str, figures: Sequence[Figure]) -> Mapping[str, Done | ApiError]:
        """Each figure once, one after the other."""
        return {figure.sku: self._sent(list_id, figure) for figure in figures}

    def _settle(self, list_id: str, figures: Sequence[Figure]) -> list[Outcome]:
        look = partial(look_one_by_one, self._shop, list_id)
        return settle(figures, partial(self.attempt, list_id), look)

    def _sent(self, list_id: str, figure: Figure) -> Done | ApiError:
        try:
            record = retries.unprocessed(
                lambda: self._shop.set_allocation(
                    list_id, figure.sku, figure.allocation, figure.reset_at, figure.backorder
                ),
                self._clock.sleep,
            )
        except ApiError as error:
            return error
        return kept(figure, record)


def look_one_by_one(
    shop: SfccClient, list_id: str, skus: Sequence[str]
) -> dict[str, InventoryRecord]:
    """The records of some SKUs; raises ApiError."""
    found = ((sku, shop.inventory_record(list_id, sku)) for sku in skus)
    return {sku: record for sku, record in found if record is not None}


def kept(figure: Figure, record: InventoryRecord) -> Done:
    """A figure as the storefront answers that it keeps it."""
    return Done(
        figure.sku,
        record.allocation,
        record.reset_at or done(figure).reset_at,
        None if figure.backorder is None else record.backorder,
    )
