"""Every table of the project's own schema.

Amounts are in the currency beside them; quantities are units; times are aware UTC.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    FetchedValue,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA = "sfcc_cin7"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)

Instant = DateTime(timezone=True)
Amount = Numeric(20, 4)

ORDER_STATES = (
    "received",  # stored, not yet claimed
    "posting",  # claimed; the events say how far it got
    "batched",  # posted together with others, as one sale
    "acknowledged",  # proved in the ERP, paid where configured, marked exported
    "in_review",  # waits for a person
    "cancelled",  # cancelled in the storefront; its sale, if it had one, is voided
)

orders = Table(
    "orders",
    metadata,
    Column("order_key", Text, primary_key=True),  # <brand>:<site>:<orderNo>, Cin7's ExternalID
    Column("site", Text, nullable=False),
    Column("order_no", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("order_total", Amount, nullable=False),
    Column("created_at", Instant, nullable=False),  # when the shopper created it
    Column("modified_at", Instant, nullable=False),
    Column("shop_status", Text, nullable=False),
    Column("shown_version", Text, nullable=False, server_default=""),  # of what the shop shows
    Column("taken_version", Text),  # of what the last attempt was made with
    Column("document", Text, nullable=False),  # as it came, or pruned
    Column("document_hash", Text, nullable=False),  # of the document as it came
    Column("pruned_at", Instant),  # what was personal in the document is gone since
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False, server_default=text("now()")),  # end of its hold
    Column("promise_at", Instant),  # when the goods have to be on their way
    Column("shopper", Text),  # a hash, where the site keeps each shopper's sequence
    Column("state", Text, nullable=False, server_default="received"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("throttled", Integer, nullable=False, server_default="0"),
    Column("unavailable", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant, nullable=False),
    Column("lease_owner", Text),
    Column("lease_token", BigInteger, nullable=False, server_default="0"),
    Column("lease_until", Instant),
    Column("sale_id", Text),
    Column("sale_number", Text),
    Column("sale_total", Amount),
    Column("sale_tax", Amount),
    Column("authorised_at", Instant),  # the ERP has allocated its units
    Column("exported_at", Instant),  # the storefront knows that the ERP has it
    Column("problem", Text),
    Column("released_at", Instant),  # a person let it go before its shopper's earlier orders
    # Whether it waits for others to share a sale with; never again once it was false.
    Column("to_batch", Boolean, nullable=False, server_default="false"),
    Column("batch_key", Text),  # the consolidated sale that it is part of
    Column("batched_version", Text),  # of what it is part of that sale with
    CheckConstraint(f"state in {ORDER_STATES}", name="state"),
)
Index("ix_orders_due", orders.c.next_attempt_at, postgresql_where=text("state = 'received'"))
Index("ix_orders_leased", orders.c.lease_until, postgresql_where=text("state = 'posting'"))
Index("ix_orders_created_at", orders.c.created_at)
Index("ix_orders_to_batch", orders.c.site, postgresql_where=text("to_batch"))
Index("ix_orders_batch_key", orders.c.batch_key, postgresql_where=text("batch_key is not null"))
Index(
    "ix_orders_shopper",
    orders.c.site,
    orders.c.shopper,
    postgresql_where=text("shopper is not null and state in ('received', 'posting', 'batched')"),
)
Index("ix_orders_unpruned", orders.c.created_at, postgresql_where=text("pruned_at is null"))
Index("uq_orders_site_order_no", orders.c.site, orders.c.order_no, unique=True)

BATCH_STATES = (
    "formed",  # its orders are fixed, nothing is sent
    "posting",  # claimed; the events say how far it got
    "acknowledged",  # one sale in the ERP, every order marked exported
    "in_review",  # waits for a person
    "dissolved",  # the ERP holds nothing of it; its orders are posted alone
)

order_batches = Table(
    "order_batches",
    metadata,
    Column("batch_key", Text, primary_key=True),  # the ExternalID of the consolidated sale
    Column("site", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", Text, nullable=False, server_default="formed"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("unavailable", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", Instant, nullable=False),
    Column("lease_owner", Text),
    Column("lease_token", BigInteger, nullable=False, server_default="0"),
    Column("lease_until", Instant),
    Column("sale_id", Text),
    Column("sale_number", Text),
    Column("sale_total", Amount),
    Column("sale_tax", Amount),
    Column("authorised_at", Instant),
    Column("problem", Text),
    CheckConstraint(f"state in {BATCH_STATES}", name="state"),
)
Index(
    "ix_order_batches_open",
    order_batches.c.next_attempt_at,
    postgresql_where=text("state in ('formed', 'posting')"),
)

batch_shares = Table(
    "batch_shares",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("batch_key", Text, ForeignKey(order_batches.c.batch_key), nullable=False),
    Column("order_key", Text, nullable=False),  # or the batch's own key: rounding moved
    Column("kind", Text, nullable=False),  # line, charge or payment
    Column("name", Text, nullable=False),  # SKU, description or account
    Column("tax_rule", Text, nullable=False),
    Column("quantity", Amount, nullable=False),
    Column("amount", Amount, nullable=False),
    Column("tax", Amount, nullable=False),
    Column("remark", Text, nullable=False),  # comment, or the payment's own reference
    Index("ix_batch_shares_batch_key", "batch_key"),
)

order_units = Table(
    "order_units",
    metadata,
    Column("order_key", Text, ForeignKey(orders.c.order_key), primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("units", Amount, nullable=False),  # that the storefront counts under this SKU
    Column("booked", Amount, nullable=False),  # that the ERP takes from it
    Index("ix_order_units_sku", "sku"),
)

order_events = Table(
    "order_events",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_key", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    Column("run_id", Text),
    # The database writes these two, whoever inserts: what was changed behind it shows.
    Column("previous_hash", LargeBinary),  # of the order's event before; none for its first
    Column("hash", LargeBinary, nullable=False, server_default=FetchedValue()),
    Index("ix_order_events_order_key_id", "order_key", "id"),
    Index("ix_order_events_at", "at"),
)

event_anchors = Table(
    "event_anchors",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("taken_at", Instant, nullable=False),
    Column("last_event", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),  # from the anchor before to the last event
    Column("digest", LargeBinary, nullable=False),  # of the anchor before and all their hashes
)

shopper_cards = Table(
    "shopper_cards",
    metadata,
    Column("name", Text, primary_key=True),  # <brand>:<list>:<customerNo>, the card's unique Name
    Column("customer_id", Text),  # the card in Cin7, once we have seen it
    Column("currency", Text),
    Column("creating_at", Instant),  # a creation was begun and its end is not known
    Column("seen_at", Instant),
)

review_items = Table(
    "review_items",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("subject", Text, nullable=False),  # an order key, or sku:<SKU>, or stock:<list>
    Column("site", Text),
    Column("code", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("expected", Text),
    Column("actual", Text),
    Column("amount", Amount),
    Column("currency", Text),
    Column("owner", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_because", Text),
    Column("waived_until", Instant),  # it is closed because a person waived it until then
)
Index(
    "ix_review_items_waived",
    review_items.c.subject,
    review_items.c.code,
    postgresql_where=text("waived_until is not null"),
)
Index(
    "uq_review_items_open",
    review_items.c.subject,
    review_items.c.code,
    unique=True,
    postgresql_where=text("closed_at is null"),
)

order_corrections = Table(  # append-only: the database refuses updates and deletes
    "order_corrections",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_key", Text, ForeignKey(orders.c.order_key), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),  # what of the order: a SKU, a rate, an option
    Column("value", Text, nullable=False),  # what it is booked as; the latest of a name counts
    Column("by", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_order_corrections_order_key", "order_key"),
)

call_applications = Table(
    "call_applications",
    metadata,
    Column("application", Text, primary_key=True),  # a hash of the key, never the key
    Column("paused_until", Instant),
)

call_slots = Table(
    "call_slots",
    metadata,
    Column("application", Text, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("lane", Text),
    Column("free_at", Instant, nullable=False),
)

call_waits = Table(  # a call of the lane waits for a slot, or did a moment ago
    "call_waits",
    metadata,
    Column("application", Text, primary_key=True),
    Column("lane", Text, primary_key=True),
    Column("until", Instant, nullable=False),
)

call_usage = Table(
    "call_usage",
    metadata,
    Column("application", Text, primary_key=True),
    Column("lane", Text, primary_key=True),
    Column("minute", Instant, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
)

circuits = Table(
    "circuits",
    metadata,
    Column("system", Text, primary_key=True),  # cin7 or sfcc
    Column("failures", Integer, nullable=False),  # in a row
    Column("opened_at", Instant),  # null while calls go through
    Column("probe_at", Instant),  # when the next single order may try
    Column("problem", Text),
)

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
    Column("changed_in", BigInteger, ForeignKey(stock_snapshots.c.id), nullable=False),
    Column("missing_since", BigInteger),  # the snapshot in which it first did not appear
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
    Index("ix_stock_changes_at", "at"),
)

stock_reads = Table(  # SKUs that were read by themselves since the last reading of everything
    "stock_reads",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("snapshot_id", BigInteger, ForeignKey(stock_snapshots.c.id), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("counts", Boolean, nullable=False),  # long enough after the one before to confirm it
    Column("counted_at", Instant, nullable=False),  # when the last that counts began
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

published_stock = Table(
    "published_stock",
    metadata,
    Column("list_id", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("allocation", Amount, nullable=False),
    Column("reset_at", Instant, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("rise_seen", Amount),  # units of a rise read once, waiting for a second reading
    Column("before_allocation", Amount),  # what the storefront held before
    Column("before_reset_at", Instant),
    Column("rule", Text),  # what decided how much is held back
    Column("waiting_since", Instant),  # something differs since then and is not published yet
    Column("read_at", Instant),  # when the storefront's record was last compared
    Column("sent_reset_at", Instant),  # of a figure that was sent and may or may not be kept
    Index("ix_published_stock_read_at", "list_id", "read_at"),
)

stock_drifts = Table(
    "stock_drifts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("list_id", Text, nullable=False),
    Column("sku", Text, nullable=False),
    Column("expected", Amount, nullable=False),  # the allocation that we published
    Column("shown", Amount, nullable=False),  # the allocation that the storefront holds
    Column("kind", Text, nullable=False, server_default="storefront-edited"),
    Column("ours", Boolean, nullable=False, server_default="true"),  # whether we put it right
    Column("detail", Text),
    Column("seen_at", Instant, nullable=False),
    Column("corrected_at", Instant),
    Index("ix_stock_drifts_seen_at", "seen_at"),
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
    Column("erp_kind", Text),  # Stock or Service
    Column("erp_status", Text),
    Column("erp_category", Text),
    Column("shop_ean", Text),
    Column("erp_barcode", Text),
    Column("seen_at", Instant, nullable=False),
    Column("erp_changed_at", Instant),  # when the ERP first showed it as it is now
)

erp_tax_rules = Table(
    "erp_tax_rules",
    metadata,
    Column("name", Text, primary_key=True),
    Column("percent", Amount, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

erp_sales = Table(
    "erp_sales",
    metadata,
    Column("sale_id", Text, primary_key=True),
    Column("external_id", Text, nullable=False),
    Column("order_number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("order_status", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Amount, nullable=False),
    Column("tax", Amount, nullable=False),
    Column("backordered", Amount, nullable=False, server_default="0"),  # units
    Column("rounding", Amount, nullable=False, server_default="0"),  # charges of that name
    Column("credited", Amount, nullable=False, server_default="0"),  # authorised credit notes
    Column("updated", Instant, nullable=False),
    Column("read_at", Instant, nullable=False),
    Index("ix_erp_sales_external_id", "external_id"),
)

postings = Table(
    "postings",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_key", Text, nullable=False),
    Column("day", Text, nullable=False),  # the partition: the order's day of creation, UTC
    Column("leg", Text, nullable=False),  # storefront, erp, gateway or correction
    Column("account", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", Amount, nullable=False),  # debit positive, credit negative
    Column("source", Text, nullable=False),  # what this posting was taken from
    Column("posted_at", Instant, nullable=False),
    Column("reason", Text, nullable=False, server_default="as the source states"),
    Column("author", Text, nullable=False, server_default="ledger"),
    Index("ix_postings_order_key", "order_key"),
    Index("ix_postings_day", "day"),
)

breaks = Table(
    "breaks",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_key", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("class", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("amount", Amount),
    Column("currency", Text),
    Column("owner", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("leg", Text, nullable=False, server_default="erp"),  # the one that disagrees
    Column("cause", Text),  # where it is known, say: edited by hand
    Column("closed_because", Text),
)
Index(
    "uq_breaks_open",
    breaks.c.order_key,
    breaks.c["class"],
    breaks.c.leg,
    unique=True,
    postgresql_where=text("closed_at is null"),
)

captured_orders = Table(  # the storefront's leg, taken from the order's document
    "captured_orders",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("site", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("document_hash", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total", Amount, nullable=False),
    Column("tax", Amount),  # none where the document does not say it
    Column("certificates_sold", Amount, nullable=False),
    Column("certificates_spent", Amount, nullable=False),
    Index("ix_captured_orders_day", "day"),
)

captured_payments = Table(
    "captured_payments",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("payment_id", Text, primary_key=True),
    Column("gateway", Text),  # none where no gateway settles it
    Column("method", Text, nullable=False),
    Column("reference", Text, nullable=False),  # the gateway's own, or empty
    Column("currency", Text, nullable=False),
    Column("amount", Amount),  # none where the storefront does not know it
    Column("most_fee", Amount),
    Column("captured_at", Instant, nullable=False),
    Index("ix_captured_payments_reference", "reference"),
)

LEG_FIGURES = ("captured", "captured_tax", "booked", "booked_tax", "due", "settled")

order_legs = Table(  # the legs side by side, as the last pass found them
    "order_legs",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("site", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("currency", Text, nullable=False),
    *(Column(name, Amount, nullable=False) for name in LEG_FIGURES),
    Column("agrees", Boolean, nullable=False),
)

day_digests = Table(
    "day_digests",
    metadata,
    Column("site", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("orders", BigInteger, nullable=False),
    Column("differing", BigInteger, nullable=False),
    *(Column(name, Amount, nullable=False) for name in LEG_FIGURES),
    Column("fingerprint", Numeric, nullable=False),  # sum of a hash of each order's legs
)

payout_reports = Table(
    "payout_reports",
    metadata,
    Column("gateway", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("content_hash", Text, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("problem", Text),
    Column("read_at", Instant, nullable=False),
)

payout_lines = Table(
    "payout_lines",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("gateway", Text, nullable=False),
    Column("line_key", Text, nullable=False),  # what the gateway calls this movement
    Column("report", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payment_reference", Text, nullable=False),
    Column("merchant_reference", Text, nullable=False),
    Column("order_key", Text),  # none while it matches no order
    Column("payment_id", Text),
    Column("currency", Text, nullable=False),
    Column("gross", Amount, nullable=False),  # what the shopper paid; negative when given back
    Column("settled_currency", Text, nullable=False),
    Column("fee", Amount, nullable=False),  # in the settled currency
    Column("net", Amount, nullable=False),  # in the settled currency, fee taken off
    Column("occurred_at", Instant, nullable=False),
    Column("payout_id", Text, nullable=False),
    Column("read_at", Instant, nullable=False),
    Index("ix_payout_lines_order_key", "order_key"),
    Index("ix_payout_lines_payout_id", "gateway", "payout_id"),
)
Index("uq_payout_lines_line_key", payout_lines.c.gateway, payout_lines.c.line_key, unique=True)
Index(
    "ix_payout_lines_unmatched",
    payout_lines.c.payment_reference,
    postgresql_where=text("order_key is null"),
)

payouts = Table(  # what the gateway says it sent to the bank
    "payouts",
    metadata,
    Column("gateway", Text, primary_key=True),
    Column("payout_id", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("amount", Amount, nullable=False),
    Column("paid_at", Instant, nullable=False),
)

order_changes = Table(  # orders (or sales, payout lines) that the next pass has to look at
    "order_changes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_key", Text, nullable=False),
    Column("due_at", Instant, nullable=False, server_default=text("'-infinity'")),
    Index("ix_order_changes_due_at", "due_at"),
    Index("ix_order_changes_order_key", "order_key"),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
