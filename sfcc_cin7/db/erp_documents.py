"""Documents of the ERP: what the list says of each, what was read, and what is still unread.

One process at a time lists and reads (`systems.cin7.changes`); posting notes what its own answers
proved; every room takes readings in the order of their numbers, from where it left off.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    ARRAY,
    Connection,
    Engine,
    Row,
    Text,
    all_,
    any_,
    case,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.db.one_by_one import trouble_with
from sfcc_cin7.db.schema import erp_documents

SEVERAL = 20
"""As many documents with the same stamp were touched by the ERP itself: the others come first."""
PIECE = 200
TAKEN_AGAIN = timedelta(minutes=15)
"""How long after its reading a document is read again that a room could not take."""


@dataclass(frozen=True)
class Backlog:
    """What the list showed and was not read yet: how many, since when the first of them waits, and
    the earliest change among them (the ERP's clock). `unknown` were never read at all."""

    unread: int
    since: datetime | None
    earliest: datetime | None
    unknown: int


def known(connection: Connection, kind: str, ids: Collection[str]) -> dict[str, Row[Any]]:
    """`updated`, `fingerprint`, `known_until` and `unread_since` of these documents, by id."""
    c = erp_documents.c
    query = select(c.document_id, c.updated, c.fingerprint, c.known_until, c.unread_since).where(
        c.kind == kind, c.document_id == any_(literal(list(ids), ARRAY(Text)))
    )
    rows: list[Row[Any]] = list(connection.execute(query))
    return {row.document_id: row for row in rows}


def save_listed(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what the list says: `kind`, `document_id`, `number`, `reference`, `updated`, `status`,
    `fingerprint` and `unread_since`."""
    if not rows:
        return
    statement = insert(erp_documents)
    changed = ("number", "reference", "updated", "status", "fingerprint", "unread_since")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "document_id"],
            set_={name: statement.excluded[name] for name in changed},
        ),
        rows,
    )


def ask_for(
    connection: Connection, kind: str, named: str, changed_at: datetime, at: datetime
) -> bool:
    """Somebody says at an instant that a document (its id or number) has changed at `changed_at` or
    before: it is unread, if it is known and nothing has shown it since; whether it is now."""
    c = erp_documents.c
    its = (c.document_id == named.lower()) | (c.number == named)
    shown = func.greatest(c.read_at, c.proved_at)  # which passes over what is null
    marked = connection.execute(
        update(erp_documents)
        .where(
            c.kind == kind,
            its,
            c.unread_since.is_(None),
            func.coalesce(shown < literal(changed_at), True),
        )
        .values(unread_since=at)
    )
    return marked.rowcount > 0


def leave_open_set(
    connection: Connection,
    kind: str,
    statuses: Collection[str],
    seen: Collection[str],
    at: datetime,
) -> int:
    """What was listed with one of these statuses, and is not among those `seen` with one now, has
    changed: it is unread since `at`. How many there are."""
    c = erp_documents.c
    gone = update(erp_documents).where(
        c.kind == kind,
        c.status == any_(literal(list(statuses), ARRAY(Text))),
        c.document_id != all_(literal(list(seen), ARRAY(Text))),
        c.unread_since.is_(None),
    )
    return int(connection.execute(gone.values(unread_since=at, status=None)).rowcount)


def next_unread(
    connection: Connection, kind: str, now: datetime, only: Collection[str] | None = None
) -> Row[Any] | None:
    """(`document_id`, `number`, `updated`, `tries`): the unread document whose turn it is.

    The earliest change comes first; what was refused, and what the ERP touched many at once of,
    after that. `only`: of these references.
    """
    c = erp_documents.c
    of_one_stamp = func.count().over(partition_by=c.updated)
    waiting = select(
        c.document_id, c.number, c.updated, c.tries, (of_one_stamp >= SEVERAL).label("bulk")
    ).where(c.kind == kind, c.unread_since.is_not(None), c.try_after <= now)
    if only is not None:
        waiting = waiting.where(c.reference == any_(literal(list(only), ARRAY(Text))))
    rows = waiting.subquery()
    query = select(rows).order_by(
        rows.c.tries, rows.c.bulk, rows.c.updated.nulls_first(), rows.c.document_id
    )
    return connection.execute(query.limit(1)).one_or_none()


def save_reading(
    connection: Connection,
    kind: str,
    document_id: str,
    detail: str,
    read_at: datetime,
    known_until: datetime | None,
) -> None:
    """Keep a reading that was asked for at `read_at`, unless our own write has shown more since."""
    c = erp_documents.c
    number = select(func.coalesce(func.max(c.read_no), 0) + 1).where(c.kind == kind)
    connection.execute(
        update(erp_documents)
        .where(
            c.kind == kind,
            c.document_id == document_id,
            c.proved_at.is_(None) | (c.proved_at <= read_at),
        )
        .values(
            detail=detail,
            read_at=read_at,
            read_no=number.scalar_subquery(),
            known_until=func.coalesce(literal(known_until), c.updated),
            unread_since=None,
            tries=0,
            problem=None,
        )
    )


def save_problem(
    connection: Connection,
    kind: str,
    document_id: str,
    problem: str,
    again: datetime,
    since: datetime | None = None,
) -> None:
    """A document cannot be read or used: it is unread (`since`), and waits until `again`."""
    c = erp_documents.c
    unread = func.coalesce(c.unread_since, literal(since))
    connection.execute(
        update(erp_documents)
        .where(c.kind == kind, c.document_id == document_id)
        .values(problem=problem, tries=c.tries + 1, try_after=again, unread_since=unread)
    )


def backlog(connection: Connection, kind: str, only: Collection[str] | None = None) -> Backlog:
    """What is unread, of these references or of all."""
    c = erp_documents.c
    query = select(
        func.count(),
        func.min(c.unread_since),
        func.min(c.updated),
        func.count().filter(c.read_at.is_(None), c.proved_at.is_(None)),
    ).where(c.kind == kind, c.unread_since.is_not(None))
    if only is not None:
        query = query.where(c.reference == any_(literal(list(only), ARRAY(Text))))
    return Backlog(*connection.execute(query).one())


def problems(connection: Connection, kind: str) -> list[Row[Any]]:
    """(`number`, `problem`) of unread documents that cannot be read, or not be used."""
    c = erp_documents.c
    query = select(c.number, c.problem).where(
        c.kind == kind, c.unread_since.is_not(None), c.problem.is_not(None)
    )
    return list(connection.execute(query.order_by(c.number)))


# What our own writes show


def prove(
    connection: Connection,
    kind: str,
    document_id: str,
    number: str,
    reference: str,
    proved_at: datetime,
    known_until: datetime | None,
) -> None:
    """The answer to our own write showed all of a document at `proved_at`.

    `known_until` is the latest that the ERP can have stamped that write with, by its own clock;
    None where nobody can say: then it is read once, when the list shows it.
    """
    statement = insert(erp_documents).values(
        kind=kind,
        document_id=document_id,
        number=number,
        reference=reference,
        fingerprint="",
        proved_at=proved_at,
        known_until=known_until,
    )
    kept, new = erp_documents.c, statement.excluded
    changed = {name: new[name] for name in ("number", "reference", "proved_at", "known_until")}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "document_id"],
            set_={
                **changed,
                # what was listed of it meanwhile was our own work, seen half done
                "unread_since": case(
                    (kept.updated <= new.known_until, None), else_=kept.unread_since
                ),
            },
        )
    )


def prove_more(connection: Connection, kind: str, document_id: str, known_until: datetime) -> None:
    """One more write of ours followed at once, and was stamped at `known_until` at the latest."""
    c = erp_documents.c
    connection.execute(
        update(erp_documents)
        .where(c.kind == kind, c.document_id == document_id, c.known_until.is_not(None))
        .values(
            known_until=func.greatest(c.known_until, literal(known_until)),
            unread_since=case((c.updated <= known_until, None), else_=c.unread_since),
        )
    )


# Taking what was read


def take_readings(
    engine: Engine, kind: str, reader: str, take: Callable[[Connection, Row[Any]], None]
) -> int:
    """Give a room (`reader`) each reading that it has not taken, in a transaction of its own; how
    many there were.

    `take` gets the document (`document_id`, `number`, `reference`, `updated`, `read_at`,
    `detail`), locked, so that posting cannot show more of it meanwhile; where it has done so
    already, the reading is left out. What `take` does in the transaction happens exactly once. One
    that it cannot take stops no other: it is unread again, and says so.
    """
    name = _taken(kind, reader)
    c = erp_documents.c
    taken = 0
    while True:
        with engine.connect() as connection:
            after = int(cursor(connection, name) or 0)
            query = select(c.document_id, c.read_no).where(c.kind == kind, c.read_no > after)
            waiting = connection.execute(query.order_by(c.read_no).limit(PIECE)).all()
        if not waiting:
            return taken
        for document_id, read_no in waiting:
            with engine.begin() as connection:
                row = connection.execute(
                    select(erp_documents)
                    .where(c.kind == kind, c.document_id == document_id, c.read_no == read_no)
                    .with_for_update()
                ).one_or_none()
                if row is not None and (row.proved_at is None or row.proved_at <= row.read_at):
                    do = partial(take, connection, row)
                    trouble = trouble_with(connection, f"{kind} {row.number}", do)
                    taken += trouble is None
                    if trouble is not None:
                        problem = f"{reader} cannot use its answer ({trouble}): report this"
                        again = row.read_at + TAKEN_AGAIN
                        save_problem(connection, kind, document_id, problem, again, row.read_at)
                move_cursor(connection, name, str(read_no))


def not_taken(connection: Connection, kind: str, reader: str, most: int = PIECE) -> int:
    """How many readings (`most` at most) a room has still to take, whoever read them."""
    after = int(cursor(connection, _taken(kind, reader)) or 0)
    query = select(erp_documents.c.read_no).where(
        erp_documents.c.kind == kind, erp_documents.c.read_no > after
    )
    waiting = query.limit(most).subquery()
    return connection.scalar(select(func.count()).select_from(waiting)) or 0


def use_readings(connection: Connection, kind: str, reader: str) -> None:
    """A room has worked with every reading that it has taken until this transaction began."""
    move_cursor(connection, _used(kind, reader), cursor(connection, _taken(kind, reader)) or "0")


def not_used(connection: Connection, kind: str, reader: str) -> int:
    """How many readings a room has not worked with yet."""
    after = int(cursor(connection, _used(kind, reader)) or 0)
    query = select(func.count()).where(
        erp_documents.c.kind == kind, erp_documents.c.read_no > after
    )
    return connection.scalar(query) or 0


# How far the list has been looked at


def listed_count(connection: Connection, kind: str) -> int | None:
    """How many documents there were at the last look; None before the first."""
    value = cursor(connection, f"erp.count:{kind}")
    return None if value is None else int(value)


def save_count(connection: Connection, kind: str, count: int, began: datetime) -> None:
    """The newest of so many documents were looked at."""
    move_cursor(connection, f"erp.count:{kind}", str(count))
    move_cursor(connection, f"erp.listed:{kind}", began.isoformat())


def followed_since(connection: Connection, kind: str) -> datetime | None:
    """From which change on, by our clock, documents of a kind are read; None before the first."""
    return _instant(cursor(connection, f"erp.followed:{kind}"))


def follow_from(connection: Connection, kind: str, at: datetime) -> None:
    """Earlier changes are known by other means."""
    move_cursor(connection, f"erp.followed:{kind}", at.isoformat())


def open_looked_at(connection: Connection, kind: str) -> datetime | None:
    """When all open documents of a kind were last looked at."""
    return _instant(cursor(connection, f"erp.open:{kind}"))


def save_open_look(connection: Connection, kind: str, at: datetime) -> None:
    """All open documents of a kind were looked at."""
    move_cursor(connection, f"erp.open:{kind}", at.isoformat())


def listed_until(connection: Connection, kind: str) -> datetime | None:
    """When the last look began that saw the whole list; None before the first."""
    return _instant(cursor(connection, f"erp.listed:{kind}"))


def touched_until(connection: Connection, kind: str) -> datetime | None:
    """The latest change that the list has shown, by the ERP's clock."""
    return _instant(cursor(connection, f"erp.touched:{kind}"))


def looked_back(connection: Connection, kind: str) -> datetime | None:
    """When it was last looked far back."""
    return _instant(cursor(connection, f"erp.looked_back:{kind}"))


def save_look(
    connection: Connection, kind: str, began: datetime, touched: datetime, *, far_back: bool
) -> None:
    """The whole list was looked at."""
    move_cursor(connection, f"erp.listed:{kind}", began.isoformat())
    move_cursor(connection, f"erp.touched:{kind}", touched.isoformat())
    if far_back:
        move_cursor(connection, f"erp.looked_back:{kind}", began.isoformat())


def _taken(kind: str, reader: str) -> str:
    return f"erp.taken:{kind}:{reader}"


def _used(kind: str, reader: str) -> str:
    return f"erp.used:{kind}:{reader}"


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
