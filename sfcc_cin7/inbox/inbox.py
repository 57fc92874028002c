"""One open row for each thing that needs a person; it closes when its cause is gone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, and_, case, update
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.db.schema import order_events, review_items

WAIVER_OVER = "its waiver is over and its cause is still there"


@dataclass(frozen=True)
class Finding:
    """Something a person must look at.

    `subject` is an order key, `sku:<SKU>`, `product:<SKU>/<field>`, `gate:<site>/<SKU>`,
    `stock:<list>/<SKU>`, `report:<gateway>/<name>` or `tax-rule:<name>`; `code` is a row of
    `inbox.codes`; `expected` and `actual` are the two figures; `amount` is the money at risk in
    `currency`.
    """

    subject: str
    code: str
    sentence: str
    owner: str
    site: str | None = None
    expected: str | None = None
    actual: str | None = None
    amount: Decimal | None = None
    currency: str | None = None


def open_items(connection: Connection, findings: Collection[Finding], at: datetime) -> None:
    """Put findings into the inbox; one already open keeps its age and gets the new words.

    One that a person waived stays closed until its waiver ends; then the same row, with its age, is
    open again.
    """
    for finding in findings:
        row = {**vars(finding), "opened_at": at}
        words = {key: row[key] for key in ("sentence", "expected", "actual", "amount")}
        if _is_waived(connection, finding, words, at):
            continue
        connection.execute(
            insert(review_items)
            .values(row)
            .on_conflict_do_update(
                index_elements=[review_items.c.subject, review_items.c.code],
                index_where=review_items.c.closed_at.is_(None),
                set_=words,
            )
        )


def _is_waived(
    connection: Connection, finding: Finding, words: Mapping[str, object], at: datetime
) -> bool:
    """Give a waived row the new words; one whose waiver is over is open from then on."""
    ended = review_items.c.waived_until <= at
    row = connection.execute(
        update(review_items)
        .where(
            review_items.c.subject == finding.subject,
            review_items.c.code == finding.code,
            review_items.c.waived_until.is_not(None),
        )
        .values(
            **words,
            closed_at=case((ended, None), else_=review_items.c.closed_at),
            closed_because=case((ended, None), else_=review_items.c.closed_because),
            waived_until=case((ended, None), else_=review_items.c.waived_until),
        )
        .returning(review_items.c.id, review_items.c.closed_at)
    ).first()
    if row is not None and row.closed_at is None:
        record(connection, [finding.subject], "reopened", at, "sfcc-cin7", WAIVER_OVER)
    return row is not None


def close_items(
    connection: Connection,
    subject: str,
    at: datetime,
    because: str,
    *,
    keep: Collection[str] = (),
    only: Collection[str] | None = None,
) -> None:
    """Close a subject's open items (`only` those of some codes), but for codes in `keep`."""
    gone = and_(review_items.c.subject == subject, review_items.c.code.not_in(keep))
    if only is not None:
        gone = and_(gone, review_items.c.code.in_(only))
    connection.execute(
        update(review_items)
        .where(gone, review_items.c.closed_at.is_(None))
        .values(closed_at=at, closed_because=because)
    )
    connection.execute(  # what was waived is over for good
        update(review_items)
        .where(gone, review_items.c.waived_until.is_not(None))
        .values(waived_until=None)
    )


def record(
    connection: Connection,
    subjects: Collection[str],
    kind: str,
    at: datetime,
    by: str,
    because: str | None,
    **detail: object,
) -> None:
    """Append an event of what was done to subjects of the inbox: by whom, and why.

    They stand among the events of orders, so that an order has one history.
    """
    told = {"by": by, **({"because": because} if because else {}), **detail}
    events = [
        {"order_key": subject, "at": at, "kind": kind, "detail": told} for subject in subjects
    ]
    if events:
        connection.execute(insert(order_events), events)
