"""Where an order goes, as far as tax asks."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Orders that were captured before have no place until their document changes."""
    op.execute("alter table sfcc_cin7.captured_orders add column place text")
