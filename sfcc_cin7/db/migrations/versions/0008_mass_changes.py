"""What was for sale before a publication, what changed in the catalogue, the ERP's locations."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("""
        alter table sfcc_cin7.stock_publications add column offered_before numeric(20, 4);
        alter table sfcc_cin7.sku_map add column changed_at timestamptz;
        create table sfcc_cin7.erp_locations (
            erp_id text primary key,
            name text not null,
            known_as text not null,
            is_listed boolean not null
        )
    """)
