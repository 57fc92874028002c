"""What agents asked and proposed, and how people did at drills."""

from sqlalchemy import BigInteger, Column, Identity, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from sfcc_cin7.db.schema.base import Instant, metadata

agent_calls = Table(  # append-only: what every call of an agent was, and what came of it
    "agent_calls",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("call", Text, nullable=False),  # one for the rows of one call
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),  # on whose behalf, and with which program
    Column("tool", Text, nullable=False),
    Column("arguments", JSONB, nullable=False),  # without tokens
    Column("kind", Text, nullable=False),  # called, answered, refused or failed
    Column("detail", Text, nullable=False),
    Index("ix_agent_calls_at", "at"),
)

agent_proposals = Table(
    "agent_proposals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("action", Text, nullable=False),
    Column("arguments", JSONB, nullable=False),
    Column("proof", Text, nullable=False),  # what the desk says it would do
    Column("because", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("confirmed_by", Text),
    Column("confirmed_at", Instant),
    Column("token_hash", Text),  # of the token that a person was given, and of what it is for
    Column("token_until", Instant),
    Column("rejected_by", Text),
    Column("executed_at", Instant),
    Column("outcome", Text),  # none though executed: what came of it is not known
    Index("ix_agent_proposals_proposed_at", "proposed_at"),
)

drill_runs = Table(
    "drill_runs",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("drill", Text, nullable=False),  # a code of the register, or a check
    Column("person", Text, nullable=False),
    Column("planted_at", Instant, nullable=False),
    Column("subject", Text, nullable=False),  # what it was planted on, as evidence names it
    Column("kept", JSONB, nullable=False, server_default="{}"),  # what the mending needs
    Column("seen_at", Instant),  # when the product showed it first
    Column("resolved_at", Instant),  # when it was seen to be over
    Column("given_up_at", Instant),
)
