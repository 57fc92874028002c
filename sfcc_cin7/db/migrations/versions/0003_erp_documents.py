"""Documents of the ERP, as the one reader of its changes keeps them."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("""
        create table sfcc_cin7.erp_documents (
            kind text not null,
            document_id text not null,
            number text not null,
            reference text not null,
            updated timestamptz,
            fingerprint text not null,
            known_until timestamptz,
            unread_since timestamptz,
            tries integer not null default 0,
            try_after timestamptz not null default '-infinity',
            problem text,
            proved_at timestamptz,
            read_at timestamptz,
            read_no bigint,
            detail text,
            constraint pk_erp_documents primary key (kind, document_id)
        )
    """)
    op.execute("create index ix_erp_documents_read_no on sfcc_cin7.erp_documents (kind, read_no)")
    op.execute("create index ix_erp_documents_reference on sfcc_cin7.erp_documents (reference)")
    op.execute("""
        create index ix_erp_documents_unread on sfcc_cin7.erp_documents (kind, updated)
        where unread_since is not null
    """)
    # What was read or proved before is known up to then; what was touched later is read once.
    op.execute("""
        insert into sfcc_cin7.erp_documents
            (kind, document_id, number, reference, fingerprint, known_until, read_at)
        select 'sale', sale_id, order_number, external_id, '', updated, read_at
        from sfcc_cin7.erp_sales
    """)
    op.execute("""
        update sfcc_cin7.cursors set name = 'erp.touched:sale' where name = 'erp_sales'
    """)
