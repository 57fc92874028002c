"""What has left of orders, what the storefront was told of it, and hints about sales."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from sfcc_cin7.db.schema.base import Instant, metadata, one_of
from sfcc_cin7.db.schema.orders import orders
from sfcc_cin7.values.states import ShipmentState

order_shipments = Table(
    "order_shipments",
    metadata,
    Column("subject", Text, primary_key=True),  # shipment:<order key>, as the inbox knows it
    Column("order_key", Text, ForeignKey(orders.c.order_key), nullable=False, unique=True),
    Column("sale_id", Text, nullable=False),
    Column("sale_number", Text, nullable=False),
    Column("picking", Text, nullable=False),  # the sale's combined picking status
    Column("stage", Integer, nullable=False),  # what has left by the last reading: 0, 1, 2
    Column("unnumbered", Integer, nullable=False),  # parcels without a number
    Column("undone", Boolean, nullable=False, server_default="false"),
    Column("seen_at", Instant, nullable=False),  # when that reading was asked for
    Column("shipped_at", Instant),  # when all of it was first seen to have left
    Column("changed_at", Instant, nullable=False),  # since when this is to be told; ERP's clock
    Column("seen", Text, nullable=False),  # what has left and may be told, as JSON
    Column("wanted", Text, nullable=False),  # what is to be told
    Column("revision", Integer, nullable=False),  # rises whenever something else is to be told
    Column("told", Text, nullable=False),  # what the storefront was told last
    Column("told_revision", Integer, nullable=False, server_default="0"),
    Column("sent_revision", Integer, nullable=False, server_default="0"),  # that a call began with
    Column("told_at", Instant),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),  # since something was told
    Column("next_attempt_at", Instant, nullable=False),
    Column("lease_owner", Text),
    Column("lease_token", BigInteger, nullable=False, server_default="0"),
    Column("lease_until", Instant),
    Column("problem", Text),
    CheckConstraint(one_of("state", ShipmentState), name="state"),
    Index(
        "ix_order_shipments_due",
        "next_attempt_at",
        postgresql_where=text(one_of("state", (ShipmentState.DUE, ShipmentState.TELLING))),
    ),
    Index("ix_order_shipments_sale_id", "sale_id"),
    Index("ix_order_shipments_under_way", "seen_at", postgresql_where=text("stage < 2")),
)

sale_hints = Table(
    "sale_hints",
    metadata,
    Column("digest", Text, primary_key=True),  # of type and body: an event that came twice is one
    Column("type", Text, nullable=False),
    Column("sale", Text, nullable=False),  # its id or number, as far as the event tells
    Column("received_at", Instant, nullable=False),
    Index("ix_sale_hints_received_at", "received_at"),
)
