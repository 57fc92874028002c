"""The legs of an order, double entries, breaks and payouts."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from sfcc_cin7.db.schema.base import Amount, Instant, metadata

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
    Column("base_currency", Text),  # of the ERP's books; known once the sale was read
    Column("currency_rate", Numeric(20, 8)),  # base currency for one unit of the sale's
    # of those that are authorised: [{"day": "2026-01-31", "amount": "5.00"}]
    Column("credit_notes", JSONB, nullable=False, server_default="[]"),
    # between goods, bills and credit notes: [{"kind": ..., "amount": "5.00", "since": instant}]
    Column("gaps", JSONB, nullable=False, server_default="[]"),
    # with tax, and the tax in it: [{"day": "2026-01-31", "amount": "5.00", "tax": "1.00"}]
    Column("shipments", JSONB, nullable=False, server_default="[]"),
    Column("whole_on", Text),  # the day on which the last of it left; none: something is to come
    Index("ix_erp_sales_external_id", "external_id"),
    Index("ix_erp_sales_waiting", "external_id", postgresql_where=text("backordered > 0")),
)

postings = Table(
    "postings",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_key", Text, nullable=False),
    Column("day", Text, nullable=False),  # of its journal, in the merchant's zone
    Column("leg", Text, nullable=False),  # storefront, erp, gateway or correction
    Column("account", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", Amount, nullable=False),  # debit positive, credit negative
    Column("source", Text, nullable=False),  # what this posting was taken from
    Column("posted_at", Instant, nullable=False),
    Column("reason", Text, nullable=False, server_default="as the source states"),
    Column("author", Text, nullable=False, server_default="ledger"),
    Column("late_for", Text),  # the day of its movement, where the month of that was closed
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
    Column("tax", Amount),  # without the duty; none where the document does not say it
    Column("duty", Amount),
    Column("certificates_sold", Amount, nullable=False),
    Column("certificates_spent", Amount, nullable=False),
    Column("place", Text),  # country, or country/state; none until the document is read anew
    # by stated rate: [{"rate": "0.2", "base": "50.00", "tax": "10.00"}]; likewise
    Column("taxes", JSONB, nullable=False, server_default="[]"),
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

Exact = Numeric(24, 8)
"""What gateways state: some have more than four decimals."""

payout_reports = Table(
    "payout_reports",
    metadata,
    Column("gateway", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("content_hash", Text, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("problem", Text),
    Column("read_at", Instant, nullable=False),
    # final, provisional (its form states no sum), incomplete (its payout is to come) or refused
    Column("standing", Text, nullable=False, server_default="final"),
    Column("note", Text, nullable=False, server_default=""),  # what is missing
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
    Column("gross", Exact, nullable=False),  # what the shopper paid; negative when given back
    Column("settled_currency", Text, nullable=False),
    Column("fee", Exact, nullable=False),  # in the settled currency
    Column("net", Exact, nullable=False),  # in the settled currency, fee taken off
    Column("occurred_at", Instant, nullable=False),
    Column("payout_id", Text, nullable=False),
    Column("read_at", Instant, nullable=False),
    Column("other_references", ARRAY(Text), nullable=False, server_default="{}"),
    Index("ix_payout_lines_payment_reference", "payment_reference"),
    Index("ix_payout_lines_report", "gateway", "report"),
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
    Column("transfer_key", Text, primary_key=True, server_default=""),  # the gateway's own name
    Column("report", Text, nullable=False, server_default=""),
    Column("itemised", Boolean, nullable=False, server_default="true"),  # its lines are known
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
