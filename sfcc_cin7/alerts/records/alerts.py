"""Alerts as people read them, their history, and the book that they come from."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.alerts.deciding.book import Alert, Book, Event
from sfcc_cin7.alerts.spool import DOCUMENT
from sfcc_cin7.db.schema import alert_book, alert_events, alerts
from sfcc_cin7.inbox.action import ActionRefused

ACKNOWLEDGED = "acknowledged"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AlertRow:
    """An alert that is open; money is in base currency."""

    id: str
    title: str
    owner: str
    severity: str
    things: int
    money: Decimal
    since: datetime
    opened_at: datetime
    acknowledged_by: str | None


def save_book(connection: Connection, book: Book, at: datetime) -> None:
    """Keep a book: every alert of it that people know of, what is new of their histories, and the
    whole for a watcher that has to begin without its spool. What it does not know of is open no
    more. The same book twice changes nothing."""
    for alert in (*book.ended, *(each for each in book.alerts if each.is_open)):
        row = _row(alert)
        connection.execute(
            insert(alerts).values(row).on_conflict_do_update(index_elements=[alerts.c.id], set_=row)
        )
    is_forgotten = alerts.c.id.not_in([each.id for each in book.alerts if each.is_open])
    its = alerts.c.closed_at.is_(None) & is_forgotten
    connection.execute(update(alerts).where(its).values(closed_at=at))
    if book.events:
        connection.execute(
            insert(alert_events).on_conflict_do_nothing(), [_event(each) for each in book.events]
        )
    whole = {
        "id": 1,
        "revision": book.revision,
        "document": DOCUMENT.dump_python(book, mode="json"),
        "saved_at": at,
    }
    connection.execute(
        insert(alert_book)
        .values(whole)
        .on_conflict_do_update(index_elements=[alert_book.c.id], set_=whole)
    )


def _row(alert: Alert) -> dict[str, Any]:
    cause = alert.cause
    return {
        "id": alert.id,
        "cause": cause.key,
        "title": cause.title,
        "owner": cause.owner,
        "severity": alert.told_severity,
        "things": cause.things,
        "money": cause.money,
        "since": cause.since,
        "opened_at": alert.opened_at,
        "closed_at": alert.closed_at,
        "acknowledged_at": alert.acknowledged_at,
        "acknowledged_by": alert.acknowledged_by or None,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "alert_id": event.alert,
        "number": event.number,
        "at": event.at,
        "kind": event.kind,
        "detail": event.detail,
    }


def load_book(connection: Connection) -> Book:
    """The book as it was kept last; an empty one where there is none that can be read."""
    document = connection.scalar(select(alert_book.c.document))
    if document is None:
        return Book()
    try:
        return DOCUMENT.validate_python(document, strict=False)
    except ValidationError:  # another version kept it: to tell once more is better than never
        log.warning("the stored book of alerts cannot be read, and is begun anew")
        return Book()


def acknowledge(connection: Connection, alert_id: str, by: str, at: datetime) -> str:
    """Somebody takes an alert on; returns what it is called.

    Raises:
        ActionRefused: there is none that is open by that name.
    """
    title: str | None = connection.scalar(
        select(alerts.c.title).where(alerts.c.id == alert_id, alerts.c.closed_at.is_(None))
    )
    if title is None:
        raise ActionRefused(f"No alert {alert_id} is open: `sfcc-cin7 alerts list` names them.")
    event = {"alert_id": alert_id, "at": at, "kind": ACKNOWLEDGED, "detail": by}
    connection.execute(insert(alert_events), event)
    return title


def acknowledgements(connection: Connection, ids: Collection[str]) -> list[Row[Any]]:
    """(`alert_id`, `at`, `detail`: by whom) of these alerts, the first one first."""
    query = (
        select(alert_events.c.alert_id, alert_events.c.at, alert_events.c.detail)
        .where(alert_events.c.kind == ACKNOWLEDGED, alert_events.c.alert_id.in_(ids))
        .order_by(alert_events.c.id)
    )
    return list(connection.execute(query))


def open_alerts(connection: Connection) -> list[AlertRow]:
    """What is open, the longest first."""
    its = alerts.c
    taken = (
        select(alert_events.c.detail)
        .where(alert_events.c.alert_id == its.id, alert_events.c.kind == ACKNOWLEDGED)
        .order_by(alert_events.c.id)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            its.id,
            its.title,
            its.owner,
            its.severity,
            its.things,
            its.money,
            its.since,
            its.opened_at,
            taken.label("acknowledged_by"),
        )
        .where(its.closed_at.is_(None))
        .order_by(its.opened_at, its.id)
    )
    return [AlertRow(**row._mapping) for row in connection.execute(query)]


def history(connection: Connection, alert_id: str) -> list[Row[Any]]:
    """(`at`, `kind`, `detail`) of an alert, the first one first."""
    query = (
        select(alert_events.c.at, alert_events.c.kind, alert_events.c.detail)
        .where(alert_events.c.alert_id == alert_id)
        .order_by(alert_events.c.at, alert_events.c.id)
    )
    return list(connection.execute(query))
