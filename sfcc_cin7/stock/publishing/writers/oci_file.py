"""Thousands of counts with one file: an import of Omnichannel Inventory.

Its result file names the records that failed. An import that did not come to its end is looked up
by the hundred, and what it left goes through `few`, which names what is refused.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial

from sfcc_cin7.stock.publishing.writers.doubt import looked_up, settle
from sfcc_cin7.stock.publishing.writers.oci import count, misfits, refused
from sfcc_cin7.stock.publishing.writers.writer import (
    Done,
    Figure,
    Outcome,
    Writer,
    done,
)
from sfcc_cin7.stock.reading.shelf import OciShelf
from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.errors import Ambiguous, ApiError
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.importing import is_about_access
from sfcc_cin7.systems.sfcc.oci_documents import Import, Progress, StockCount
from sfcc_cin7.values.clock import Clock

BETWEEN_LOOKS = timedelta(seconds=3)
TOLD_EVERY = timedelta(minutes=1)
GIVE_UP = timedelta(minutes=5)
FILE_NAME = "sfcc-cin7-stock.json"
log = logging.getLogger(__name__)


class OciFileWriter:
    """Writes counts with a file; `few` writes what it left."""

    def __init__(self, shop: SfccClient, clock: Clock, few: Writer) -> None:
        self._shop = shop
        self._clock = clock
        self._few = few
        self._shelf = OciShelf(shop)

    def write(self, list_id: str, figures: Sequence[Figure]) -> Iterator[Outcome]:
        """See `Writer`."""
        refusals, fitting = misfits(figures)
        yield from refusals
        if not fitting:
            return
        begun = self._clock.now()
        counts = {figure.sku: count(list_id, figure, begun) for figure in fitting}
        reasons = self._imported(list(counts.values()))
        if reasons is None:
            yield from self._left(list_id, fitting)
            return

        def answers(asked: Sequence[Figure]) -> Mapping[str, Done | ApiError]:
            return {
                each.sku: refused(reasons[counts[each.sku].id])
                if counts[each.sku].id in reasons
                else done(each)
                for each in asked
            }

        yield from settle(fitting, answers, partial(self._shelf.some, list_id))

    def _left(self, list_id: str, figures: Sequence[Figure]) -> Iterator[Outcome]:
        """What the import did all the same is not done again."""
        outcomes = looked_up(figures, partial(self._shelf.some, list_id))
        yield from outcomes.values()
        yield from self._few.write(list_id, [f for f in figures if f.sku not in outcomes])

    def _imported(self, counts: Sequence[StockCount]) -> Mapping[str, str] | None:
        """Why single records failed, by id; None where nobody can tell what became of the file."""
        try:
            progress = self._followed(counts)
            if not progress.completed or progress.import_results is None:
                log.warning("an import of %d counts ended %s", len(counts), progress.status)
                return None
            head, *rows = self._shop.oci_lines(progress.import_results)
        except ApiError as error:
            if is_about_access(error):
                raise
            log.warning("an import of %d counts: %s", len(counts), error)
            return None
        except ValueError:  # an empty result file
            return None
        known = {each.id for each in counts}
        if not str(head.get("status", "")).startswith("COMPLETED") or not all(
            row.get("recordId") in known for row in rows
        ):
            return None
        return {row["recordId"]: str(row.get("message") or "no reason is given") for row in rows}

    def _followed(self, counts: Sequence[StockCount]) -> Progress:
        """Announce, upload and wait for an import; where it stood when it ended, or was given up.

        An import that was announced twice does no harm: the one without a file expires.
        """
        announced = retries.unprocessed(
            lambda: self._shop.announce_import(FILE_NAME), self._clock.sleep
        )
        try:
            self._upload(announced, counts)
        except Ambiguous:
            if self._shop.oci_progress(announced).lacks_file:
                self._upload(announced, counts)
        log.info("%d counts uploaded as import %s", len(counts), announced.id)
        deadline = self._clock.now() + GIVE_UP
        told_at, before = self._clock.now(), ""
        while True:
            progress = self._shop.oci_progress(announced)
            if progress.ended or self._clock.now() >= deadline:
                return progress
            if progress.status != before or self._clock.now() - told_at >= TOLD_EVERY:
                told_at, before = self._clock.now(), progress.status
                log.info("import %s is %s", announced.id, progress.status)
            self._clock.sleep(BETWEEN_LOOKS.total_seconds())

    def _upload(self, announced: Import, counts: Sequence[StockCount]) -> None:
        retries.unprocessed(lambda: self._shop.upload_counts(announced, counts), self._clock.sleep)
