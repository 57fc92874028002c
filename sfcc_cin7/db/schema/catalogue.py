"""Products as each system showed them last, and new SKUs on their way to being sold."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from sfcc_cin7.db.schema.base import Instant, metadata, one_of

SYSTEMS = ("erp", "storefront")

products = Table(
    "products",
    metadata,
    Column("system", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("id", Text, nullable=False),  # the ERP's, or the storefront's product id
    Column("attribute_set", Text, nullable=False, server_default=""),
    Column("shown", JSONB, nullable=False),  # text by field, of those that are compared
    Column("compared", JSONB, nullable=False),  # the same, as they are compared
    Column("edits", JSONB, nullable=False, server_default="{}"),  # the newest, by field
    Column("facts", JSONB, nullable=False),  # what the gate asks for
    Column("is_new", Boolean, nullable=False),  # not there when the catalogue was first read
    Column("first_seen_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),  # as it is now
    CheckConstraint(one_of("system", SYSTEMS), name="system"),
    Index("ix_products_id", "system", "id"),
    Index("ix_products_new", "sku", postgresql_where="is_new"),
)

product_writes = Table(  # what was about to be written, and what became of it
    "product_writes",
    metadata,
    Column("system", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("field", Text, primary_key=True),  # or `online:<site>`
    Column("was", Text, nullable=False),
    Column("wanted", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("outcome", Text),  # done, refused or ambiguous; null while it is under way
    Column("ended_at", Instant),
    CheckConstraint(one_of("system", SYSTEMS), name="system"),
    CheckConstraint(one_of("outcome", ("done", "refused", "ambiguous")), name="outcome"),
)

sku_gates = Table(  # new SKUs, by site
    "sku_gates",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("site", Text, primary_key=True),
    Column("step", Text, nullable=False),  # see catalogue.deciding.gate.step
    Column("missing", JSONB, nullable=False),  # a list of need, owner and what, in words
    Column("since", Instant, nullable=False),  # of the step
    Column("first_seen_at", Instant, nullable=False),
    Column("opened_at", Instant),  # by us, for as long as we did not close it again
    Column("looked_at", Instant, nullable=False),
)
