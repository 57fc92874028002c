"""Prices of the storefront's price books."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("""
        create table sfcc_cin7.book_prices (
            book text not null,
            sku text not null,
            tier_price numeric(20, 4),
            cost numeric(20, 8),
            price numeric(20, 4),
            margin numeric(12, 6),
            tables text not null,
            held text not null default '',
            released text not null default '',
            follows_cost boolean not null default false,
            changed_at timestamptz not null,
            sending text not null default '',
            told text not null default '',
            told_price numeric(20, 4),
            told_at timestamptz,
            staged text not null default '',
            refused text not null default '',
            problem text,
            shown numeric(20, 4),
            shown_at timestamptz,
            looked_at timestamptz,
            constraint pk_book_prices primary key (book, sku)
        );
        create index ix_book_prices_sku on sfcc_cin7.book_prices (sku);
        create index ix_book_prices_due on sfcc_cin7.book_prices (book) where told <> tables
    """)
