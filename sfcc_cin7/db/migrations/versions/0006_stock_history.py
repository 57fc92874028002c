"""Stock: every level that ever was, SKUs read by themselves, and hints."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

SCHEMA = "sfcc_cin7"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    amount = sa.Numeric(precision=20, scale=4)
    for column in (
        sa.Column("kind", sa.Text(), server_default="full", nullable=False),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("stock_snapshots", column, schema=SCHEMA)
    op.create_index("ix_stock_levels_changed_in", "stock_levels", ["changed_in"], schema=SCHEMA)
    op.create_index(
        "ix_stock_levels_missing",
        "stock_levels",
        ["sku"],
        schema=SCHEMA,
        postgresql_where=sa.text("missing_since is not null"),
    )
    op.create_table(
        "stock_changes",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("snapshot_id", sa.BigInteger(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("on_hand", amount, nullable=False),
        sa.Column("allocated", amount, nullable=False),
        sa.Column("available", amount, nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["sfcc_cin7.stock_snapshots.id"],
            name=op.f("fk_stock_changes_snapshot_id"),
        ),
        sa.PrimaryKeyConstraint("sku", "location", "snapshot_id", name=op.f("pk_stock_changes")),
        schema=SCHEMA,
    )
    op.create_index("ix_stock_changes_at", "stock_changes", ["at"], schema=SCHEMA)
    op.execute(
        "insert into sfcc_cin7.stock_changes"
        " select l.sku, l.location, s.id, s.finished_at, l.on_hand, l.allocated, l.available"
        " from sfcc_cin7.stock_levels l join sfcc_cin7.stock_snapshots s on s.id = l.changed_in"
    )
    op.create_table(
        "stock_reads",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("snapshot_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("finished_at", instant, nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("counted_at", instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["sfcc_cin7.stock_snapshots.id"],
            name=op.f("fk_stock_reads_snapshot_id"),
        ),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_stock_reads")),
        schema=SCHEMA,
    )
    op.create_table(
        "stock_hints",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received_at", instant, nullable=False),
        sa.Column("due_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_stock_hints")),
        schema=SCHEMA,
    )
    op.create_index("ix_stock_hints_due_at", "stock_hints", ["due_at"], schema=SCHEMA)
