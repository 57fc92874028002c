"""A whole list with one file: an XML feed over WebDAV, and a job that imports it.

For thousands of changes. What a job says about single records is in a log for people, so that the
list is read afterwards (one call for 200 records) and compared: that also finds what a job did that
was aborted, hangs, or was never heard of again. What is missing then is fed again in halves, as
long as a part is worth a feed, else written in batches, which name the record that is refused.

Nobody documents that an import refuses an older reset date. So the list is read before as well,
and the file is removed after the run: none is left for a job that comes late.
"""

import logging
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from sfcc_cin7.merchant.stock import FeedPolicy
from sfcc_cin7.stock.publishing.writers.doubt import seen
from sfcc_cin7.stock.publishing.writers.feed_file import feed, misfit
from sfcc_cin7.stock.publishing.writers.writer import (
    Figure,
    Outcome,
    Refusal,
    Writer,
)
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.documents import InventoryRecord
from sfcc_cin7.systems.sfcc.importing import FileImport, Run
from sfcc_cin7.values.clock import Clock

MOST_RUNS, MOST_FRUITLESS_RUNS = 16, 4
"""Runs of the job for one write; and in a row without a single record taken: something is wrong
with the job then, not with a record."""
log = logging.getLogger(__name__)


class FeedWriter:
    """Writes with files; `few` writes what is not worth one."""

    def __init__(self, shop: SfccClient, policy: FeedPolicy, clock: Clock, few: Writer) -> None:
        self._shop = shop
        self._policy = policy
        self._import = FileImport(
            shop, policy.job, policy.give_up_minutes, clock, policy.folder, policy.file_parameter
        )
        self._few = few

    def write(self, list_id: str, figures: Sequence[Figure]) -> Iterator[Outcome]:
        """See `Writer`."""
        misfits = {figure.sku: misfit(figure) for figure in figures}
        yield from (Refusal(sku, reason) for sku, reason in misfits.items() if reason)
        fitting = [figure for figure in figures if misfits[figure.sku] is None]
        outcomes, left = _compared(fitting, self._shown(list_id))
        yield from outcomes
        parts: deque[Sequence[Figure]] = deque([left])
        runs = fruitless = 0
        while parts:
            part = parts.popleft()
            if len(part) < self._policy.from_records or not self._worth_it(runs, fruitless):
                yield from self._few.write(list_id, part)
                continue
            run = self._run(list_id, part)
            runs = runs + 1 if run.ended else MOST_RUNS
            outcomes, left = _compared(part, self._shown(list_id))
            yield from outcomes
            log.info("%s: a feed of %d records left %d", list_id, len(part), len(left))
            if left:
                log.warning("%s: %s", list_id, run.trouble or "the job passed over records")
                fruitless = 0 if outcomes else fruitless + 1
                parts.extend(_halves(left) if run.ended and not outcomes else [left])

    @staticmethod
    def _worth_it(runs: int, fruitless: int) -> bool:
        return runs < MOST_RUNS and fruitless < MOST_FRUITLESS_RUNS

    def _shown(self, list_id: str) -> Mapping[str, InventoryRecord]:
        return {record.sku: record for record in self._shop.inventory_records(list_id)}

    def _run(self, list_id: str, figures: Sequence[Figure]) -> Run:
        """Upload and import a file.

        Raises:
            ApiError: the folder or the job is not for us.
        """

        def content() -> bytes:
            return feed(self._shop.inventory_list(list_id), figures)

        what = f"{list_id}: {len(figures)} records"
        return self._import.run(f"sfcc-cin7-{list_id}.xml.gz", content, what)


def _compared(
    figures: Sequence[Figure], shown: Mapping[str, InventoryRecord]
) -> tuple[list[Outcome], list[Figure]]:
    """Outcomes that the list shows, and the figures that it does not hold."""
    found = {figure.sku: seen(figure, shown.get(figure.sku)) for figure in figures}
    outcomes = [outcome for outcome in found.values() if outcome is not None]
    return outcomes, [figure for figure in figures if found[figure.sku] is None]


def _halves(figures: Sequence[Figure]) -> list[Sequence[Figure]]:
    middle = len(figures) // 2
    return [figures[:middle], figures[middle:]]
