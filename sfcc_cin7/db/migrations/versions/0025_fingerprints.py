"""What the rows of the last reading of stock said, so that the next one finds what changed."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute("""
        alter table sfcc_cin7.stock_levels add column place_key bigint;
        create index ix_stock_levels_place_key on sfcc_cin7.stock_levels (place_key);
        create table sfcc_cin7.stock_fingerprints (
            part integer constraint pk_stock_fingerprints primary key,
            snapshot_id bigint not null
                constraint fk_stock_fingerprints_snapshot_id
                references sfcc_cin7.stock_snapshots (id),
            seen_id bigint not null,
            contents bytea not null,
            places bytea not null
        );
        alter table sfcc_cin7.stock_fingerprints
            alter column contents set storage external, alter column places set storage external
    """)
