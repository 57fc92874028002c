"""Follows the documents that move stock: looks at every list that is due, and reads what is unread.

Sales of ours are read for the ledger, by `follow`; here the same look at their list keeps the sales
of other channels too.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.cursors import cursor, move_cursor
from sfcc_cin7.systems.cin7.changes.newest import look_at_newest
from sfcc_cin7.systems.cin7.changes.reader import OVERLAP, Read, look, read_unread
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.kinds import OTHER_SALE, SALE, STOCK_KINDS, DocumentKind
from sfcc_cin7.systems.http.errors import ApiError, OutOfBudget
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.examples import Examples

FOLLOWED = (OTHER_SALE, *STOCK_KINDS)
log = logging.getLogger(__name__)


def stock_is_due(engine: Engine, clock: Clock) -> bool:
    """Whether a list is to be looked at, or a document is there to read."""
    now = clock.now()
    with engine.connect() as connection:
        return any(
            _is_due(connection, kind, now)
            or erp_documents.next_unread(connection, kind.name, now) is not None
            for kind in FOLLOWED
        )


def follow_stock(
    engine: Engine,
    erp: Cin7Client,
    whose: str,
    first: datetime,
    clock: Clock,
    within: timedelta,
) -> Read:
    """Look at the lists that are due, and read what is unread, for as long as `within`; a call that
    waits for its slot may take longer.

    A list that does not answer is left for its next turn, and the others go on. `whose` and `first`
    are of our own sales, see `look`.

    Raises:
        ApiError: a document could not be read because the ERP does not answer; what was read so
            far is kept.
    """
    until = clock.now() + within
    silent = Examples()
    for kind in FOLLOWED:
        if clock.now() >= until:
            break
        with engine.begin() as connection:
            if not _is_due(connection, kind, clock.now()):
                continue
            move_cursor(connection, _tried(kind), clock.now().isoformat())
            if erp_documents.followed_since(connection, kind.name) is None:
                erp_documents.follow_from(connection, kind.name, clock.now() - OVERLAP)
        try:
            _look(engine, erp, kind, whose, first, clock)
        except OutOfBudget:
            break
        except ApiError as error:
            silent.add(f"{kind.list_path}: {error}")
    if silent:
        log.warning("lists of stock documents cannot be seen, of %s", silent)
    read = refused = 0
    for kind in FOLLOWED:
        left = until - clock.now()
        turn = read_unread(engine, erp, kind, clock, left)
        read, refused = read + turn.read, refused + turn.refused
    return Read(read, refused)


def _look(
    engine: Engine,
    erp: Cin7Client,
    kind: DocumentKind,
    whose: str,
    first: datetime,
    clock: Clock,
) -> None:
    if kind is OTHER_SALE:
        look(engine, erp, SALE, whose, first, clock, others=OTHER_SALE)
    elif kind.told == "by-change":
        look(engine, erp, kind, "", clock.now(), clock)
    else:
        look_at_newest(engine, erp, kind, clock)


def _is_due(connection: Connection, kind: DocumentKind, now: datetime) -> bool:
    tried = cursor(connection, _tried(kind))
    return tried is None or now - datetime.fromisoformat(tried) >= kind.look_every


def _tried(kind: DocumentKind) -> str:
    return f"erp.tried:{kind.name}"
