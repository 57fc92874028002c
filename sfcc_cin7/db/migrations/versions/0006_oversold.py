"""Orders that the ERP has to backorder are found without reading every event."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
        create index ix_order_events_short on sfcc_cin7.order_events (at)
        where kind = 'authorised' and detail ? 'short'
    """)
