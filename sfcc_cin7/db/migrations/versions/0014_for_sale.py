"""What is there and not for sale, what the ERP assembles by itself, orders that nobody paid yet."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("""
        alter table sfcc_cin7.stock_levels
            add column not_for_sale numeric(20, 4) not null default 0;
        alter table sfcc_cin7.sku_map
            add column components jsonb,
            add column is_assembled boolean not null default false;
        alter table sfcc_cin7.stock_drifts add column shown_reset_at timestamptz;
        create table sfcc_cin7.unplaced_orders (
            site text not null,
            order_no text not null,
            sku text not null,
            units numeric(20, 4) not null,
            booked numeric(20, 4) not null,
            created_at timestamptz not null,
            ended_at timestamptz,
            looked_at timestamptz not null,
            primary key (site, order_no, sku)
        )
    """)
