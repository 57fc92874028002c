"""Orders, the sales that they share, their events, and shoppers' cards."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    FetchedValue,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from sfcc_cin7.db.schema.base import Amount, Instant, metadata, one_of
from sfcc_cin7.values.states import UNPOSTED, BatchState, OrderState

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
    Column("state", Text, nullable=False, server_default=OrderState.RECEIVED),
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
    Column("booked_duty", Amount),  # of its tax; none until it was booked
    Column("authorised_at", Instant),  # the ERP has allocated its units
    Column("exported_at", Instant),  # the storefront knows that the ERP has it
    Column("problem", Text),
    Column("released_at", Instant),  # a person let it go before its shopper's earlier orders
    # Whether it waits for others to share a sale with; never again once it was false.
    Column("to_batch", Boolean, nullable=False, server_default="false"),
    Column("batch_key", Text),  # the consolidated sale that it is part of
    Column("batched_version", Text),  # of what it is part of that sale with
    Column("refunds_asked", Text),  # as customer service asks for them at the storefront
    Column("refunds_settled", Text),  # of which the ERP has every one; empty: not so
    CheckConstraint(one_of("state", OrderState), name="state"),
)

Index(
    "ix_orders_due",
    orders.c.next_attempt_at,
    postgresql_where=text(f"state = '{OrderState.RECEIVED}'"),
)

Index(
    "ix_orders_leased",
    orders.c.lease_until,
    postgresql_where=text(f"state = '{OrderState.POSTING}'"),
)

Index("ix_orders_created_at", orders.c.created_at)

Index("ix_orders_to_batch", orders.c.site, postgresql_where=text("to_batch"))

Index("ix_orders_batch_key", orders.c.batch_key, postgresql_where=text("batch_key is not null"))

has_refunds_open = orders.c.refunds_asked.is_distinct_from(orders.c.refunds_settled)
"""Whether refunds are asked for, or were, that were not all found in the ERP."""

Index("ix_orders_refunds_asked", orders.c.order_key, postgresql_where=has_refunds_open)

Index(
    "ix_orders_shopper",
    orders.c.site,
    orders.c.shopper,
    postgresql_where=text(f"shopper is not null and {one_of('state', UNPOSTED)}"),
)

Index("ix_orders_unpruned", orders.c.created_at, postgresql_where=text("pruned_at is null"))

last_touched = func.greatest(  # which passes over what is null
    orders.c.created_at,
    orders.c.received_at,
    orders.c.modified_at,
    orders.c.authorised_at,
    orders.c.exported_at,
)
"""When something last happened to an order. Queries take this, and what follows, from here: put
otherwise, it is found by no index."""

Index("ix_orders_touched", last_touched)

is_under_way = and_(orders.c.exported_at.is_(None), orders.c.shop_status != "cancelled")
"""Whether the storefront does not know yet that the ERP has an order."""

Index("ix_orders_under_way", orders.c.site, orders.c.order_key, postgresql_where=is_under_way)

Index("uq_orders_site_order_no", orders.c.site, orders.c.order_no, unique=True)
Index("ix_orders_order_no", orders.c.order_no)  # gateways name no site

order_batches = Table(
    "order_batches",
    metadata,
    Column("batch_key", Text, primary_key=True),  # the ExternalID of the consolidated sale
    Column("site", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", Text, nullable=False, server_default=BatchState.FORMED),
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
    CheckConstraint(one_of("state", BatchState), name="state"),
)

Index(
    "ix_order_batches_open",
    order_batches.c.next_attempt_at,
    postgresql_where=text(one_of("state", (BatchState.FORMED, BatchState.POSTING))),
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
    Index(
        "ix_order_events_short",
        "at",
        postgresql_where=text("kind = 'authorised' and detail ? 'short'"),
    ),
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
