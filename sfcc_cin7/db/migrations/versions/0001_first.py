"""First tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

APPEND_ONLY = ("order_events", "postings")


def upgrade() -> None:
    op.create_table(
        "breaks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaks")),
        schema="sfcc_cin7",
    )
    op.create_index(
        "uq_breaks_open",
        "breaks",
        ["order_key", "class"],
        unique=True,
        schema="sfcc_cin7",
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "call_applications",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("application", name=op.f("pk_call_applications")),
        schema="sfcc_cin7",
    )
    op.create_table(
        "call_slots",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("application", "slot", name=op.f("pk_call_slots")),
        schema="sfcc_cin7",
    )
    op.create_table(
        "call_usage",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("application", "lane", "minute", name=op.f("pk_call_usage")),
        schema="sfcc_cin7",
    )
    op.create_table(
        "cursors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cursors")),
        schema="sfcc_cin7",
    )
    op.create_table(
        "erp_sales",
        sa.Column("sale_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("order_status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("tax", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column(
            "backordered", sa.Numeric(precision=20, scale=4), server_default="0", nullable=False
        ),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_erp_sales")),
        schema="sfcc_cin7",
    )
    op.create_index(
        "ix_erp_sales_external_id", "erp_sales", ["external_id"], unique=False, schema="sfcc_cin7"
    )
    op.create_table(
        "erp_tax_rules",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("percent", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_erp_tax_rules")),
        schema="sfcc_cin7",
    )
    op.create_table(
        "order_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_events")),
        schema="sfcc_cin7",
    )
    op.create_index("ix_order_events_at", "order_events", ["at"], unique=False, schema="sfcc_cin7")
    op.create_index(
        "ix_order_events_order_key", "order_events", ["order_key"], unique=False, schema="sfcc_cin7"
    )
    op.create_table(
        "orders",
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("order_total", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_status", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_hash", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="received", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("throttled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sale_id", sa.Text(), nullable=True),
        sa.Column("sale_number", sa.Text(), nullable=True),
        sa.Column("sale_total", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("sale_tax", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("authorised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('received', 'posting', 'acknowledged', 'in_review', 'cancelled')",
            name=op.f("ck_orders_state"),
        ),
        sa.PrimaryKeyConstraint("order_key", name=op.f("pk_orders")),
        schema="sfcc_cin7",
    )
    op.create_index(
        "ix_orders_created_at", "orders", ["created_at"], unique=False, schema="sfcc_cin7"
    )
    op.create_index(
        "ix_orders_due",
        "orders",
        ["next_attempt_at"],
        unique=False,
        schema="sfcc_cin7",
        postgresql_where=sa.text("state = 'received'"),
    )
    op.create_index(
        "ix_orders_leased",
        "orders",
        ["lease_until"],
        unique=False,
        schema="sfcc_cin7",
        postgresql_where=sa.text("state = 'posting'"),
    )
    op.create_index(
        "uq_orders_site_order_no", "orders", ["site", "order_no"], unique=True, schema="sfcc_cin7"
    )
    op.create_table(
        "postings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
        schema="sfcc_cin7",
    )
    op.create_index("ix_postings_day", "postings", ["day"], unique=False, schema="sfcc_cin7")
    op.create_index(
        "ix_postings_order_key", "postings", ["order_key"], unique=False, schema="sfcc_cin7"
    )
    op.create_table(
        "published_stock",
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("allocation", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("reset_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rise_seen", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.PrimaryKeyConstraint("list_id", "sku", name=op.f("pk_published_stock")),
        schema="sfcc_cin7",
    )
    op.create_table(
        "review_items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=True),
        sa.Column("actual", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_items")),
        schema="sfcc_cin7",
    )
    op.create_index(
        "uq_review_items_open",
        "review_items",
        ["subject", "code"],
        unique=True,
        schema="sfcc_cin7",
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "sku_map",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("in_shop", sa.Boolean(), nullable=False),
        sa.Column("in_erp", sa.Boolean(), nullable=False),
        sa.Column("shop_name", sa.Text(), nullable=True),
        sa.Column("erp_name", sa.Text(), nullable=True),
        sa.Column("erp_id", sa.Text(), nullable=True),
        sa.Column("erp_kind", sa.Text(), nullable=True),
        sa.Column("erp_status", sa.Text(), nullable=True),
        sa.Column("shop_ean", sa.Text(), nullable=True),
        sa.Column("erp_barcode", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_sku_map")),
        schema="sfcc_cin7",
    )
    op.create_table(
        "stock_drifts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("expected", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("shown", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_drifts")),
        schema="sfcc_cin7",
    )
    op.create_index(
        "ix_stock_drifts_seen_at", "stock_drifts", ["seen_at"], unique=False, schema="sfcc_cin7"
    )
    op.create_table(
        "stock_snapshots",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("believed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_snapshots")),
        schema="sfcc_cin7",
    )
    op.create_table(
        "order_units",
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("units", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_key"], ["sfcc_cin7.orders.order_key"], name=op.f("fk_order_units_order_key")
        ),
        sa.PrimaryKeyConstraint("order_key", "sku", name=op.f("pk_order_units")),
        schema="sfcc_cin7",
    )
    op.create_index("ix_order_units_sku", "order_units", ["sku"], unique=False, schema="sfcc_cin7")
    op.create_table(
        "stock_levels",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("allocated", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("available", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("changed_in", sa.BigInteger(), nullable=False),
        sa.Column("missing_since", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_in"],
            ["sfcc_cin7.stock_snapshots.id"],
            name=op.f("fk_stock_levels_changed_in"),
        ),
        sa.PrimaryKeyConstraint("sku", "location", name=op.f("pk_stock_levels")),
        schema="sfcc_cin7",
    )
    op.execute(
        """
        create function sfcc_cin7.refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% is append-only: add a correction instead', tg_table_name;
        end $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger append_only before update or delete on sfcc_cin7.{table}"
            " for each statement execute function sfcc_cin7.refuse_change()"
        )
