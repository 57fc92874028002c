"""What happened to orders lately, orders on their way, drifts that nobody has put right yet and
sales that wait for goods are found without reading all that ever was; and so is the order that a
settlement line names."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

SCHEMA = "sfcc_cin7"


def upgrade() -> None:
    touched = "greatest(created_at, received_at, modified_at, authorised_at, exported_at)"
    op.create_index("ix_orders_touched", "orders", [sa.text(touched)], schema=SCHEMA)
    op.create_index(
        "ix_orders_under_way",
        "orders",
        ["site", "order_key"],
        schema=SCHEMA,
        postgresql_where=sa.text("exported_at is null and shop_status <> 'cancelled'"),
    )
    op.create_index(
        "ix_stock_drifts_open",
        "stock_drifts",
        ["list_id", "sku"],
        schema=SCHEMA,
        postgresql_where=sa.text("corrected_at is null"),
    )
    op.create_index(
        "ix_erp_sales_waiting",
        "erp_sales",
        ["external_id"],
        schema=SCHEMA,
        postgresql_where=sa.text("backordered > 0"),
    )
    op.create_index("ix_orders_order_no", "orders", ["order_no"], schema=SCHEMA)
    op.drop_index("ix_postings_day", "postings", schema=SCHEMA)  # nothing asked by it
    # Until then nobody knows how rare recent orders are, and all would be read all the same.
    op.execute(f"analyze {SCHEMA}.orders")
