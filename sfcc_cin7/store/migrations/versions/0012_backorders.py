"""Stock: what is on order with suppliers, and what was offered of it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"

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
    for when in ("", "before_"):
        for column in (
            sa.Column(f"{when}handling", sa.Text(), nullable=True),
            sa.Column(f"{when}backorder_units", amount, nullable=True),
            sa.Column(f"{when}expected_at", instant, nullable=True),
        ):
            op.add_column("published_stock", column, schema=SCHEMA)
