"""Versions of an order, its hold and promise, counters by kind of failure; circuits."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SCHEMA = "sfcc_cin7"
STATES = "'received', 'posting', 'batched', 'acknowledged', 'in_review', 'cancelled'"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    for column in (
        sa.Column("shown_version", sa.Text(), server_default="", nullable=False),
        sa.Column("taken_version", sa.Text(), nullable=True),
        sa.Column("due_at", instant, server_default=sa.text("now()"), nullable=False),
        sa.Column("promise_at", instant, nullable=True),
        sa.Column("shopper", sa.Text(), nullable=True),
        sa.Column("unavailable", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("orders", column, schema=SCHEMA)
    op.drop_constraint(op.f("ck_orders_state"), "orders", schema=SCHEMA)
    op.create_check_constraint(
        op.f("ck_orders_state"), "orders", f"state in ({STATES})", schema=SCHEMA
    )
    op.create_index(
        "ix_orders_shopper",
        "orders",
        ["site", "shopper"],
        schema=SCHEMA,
        postgresql_where=sa.text(
            "shopper is not null and state in ('received', 'posting', 'batched')"
        ),
    )
    op.create_table(
        "circuits",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opened_at", instant, nullable=True),
        sa.Column("probe_at", instant, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("system", name=op.f("pk_circuits")),
        schema=SCHEMA,
    )
