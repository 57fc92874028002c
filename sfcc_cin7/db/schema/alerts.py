"""Who was told of what: alerts for people to read, and the book of whoever tells."""

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from sfcc_cin7.db.schema.base import Amount, Instant, metadata

alerts = Table(
    "alerts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("cause", Text, nullable=False),  # its key: a code, and what it is about
    Column("title", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("things", Integer, nullable=False),
    Column("money", Amount, nullable=False),  # in base currency
    Column("since", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Text),
    Index("ix_alerts_open", "opened_at", postgresql_where=text("closed_at is null")),
)

alert_events = Table(  # append-only: the database refuses updates and deletes
    "alert_events",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("alert_id", Text, nullable=False),
    Column("number", BigInteger),  # of the book; what a person did has none
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("uq_alert_events_alert_id_number", "alert_id", "number", unique=True),
)

alert_book = Table(
    "alert_book",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),  # there is one
    Column("revision", BigInteger, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("saved_at", Instant, nullable=False),
)
