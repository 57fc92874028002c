"""Processes that are always there, lane by lane."""

from sqlalchemy import Column, Integer, Table, Text

from sfcc_cin7.db.schema.base import Instant, metadata

residents = Table(
    "residents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),  # its session holds this lock
    Column("lane", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("backend_pid", Integer, nullable=False),  # of the session that holds the lock
    Column("since", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),
    Column("leads_since", Instant),  # null while it stands by
    Column("ends_at", Instant),
)
