"""Stock: what is on order with suppliers and offered of it, what was published, what lags."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

SCHEMA = "sfcc_cin7"


def upgrade() -> None:
    amount = sa.Numeric(precision=20, scale=4)
    instant = sa.DateTime(timezone=True)
    for table in ("stock_levels", "stock_changes"):
        on_order = sa.Column("on_order", amount, server_default="0", nullable=False)
        op.add_column(table, on_order, schema=SCHEMA)
        op.add_column(table, sa.Column("arrives_at", instant, nullable=True), schema=SCHEMA)
    for name in ("counts", "counted_at"):
        op.drop_column("stock_reads", name, schema=SCHEMA)
    op.add_column("published_stock", sa.Column("rise_read_at", instant), schema=SCHEMA)
    op.add_column("published_stock", sa.Column("wanted", amount), schema=SCHEMA)
    op.create_table(
        "stock_publications",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("allocation", amount, nullable=False),
        sa.Column("backorder_units", amount, nullable=False),
        sa.Column("reset_at", instant, nullable=False),
        sa.Column("read_at", instant),
        sa.Column("available", amount),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_publications")),
        schema=SCHEMA,
    )
    of = "stock_publications"
    op.create_index("ix_stock_publications_sku", of, ["sku", "list_id", "at"], schema=SCHEMA)
    op.create_index("ix_stock_publications_at", of, ["at"], schema=SCHEMA)
    op.create_table(
        "stock_in_flight",
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("counted", amount, nullable=False),
        sa.Column("known", amount, nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("list_id", "sku", name=op.f("pk_stock_in_flight")),
        schema=SCHEMA,
    )
    for when in ("", "before_"):
        for column in (
            sa.Column(f"{when}handling", sa.Text(), nullable=True),
            sa.Column(f"{when}backorder_units", amount, nullable=True),
            sa.Column(f"{when}expected_at", instant, nullable=True),
        ):
            op.add_column("published_stock", column, schema=SCHEMA)
