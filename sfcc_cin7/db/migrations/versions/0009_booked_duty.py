"""How much of an order's tax was booked as duty, and what the ledger took it for."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("""
        alter table sfcc_cin7.orders add column booked_duty numeric(20, 4);
        alter table sfcc_cin7.captured_orders add column duty numeric(20, 4)
    """)
