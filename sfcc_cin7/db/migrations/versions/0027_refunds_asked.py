"""Refunds that customer service asks for at the storefront, and which of them the ERP has."""

from alembic import op

revision = "0027"
down_revision = "0025"


def upgrade() -> None:
    op.execute("""
        alter table sfcc_cin7.orders add column refunds_asked text, add column refunds_settled text;
        create index ix_orders_refunds_asked on sfcc_cin7.orders (order_key)
            where refunds_asked is distinct from refunds_settled
    """)
