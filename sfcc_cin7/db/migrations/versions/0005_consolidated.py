"""Consolidated sales: batches of orders, and whose each part of their sale is."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SCHEMA = "sfcc_cin7"
STATES = "'formed', 'posting', 'acknowledged', 'in_review', 'dissolved'"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    amount = sa.Numeric(precision=20, scale=4)
    for column in (
        sa.Column("to_batch", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("batch_key", sa.Text(), nullable=True),
        sa.Column("batched_version", sa.Text(), nullable=True),
    ):
        op.add_column("orders", column, schema=SCHEMA)
    op.create_index(
        "ix_orders_to_batch",
        "orders",
        ["site"],
        schema=SCHEMA,
        postgresql_where=sa.text("to_batch"),
    )
    op.create_index(
        "ix_orders_batch_key",
        "orders",
        ["batch_key"],
        schema=SCHEMA,
        postgresql_where=sa.text("batch_key is not null"),
    )
    op.create_table(
        "order_batches",
        sa.Column("batch_key", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("state", sa.Text(), server_default="formed", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unavailable", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", instant, nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", instant, nullable=True),
        sa.Column("sale_id", sa.Text(), nullable=True),
        sa.Column("sale_number", sa.Text(), nullable=True),
        sa.Column("sale_total", amount, nullable=True),
        sa.Column("sale_tax", amount, nullable=True),
        sa.Column("authorised_at", instant, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint(f"state in ({STATES})", name=op.f("ck_order_batches_state")),
        sa.PrimaryKeyConstraint("batch_key", name=op.f("pk_order_batches")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_order_batches_open",
        "order_batches",
        ["next_attempt_at"],
        schema=SCHEMA,
        postgresql_where=sa.text("state in ('formed', 'posting')"),
    )
    op.create_table(
        "batch_shares",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("batch_key", sa.Text(), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tax_rule", sa.Text(), nullable=False),
        sa.Column("quantity", amount, nullable=False),
        sa.Column("amount", amount, nullable=False),
        sa.Column("tax", amount, nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_key"],
            ["sfcc_cin7.order_batches.batch_key"],
            name=op.f("fk_batch_shares_batch_key"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_shares")),
        schema=SCHEMA,
    )
    op.create_index("ix_batch_shares_batch_key", "batch_shares", ["batch_key"], schema=SCHEMA)
