"""Closed months, and what banks state."""

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, Table, Text

from sfcc_cin7.db.schema.base import Amount, Instant, metadata

period_closings = Table(  # append-only: the last row of a month says whether it is closed
    "period_closings",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("month", Text, nullable=False),  # as 2026-01
    Column("kind", Text, nullable=False),  # closed or reopened
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

closed_balances = Table(  # append-only: what a month came to when it was closed
    "closed_balances",
    metadata,
    Column("closing_id", BigInteger, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("amount", Amount, nullable=False),
    Column("entries", BigInteger, nullable=False),
)

closed_margins = Table(  # append-only: what a site had earned in a month when it was closed
    "closed_margins",
    metadata,
    Column("closing_id", BigInteger, primary_key=True),
    Column("site", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    *(Column(name, Amount, nullable=False) for name in ("revenue", "cost", "unknown")),
)

bank_statements = Table(
    "bank_statements",
    metadata,
    Column("name", Text, primary_key=True),
    Column("content_hash", Text, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("problem", Text),
    Column("read_at", Instant, nullable=False),
)

bank_balances = Table(  # the statements of a file, one for each account and number
    "bank_balances",
    metadata,
    Column("statement", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("opening", Amount, nullable=False),
    Column("closing", Amount, nullable=False),
    Column("first_day", Text, nullable=False),
    Column("last_day", Text, nullable=False),
)

bank_lines = Table(
    "bank_lines",
    metadata,
    Column("account", Text, primary_key=True),
    Column("line_key", Text, primary_key=True),  # what the line says of itself, no word of it
    Column("statement", Text, nullable=False),
    Column("number", Text, nullable=False),  # the bank's, of the statement; a table has none
    Column("currency", Text, nullable=False),
    Column("amount", Amount, nullable=False),  # positive where it came in
    Column("day", Text, nullable=False),  # on which the bank booked it
    Column("reference", Text, nullable=False),
    Column("party", Text, nullable=False),  # who sent it, or whom it was sent to
    Column("gateway", Text),  # with the next two: the transfer that it is, where it is one
    Column("payout_id", Text),
    Column("transfer_key", Text),
    Index("ix_bank_lines_statement", "statement"),
)

Index(
    "uq_bank_lines_transfer",
    bank_lines.c.gateway,
    bank_lines.c.payout_id,
    bank_lines.c.currency,
    bank_lines.c.transfer_key,
    unique=True,
)
