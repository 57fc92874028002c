"""What has left of orders, what the storefront was told of it, and hints about sales."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("""
        create table sfcc_cin7.order_shipments (
            subject text constraint pk_order_shipments primary key,
            order_key text not null
                constraint fk_order_shipments_order_key references sfcc_cin7.orders,
            sale_id text not null,
            sale_number text not null,
            picking text not null,
            stage integer not null,
            unnumbered integer not null,
            undone boolean not null default false,
            seen_at timestamptz not null,
            shipped_at timestamptz,
            changed_at timestamptz not null,
            seen text not null,
            wanted text not null,
            revision integer not null,
            told text not null,
            told_revision integer not null default 0,
            sent_revision integer not null default 0,
            told_at timestamptz,
            state text not null
                constraint ck_order_shipments_state check (state in ('due', 'posting', 'told')),
            attempts integer not null default 0,
            failures integer not null default 0,
            next_attempt_at timestamptz not null,
            lease_owner text,
            lease_token bigint not null default 0,
            lease_until timestamptz,
            problem text,
            constraint uq_order_shipments_order_key unique (order_key)
        );
        create index ix_order_shipments_due on sfcc_cin7.order_shipments (next_attempt_at)
            where state in ('due', 'posting');
        create index ix_order_shipments_sale_id on sfcc_cin7.order_shipments (sale_id);
        create index ix_order_shipments_under_way on sfcc_cin7.order_shipments (seen_at)
            where stage < 2;
        create table sfcc_cin7.sale_hints (
            digest text constraint pk_sale_hints primary key,
            type text not null,
            sale text not null,
            received_at timestamptz not null
        );
        create index ix_sale_hints_received_at on sfcc_cin7.sale_hints (received_at)
    """)
