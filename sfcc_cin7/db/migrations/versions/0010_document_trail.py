"""What stock documents of the ERP did, and the status that a list shows of a document."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("alter table sfcc_cin7.erp_documents add column status text")
    op.execute("""
        create table sfcc_cin7.stock_effects (
            kind text not null,
            document_id text not null,
            sku text not null,
            location text not null,
            least numeric(20, 4) not null,
            most numeric(20, 4) not null,
            constraint pk_stock_effects primary key (kind, document_id, sku, location)
        )
    """)
    op.execute("""
        create table sfcc_cin7.stock_falls (
            kind text not null,
            document_id text not null,
            sku text not null,
            location text not null,
            units numeric(20, 4) not null,
            at timestamptz not null,
            constraint pk_stock_falls primary key (kind, document_id, sku, location)
        )
    """)
    op.execute("create index ix_stock_falls_sku on sfcc_cin7.stock_falls (sku)")
