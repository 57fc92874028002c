"""Orders that a person declined to have posted."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATES = "('received', 'posting', 'batched', 'acknowledged', 'in_review', 'cancelled', 'declined')"


def upgrade() -> None:
    op.execute(f"""
        alter table sfcc_cin7.orders
            drop constraint ck_orders_state,
            add constraint ck_orders_state check (state in {STATES})
    """)
