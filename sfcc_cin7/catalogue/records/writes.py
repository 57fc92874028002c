"""What was about to be written to a product, and what became of it: said before it is sent."""

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from sfcc_cin7.db.schema import product_writes
from sfcc_cin7.merchant.catalogue import Side

Outcome = Literal["done", "refused", "ambiguous"]
AGAIN = timedelta(hours=1)
"""After how long what was refused is asked for once more."""


def about_to_write(
    connection: Connection, system: Side, sku: str, field: str, was: str, wanted: str, at: datetime
) -> None:
    """Say what is about to be sent; commit it before it is."""
    row = {"was": was, "wanted": wanted, "begun_at": at, "outcome": None, "ended_at": None}
    connection.execute(
        insert(product_writes)
        .values(system=system, sku=sku, field=field, **row)
        .on_conflict_do_update(
            index_elements=[
                product_writes.c.system, product_writes.c.sku, product_writes.c.field
            ],
            set_=row,
        )
    )  # fmt: skip


def ended(
    connection: Connection, system: Side, sku: str, field: str, outcome: Outcome, at: datetime
) -> None:
    """What became of it."""
    connection.execute(
        update(product_writes).where(*_of(system, sku, field)).values(outcome=outcome, ended_at=at)
    )


def last_write(connection: Connection, system: Side, sku: str, field: str) -> Row[Any] | None:
    """The last that was about to be written; an `outcome` of None: nobody knows its end."""
    return connection.execute(select(product_writes).where(*_of(system, sku, field))).one_or_none()


def rests(write: Row[Any] | None, wanted: str, now: datetime) -> bool:
    """Whether the very same was refused a short while ago."""
    refused = write is not None and write.outcome == "refused" and write.wanted == wanted
    return refused and write is not None and now < write.ended_at + AGAIN


def _of(system: Side, sku: str, field: str) -> tuple[Any, ...]:
    row = product_writes.c
    return row.system == system, row.sku == sku, row.field == field
