"""Prices of the storefront's price books, as the ERP's tiers have them and as it was told."""

from sqlalchemy import Boolean, Column, Index, Numeric, Table, Text, text

from sfcc_cin7.db.schema.base import Amount, Instant, metadata

book_prices = Table(
    "book_prices",
    metadata,
    Column("book", Text, primary_key=True),  # the price book's id
    Column("sku", Text, primary_key=True),
    Column("tier_price", Amount),  # as the ERP's tier has it; null where it has none
    Column("cost", Numeric(20, 8)),  # of one unit, in the ERP's base currency
    Column("price", Amount),  # of one unit, that the tier comes to in the book's currency
    Column("tables", Text, nullable=False),  # all that the book should hold of it; empty: nothing
    Column("held", Text, nullable=False, server_default=""),  # the code that it waits for
    Column("released", Text, nullable=False, server_default=""),  # the tables a person let pass
    Column("follows_cost", Boolean, nullable=False, server_default="false"),
    Column("changed_at", Instant, nullable=False),  # when `tables` last became another
    Column("sending", Text, nullable=False, server_default=""),  # sent, and its end is not known
    Column("told", Text, nullable=False, server_default=""),  # what production took last
    Column("told_price", Amount),
    Column("told_at", Instant),
    Column("staged", Text, nullable=False, server_default=""),  # what staging took last
    Column("refused", Text, nullable=False, server_default=""),  # tables that were refused
    Column("problem", Text),  # the storefront's own words about them
    Column("shown", Amount),  # the price of one unit that its product API showed last
    Column("shown_at", Instant),
    Column("looked_at", Instant),  # when it was last asked for, readable or not
    Index("ix_book_prices_sku", "sku"),
    Index("ix_book_prices_due", "book", postgresql_where=text("told <> tables")),
)
