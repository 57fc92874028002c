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
from dataclasses import dataclass
from datetime import datetime, timedelta

from sfcc_cin7.merchant.stock import FeedPolicy
from sfcc_cin7.stock.publishing.writers.doubt import seen
from sfcc_cin7.stock.publishing.writers.feed_file import feed, misfit
from sfcc_cin7.stock.publishing.writers.writer import (
    Figure,
    Outcome,
    Refusal,
    Writer,
    is_about_access,
)
from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.errors import Ambiguous, ApiError, Conflict, Refused
from sfcc_cin7.systems.http.outcomes import LONGEST_MESSAGE
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.documents import InventoryRecord, JobExecution
from sfcc_cin7.systems.sfcc.jobs import runs_already
from sfcc_cin7.values.clock import Clock

BETWEEN_LOOKS = timedelta(seconds=3)
TOLD_EVERY = timedelta(minutes=1)
MOST_RUNS, MOST_FRUITLESS_RUNS = 16, 4
"""Runs of the job for one write; and in a row without a single record taken: something is wrong
with the job then, not with a record."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """How an import went: whether the job came to an end, and what is known to be wrong."""

    ended: bool
    trouble: str | None = None


class FeedWriter:
    """Writes with files; `few` writes what is not worth one."""

    def __init__(self, shop: SfccClient, policy: FeedPolicy, clock: Clock, few: Writer) -> None:
        self._shop = shop
        self._policy = policy
        self._clock = clock
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
        name = f"sfcc-cin7-{list_id}.xml.gz"
        path = f"src/{self._policy.folder}/{name}"
        try:
            self._upload(path, feed(self._shop.inventory_list(list_id), figures))
            log.info("%s: %d records uploaded as %s", list_id, len(figures), name)
            return self._import(name)
        except ApiError as error:
            if is_about_access(error):
                raise
            return Run(False, str(error))
        finally:
            self._remove(path)

    def _upload(self, path: str, content: bytes) -> None:
        try:
            self._shop.put_file(path, content)
        except Conflict:  # the folder is missing
            self._shop.make_folder(path.rpartition("/")[0])
            self._shop.put_file(path, content)

    def _remove(self, path: str) -> None:
        """The file has had its turn; the job may have moved it away already."""
        try:
            self._shop.delete_file(path)
        except ApiError as error:
            log.warning("the feed %s could not be removed: %s", path, error)

    def _import(self, name: str) -> Run:
        deadline = self._clock.now() + timedelta(minutes=self._policy.give_up_minutes)
        try:
            execution = self._started(name, deadline)
        except Ambiguous as error:
            self._clock.sleep(TOLD_EVERY.total_seconds())  # it may be running
            return Run(False, str(error))
        told_at = self._clock.now()
        while not execution.ended:
            if self._clock.now() >= deadline:
                return Run(False, f"job {self._policy.job} is still {execution.execution_status}")
            self._clock.sleep(BETWEEN_LOOKS.total_seconds())
            before = execution.execution_status
            execution = self._looked_at(execution)
            if execution.execution_status != before or self._clock.now() - told_at >= TOLD_EVERY:
                told_at = self._clock.now()
                log.info("job %s is %s", self._policy.job, execution.execution_status)
        if execution.succeeded:
            return Run(True)
        status, words = execution.execution_status, execution.message[:LONGEST_MESSAGE]
        return Run(True, f"job {self._policy.job} {status}: {words}")

    def _started(self, name: str, deadline: datetime) -> JobExecution:
        """A new execution, as soon as no other one runs."""
        parameter = self._policy.file_parameter
        parameters = {parameter: name.replace(".", r"\.")} if parameter else {}
        while True:
            try:
                return retries.unprocessed(
                    lambda: self._shop.start_job(self._policy.job, parameters), self._clock.sleep
                )
            except Refused as error:
                if not runs_already(error) or self._clock.now() >= deadline:
                    raise
            log.info("job %s runs already", self._policy.job)
            self._clock.sleep(BETWEEN_LOOKS.total_seconds())

    def _looked_at(self, execution: JobExecution) -> JobExecution:
        """The execution as it is now, or as it was if nobody answers."""
        try:
            return self._shop.job_execution(self._policy.job, execution.id)
        except ApiError as error:
            if is_about_access(error):
                raise
            log.warning("job %s cannot be looked at: %s", self._policy.job, error)
            return execution


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
