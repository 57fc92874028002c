"""The call budget, outages, and how far things have been read."""

from sqlalchemy import Column, Integer, Table, Text

from sfcc_cin7.db.schema.base import CALLS_SCHEMA, Instant, metadata

call_applications = Table(
    "call_applications",
    metadata,
    Column("application", Text, primary_key=True),  # which budget: a hash, never a key
    Column("paused_until", Instant),
    Column("account", Text),  # whose it is: a hash; null where an earlier version made it
    schema=CALLS_SCHEMA,
)

call_budgets = Table(  # which of them this brand draws on
    "call_budgets",
    metadata,
    Column("application", Text, primary_key=True),
)

call_slots = Table(
    "call_slots",
    metadata,
    Column("application", Text, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("lane", Text),
    Column("free_at", Instant, nullable=False),
    schema=CALLS_SCHEMA,
)

call_waits = Table(  # a call of the lane waits for a slot, or did a moment ago
    "call_waits",
    metadata,
    Column("application", Text, primary_key=True),
    Column("lane", Text, primary_key=True),
    Column("until", Instant, nullable=False),
    schema=CALLS_SCHEMA,
)

call_usage = Table(
    "call_usage",
    metadata,
    Column("application", Text, primary_key=True),
    Column("lane", Text, primary_key=True),
    Column("minute", Instant, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    schema=CALLS_SCHEMA,
)

circuits = Table(
    "circuits",
    metadata,
    Column("system", Text, primary_key=True),  # cin7 or sfcc
    Column("failures", Integer, nullable=False),  # in a row
    Column("opened_at", Instant),  # null while calls go through
    Column("probe_at", Instant),  # when the next single order may try
    Column("problem", Text),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
