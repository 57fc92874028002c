"""The catalogue and the stock: readings, levels, what was published, drifts."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from sfcc_cin7.db.schema.base import Amount, Instant, metadata

stock_snapshots = Table(
    "stock_snapshots",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("believed", Boolean, nullable=False),
    Column("reason", Text),
    Column("kind", Text, nullable=False, server_default="full"),  # or targeted: single SKUs
    Column("calls", Integer, nullable=False, server_default="0"),
    Column("changed", Integer, nullable=False, server_default="0"),  # levels
)

stock_levels = Table(
    "stock_levels",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    Column("on_hand", Amount, nullable=False),
    Column("allocated", Amount, nullable=False),
    Column("available", Amount, nullable=False),
    Column("on_order", Amount, nullable=False, server_default="0"),  # with suppliers
    Column("arrives_at", Instant),  # the next delivery
    Column("not_for_sale", Amount, nullable=False, server_default="0"),  # on hand, not available
    Column("changed_in", BigInteger, ForeignKey(stock_snapshots.c.id), nullable=False),
    Column("missing_since", BigInteger),  # the snapshot in which it first did not appear
    Column("place_key", BigInteger),  # 64 bits that stand for SKU and location
)

Index("ix_stock_levels_place_key", stock_levels.c.place_key)

stock_fingerprints = Table(  # what the rows of the last believed reading of everything said
    "stock_fingerprints",
    metadata,
    Column("part", Integer, primary_key=True),
    Column("snapshot_id", BigInteger, ForeignKey(stock_snapshots.c.id), nullable=False),
    Column("seen_id", BigInteger, nullable=False),  # what was read until then had been seen
    Column("contents", LargeBinary, nullable=False),  # 64 bits for each row
    Column("places", LargeBinary, nullable=False),
)

Index("ix_stock_levels_changed_in", stock_levels.c.changed_in)

Index(
    "ix_stock_levels_missing",
    stock_levels.c.sku,
    postgresql_where=text("missing_since is not null"),
)

stock_changes = Table(  # append-only: every level that ever was, from the instant it was known
    "stock_changes",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    Column("snapshot_id", BigInteger, ForeignKey(stock_snapshots.c.id), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("on_hand", Amount, nullable=False),
    Column("allocated", Amount, nullable=False),
    Column("available", Amount, nullable=False),
    Column("on_order", Amount, nullable=False, server_default="0"),
    Column("arrives_at", Instant),
    Index("ix_stock_changes_at", "at"),
)

stock_reads = Table(  # SKUs that were read by themselves since the last reading of everything
    "stock_reads",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("snapshot_id", BigInteger, ForeignKey(stock_snapshots.c.id), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
)

stock_hints = Table(  # SKUs to read by themselves soon
    "stock_hints",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("received_at", Instant, nullable=False),  # a reading that began later has seen it
    Column("due_at", Instant, nullable=False),
    Index("ix_stock_hints_due_at", "due_at"),
)

stock_effects = Table(  # what each document of the ERP was last seen to do to what is available
    "stock_effects",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("document_id", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    Column("least", Amount, nullable=False),  # units that it adds at least; below 0 it takes them
    Column("most", Amount, nullable=False),
)

stock_falls = Table(  # what documents took that a reading may not show yet
    "stock_falls",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("document_id", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    Column("units", Amount, nullable=False),
    Column("at", Instant, nullable=False),  # it had happened by then
    Index("ix_stock_falls_sku", "sku"),
)

published_stock = Table(
    "published_stock",
    metadata,
    Column("list_id", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("allocation", Amount, nullable=False),
    Column("reset_at", Instant, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("rise_seen", Amount),  # units of a rise read once, waiting for a second reading
    Column("rise_read_at", Instant),  # when the reading began that the rise was seen in
    Column("before_allocation", Amount),  # what the storefront held before
    Column("before_reset_at", Instant),
    Column("rule", Text),  # what decided how much is held back
    Column("waiting_since", Instant),  # something differs since then and is not published yet
    Column("wanted", Amount),  # what could not be published; null where a rise waits
    Column("read_at", Instant),  # when the storefront's record was last compared
    Column("sent_reset_at", Instant),  # of a figure that was sent and may or may not be kept
    Column("handling", Text),  # of backorders; null: these fields of the record are not ours
    Column("backorder_units", Amount),
    Column("expected_at", Instant),
    Column("before_handling", Text),
    Column("before_backorder_units", Amount),
    Column("before_expected_at", Instant),
    Index("ix_published_stock_read_at", "list_id", "read_at"),
)

stock_publications = Table(  # append-only: what each list was told, and what that was decided upon
    "stock_publications",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("list_id", Text, nullable=False),
    Column("sku", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("allocation", Amount, nullable=False),
    Column("backorder_units", Amount, nullable=False),
    Column("reset_at", Instant, nullable=False),
    Column("read_at", Instant),  # when the reading began
    Column("available", Amount),  # what it showed; null for a kit
    Column("offered_before", Amount),  # for sale until then, at most; null where never told
    Index("ix_stock_publications_sku", "sku", "list_id", "at"),
    Index("ix_stock_publications_at", "at"),
)

stock_in_flight = Table(  # where the storefront counts other orders than those that we know of
    "stock_in_flight",
    metadata,
    Column("list_id", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("counted", Amount, nullable=False),  # units that the storefront subtracts
    Column("known", Amount, nullable=False),  # units of the orders that we know of
    Column("seen_at", Instant, nullable=False),  # first
)

stock_drifts = Table(
    "stock_drifts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("list_id", Text, nullable=False),
    Column("sku", Text, nullable=False),
    Column("expected", Amount, nullable=False),  # the allocation that we published
    Column("shown", Amount, nullable=False),  # the allocation that the storefront holds
    Column("shown_reset_at", Instant),  # the date of that: whose it is
    Column("kind", Text, nullable=False, server_default="storefront-edited"),
    Column("ours", Boolean, nullable=False, server_default="true"),  # whether we put it right
    Column("seen_at", Instant, nullable=False),
    Column("corrected_at", Instant),
    Index("ix_stock_drifts_seen_at", "seen_at"),
    Index(
        "ix_stock_drifts_open",
        "list_id",
        "sku",
        postgresql_where=text("corrected_at is null"),
    ),
)

sku_map = Table(
    "sku_map",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("in_shop", Boolean, nullable=False),
    Column("in_erp", Boolean, nullable=False),
    Column("shop_name", Text),
    Column("erp_name", Text),
    Column("erp_id", Text),
    Column("erp_kind", Text),  # Stock or Service, say
    Column("erp_status", Text),
    Column("erp_category", Text),
    Column("shop_ean", Text),
    Column("erp_barcode", Text),
    Column("seen_at", Instant, nullable=False),
    Column("erp_changed_at", Instant),  # when the ERP first showed it as it is now
    Column("average_cost", Numeric(20, 8)),  # of one unit, in the ERP's base currency
    Column("changed_at", Instant),  # when something last changed that decides about its stock
    Column(
        "components", JSONB(none_as_null=True)
    ),  # units by SKU in one of it; null where the ERP makes nothing
    Column("is_assembled", Boolean, nullable=False, server_default="false"),  # at an order's sale
)

unplaced_orders = Table(  # of the storefront, that nobody paid yet: they hold stock, and wait
    "unplaced_orders",
    metadata,
    Column("site", Text, primary_key=True),
    Column("order_no", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("units", Amount, nullable=False),  # that the storefront counts under this SKU
    Column("booked", Amount, nullable=False),  # that the ERP will take from it
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),  # when it had failed or was cancelled at the latest
    Column("looked_at", Instant, nullable=False),
)

erp_locations = Table(
    "erp_locations",
    metadata,
    Column("erp_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("known_as", Text, nullable=False),  # when it was first seen, or confirmed by a person
    Column("is_listed", Boolean, nullable=False),  # and not deprecated
)

erp_tax_rules = Table(
    "erp_tax_rules",
    metadata,
    Column("name", Text, primary_key=True),
    Column("percent", Amount, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("seen_at", Instant, nullable=False),
)
