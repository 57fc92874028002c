"""What the ERP takes for an order, what decided about a SKU, and what kind a drift is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

SCHEMA = "sfcc_cin7"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    amount = sa.Numeric(precision=20, scale=4)
    op.add_column("order_units", sa.Column("booked", amount, nullable=True), schema=SCHEMA)
    # Orders from before keep what was counted of them until then.
    units = sa.table("order_units", sa.column("units"), sa.column("booked"), schema=SCHEMA)
    op.execute(units.update().values(booked=units.c.units))
    op.alter_column("order_units", "booked", nullable=False, schema=SCHEMA)
    for column in (
        sa.Column("before_allocation", amount, nullable=True),
        sa.Column("before_reset_at", instant, nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("waiting_since", instant, nullable=True),
        sa.Column("read_at", instant, nullable=True),
    ):
        op.add_column("published_stock", column, schema=SCHEMA)
    op.create_index(
        "ix_published_stock_read_at", "published_stock", ["list_id", "read_at"], schema=SCHEMA
    )
    edited = "storefront-edited"
    for column in (
        sa.Column("kind", sa.Text(), server_default=edited, nullable=False),
        sa.Column("ours", sa.Boolean(), server_default="true", nullable=False),
    ):
        op.add_column("stock_drifts", column, schema=SCHEMA)
    op.add_column("sku_map", sa.Column("erp_category", sa.Text(), nullable=True), schema=SCHEMA)
