"""Gross margin, and append-only tables that cannot be emptied either."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

SCHEMA = "sfcc_cin7"
APPEND_ONLY = ("order_events", "postings", "event_anchors", "order_corrections")
GUARDS = {
    "order_events": ("append_only", "chained"),
    "postings": ("append_only", "balanced"),
    "event_anchors": ("append_only",),
    "order_corrections": ("append_only",),
}
AMOUNT = sa.Numeric(precision=20, scale=4)
UNIT_COST = sa.Numeric(precision=20, scale=8)


def upgrade() -> None:
    _guard()
    _costs_of_the_erp()
    _what_was_sold()
    _margins()
    op.execute(
        "insert into sfcc_cin7.margin_changes (order_key) select order_key from sfcc_cin7.orders"
    )


def _guard() -> None:
    """TRUNCATE fires no trigger for UPDATE or DELETE; and triggers that are merely enabled sleep in
    a session whose `session_replication_role` is `replica`."""
    for table, triggers in GUARDS.items():
        op.execute(
            f"create trigger never_emptied before truncate on {SCHEMA}.{table}"
            f" for each statement execute function {SCHEMA}.refuse_change()"
        )
        for trigger in (*triggers, "never_emptied"):
            op.execute(f"alter table {SCHEMA}.{table} enable always trigger {trigger}")


def _costs_of_the_erp() -> None:
    op.add_column("sku_map", sa.Column("average_cost", UNIT_COST, nullable=True), schema=SCHEMA)
    for column in (
        sa.Column("base_currency", sa.Text(), nullable=True),
        sa.Column("currency_rate", UNIT_COST, nullable=True),
    ):
        op.add_column("erp_sales", column, schema=SCHEMA)
    op.create_table(
        "erp_sale_lines",
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("units", AMOUNT, nullable=False),
        sa.Column("shipped_cost", UNIT_COST, nullable=True),
        sa.Column("average_cost", UNIT_COST, nullable=True),
        sa.Column("credited_units", AMOUNT, nullable=False),
        sa.Column("credited", AMOUNT, nullable=False),
        sa.Column("restocked_units", AMOUNT, nullable=False),
        sa.PrimaryKeyConstraint("sale_id", "sku", name=op.f("pk_erp_sale_lines")),
        schema=SCHEMA,
    )


def _what_was_sold() -> None:
    op.create_table(
        "margin_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_margin_changes")),
        schema=SCHEMA,
    )
    op.create_table(
        "sold_orders",
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("document_hash", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("rate", UNIT_COST, nullable=True),
        sa.PrimaryKeyConstraint("order_key", name=op.f("pk_sold_orders")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_sold_orders_problem",
        "sold_orders",
        ["order_key"],
        schema=SCHEMA,
        postgresql_where=sa.text("problem is not null"),
    )
    op.create_table(
        "sold_lines",
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("price_book", sa.Text(), nullable=False),
        sa.Column("units", AMOUNT, nullable=False),
        sa.Column("revenue", AMOUNT, nullable=False),
        sa.Column("part_skus", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("part_units", sa.ARRAY(AMOUNT), nullable=False),
        sa.PrimaryKeyConstraint("order_key", "position", name=op.f("pk_sold_lines")),
        schema=SCHEMA,
    )


def _margins() -> None:
    groups = ("day", "site", "price_book", "currency", "sku")
    op.create_table(
        "order_margins",
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in groups),
        sa.Column("units", AMOUNT, nullable=False),
        sa.Column("revenue", AMOUNT, nullable=False),
        sa.Column("cost", AMOUNT, nullable=True),
        sa.Column("base_cost", AMOUNT, nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("order_key", "position", name=op.f("pk_order_margins")),
        schema=SCHEMA,
    )
    op.create_table(
        "margin_days",
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*groups, "basis")),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, AMOUNT, nullable=False)
            for name in ("units", "revenue", "cost", "base_cost", "unknown")
        ),
        sa.PrimaryKeyConstraint(*groups, "basis", name=op.f("pk_margin_days")),
        schema=SCHEMA,
    )
