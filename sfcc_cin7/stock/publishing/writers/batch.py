"""Fifty records with one call: OCAPI batches. For dozens to thousands of changes.

A part that is refused stops no other, and each is answered by itself.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from sfcc_cin7.stock.publishing.writers.doubt import settle
from sfcc_cin7.stock.publishing.writers.records import RecordWriter, kept, look_one_by_one
from sfcc_cin7.stock.publishing.writers.writer import (
    Done,
    Figure,
    Outcome,
    chunks,
    in_parallel,
)
from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.errors import ApiError, Refused
from sfcc_cin7.systems.sfcc.batch import MOST_PARTS
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.documents import InventoryRecord
from sfcc_cin7.systems.sfcc.importing import is_about_access
from sfcc_cin7.systems.sfcc.inventory import is_missing_record
from sfcc_cin7.values.clock import Clock

AT_ONCE = 4
log = logging.getLogger(__name__)


class BatchWriter:
    """Writes in batches; one that is refused as a whole is written record by record."""

    def __init__(self, shop: SfccClient, clock: Clock) -> None:
        self._shop = shop
        self._clock = clock
        self._records = RecordWriter(shop, clock)
        self._was_told = False

    def write(self, list_id: str, figures: Sequence[Figure]) -> Iterator[Outcome]:
        """See `Writer`."""
        write = partial(self._settle, list_id)
        return in_parallel(AT_ONCE, write, chunks(figures, MOST_PARTS))

    def _settle(self, list_id: str, figures: Sequence[Figure]) -> list[Outcome]:
        look = partial(look_one_by_one, self._shop, list_id)
        return settle(figures, partial(self._attempt, list_id), look)

    def _attempt(self, list_id: str, figures: Sequence[Figure]) -> Mapping[str, Done | ApiError]:
        try:
            answers = self._sent(list_id, figures, create=False)
            absent = [f for f in figures if _is_absent(answers[f.sku])]
            if absent:
                answers |= self._sent(list_id, absent, create=True)
        except Refused as error:
            if is_about_access(error):
                raise
            if not self._was_told:  # a catalogue has thousands of batches
                self._was_told = True
                log.warning("batches are refused, their records are written singly: %s", error)
            return self._records.attempt(list_id, figures)
        return {figure.sku: _judged(figure, answers[figure.sku]) for figure in figures}

    def _sent(
        self, list_id: str, figures: Sequence[Figure], *, create: bool
    ) -> dict[str, InventoryRecord | ApiError]:
        """What became of each part. Raises Refused for the batch as a whole."""
        wanted = [(f.sku, f.allocation, f.reset_at, f.backorder) for f in figures]
        try:
            return retries.unprocessed(
                lambda: self._shop.set_allocations(list_id, wanted, create=create),
                self._clock.sleep,
            )
        except Refused:
            raise
        except ApiError as error:
            return {figure.sku: error for figure in figures}


def _is_absent(answer: InventoryRecord | ApiError) -> bool:
    return isinstance(answer, ApiError) and is_missing_record(answer)


def _judged(figure: Figure, answer: InventoryRecord | ApiError) -> Done | ApiError:
    return answer if isinstance(answer, ApiError) else kept(figure, answer)
