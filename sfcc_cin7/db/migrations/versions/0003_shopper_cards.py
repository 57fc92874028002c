"""Cards of shoppers, and which documents were pruned."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "shopper_cards",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("creating_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_shopper_cards")),
        schema="sfcc_cin7",
    )
    op.add_column(
        "orders",
        sa.Column("pruned_at", sa.DateTime(timezone=True), nullable=True),
        schema="sfcc_cin7",
    )
    op.create_index(
        "ix_orders_unpruned",
        "orders",
        ["created_at"],
        unique=False,
        schema="sfcc_cin7",
        postgresql_where=sa.text("pruned_at is null"),
    )
