"""Tells the storefront the prices that changed: a file for each book, and a job that imports it.

A write ends in one of three ways. *Taken*: the job finished with the code OK, and whether shoppers
see it is read back later. *Refused*: it finished without; one bad price spoils the whole book, so
the file goes again in halves until the price that is refused stands alone. *Unknown*: it was cut
off, hangs or was never heard of; the same file again changes nothing, so the next pass sends it
anew. What leaves is remembered before it leaves.
"""

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from sfcc_cin7.catalogue.prices.feeding.feed_file import misfit, price_feed
from sfcc_cin7.catalogue.prices.records.rows import (
    Change,
    Target,
    begin_sending,
    due,
    keep_refused,
    keep_told,
)
from sfcc_cin7.merchant.prices import PriceBookPolicy, PricesPolicy
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.importing import FileImport, Run
from sfcc_cin7.values.clock import Clock

MOST_RUNS = 40
"""Runs of the job for one book in a pass: enough to find one bad price among a million, twice."""
log = logging.getLogger(__name__)


@dataclass
class Fed:
    """What one target was told in a pass: prices by outcome, bytes that left, what went wrong."""

    target: Target
    taken: int = 0
    refused: int = 0
    unknown: int = 0
    bytes: int = 0
    runs: int = 0
    index_rebuilt: bool = False
    troubles: list[str] = field(default_factory=list)


class PriceFeed:
    """Writes price books of one instance of the storefront."""

    def __init__(
        self, engine: Engine, shop: SfccClient, policy: PricesPolicy, clock: Clock, target: Target
    ) -> None:
        self._engine = engine
        self._policy = policy
        self._clock = clock
        self.target = target
        self._import = FileImport(
            shop, policy.job, policy.give_up_minutes, clock, policy.folder, policy.file_parameter
        )
        self._index = (
            FileImport(shop, policy.index_job, policy.give_up_minutes, clock)
            if policy.index_job
            else None
        )

    def feed(self) -> Fed:
        """Tell every book what is due, then have the search index rebuilt once.

        Raises:
            ApiError: the folder or the job is not for us.
        """
        fed = Fed(self.target)
        for book in self._policy.books:
            removes = book.gone == "remove"
            with self._engine.connect() as connection:
                changes = due(connection, book.id, self.target, removes=removes)
            self._feed_book(book, changes, fed)
        if fed.taken and self._index is not None:
            run = self._index.run_without_file()
            fed.index_rebuilt = run.clean
            if not run.clean:
                fed.troubles.append(run.trouble or "the index was not rebuilt")
        return fed

    def _feed_book(self, book: PriceBookPolicy, changes: Sequence[Change], fed: Fed) -> None:
        fitting = []
        for change in changes:
            if reason := misfit(change):
                self._refused(book, change, reason, fed)
            else:
                fitting.append(change)
        parts = deque([fitting])
        runs = 0
        while parts:
            part = parts.popleft()
            if not part:
                continue
            if runs >= MOST_RUNS:
                fed.unknown += len(part)
                continue
            runs += 1
            run = self._send(book, part, fed)
            if run.clean:
                self._taken(book, part, fed)
                continue
            trouble = run.trouble or "the job did not end with OK"
            log.warning("%s of %s: %s", book.id, self.target, trouble)
            if not run.finished:
                fed.unknown += len(part)
                fed.troubles.append(f"{book.id}: {trouble}")
            elif len(part) == 1:
                self._refused(book, part[0], trouble, fed)
            else:
                middle = len(part) // 2
                parts.extend([part[:middle], part[middle:]])

    def _send(self, book: PriceBookPolicy, part: list[Change], fed: Fed) -> Run:
        content = price_feed(book, part, self._policy.read_only)
        with self._engine.begin() as connection:
            begin_sending(connection, book.id, self.target, part)
        fed.bytes += len(content)
        fed.runs += 1
        name, what = f"sfcc-cin7-{_plain(book.id)}.xml.gz", f"{book.id}: {len(part)} prices"
        return self._import.run(name, lambda: content, what)

    def _taken(self, book: PriceBookPolicy, part: list[Change], fed: Fed) -> None:
        fed.taken += len(part)
        with self._engine.begin() as connection:
            keep_told(connection, book.id, self.target, part, self._now())

    def _refused(self, book: PriceBookPolicy, change: Change, words: str, fed: Fed) -> None:
        fed.refused += 1
        fed.troubles.append(f"{book.id}: {change.sku}: {words}")
        with self._engine.begin() as connection:
            keep_refused(connection, book.id, change, words)

    def _now(self) -> datetime:
        return self._clock.now()


def _plain(book_id: str) -> str:
    """The id as part of a file's name: WebDAV takes no others."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in book_id)
