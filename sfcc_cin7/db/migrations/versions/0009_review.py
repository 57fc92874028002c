"""The review desk: corrections of orders, waivers of findings, and releases."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

SCHEMA = "sfcc_cin7"
REFUSE_CHANGES = f"""
create function {SCHEMA}.refuse_changes_of_corrections() returns trigger language plpgsql as $$
begin
    raise exception 'order_corrections is append-only: add another correction instead';
end $$;
create trigger append_only before update or delete on {SCHEMA}.order_corrections
    for each row execute function {SCHEMA}.refuse_changes_of_corrections();
"""


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.add_column("orders", sa.Column("released_at", instant, nullable=True), schema=SCHEMA)
    op.add_column("sku_map", sa.Column("erp_changed_at", instant, nullable=True), schema=SCHEMA)
    op.add_column("review_items", sa.Column("waived_until", instant, nullable=True), schema=SCHEMA)
    op.create_index(
        "ix_review_items_waived",
        "review_items",
        ["subject", "code"],
        schema=SCHEMA,
        postgresql_where=sa.text("waived_until is not null"),
    )
    op.create_table(
        "order_corrections",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_key"],
            [f"{SCHEMA}.orders.order_key"],
            name=op.f("fk_order_corrections_order_key"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_corrections")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_order_corrections_order_key", "order_corrections", ["order_key"], schema=SCHEMA
    )
    op.execute(REFUSE_CHANGES)
