"""Stock: what was sent and not heard of again."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

SCHEMA = "sfcc_cin7"


def upgrade() -> None:
    column = sa.Column("sent_reset_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("published_stock", column, schema=SCHEMA)
