"""What persons decided about breaks, months that they signed, and what went to the books."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from sfcc_cin7.db.schema.base import Amount, Instant, metadata

break_decisions = Table(  # append-only: an undo is a row of its own
    "break_decisions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),  # accept, write-off, match or undo
    Column("order_key", Text, nullable=False),  # of the break
    Column("class", Text, nullable=False),
    Column("leg", Text, nullable=False),
    Column("amount", Amount),  # of the break; another amount is another break
    Column("currency", Text),
    Column("matched_to", Text),  # of a match: the order that the line is given to
    Column("debit", Text),  # of a write-off: the accounts between which it was posted
    Column("credit", Text),
    Column("undoes", BigInteger, ForeignKey("sfcc_cin7.break_decisions.id")),
    Column("by", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_break_decisions_order_key", "order_key"),
)

Index(
    "uq_break_decisions_undoes",
    break_decisions.c.undoes,
    unique=True,
    postgresql_where=text("undoes is not null"),
)

month_signoffs = Table(  # append-only
    "month_signoffs",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("month", Text, nullable=False),  # YYYY-MM
    Column("open", JSONB, nullable=False),  # the breaks that were open, with their figures as text
    Column("by", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

journal_batches = Table(  # one export
    "journal_batches",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("target", Text, nullable=False),  # xero, quickbooks or generic
    Column("at", Instant, nullable=False),
    Column("written_at", Instant),  # none until its files are there
)

journal_entries = Table(  # append-only: what is exported never changes
    "journal_entries",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("batch_id", BigInteger, ForeignKey(journal_batches.c.id), nullable=False),
    Column("target", Text, nullable=False),
    Column("subject", Text, nullable=False),  # sales, day, or payout:<gateway>:<payout>
    Column("day", Text, nullable=False),  # what it is about, YYYY-MM-DD
    Column("booked_on", Text, nullable=False),  # later, where the day's month was signed
    Column("currency", Text, nullable=False),
    Column("narration", Text, nullable=False),
    Index("ix_journal_entries_batch_id", "batch_id"),
    Index("ix_journal_entries_subject", "target", "subject"),
)

journal_lines = Table(  # append-only
    "journal_lines",
    metadata,
    Column("entry_id", BigInteger, ForeignKey(journal_entries.c.id), primary_key=True),
    Column("account", Text, primary_key=True),  # as the ledger calls it
    Column("code", Text, nullable=False),  # as the books call it
    Column("amount", Amount, nullable=False),  # debit positive, credit negative
)
