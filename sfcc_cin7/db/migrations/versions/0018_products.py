"""Products as each system showed them, what was written to them, and the gate for new SKUs."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("""
        create table sfcc_cin7.products (
            system text not null,
            sku text not null,
            id text not null,
            attribute_set text not null default '',
            shown jsonb not null,
            compared jsonb not null,
            edits jsonb not null default '{}',
            facts jsonb not null,
            is_new boolean not null,
            first_seen_at timestamptz not null,
            seen_at timestamptz not null,
            constraint pk_products primary key (system, sku),
            constraint ck_products_system check (system in ('erp', 'storefront'))
        );
        create index ix_products_id on sfcc_cin7.products (system, id);
        create index ix_products_new on sfcc_cin7.products (sku) where is_new;
        create table sfcc_cin7.product_writes (
            system text not null,
            sku text not null,
            field text not null,
            was text not null,
            wanted text not null,
            begun_at timestamptz not null,
            outcome text,
            ended_at timestamptz,
            constraint pk_product_writes primary key (system, sku, field),
            constraint ck_product_writes_system check (system in ('erp', 'storefront')),
            constraint ck_product_writes_outcome
                check (outcome in ('done', 'refused', 'ambiguous'))
        );
        create table sfcc_cin7.sku_gates (
            sku text not null,
            site text not null,
            step text not null,
            missing jsonb not null,
            since timestamptz not null,
            first_seen_at timestamptz not null,
            opened_at timestamptz,
            looked_at timestamptz not null,
            constraint pk_sku_gates primary key (sku, site)
        );
    """)
