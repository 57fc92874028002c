"""Whether the chain of events is what was written: every event's hash, and anchors over all.

The database computes each hash when an event is inserted. An anchor covers every event up to one
instant; kept outside (Dagster keeps it with the materialization of `order_ledger`) it shows even
what somebody with all rights on this database rewrote from end to end.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

ANCHOR_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class Anchor:
    """`digest` in hex covers the anchor before and the hashes of `events` up to `last_event`."""

    taken_at: datetime
    last_event: int
    events: int
    digest: str


BROKEN = """
select e.id, e.order_key,
    case when e.hash <> sfcc_cin7.event_hash(e) then 'it was changed'
        when e.previous_hash is not null then 'the event before it is gone or was changed'
        else 'it stands before an older event' end as problem
from sfcc_cin7.order_events e
where e.id > :after and e.id <= :upto and (
    e.hash <> sfcc_cin7.event_hash(e)
    or (e.previous_hash is not null and not exists (
        select from sfcc_cin7.order_events before where before.order_key = e.order_key
        and before.id < e.id and before.hash = e.previous_hash))
    or (e.previous_hash is null and exists (
        select from sfcc_cin7.order_events before where before.order_key = e.order_key
        and before.id < e.id and before.at < e.at - interval '1 minute'))
)
order by e.id limit 50
"""
"""Two events of one order written at the same moment may both name the one before: no tampering."""

SPAN = """
select count(*) as events, coalesce(max(id), :after) as last_event,
    sha256(coalesce(cast(:before as bytea), ''::bytea)
        || coalesce(string_agg(hash, ''::bytea order by id), ''::bytea)) as digest
from sfcc_cin7.order_events where id > :after and id <= :upto
"""


def broken_events(connection: Connection, after: int = 0, upto: int = 2**62) -> list[Row[Any]]:
    """(`id`, `order_key`, `problem`) of up to 50 events with ids in (after, upto] that do not hold
    together."""
    return list(connection.execute(text(BROKEN), {"after": after, "upto": upto}))


def anchor_if_due(connection: Connection, at: datetime) -> Anchor | None:
    """Take an anchor when the last is a day old. Writers of events wait for the moment it takes.

    Returns the newest anchor.
    """
    last = latest_anchor(connection)
    if last is not None and at - last.taken_at < ANCHOR_EVERY:
        return last
    # Whoever writes an event holds this table's lock already when its id is drawn: once all are
    # done, no event with a smaller id can appear.
    connection.execute(text("select sfcc_cin7.lock_table('order_events')"))
    after, before = (last.last_event, bytes.fromhex(last.digest)) if last else (0, None)
    span = connection.execute(text(SPAN), {"after": after, "upto": 2**62, "before": before}).one()
    connection.execute(
        text(
            "insert into sfcc_cin7.event_anchors (taken_at, last_event, events, digest)"
            " values (:at, :last_event, :events, :digest)"
        ),
        {"at": at, **span._asdict()},
    )
    return latest_anchor(connection)


def latest_anchor(connection: Connection) -> Anchor | None:
    """The newest anchor."""
    query = text("select * from sfcc_cin7.event_anchors order by id desc limit 1")
    row = connection.execute(query).one_or_none()
    return _anchor(row) if row else None


def start_of_newest(connection: Connection, anchors: int) -> int:
    """The last event before the newest so many anchors; 0 where there are not more."""
    query = text(
        "select last_event from sfcc_cin7.event_anchors order by id desc offset :n limit 1"
    )
    return connection.scalar(query, {"n": anchors}) or 0


def verify_chain(connection: Connection) -> list[str]:
    """A sentence for each event or anchor that does not hold; reads every event there is."""
    broken = [
        f"Event {row.id} of {row.order_key}: {row.problem}." for row in broken_events(connection)
    ]
    return broken + [
        f"The anchor of {anchor.taken_at:%Y-%m-%d} does not cover the events it was taken of."
        for anchor in anchors_that_do_not_hold(connection)
    ]


def anchors_that_do_not_hold(connection: Connection, newest: int = 0) -> list[Anchor]:
    """Anchors whose events are not any more what they were; the newest so many, or all of them."""
    query = text("select * from sfcc_cin7.event_anchors order by id")
    kept = list(connection.execute(query))
    wrong = []
    for position, row in enumerate(kept):
        if newest and position < len(kept) - newest:
            continue
        before = kept[position - 1] if position else None
        span = connection.execute(
            text(SPAN),
            {
                "after": before.last_event if before else 0,
                "upto": row.last_event,
                "before": before.digest if before else None,
            },
        ).one()
        if (span.events, bytes(span.digest)) != (row.events, bytes(row.digest)):
            wrong.append(_anchor(row))
    return wrong


def _anchor(row: Row[Any]) -> Anchor:
    return Anchor(row.taken_at, row.last_event, row.events, bytes(row.digest).hex())
