"""Looks at lists that cannot be asked for what changed: at the newest documents, and at open ones.

Such a list ignores UpdatedSince, and a change moves no row of it (measured by others, the sources
are in docs/systems/cin7.md). So two things are looked at:

- the end where the newest documents stand, as far back as there are documents that were not there
  at the last look, by how many there are and by those that are known, and a page at least;
- every few minutes the documents that are still open, by status, wherever they stand. One that was
  open and is not any more has changed.

What neither shows: an edit of a document that is finished, further back than a page.
"""

from itertools import takewhile
from math import ceil

from sqlalchemy import Engine

from sfcc_cin7.db import erp_documents
from sfcc_cin7.systems.cin7.changes.reader import note_all
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.kinds import SELDOM, DocumentKind, Listed
from sfcc_cin7.values.clock import Clock

PAGE = 500
"""The most rows of these lists that anybody has seen in one answer."""


def look_at_newest(engine: Engine, erp: Cin7Client, kind: DocumentKind, clock: Clock) -> None:
    """Look which documents of a kind are new or changed. At the first look none is: whoever asks
    has read by other means what they did.

    Raises:
        ApiError: the list could not be seen; it is looked at again from the same place.
    """
    began = clock.now()
    with engine.connect() as connection:
        before = erp_documents.listed_count(connection, kind.name)
        opened = erp_documents.open_looked_at(connection, kind.name)
    total, newest = _newest(erp, kind, before)
    fresh = _fresh(engine, kind, newest, total - before) if before is not None else 0
    opens = opened is None or began - opened >= SELDOM
    standing = _open(erp, kind) if opens else []
    note_all(engine, kind, newest[:fresh], began)
    note_all(engine, kind, [*newest[fresh:], *standing], began, known_already=True)
    with engine.begin() as connection:
        erp_documents.save_count(connection, kind.name, total, began)
        if opens:
            seen = [row.id for row in (*newest, *standing) if row.status in kind.open_statuses]
            erp_documents.leave_open_set(connection, kind.name, kind.open_statuses, seen, began)
            erp_documents.save_open_look(connection, kind.name, began)


def _fresh(engine: Engine, kind: DocumentKind, newest: list[Listed], more: int) -> int:
    """How many of the newest were not there at the last look: so many `more` there are now, and
    whatever stands before the first that is known, for others may be listed no more."""
    with engine.connect() as connection:
        known = erp_documents.known(connection, kind.name, [row.id for row in newest])
    unknown = takewhile(lambda row: row.id not in known, newest)
    return max(more, sum(1 for _ in unknown))


def _newest(erp: Cin7Client, kind: DocumentKind, before: int | None) -> tuple[int, list[Listed]]:
    """How many there are, and what stands at the end of the newest: they first."""
    if kind.told == "newest-first":
        total, rows = erp.listed_page(kind, 1, PAGE)
        pages = ceil((total - before) / PAGE) + 1 if before is not None else 1
        further = range(2, min(pages, ceil(total / PAGE)) + 1)
    else:
        first = max(1, ceil((before or 1) / PAGE))
        total, rows = erp.listed_page(kind, first, PAGE)
        if before is None:  # the first page was asked for how many there are
            first = max(1, ceil(total / PAGE) - 1)
            rows = rows if first == 1 else erp.listed_page(kind, first, PAGE)[1]
        further = range(first + 1, ceil(total / PAGE) + 1)
    for page in further:
        rows += erp.listed_page(kind, page, PAGE)[1]
    ordered = rows if kind.told == "newest-first" else rows[::-1]
    return total, list({row.id: row for row in ordered}.values())  # rows shift while one pages


def _open(erp: Cin7Client, kind: DocumentKind) -> list[Listed]:
    rows: list[Listed] = []
    for status in kind.open_statuses:
        page = 1
        while True:
            total, found = erp.listed_page(kind, page, PAGE, status)
            rows += found
            if page * PAGE >= total:
                break
            page += 1
    return rows
