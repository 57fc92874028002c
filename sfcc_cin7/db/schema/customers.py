"""What of shoppers' profiles is on its way to their cards in the ERP."""

from sqlalchemy import Column, Index, Table, Text, text

from sfcc_cin7.db.schema.base import Instant, metadata

card_profiles = Table(
    "card_profiles",
    metadata,
    Column("name", Text, primary_key=True),  # of the card, as in shopper_cards
    Column("profile", Text),  # what the card should hold, as JSON; null once it does
    Column("digest", Text, nullable=False),  # of the newest profile, so that it need not be kept
    Column("seen_at", Instant, nullable=False),  # when the order that it is of was created
    Column("told_digest", Text, nullable=False, server_default=""),
    Column("told_at", Instant),
    Column("sent_at", Instant),  # a write was begun and its end is not known
    Column("next_attempt_at", Instant, nullable=False),
    Column("problem", Text),
    Column("erased_at", Instant),  # nothing of this shopper is kept from then on
    Index(
        "ix_card_profiles_due",
        "next_attempt_at",
        postgresql_where=text("profile is not null"),
    ),
)
