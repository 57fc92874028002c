"""Looks which documents were touched in the ERP, and reads each of them once.

The list says that a document was touched, and when by the ERP's clock, but not its total (Cin7 API
reference, Sale List). What the list is known to hide, and what is done about it:

- it shows an edit some minutes late: every look begins a little before the latest change seen;
- many documents share one stamp, and stamps move without a change of content: a row that is known
  is no news, whatever its stamp, and documents of such a stamp are read after the others;
- an edit that was shown later still: once an hour it is looked a day back;
- it has no fixed order, and rows shift while one pages: the look counts only when the last page
  was seen, and where it is left off does not depend on what could be read meanwhile.

Our own writes are told apart by the ERP's stamp. Their answers showed the whole document, and
`known_until` is the latest instant that the ERP can have given them; a later stamp is somebody
else's (docs/decisions/26).
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine

from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.locks import held
from sfcc_cin7.systems.cin7.changes.unread import is_news
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.kinds import DocumentKind, Listed
from sfcc_cin7.systems.http.errors import OutOfBudget, Refused, Unavailable
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.examples import Examples

READER = "sfcc_cin7.erp_changes"
"""The lock of whoever looks or reads: two would spend the calls twice."""
LAG = timedelta(minutes=3)
"""How late a list was seen to show an edit; what was edited since may not be in it."""
LOOK_EVERY = timedelta(minutes=1)
OVERLAP = LAG + timedelta(minutes=2)
LOOK_BACK_EVERY, LOOK_BACK = timedelta(hours=1), timedelta(days=1)
READING = timedelta(seconds=45)
"""How long one turn of reading lasts at most, so that who does other things too gets to them."""
REFUSED_AGAIN = (timedelta(minutes=5), timedelta(hours=1))
FAILED_AGAIN = (timedelta(minutes=1), timedelta(minutes=10))
"""When a document is tried again, at first and at last; each wait is twice the one before."""
DENIED = (401, 403)
PIECE = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Read:
    """How many documents were read, and how many could not be: the ERP refused to show them, or
    nobody can use what it answers."""

    read: int
    refused: int


def is_due(engine: Engine, kind: DocumentKind, clock: Clock, every: timedelta = LOOK_EVERY) -> bool:
    """Whether it is time to look again, which it is `every` so often, or something is there to
    read."""
    with engine.connect() as connection:
        if _is_time_to_look(connection, kind, clock, every):
            return True
        return erp_documents.next_unread(connection, kind.name, clock.now()) is not None


def follow(
    engine: Engine,
    erp: Cin7Client,
    kind: DocumentKind,
    whose: str,
    first: datetime,
    clock: Clock,
    every: timedelta = LOOK_EVERY,
) -> Read:
    """One turn: look if it is time to (see `is_due` and `look`), and read what is unread.

    Raises:
        ApiError: the ERP does not answer; what was read so far is kept.
        Busy: somebody else looks or reads.
    """
    with held(engine, READER, clock, timedelta(0)):
        with engine.connect() as connection:
            looks = _is_time_to_look(connection, kind, clock, every)
        if looks:
            look(engine, erp, kind, whose, first, clock)
        return read_unread(engine, erp, kind, clock)


def _is_time_to_look(
    connection: Connection, kind: DocumentKind, clock: Clock, every: timedelta
) -> bool:
    looked = erp_documents.listed_until(connection, kind.name)
    if looked is None:
        return True
    age = clock.now() - looked
    if every <= age < LOOK_EVERY:  # where calls are scarce, they are for what is known to be unread
        return erp_documents.next_unread(connection, kind.name, clock.now()) is None
    return age >= min(every, LOOK_EVERY)


def look(
    engine: Engine,
    erp: Cin7Client,
    kind: DocumentKind,
    whose: str,
    first: datetime,
    clock: Clock,
    since: datetime | None = None,
    others: DocumentKind | None = None,
) -> None:
    """Look which documents were touched since the last look (or `since`), from `first` on.

    Only those whose reference begins with `whose`, or did so before, are kept; the rest as
    documents of the kind `others` where that is given. Each kind has a place of its own where it
    was left off: who looks for the one alone must not move on for the other.

    Raises:
        ApiError: the list could not be seen to its end; it is looked at again from the same place.
    """
    began = clock.now()
    names = [kind.name, *([others.name] if others is not None else [])]
    with engine.connect() as connection:
        reached = erp_documents.touched_until(connection, kind.name) or first
        places = [erp_documents.touched_until(connection, name) or reached for name in names]
        looked_back = [erp_documents.looked_back(connection, name) for name in names]
    far_back = any(at is None or began - at >= LOOK_BACK_EVERY for at in looked_back)
    start = min(places) - OVERLAP
    start = min(start, began - LOOK_BACK) if far_back else start
    latest = max(places)
    for rows in _pieces(erp.touched(kind, min(start, since) if since else start)):
        rest = _note(engine, kind, whose, rows, began)
        if others is not None:
            note_all(engine, others, rest, began)
        latest = max([latest, *(row.updated for row in rows if row.updated)])
    with engine.begin() as connection:
        for name in names:
            erp_documents.save_look(connection, name, began, latest, far_back=far_back)


def _note(
    engine: Engine, kind: DocumentKind, whose: str, rows: list[Listed], began: datetime
) -> list[Listed]:
    """Keep those that are `whose`; the rest is given back."""
    with engine.begin() as connection:
        known = erp_documents.known(connection, kind.name, [row.id for row in rows])
        ours = [row for row in rows if row.id in known or row.reference.startswith(whose)]
        _keep(connection, kind, ours, known, began)
    kept = {row.id for row in ours}
    return [row for row in rows if row.id not in kept]


def note_all(
    engine: Engine,
    kind: DocumentKind,
    rows: list[Listed],
    began: datetime,
    *,
    known_already: bool = False,
) -> None:
    """Keep all of these rows; `known_already`: whoever asks knows by other means what is new."""
    with engine.begin() as connection:
        known = erp_documents.known(connection, kind.name, [row.id for row in rows])
        _keep(connection, kind, rows, known, began, known_already=known_already)


def _keep(
    connection: Connection,
    kind: DocumentKind,
    rows: list[Listed],
    known: Mapping[str, Any],
    began: datetime,
    *,
    known_already: bool = False,
) -> None:
    followed = erp_documents.followed_since(connection, kind.name)

    def unread_since(row: Listed) -> datetime | None:
        before = known.get(row.id)
        if before is not None:
            return before.unread_since or (began if is_news(before, row) else None)
        is_old = followed is not None and row.updated is not None and row.updated < followed
        return None if known_already or is_old else began

    erp_documents.save_listed(
        connection,
        [
            {
                "kind": kind.name,
                "document_id": row.id,
                "number": row.number,
                "reference": row.reference,
                "updated": row.updated,
                "status": row.status,
                "fingerprint": row.fingerprint,
                "unread_since": unread_since(row),
            }
            for row in {row.id: row for row in rows}.values()
            if row.id not in known or known[row.id].fingerprint != row.fingerprint
        ],
    )


def read_unread(
    engine: Engine,
    erp: Cin7Client,
    kind: DocumentKind,
    clock: Clock,
    within: timedelta = READING,
    only: Collection[str] | None = None,
) -> Read:
    """Read what is unread (`only`: of these references), until nothing is or the time is over.

    It also ends where the call budget does: other lanes come first, and the next turn goes on here.
    A document that cannot be read although the ERP answers stays unread, and stops no other.

    Raises:
        ApiError: the ERP does not answer; what was read so far is kept.
    """
    until = clock.now() + within
    read = refused = 0
    unreadable = Examples()
    while (now := clock.now()) < until:
        with engine.connect() as connection:
            row = erp_documents.next_unread(connection, kind.name, now, only)
        if row is None:
            break
        try:
            document = erp.document(kind, row.document_id)
        except OutOfBudget:
            break
        except (Refused, Unavailable) as error:  # one that cannot be read must not stop the others
            if not isinstance(error, Refused) or error.status in DENIED:
                erp.is_up()  # and if it is not, it is no trouble of this document
            refused += 1
            unreadable.add(f"{row.number}: {error}")
            first, longest = REFUSED_AGAIN if isinstance(error, Refused) else FAILED_AGAIN
            again = clock.now() + min(first * 2 ** min(row.tries, 10), longest)
            with engine.begin() as connection:
                erp_documents.save_problem(
                    connection, kind.name, row.document_id, str(error), again
                )
            continue
        with engine.begin() as connection:
            erp_documents.save_reading(
                connection,
                kind.name,
                row.document_id,
                kind.kept(document),
                now,
                kind.changed(document),
            )
        read += 1
    if unreadable:
        log.warning("documents of %s cannot be read, %s", kind.list_path, unreadable)
    return Read(read, refused)


def _pieces(rows: Iterable[Listed]) -> Iterator[list[Listed]]:
    rest = iter(rows)
    while piece := list(islice(rest, PIECE)):
        yield piece
