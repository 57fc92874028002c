"""What waits for a person, and what persons decided."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Table, Text, text

from sfcc_cin7.db.schema.base import Amount, Instant, metadata
from sfcc_cin7.db.schema.orders import orders

review_items = Table(
    "review_items",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("subject", Text, nullable=False),  # an order key, or sku:<SKU>, or stock:<list>
    Column("site", Text),
    Column("code", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("expected", Text),
    Column("actual", Text),
    Column("amount", Amount),
    Column("currency", Text),
    Column("owner", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_because", Text),
    Column("waived_until", Instant),  # it is closed because a person waived it until then
)

Index(
    "ix_review_items_waived",
    review_items.c.subject,
    review_items.c.code,
    postgresql_where=text("waived_until is not null"),
)

Index(
    "uq_review_items_open",
    review_items.c.subject,
    review_items.c.code,
    unique=True,
    postgresql_where=text("closed_at is null"),
)

order_corrections = Table(  # append-only: the database refuses updates and deletes
    "order_corrections",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_key", Text, ForeignKey(orders.c.order_key), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),  # what of the order: a SKU, a rate, an option
    Column("value", Text, nullable=False),  # what it is booked as; the latest of a name counts
    Column("by", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_order_corrections_order_key", "order_key"),
)
