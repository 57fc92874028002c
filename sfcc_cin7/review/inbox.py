"""One open row for each thing that needs a person; it closes when its cause is gone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, update
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.store.schema import review_items


@dataclass(frozen=True)
class Finding:
    """Something a person must look at.

    `subject` is an order key, `sku:<SKU>`, `stock:<list>/<SKU>` or `tax-rule:<name>`; `code` is a
    row of docs/runbooks/review-codes.md; `expected` and `actual` are the two figures; `amount` is
    the money at risk in `currency`.
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
    """Put findings into the inbox; one already open keeps its age and gets the new words."""
    for finding in findings:
        row = {**vars(finding), "opened_at": at}
        words = {key: row[key] for key in ("sentence", "expected", "actual", "amount")}
        connection.execute(
            insert(review_items)
            .values(row)
            .on_conflict_do_update(
                index_elements=[review_items.c.subject, review_items.c.code],
                index_where=review_items.c.closed_at.is_(None),
                set_=words,
            )
        )


def close_items(
    connection: Connection,
    subject: str,
    at: datetime,
    because: str,
    *,
    keep: Collection[str] = (),
) -> None:
    """Close a subject's open items, except those whose code is in `keep`."""
    connection.execute(
        update(review_items)
        .where(
            review_items.c.subject == subject,
            review_items.c.closed_at.is_(None),
            review_items.c.code.not_in(keep),
        )
        .values(closed_at=at, closed_because=because)
    )
