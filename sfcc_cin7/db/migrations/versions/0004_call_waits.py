"""Which lanes wait for a call slot, so that those after them let them pass."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "call_waits",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("application", "lane", name=op.f("pk_call_waits")),
        schema="sfcc_cin7",
    )
