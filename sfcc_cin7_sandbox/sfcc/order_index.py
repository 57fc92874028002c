"""What GET /orders sees: an index of the orders that is updated a little later than they are."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice
from typing import Any

from sfcc_cin7_sandbox.sfcc.order_query import OrderQuery, Window
from sfcc_cin7_sandbox.sfcc.problems import parse_timestamp

Document = dict[str, Any]
Key = tuple[datetime, str]
"""Sorts by time, then by order number."""


@dataclass(frozen=True)
class _Entry:
    version: int
    created: datetime
    modified: datetime
    document: Document


@dataclass
class _SiteIndex:
    entries: dict[str, _Entry] = field(default_factory=dict)
    by_creation: list[Key] = field(default_factory=list)
    by_modification: list[Key] = field(default_factory=list)


class OrderIndex:
    """The orders of every site, each in the version that has become visible so far."""

    def __init__(self) -> None:
        self._sites: dict[str, _SiteIndex] = {}
        self._pending: list[tuple[datetime, int, str, str, Document]] = []
        self._versions = 0

    def change(self, site: str, order_no: str, document: Document, visible_at: datetime) -> None:
        """A new or changed order, to be seen from `visible_at` on; the document is kept as is.

        Of a document that tells no time, the moment it becomes visible is taken.
        """
        self._versions += 1
        heappush(self._pending, (visible_at, self._versions, site, order_no, document))

    def page(self, site: str, query: OrderQuery, now: datetime, shift: int = 0) -> list[Document]:
        """The rows of one page, read `shift` rows too early, as when others came in on top."""
        self._catch_up(now)
        start = max(0, query.offset - shift)
        return list(islice(self._matching(site, query), start, start + query.limit))

    def _matching(self, site: str, query: OrderQuery) -> Iterator[Document]:
        index = self._sites.get(site, _SiteIndex())
        if query.by_modified:
            keys, window, other = index.by_modification, query.modified, query.created
        else:
            keys, window, other = index.by_creation, query.created, query.modified
        begin, end = _bounds(keys, window)
        positions = range(end - 1, begin - 1, -1) if query.descending else range(begin, end)
        unbounded = other.start is None and other.end is None
        for position in positions:
            entry = index.entries[keys[position][1]]
            in_other = unbounded or (
                (entry.created if query.by_modified else entry.modified) in other
            )
            if in_other and query.accepts(entry.document):
                yield entry.document

    def _catch_up(self, now: datetime) -> None:
        while self._pending and self._pending[0][0] <= now:
            seen_at, version, site, order_no, document = heappop(self._pending)
            index = self._sites.setdefault(site, _SiteIndex())
            before = index.entries.get(order_no)
            entry = _Entry(
                version,
                _moment(document.get("creationDate"), before.created if before else seen_at),
                _moment(document.get("lastModified"), seen_at),
                document,
            )
            self._apply(index, order_no, entry)

    @staticmethod
    def _apply(index: _SiteIndex, order_no: str, entry: _Entry) -> None:
        before = index.entries.get(order_no)
        if before is None:
            insort(index.by_creation, (entry.created, order_no))
        elif before.version > entry.version:
            return
        else:
            key = (before.modified, order_no)
            del index.by_modification[bisect_left(index.by_modification, key)]
        insort(index.by_modification, (entry.modified, order_no))
        index.entries[order_no] = entry


def _moment(told: Any, otherwise: datetime) -> datetime:
    try:
        return parse_timestamp(told)
    except (TypeError, ValueError):
        return otherwise


def _bounds(keys: list[Key], window: Window) -> tuple[int, int]:
    begin = 0 if window.start is None else bisect_left(keys, (window.start, ""))
    end = len(keys) if window.end is None else bisect_left(keys, (window.end, ""))
    return begin, end
